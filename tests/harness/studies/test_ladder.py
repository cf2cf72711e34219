"""The ladder: every rung agrees with the NumPy that it began as, runs by itself, and a broken one is caught."""

import runpy
import subprocess
import sys
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from backends.climbing.as_backend import rung_as_backend
from harness.recording.catalogue import built_in_scenarios
from harness.recording.loading import LoadedBackend, load_backend
from harness.run import run_scenario
from harness.studies import ladder as ladder_module
from harness.studies.ladder import (
    LADDERS,
    PACKAGE,
    Rung,
    agreed,
    checks_by_outcome,
    climb,
    code_lines,
    find_rung,
    ladders,
)
from lockstep.pytest_plugin import loaded_or_skipped

RUNGS = {rung.name: rung for rungs in ladders().values() for rung in rungs}
STEPS = [(before, after) for rungs in ladders().values() for before, after in pairwise(rungs)]
ROOT = Path(__file__).parents[3]
MOST_LINES = 40
EPOCHS = 300


@pytest.fixture(autouse=True)
def _frameworks(pytestconfig: pytest.Config) -> None:
    for name in LADDERS:
        loaded_or_skipped(name, required=pytestconfig.getoption("--require-backends"))


def test_both_ladders_begin_with_numpy_and_miss_no_number() -> None:
    for name, rungs in ladders().items():
        assert [rung.number for rung in rungs] == list(range(len(rungs)))
        assert [rung.ladder for rung in rungs] == ["numpy", *[name] * (len(rungs) - 1)]
    assert {name: len(rungs) for name, rungs in ladders().items()} == {"chainer": 8, "torch": 7}
    package = ROOT.joinpath(*PACKAGE.split("."))
    assert {path.stem for path in package.glob("*.py")} == {*RUNGS, "__init__"}, "a file is no rung"


@pytest.mark.parametrize("name", LADDERS)
def test_every_rung_agrees(name: str, dtype: str) -> None:
    climbed = climb(ladders()[name], dtype)
    assert [climb.rung for climb in climbed] == ladders()[name]
    assert agreed(climbed), [climb.result.first for climb in climbed]
    for climb_ in climbed:
        assert climb_.result.dtype == dtype
        assert len(climb_.result.losses[climb_.backend]) == EPOCHS
        checks = checks_by_outcome(climb_)
        assert checks["checks"] == 11 * checks["updates"] > 0
        assert checks["failed"] == checks["suspect"] == checks["unchecked"] == 0


@pytest.mark.parametrize("name", LADDERS)
def test_every_rung_agrees_in_the_announced_sizes(name: str) -> None:
    climbed = climb(ladders()[name], "float64", scenario=built_in_scenarios()["two_layer"].vary(epochs=5))
    assert agreed(climbed), [climb.result.first for climb in climbed]


@pytest.mark.slow
def test_every_op_of_every_update_of_every_rung_is_certified(dtype: str) -> None:
    climbed = climb(list(RUNGS.values()), dtype, certify=1)
    assert agreed(climbed)
    assert {checks_by_outcome(climb)["checks"] for climb in climbed} == {11 * EPOCHS}


@pytest.mark.parametrize("rung", RUNGS.values(), ids=RUNGS)
def test_a_rung_is_short_and_says_what_it_is_for(rung: Rung) -> None:
    assert rung.lines <= MOST_LINES
    assert rung.replaces.endswith(".")
    assert rung.now.endswith(".")
    assert '"""' not in rung.code.split("\n")[0], "the docstring is shown apart from the code"
    if rung.number:
        assert " replace" in rung.replaces
        assert " now " in rung.now


@pytest.mark.parametrize(("before", "after"), STEPS, ids=[after.name for _, after in STEPS])
def test_a_rung_changes_something_and_keeps_most(before: Rung, after: Rung) -> None:
    old, new = ([line for line in rung.code.split("\n") if line] for rung in (before, after))
    assert old != new
    kept = [line for line in new if line in old]
    assert len(kept) >= len(new) / 3, "a step is a small one"


@pytest.fixture
def losses_of_the_run() -> Callable[[Rung], list[float]]:
    """The losses that lockstep finds for a rung."""

    def losses(rung: Rung) -> list[float]:
        module = ladder_module.rung_backend(rung)
        result = run_scenario(
            built_in_scenarios()["two_layer_tiny"],
            [load_backend("numpy"), LoadedBackend(rung.name, module)],
            certify=None,
        )
        return [float(loss) for loss in result.losses[rung.name]]

    return losses


@pytest.mark.parametrize("rung", RUNGS.values(), ids=RUNGS)
def test_a_rung_as_a_script_prints_the_losses_of_the_run(
    rung: Rung, losses_of_the_run: Callable[[Rung], list[float]], capsys: pytest.CaptureFixture[str]
) -> None:
    state = np.random.get_state()
    try:
        runpy.run_path(str(ROOT.joinpath(*PACKAGE.split("."), f"{rung.name}.py")), run_name="__main__")
    finally:
        np.random.set_state(state)
    printed = [line.split() for line in capsys.readouterr().out.splitlines()]
    assert [int(epoch) for epoch, _ in printed] == list(range(1, EPOCHS + 1))
    assert [np.float32(loss) for _, loss in printed] == losses_of_the_run(rung)


@pytest.mark.parametrize(
    "name",
    [name if name == "chainer_7_trainer" else pytest.param(name, marks=pytest.mark.slow) for name in RUNGS],
)
def test_a_rung_runs_alone(name: str, tmp_path: Path) -> None:
    """As `python -m` in a clone, in a process that nothing was imported in, and leaving no file behind."""
    before = {path.name for path in ROOT.iterdir()}
    ran = subprocess.run(
        [sys.executable, "-W", "error", "-m", f"{PACKAGE}.{name}"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (ran.returncode, ran.stderr) == (0, "")
    assert ran.stdout.splitlines()[-1].startswith("300 1.0948")
    assert {path.name for path in ROOT.iterdir()} == before


def broken(name: str, right: str, wrong: str) -> LoadedBackend:
    """A rung with one thing changed in its source."""
    file = ROOT.joinpath(*PACKAGE.split("."), f"{name}.py")
    source = file.read_text(encoding="utf-8")
    assert source.count(right) == 1
    namespace: dict[str, object] = {"__name__": name}
    exec(compile(source.replace(right, wrong), str(file), "exec"), namespace)
    module = SimpleNamespace(**{**namespace, "__file__": str(file)})
    return LoadedBackend(f"broken_{name}", rung_as_backend(name.partition("_")[0], module))


@pytest.mark.parametrize(
    ("name", "right", "wrong", "culprit"),
    [
        ("numpy_0_by_hand", "np.where(h > 0, grad_h_r, 0)", "grad_h_r", "relu"),
        ("chainer_1_variable", "(h.array > 0)", "(h.array > -2)", "relu"),
        ("chainer_2_functions", "w2.cleargrad()", "pass", "matmul"),
        ("chainer_3_links", "h_r = F.relu(h)", "h_r = F.elu(h)", "relu"),
        ("chainer_4_chain", "lr * w.grad", "2 * lr * w.grad", "sgd"),
        ("chainer_5_optimizer", "SGD(lr)", "SGD(lr * 1.01)", "sgd"),
        ("chainer_6_updater", "F.mean_squared_error(y_p, y)", "F.mean_squared_error(y_p, y) / 2", None),
        ("chainer_7_trainer", "chainer.optimizers.SGD(lr)", "chainer.optimizers.MomentumSGD(lr)", "sgd"),
        ("torch_1_tensors", "y.numel()", "4", "mean_squared_error"),
        ("torch_2_autograd", "w1.grad = w2.grad = None", "w1.grad = None", "matmul"),
        ("torch_3_functional", "F.relu(h)", "F.leaky_relu(h)", "relu"),
        ("torch_4_module", "model.zero_grad()", "pass", "matmul"),
        ("torch_5_optim", "lr=lr)", "lr=lr, weight_decay=0.1)", "sgd"),
        ("torch_6_data_loader", "optimizer.zero_grad()", "pass", "matmul"),
    ],
)
def test_a_broken_rung_is_caught(name: str, right: str, wrong: str, culprit: str | None) -> None:
    first = LoadedBackend("first", ladder_module.rung_backend(RUNGS["numpy_0_by_hand"]))
    scenario = built_in_scenarios()["two_layer_tiny"].vary(epochs=20)
    result = run_scenario(scenario, [first, broken(name, right, wrong)], dtype="float64")
    assert result.verdict == "disagree"
    assert result.culprits
    assert culprit in (None, result.culprits[0].op)


def test_what_a_broken_rung_changes_is_really_changed() -> None:
    """The same way of taking a source is right where nothing is changed in it."""
    first = LoadedBackend("first", ladder_module.rung_backend(RUNGS["numpy_0_by_hand"]))
    same = broken("torch_2_autograd", "loss.backward()", "loss.backward()  # the same")
    scenario = built_in_scenarios()["two_layer_tiny"].vary(epochs=20)
    assert run_scenario(scenario, [first, same], dtype="float64").verdict == "agree"


def test_lines_of_code_are_counted() -> None:
    assert (
        code_lines('"""A docstring\nof two lines."""\n\n# a comment\nx = 1\n\n\ndef f():\n    "says"\n    return (\n1)')
        == 4
    )


def test_a_rung_is_found_by_its_number() -> None:
    assert find_rung("chainer", 3).name == "chainer_3_links"
    assert find_rung("torch", 0) == find_rung("chainer", 0)
