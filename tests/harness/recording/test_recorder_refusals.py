"""Whatever a scenario does to its tensors, apart from calling ops, is refused in a sentence with the line."""

from pathlib import Path

import pytest

from tests.lockstep.commands.commands import Lockstep
from tests.lockstep.commands.test_refusals import CRASHED, SCENARIO_HEAD, WRONG_INPUT, check

ONLY_OPS = "a scenario's tensors only go through ops"
COMPARED = "x can't be compared"
NO_VALUE = "x has no value while the scenario is recorded"
NAMES = """
from scenarios import data, momentum, param, randn, scenario, sgd

@scenario(seed=1, epochs=3, optimizer=momentum(lr=0.1, momentum=0.9), x=randn(4, 3), y=randn(4, 2), w=param(3, 2))
def mine(op, x, y, w):
    h = op.matmul(x, w)
    return op.mean_squared_error(h, y)
"""


@pytest.fixture
def mine(tmp_path: Path) -> Path:
    return tmp_path / "mine.py"


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("x > 0", "x can't be compared: it has no value while the scenario is recorded. op.relu"),
        ("x < y", COMPARED),
        ("x <= 0 or x >= 0", COMPARED),
        ("x == y", COMPARED),
        ("x != y", COMPARED),
        ("0 in [x]", COMPARED),
        ("float(x)", NO_VALUE),
        ("int(x)", NO_VALUE),
        ("range(x)", NO_VALUE),
        ("round(x)", ONLY_OPS),
        ("x % 2", f"no op stands for %: {ONLY_OPS}"),
        ("2 // x", f"no op stands for //: {ONLY_OPS}"),
        ("x & y", f"no op stands for &: {ONLY_OPS}"),
        ("x[0] = 1", "x can't be changed in place; op.where, op.concatenate and op.pad make a new tensor"),
        ("x(y)", ONLY_OPS),
        ("x += y", "op.add(x, y) can't take x (4, 3) and y (4, 2)"),
        ("2 ** x", "the exponent of ** must be a number; for 2 ** x write op.exp(x * math.log(2))"),
        ("x + '1'", "an operator takes tensors and numbers, not '1'"),
        ("x * True", "an operator takes tensors and numbers, not True"),
        ("x * [1, 2, 3]", "takes tensors and numbers, not a list; draw an array with param(load=…, frozen=True)"),
        ("x * np.array(2.0)", "not an array of shape (); write float(…) around it"),
        ("x * 10**400", "a whole number beside a tensor is larger than any in float32"),
        ("x @ 3", "@ multiplies matrices; write * for a number"),
        ("3 @ x", "@ multiplies matrices; write * for a number"),
        ("2 in x", "x has no value while the scenario is recorded"),
        ("x.ndim", "x.ndim: write len(x.shape)"),
        ("x * 1e300", "1e+300 is no finite number in float32"),
        ("x ** y", "the exponent of ** must be a number"),
        ("x[::2]", "a slice can't have a step"),
        ("x[::-1]", "a slice can't have a step, -1; op.flip(x, axis=0) turns it around"),
        ("x[0.5:]", "the ends of a slice must be whole numbers, not those of 0.5:"),
        ("x[0.0]", "x[…] takes whole numbers, slices, None and ..., not 0.0"),
        ("x[3:3]", "x has size 4 along axis 0, so the slice 3:3 holds nothing"),
        ("x[4]", "x has size 4 along axis 0, so there is no index 4"),
        ("x[0, 0, 0]", "x has shape (4, 3); 3 indices are too many"),
        ("x[..., ...]", "x[...] can have one ... at most"),
        ("x[y]", "x[…] takes whole numbers, slices, None and ..., not y (4, 2); op.embedding takes rows by their ids"),
        ("op.reshape(x, shape=(2, 2, 3)).T", "reshape_1.T is for matrices, and reshape_1 has shape (2, 2, 3)"),
        ("np.ones((4, 4)) @ x", "draw an array with param(load=…, frozen=True)"),
        ("x * np.float32([2])", "draw an array with param(load=…, frozen=True)"),
        ("np.exp(x)", ONLY_OPS),
        ("np.sum(x)", "x.sum: tensors only go through ops; write op.reduce_sum(x, …)"),
        ("np.maximum(x, 0)", ONLY_OPS),
        ("np.asarray(x)", ONLY_OPS),
        ("math.exp(x)", NO_VALUE),
        ("torch.relu(x)", ONLY_OPS),
        ("torch.nn.functional.relu(x)", ONLY_OPS),
        ("chainer.functions.relu(x)", ONLY_OPS),
        ("f'{x:.3f}'", ONLY_OPS),
        ("next(x)", ONLY_OPS),
        ("max(x, y)", "can't be compared"),
        ("del x[0]", "x can't be changed in place"),
        ("np.concatenate([x, y])", ONLY_OPS),
        ("np.transpose(x)", "x.transpose: tensors only go through ops; write op.transpose(x, …)"),
        (
            "return op.relu",
            "must return its loss, one number like that of op.mean_squared_error; it returned the function",
        ),
        (
            "yield x",
            "must return its loss, one number like that of op.mean_squared_error; it returned a generator",
        ),
        ("x.real", f"x.real: {ONLY_OPS}, such as op.matmul(x, w); `lockstep list` names them"),
        ("x.sum()", "x.sum: tensors only go through ops; write op.reduce_sum(x, …)"),
        ("len(x)", "x has shape (4, 3); its length is x.shape[0]"),
        ("for row in x: pass", "x (4, 3) is one tensor; it can't be unpacked or looped over"),
        ("list(x)", "x (4, 3) is one tensor; it can't be unpacked or looped over"),
        ("op.add(*x)", "x (4, 3) is one tensor; it can't be unpacked or looped over"),
        ("a, c = op.matmul(x, w)", "op.matmul gives one tensor, matmul_1 (4, 2); it can't be unpacked or looped over"),
        ("op(x)", "op is not callable; use op.matmul(x, w)"),
        ("op.fourier(x)", "there is no op fourier; `lockstep list ops` shows what there is"),
        ("op.Array(x)", "there is no op Array; `lockstep list ops` shows what there is"),
        ("op.train(x)", "there is no op train; `lockstep list ops` shows what there is"),
        ("exit(3)", "raised SystemExit: 3"),
    ],
)
def test_a_tensor_that_does_not_go_through_an_op(line: str, said: str, lockstep: Lockstep, mine: Path) -> None:
    rest = "    return op.mean_squared_error(op.add(op.matmul(x, w), b), y)\n"
    # The backend makes Chainer importable on today's NumPy. SCENARIO_HEAD begins with the end of a line.
    imports = "import backends.chainer_autograd, chainer\nimport math\nimport torch, numpy as np"
    mine.write_text(f"{imports}{SCENARIO_HEAD}    {line}\n{rest}")
    where = "scenario mine" if "return" in said else "scenario mine, line 8 of mine.py"
    exit_code = CRASHED if "raised" in said else WRONG_INPUT
    check(lockstep("run", mine), exit_code, where, said)
    check(lockstep("map", mine), exit_code, where, said)


def test_an_op_of_a_users_own_that_ends_the_process(lockstep: Lockstep, mine: Path) -> None:
    mine.write_text(
        "import sys\nfrom backends.numpy_manual import *\ndef twice(x):\n    sys.exit(0)\n"
        + SCENARIO_HEAD.replace("sgd\n", "sgd as plain_sgd\n").replace("sgd(lr", "plain_sgd(lr")
        + "    return op.mean_squared_error(op.twice(op.add(op.matmul(x, w), b)), y)\n"
    )
    answer = lockstep("run", mine, "--backend", f"mine={mine}")
    check(answer, CRASHED, "line 10 of mine.py: twice called sys.exit(0) at op.twice(add_1), line 4 of mine.py")


def test_tensors_may_be_kept_in_sets_and_dicts(lockstep: Lockstep, mine: Path) -> None:
    mine.write_text(
        SCENARIO_HEAD
        + "    kept = {x: op.add(op.matmul(x, w), b)}\n    assert x in kept and x in [x] and x.shape == (4, 3)\n"
        + "    return op.mean_squared_error(kept[x], y)\n"
    )
    assert lockstep("run", mine).exit_code == 0


@pytest.mark.parametrize("parameters", ["", "x, y, w"])
def test_a_function_without_op(parameters: str, lockstep: Lockstep, mine: Path) -> None:
    mine.write_text(NAMES.replace("mine(op, x, y, w)", f"mine({parameters})"))
    check(lockstep("run", mine), WRONG_INPUT, "scenario mine's function must take op as its first parameter, then")


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("v_w", "v_w is the name of momentum's v of w in results; rename the tensor"),
        ("grad_w", "grad_w is the name of the gradient of w in results; rename the tensor"),
        ("grad_loss", "grad_loss is the name of the gradient of loss in results; rename the tensor"),
    ],
)
@pytest.mark.parametrize("what", ["weight", "value"])
def test_a_tensor_that_is_called_what_results_call_another(
    what: str, name: str, said: str, lockstep: Lockstep, mine: Path
) -> None:
    if what == "value":
        text = NAMES.replace("h = ", f"{name} = ").replace("(h, y)", f"({name}, y)")
    else:
        text = NAMES.replace("w=param(3, 2)", f"w=param(3, 2), {name}=param(2)").replace("y, w)", f"y, w, {name})")
        text = text.replace("(h, y)", f"(op.add(h, {name}), y)")
    mine.write_text(text)
    check(lockstep("run", mine), WRONG_INPUT, f"scenario mine: {said}")
    check(lockstep("map", mine), WRONG_INPUT, f"scenario mine: {said}")


def test_data_may_have_any_name(lockstep: Lockstep, mine: Path) -> None:
    mine.write_text(NAMES.replace("x", "grad_w").replace("y", "v_w"))
    assert lockstep("run", mine).exit_code == 0


def test_without_momentum_no_state_has_a_name(lockstep: Lockstep, mine: Path) -> None:
    text = NAMES.replace("h = ", "v_w = ").replace("(h, y)", "(v_w, y)")
    mine.write_text(text.replace("momentum(lr=0.1, momentum=0.9)", "sgd(lr=0.1)"))
    assert lockstep("run", mine).exit_code == 0
