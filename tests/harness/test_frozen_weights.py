"""Frozen weights take part in the program and stay as they are, in every backend; one that is changed is found."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from backends import numpy_manual
from backends.contract import Program, Step
from harness.recording.arrays import draw_arrays
from harness.recording.catalogue import built_in_scenarios
from harness.recording.loading import LoadedBackend, hand_written_ops, load_backend, load_backends
from harness.recording.recorder import record_program
from harness.results import Result
from harness.run import run_scenario
from harness.sentences import message
from scenarios import DTYPES, Scenario, buffer, momentum, param, randn, scenario, sgd
from tests.harness.broken import with_changes
from tests.lockstep.commands.commands import Lockstep
from tests.lockstep.commands.test_refusals import WRONG_INPUT, check
from tests.reports.export.test_export import losses_of_run, printed_by, script_of


@scenario(
    seed=1,
    epochs=4,
    optimizer=momentum(lr=0.1, momentum=0.9),
    batch_size=4,
    x=randn(12, 3),
    y=randn(12, 2),
    w1=param(3, 5, scale=0.5, frozen=True),
    b1=param(5, fill=0.0),
    w2=param(5, 2, scale=0.5),
)
def half_frozen(op: Any, x: Any, y: Any, w1: Any, b1: Any, w2: Any) -> Any:
    h = op.tanh(op.linear(x, w1, b1))
    return op.mean_squared_error(op.matmul(h, w2), y)


@scenario(seed=1, epochs=2, optimizer=sgd(lr=0.1), x=randn(4, 3), w=param(2, 3))
def beside_data(op: Any, x: Any, w: Any) -> Any:
    """What is computed from data alone stands beside a weight, as the first states of a sequence do."""
    return op.reduce_mean(op.tanh(op.concatenate(op.slice_axis(x, start=0, stop=2, axis=0), w, axis=0)))


def test_what_is_computed_from_data_alone_has_no_gradient() -> None:
    result = run_scenario(beside_data, load_backends(["numpy", "chainer", "torch"]))
    assert result.verdict == "agree", result


def program_of(chosen: Scenario) -> Program:
    return record_program(chosen, draw_arrays(chosen, "float32"), hand_written_ops(()))


def test_a_frozen_weight_has_no_gradient_and_no_state() -> None:
    program = program_of(half_frozen)
    assert program.weights == ("b1", "w2")
    assert program.kept == {"w1"}
    names = [str(node) for node in program.nodes()]
    assert "w1" in names
    assert not {"grad_w1", "v_w1"} & set(names)


@pytest.mark.parametrize("backend", ["numpy", "chainer", "torch"])
def test_it_stays_as_it_is(backend: str) -> None:
    program, draws = program_of(half_frozen), draw_arrays(half_frozen, "float32")
    module = load_backend(backend).module
    for step in module.train(module, program, draws.weights, draws.batches(2)):
        np.testing.assert_array_equal(step.state["w1"], draws.buffers["w1"])
        assert "w1" not in step.weights
        assert not np.array_equal(step.weights["w2"], draws.weights["w2"])


@pytest.mark.parametrize("chosen", [half_frozen, built_in_scenarios()["fine_tuning"]], ids=lambda chosen: chosen.name)
def test_backends_agree(chosen: Scenario) -> None:
    for each in DTYPES:
        result = run_scenario(chosen, load_backends([]), dtype=each)
        assert result.verdict == "agree", message(result)


def against_changed(change: Any) -> Result:
    def train(ops: Any, *given: Any, **settings: Any) -> Iterator[Step]:
        for number, step in enumerate(numpy_manual.train(numpy_manual, *given, **settings), 1):
            change(number, step)
            yield step

    changed = LoadedBackend("changed", with_changes(train=train))
    return run_scenario(half_frozen, [load_backend("numpy"), changed])


@pytest.mark.parametrize("from_update", [1, 5])
def test_one_that_is_changed_is_found(from_update: int) -> None:
    def change(number: int, step: Step) -> None:
        if number >= from_update:
            step.state = {**step.state, "w1": step.state["w1"] * np.float32(0.999)}

    result = against_changed(change)
    assert result.verdict == "disagree"
    culprit = result.culprits[0]
    assert (culprit.op, culprit.tensor, culprit.update) == ("keep", "w1", from_update)
    assert "what is to stay as it is was changed" in message(result)
    assert result.explanations[0].diagnosis == "w1 was changed; a frozen weight stays as it is"


def test_nan_in_a_frozen_weight_is_a_change() -> None:
    def change(_: int, step: Step) -> None:
        step.state = {**step.state, "w1": np.full_like(step.state["w1"], np.nan)}

    assert against_changed(change).verdict == "disagree"


def test_a_buffer_may_be_its_own_next_value() -> None:
    @scenario(seed=1, epochs=3, optimizer=sgd(lr=0.1), x=randn(4, 3), w=param(3, 2), mean=buffer(3, fill=0.5))
    def evaluated(op: Any, x: Any, w: Any, mean: Any) -> Any:
        h = op.matmul(op.subtract(x, mean), w)
        return op.reduce_mean(op.multiply(h, h)), {"mean": mean}

    assert program_of(evaluated).kept == {"mean"}
    assert run_scenario(evaluated, load_backends([])).verdict == "agree"


@pytest.mark.parametrize("backend", ["numpy", "chainer", "torch"])
def test_exported_programs_freeze_it(backend: str, tmp_path: Path) -> None:
    for chosen in (half_frozen, built_in_scenarios()["fine_tuning"].vary(epochs=3)):
        script = script_of(chosen, backend)
        assert printed_by(script.text(), script, tmp_path) == losses_of_run(chosen)[backend]


def test_map_and_trace_show_it(lockstep: Lockstep) -> None:
    shown = lockstep("trace", "fine_tuning")
    assert shown.exit_code == 0
    assert "w1" in shown.stdout
    assert "grad_w1" not in shown.stdout
    mapped = lockstep("map", "fine_tuning")
    assert mapped.exit_code == 0
    assert "carry" not in mapped.stdout


MINE = """
from scenarios import param, randn, scenario, sgd

@scenario(seed=1, epochs=3, optimizer=sgd(lr=0.1), x=randn(4, 3), w=param(3, 2, frozen=True), b=param(2))
def mine(op, x, w, b):
    return op.reduce_mean(op.tanh(op.linear(x, w, b)))
"""


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("frozen=True", "frozen='yes'", "param(...): frozen must be True or False, not 'yes'"),
        ("b=param(2)", "b=param(2, frozen=True)", "draw at least one weight that is not frozen with param(...)"),
        ("op.linear(x, w, b)", "op.linear(x, op.transpose(w, axes=(1, 0)), b)", "can't take"),
        ("op.linear(x, w, b)", "op.multiply(op.reduce_mean(x), b)", "draws the weight w but the loss does not depend"),
    ],
)
def test_what_is_refused(old: str, new: str, said: str, tmp_path: Path, lockstep: Lockstep) -> None:
    assert old in MINE
    path = tmp_path / "mine.py"
    path.write_text(MINE.replace(old, new))
    check(lockstep("run", path), WRONG_INPUT, said)
