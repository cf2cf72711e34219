"""What is wrong with the input is said in a few lines, with what would be right; never a traceback."""

from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest

from tests.lockstep.commands.commands import Lockstep

RUN = ("run", "two_layer_tiny", "--epochs", 3)
WRONG_INPUT, MISSING, CRASHED = 2, 3, 5

SCENARIO_HEAD = """
from scenarios import param, randn, scenario, sgd

@scenario(seed=1, epochs=3, optimizer=sgd(lr=0.1), x=randn(4, 3), y=randn(4, 2), w=param(3, 2), b=param(2))
def mine(op, x, y, w, b):
"""


@pytest.fixture
def file(tmp_path: Path) -> Any:
    """Return a function that writes a file, dedented, and gives its path."""

    def write(text: str, name: str = "mine.py") -> Path:
        path = tmp_path / name
        path.write_text(dedent(text), encoding="utf-8")
        return path

    return write


def check(answer: Any, exit_code: int, *said: str) -> None:
    assert answer.exit_code == exit_code, answer.stderr
    assert answer.stdout == ""
    assert "Traceback" not in answer.stderr
    assert len(answer.stderr.splitlines()) <= 5
    for words in said:
        assert words in answer.stderr


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["run", "two_layr"], ["no scenario 'two_layr'; did you mean 'two_layer'?"]),
        (
            ["run", "nothing_like_it"],
            ["no scenario 'nothing_like_it'; `lockstep list scenarios` shows what there is"],
        ),
        (["run", "two_layer_tiny", "two_layer_tiny"], ["two scenarios are called 'two_layer_tiny'"]),
        ([*RUN, "--backend", "troch"], ["no backend 'troch'; did you mean 'torch'?", "NAME=./file.py"]),
        ([*RUN, "--reference", "jax"], ["no backend 'jax'"]),
        ([*RUN, "--backend", "numpy"], ["one backend only (numpy)", "--backend"]),
        ([*RUN, "--backend", "torch", "--backend", "torch"], ["two backends are called 'torch'"]),
        ([*RUN, "--backend", "=x.py"], ["write NAME=./file.py"]),
        ([*RUN, "--backend", "mine=./nowhere.py"], ["backend mine's file nowhere.py does not exist"]),
        (["rnu"], ["no command 'rnu'; did you mean 'run'?"]),
        ([*RUN, "--epoch", "3"], ["No such option", "--epochs"]),
        (["run", "two_layer_tiny", "--epochs", "0"], ["epochs must be a whole number of at least 1, not 0"]),
        (["run", "two_layer_tiny", "--epochs", "-3"], ["epochs must be a whole number of at least 1, not -3"]),
        (["run", "two_layer_tiny", "--epochs", "three"], ["'three' is not a valid integer"]),
        ([*RUN, "--seed", "-1"], ["seed must be a whole number from 0"]),
        ([*RUN, "--batch-size", "0"], ["batch_size must be a whole number of at least 1, not 0"]),
        ([*RUN, "--dtype", "float16"], ["float16", "float32", "float64"]),
        ([*RUN, "--threads", "0"], ["0 is not in the range x>=1"]),
        ([*RUN, "--set", "lr=fast"], ["'fast' is not a number", "--set lr=0.01"]),
        ([*RUN, "--set", "lr"], ["write NAME=VALUE"]),
        ([*RUN, "--set", "lr=nan"], ["lr must be a finite number, not nan"]),
        ([*RUN, "--set", "learning_rate=1"], ["no setting 'learning_rate'", "there are lr, M, N_I, N_H, N_O"]),
        ([*RUN, "--set", "N_H=2.5"], ["N_H must be a whole number of at least 1, not 2.5"]),
        ([*RUN, "--rtol", "-1"], ["rtol must be a finite number of at least 0, not -1"]),
        ([*RUN, "--atol", "nan"], ["atol must be a finite number of at least 0, not nan"]),
        ([*RUN, "--set", "N_H=0"], ["N_H must be a whole number of at least 1, not 0\n"]),
        (
            [*RUN, "--set", "N_H=1e15"],
            [
                "w1 of shape (3, 1000000000000000) takes",
                "GiB to draw, all arrays together",
                "GiB, and there is memory of",
            ],
        ),
        ([*RUN, "--batch-size", "3"], ["batches of 3 can't be dealt from 2 rows"]),
        (["run", str(Path(__file__).parent)], ["is a folder: name a file in it, as ", "mine.py"]),
        (["run", "./nowhere.py"], ["scenario file nowhere.py does not exist"]),
        (["map"], ["name a SCENARIO"]),
        (["map", "digits", "--op", "relu", "--format", "html"], ["leave --format html out"]),
        (["map", "two_layr"], ["did you mean 'two_layer'?"]),
        (
            ["map", "digits", "--op", "mean_squared_error"],
            ["scenario digits uses no op 'mean_squared_error'; lockstep map --op mean_squared_error shows it"],
        ),
        (["map", "--op", "matmull"], ["no op 'matmull'; did you mean 'matmul'?"]),
        (["table", "nowhere.json"], ["can't read nowhere.json: No such file or directory"]),
    ],
    ids=lambda value: " ".join(map(str, value[-3:])) if isinstance(value, list) else None,
)
def test_a_wrong_command_line(arguments: list[str], said: list[str], lockstep: Lockstep) -> None:
    check(lockstep(*arguments), WRONG_INPUT, *said)


@pytest.mark.parametrize("option", ["--output", "--json"])
@pytest.mark.parametrize(("place", "said"), [("", "it is a folder"), ("nowhere/run.txt", "there is no folder")])
def test_an_output_that_cannot_be_written_is_refused_before_the_run(
    option: str, place: str, said: str, lockstep: Lockstep, tmp_path: Path
) -> None:
    check(lockstep(*RUN, option, tmp_path / place), WRONG_INPUT, "can't write", said)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("def broken(:", ["line 1, does not parse"]),
        ("x = 1\nraise ValueError('no data today')", ["line 2, raised ValueError: no data today"]),
        ("x = 1", ["defines no scenario", "@scenario"]),
    ],
    ids=["does not parse", "raises", "empty"],
)
def test_a_scenario_file_that_does_not_load(text: str, said: list[str], lockstep: Lockstep, file: Any) -> None:
    exit_code = CRASHED if "raise" in text else WRONG_INPUT
    check(lockstep("run", file(text)), exit_code, "mine.py", *said)


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ("h = op.matmul(x, y)\nreturn op.mean_squared_error(h, y)", ["line 6", "x (4, 3) and y (4, 2)"]),
        ("return op.mean_squared_error(x % 2, y)", ["line 6", "`lockstep list` names them"]),
        ("if x: pass", ["line 6", "x has no value while the scenario is recorded"]),
        ("return op.matmul(x, w)", ["must return its loss", "(4, 2)"]),
        ("op.matmul(x, w)", ["must return its loss", "returned None"]),
        ("return op.mean_squared_error(op.matmul(x, w), y)", ["draws the weight b but the loss does not depend on it"]),
        ("return op.mean_squared_error(op.matmul(x, 3.0), y)", ["line 6", "takes tensors there, not 3.0"]),
        ("return op.mean_squared_error(op.matmul(x), y)", ["line 6", "op.matmul(x, w)", "missing"]),
        ("return op.mean_squared_error(op.relu(x, slope=1), y)", ["line 6", "op.relu(x)", "slope"]),
        ("return op.mean_squared_eror(x, y)", ["no op mean_squared_eror", "did you mean 'mean_squared_error'?"]),
        ("raise RuntimeError('thinking')", ["line 6", "raised RuntimeError: thinking"]),
    ],
)
def test_a_scenario_that_is_wrong_inside(body: str, said: list[str], lockstep: Lockstep, file: Any) -> None:
    text = SCENARIO_HEAD + "".join(f"    {line}\n" for line in body.split("\n"))
    check(lockstep("run", file(text)), CRASHED if "raise" in body else WRONG_INPUT, "scenario mine", *said)


def test_a_scenario_whose_parameters_are_not_its_draws(lockstep: Lockstep, file: Any) -> None:
    path = file(SCENARIO_HEAD.replace("x, y, w, b):", "x, y, wt, b):") + "    return x\n")
    check(lockstep("run", path), WRONG_INPUT, "draws w, but its function has no such parameter")


@pytest.mark.parametrize("name", ["block..w", "block w", ".w", "1.w", "class"])
def test_a_name_of_a_weight_that_no_program_can_have(name: str, lockstep: Lockstep, file: Any) -> None:
    text = SCENARIO_HEAD.replace("x, y, w, b):", "x, y, **weights):")
    text = text.replace("w=param(3, 2)", f'**{{"{name}": param(3, 2)}}')
    check(
        lockstep("run", file(text + "    return x\n")),
        WRONG_INPUT,
        f"such as w1, block_1.w or layers.0.weight, not '{name}'",
    )


def test_a_scenario_that_the_file_does_not_have(lockstep: Lockstep, file: Any) -> None:
    path = file(SCENARIO_HEAD + "    return op.mean_squared_error(op.add(op.matmul(x, w), b), y)\n")
    assert lockstep("run", f"{path}:mine").exit_code == 0
    check(lockstep("run", f"{path}:mien"), WRONG_INPUT, "mine.py has no scenario 'mien'; did you mean 'mine'?")


BACKEND_HEAD = """
import dataclasses
import numpy
from backends import numpy_manual
from backends.numpy_manual import *
"""
TRAIN = "def train(ops, program, weights, batches, *, trace=False):\n"
STEPS = "numpy_manual.train(ops, program, weights, batches, trace=trace)"


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ("del relu", ["backend mine has no op relu (needed by scenario two_layer_tiny)"]),
        ("del train", ["backend mine", "has no train()", "from backends.numpy_manual import *"]),
        (f"{TRAIN}    yield from list({STEPS})[:2]", ["backend mine yielded 2 of 3 steps"]),
        (f"{TRAIN}    for s in {STEPS}:\n        yield s\n    yield s", ["backend mine yielded more than 3 steps"]),
        (f"{TRAIN}    yield 1", ["backend mine yielded a int", "backends.contract.Step"]),
        (
            f"{TRAIN}    for s in {STEPS}:\n        yield dataclasses.replace(s, weights={{}})",
            ["backend mine yielded weights none; they should be w1, w2"],
        ),
        (
            f"{TRAIN}    for s in {STEPS}:\n"
            "        yield dataclasses.replace(s, grads={n: g.T.copy() for n, g in s.grads.items()})",
            ["backend mine yielded grad_w2 with shape (3, 2); it should be (2, 3)"],
        ),
        (
            f"{TRAIN}    for s in {STEPS}:\n"
            "        yield dataclasses.replace(s, grads={n: g.astype('float64') for n, g in s.grads.items()})",
            ["backend mine yielded grad_w2 as float64; the run is in float32"],
        ),
        (
            f"{TRAIN}    for s in {STEPS}:\n        yield dataclasses.replace(s, loss=[1.0])",
            ["backend mine yielded loss with shape (1,); it should be ()"],
        ),
        (
            f"{TRAIN}    for s in {STEPS}:\n"
            "        yield dataclasses.replace(s, grads={n: g.tolist() for n, g in s.grads.items()})",
            ["backend mine yielded grad_w2 as list; it must be a NumPy array"],
        ),
        (
            f"{TRAIN}    for s in {STEPS}:\n        yield dataclasses.replace(s, state={{'v_w1': s.weights['w1']}})",
            ["backend mine yielded state v_w1; they should be none"],
        ),
        (
            f"{TRAIN}    for i, s in enumerate({STEPS}):\n        if i == 1:\n            1 / 0\n        yield s",
            ["backend mine raised ZeroDivisionError at update 2, line 9 of mine.py"],
        ),
    ],
)
def test_a_backend_that_breaks_the_contract(body: str, said: list[str], lockstep: Lockstep, file: Any) -> None:
    path = file(BACKEND_HEAD + body)
    check(lockstep(*RUN, "--backend", f"mine={path}"), CRASHED if "1 / 0" in body else WRONG_INPUT, *said)


def test_backends_that_train_in_one_memory(lockstep: Lockstep, file: Any) -> None:
    shared = "STORE = numpy_manual.__dict__.setdefault('STORE_OF_A_TEST', {})\n"
    body = (
        f"{TRAIN}    for s in {STEPS}:\n"
        "        for n, array in s.weights.items():\n"
        "            STORE.setdefault(n, array.copy())[...] = array\n"
        "        yield dataclasses.replace(s, weights=STORE)"
    )
    one, other = (file(BACKEND_HEAD + shared + body, name) for name in ("one.py", "other.py"))
    answer = lockstep(*RUN, "--backend", f"one={one}", "--backend", f"other={other}")
    check(answer, WRONG_INPUT, "backend one's w1 shares memory with backend other's w1", "np.array(array)")


def test_nan_from_one_backend_is_a_disagreement(lockstep: Lockstep, file: Any) -> None:
    path = file(BACKEND_HEAD + "def sgd(w, grad_w, *, lr):\n    return w * numpy.float32('nan')")
    answer = lockstep(*RUN, "--backend", f"mine={path}")
    assert answer.exit_code == 1
    assert "disagree: mine: sgd update, epoch 1, w1[0, 0], got nan, want -0.32" in answer.stdout


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("def broken(:", ["line 1, does not parse"]),
        ("\n1 / 0", ["line 2, raised ZeroDivisionError"]),
    ],
)
def test_a_backend_file_that_does_not_load(text: str, said: list[str], lockstep: Lockstep, file: Any) -> None:
    exit_code = CRASHED if "1 / 0" in text else WRONG_INPUT
    check(lockstep(*RUN, "--backend", f"mine={file(text)}"), exit_code, "backend mine's file", *said)


def test_a_backend_whose_framework_is_missing(lockstep: Lockstep, file: Any) -> None:
    path = file("import a_framework_that_nobody_has")
    check(lockstep(*RUN, "--backend", f"mine={path}"), MISSING, "No module named 'a_framework_that_nobody_has'")
    check(lockstep(*RUN, "--backend", "mine=no_such.module"), MISSING, "backend mine can't be imported", "doctor")
