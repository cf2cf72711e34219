"""Updates that are looked at together are certified as one after the other."""

from collections.abc import Sequence
from dataclasses import fields, replace
from typing import Any

import numpy as np
import pytest

from backends.contract import Array
from harness.certifying import certifier
from harness.certifying.certificate import Certificate
from harness.certifying.certifier import Certifier
from harness.certifying.check import Check
from harness.certifying.shortcuts import shortcuts, stack
from harness.certifying.shortcuts.rows import rows_same, rows_within
from harness.certifying.shortcuts.shortcuts import Shortcuts
from harness.certifying.shortcuts.stack import Stack, Stacks
from harness.certifying.training import train_and_certify
from harness.numerics.bounds.bounded import Bounded
from harness.numerics.bounds.bounds import Magnitude
from harness.numerics.rounding import arithmetic
from harness.numerics.stacking.stacked import Stacked
from harness.recording.catalogue import built_in_scenarios, find_scenarios
from harness.recording.loading import load_backend, load_backends
from harness.running.experiment import Experiment, prepare
from harness.running.process import pinned
from harness.running.runner import Runner
from harness.running.updates import Update, Updates
from scenarios import param, randn, scenario, sgd
from tests.harness.certifying.test_certifier import as_it_is, certified, setting
from tests.harness.certifying.test_shortcuts import rest_of_one_row

FLOAT32 = arithmetic("float32")
LONG_ENOUGH = 9
"""At updates 1, 4 and the last all bounds are computed."""


def certificates(experiment: Experiment) -> dict[str, Certificate]:
    with pinned(experiment.backends, 1), np.errstate(all="ignore"):
        return train_and_certify(experiment)[1]


@pytest.mark.parametrize(
    "name", ["two_layer_tiny", "scheduled_by_cosine", "accumulated_and_clipped", "gradual_unfreezing"]
)
def test_certificates_are_those_of_one_update_after_the_other(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    assert_same_certificates(name, "float32", monkeypatch)


@pytest.mark.slow
@pytest.mark.parametrize("name", built_in_scenarios())
def test_certificates_of_every_scenario_are_those_of_one_after_the_other(
    name: str, dtype: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert_same_certificates(name, dtype, monkeypatch)


def assert_same_certificates(name: str, dtype: str, monkeypatch: pytest.MonkeyPatch) -> None:
    (chosen,) = find_scenarios([name])
    experiment = prepare(chosen.vary(epochs=1), load_backends([]), dtype)
    epochs = max(LONG_ENOUGH // len(experiment.draws.batch_rows), 2)
    experiment = replace(prepare(chosen.vary(epochs=epochs), load_backends([]), dtype), certify=1)
    together = certificates(experiment)
    monkeypatch.setattr(stack, "MOST", 0)
    for backend, alone in certificates(experiment).items():
        for field in fields(Certificate):
            assert getattr(together[backend], field.name) == getattr(alone, field.name), field.name


@pytest.fixture
def experiment() -> Experiment:
    numpy = load_backend("numpy")
    return prepare(find_scenarios(["two_layer_tiny"])[0], [numpy, numpy], "float32")


def updates_of(experiment: Experiment, count: int) -> Sequence[Update]:
    epochs = -(-count // len(experiment.draws.batch_rows))
    runner = Runner(load_backend("numpy"), experiment.program, experiment.draws, epochs, experiment.dtype, trace=True)
    updates = Updates(experiment.program, experiment.draws, epochs)
    return [updates.follow(runner.advance).copy() for _ in range(count)]


def test_nothing_is_looked_at_alone_where_all_is_right(experiment: Experiment, monkeypatch: pytest.MonkeyPatch) -> None:
    """Otherwise this file would show nothing."""
    alone: list[int] = []
    certify = Certifier._certify

    def noted(self: Certifier, update: Update, right: Any) -> None:
        alone.append(update.number)
        certify(self, update, right)

    monkeypatch.setattr(Certifier, "_certify", noted)
    assert certified(experiment, *[as_it_is] * 11, last=11).failed == 0
    assert alone == [1, 4, 11]


def test_numpys_own_updates_need_no_bounds_together(experiment: Experiment, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shortcuts, "rows_within", lambda bound, got: pytest.fail("a bound was computed"))
    assert certified(experiment, *[as_it_is] * 11).failed == 0


@pytest.mark.parametrize("place", [2, 3, 4, 5, 7, 10])
@pytest.mark.parametrize("tensor", ["h_r", "grad_w2", "w1"])
def test_a_wrong_tensor_among_others_that_are_right_fails_as_alone(
    tensor: str, place: int, experiment: Experiment, monkeypatch: pytest.MonkeyPatch
) -> None:
    def wrong(array: Array) -> Array:
        new = np.array(array)
        new.flat[-1] += np.float32(1e-4)
        return new

    changes = [setting(tensor, wrong) if number == place else as_it_is for number in range(1, 12)]
    together = certified(experiment, *changes)
    monkeypatch.setattr(stack, "MOST", 0)
    alone = certified(experiment, *changes)
    (failure,) = [each.mismatch for each in together.failures.values() if each.mismatch.update == place][:1]
    assert failure.index == tuple(length - 1 for length in experiment.program.shapes[tensor.removeprefix("grad_")])
    assert [each.mismatch for each in together.failures.values()] == [each.mismatch for each in alone.failures.values()]
    assert (together.checks, together.failed) == (alone.checks, alone.failed)
    for one, other in zip(together.failures.values(), alone.failures.values(), strict=True):
        assert (one.bracket, one.decay, one.overwriting) == (other.bracket, other.decay, other.overwriting)
        assert (one.earlier is None) == (other.earlier is None) == (place > 4)
        np.testing.assert_equal(one.with_earlier_weights, other.with_earlier_weights)
        if one.earlier is not None and other.earlier is not None:
            np.testing.assert_equal(one.earlier.weights, other.earlier.weights)
            np.testing.assert_equal(one.earlier.grads, other.earlier.grads)


def test_without_memory_for_all_each_is_certified_alone(
    experiment: Experiment, monkeypatch: pytest.MonkeyPatch
) -> None:
    def too_much(self: Stack) -> Update:
        raise MemoryError

    monkeypatch.setattr(Stack, "together", too_much)
    found = certified(experiment, *[as_it_is] * 11)
    assert (found.failed, found.updates) == (0, 11)
    monkeypatch.setattr(stack, "MOST", 0)
    assert found == certified(experiment, *[as_it_is] * 11)


def test_what_is_never_right_together_is_no_longer_looked_at_together(
    experiment: Experiment, monkeypatch: pytest.MonkeyPatch
) -> None:
    looks: list[int] = []
    right_at = Shortcuts.right_at

    def noted(self: Shortcuts, stacked: Stack, measured: Any) -> Any:
        looks.append(len(stacked))
        return right_at(self, stacked, measured)

    monkeypatch.setattr(Shortcuts, "right_at", noted)
    monkeypatch.setattr(Shortcuts, "_rows_right", lambda self, node, got, *_: np.zeros(len(got.stack), bool))
    monkeypatch.setattr(stack, "MOST", 2)
    monkeypatch.setattr(stack, "LEAST", 2)
    assert certified(experiment, *[as_it_is] * 12).failed == 0
    assert looks == [2] * certifier.TRIES


def test_updates_of_several_forms_are_put_off_beside_each_other() -> None:
    """Of three updates of an epoch, two have 64 rows and the last one has one."""
    numpy = load_backend("numpy")
    experiment = prepare(rest_of_one_row.vary(epochs=4), [numpy, numpy], "float32")
    stacks = Stacks(experiment.program)
    for update in updates_of(experiment, 12):
        assert stacks.add(update)
    assert sorted(map(len, stacks)) == [4, 8]
    assert len(stacks) == 12
    stacks.clear()
    assert not list(stacks)


def test_an_update_is_given_back_as_it_was_added(experiment: Experiment) -> None:
    updates = updates_of(experiment, 3)
    stacked = Stack(experiment.program)
    for update in updates:
        assert stacked.add(update)
        for array in update.step.values.values():
            array.fill(np.nan)  # its memory may be used again
    again = updates_of(experiment, 3)
    assert [each.number for each in stacked.updates()] == [1, 2, 3]
    for one, other in zip(stacked.updates(), again, strict=True):
        for name, array in other.step.values.items():
            np.testing.assert_array_equal(one.step.values[name], array)
        np.testing.assert_array_equal(one.weights["w1"], other.weights["w1"])
        np.testing.assert_array_equal(one.step.loss, other.step.loss)


def test_an_update_of_another_form_is_not_added(experiment: Experiment) -> None:
    first, second = updates_of(experiment, 2)
    stacked = Stack(experiment.program)
    assert stacked.add(first)
    fewer = {name: array for name, array in second.step.values.items() if name != "h"}
    other = {**second.step.values, "h": second.step.values["h"].astype(np.float64)}
    for values in (fewer, other):
        assert not stacked.add(replace(second, step=replace(second.step, values=values)))
    stacked.clear()
    assert stacked.add(replace(second, step=replace(second.step, values=fewer)))


@scenario(seed=1, epochs=3, optimizer=sgd(lr=0.1), x=randn(8, 400), y=randn(8, 100), w=param(400, 100))
def one_large_weight(op: Any, x: Any, y: Any, w: Any) -> Any:
    return op.mean_squared_error(op.matmul(x, w), y)


def test_large_updates_are_not_put_off() -> None:
    numpy = load_backend("numpy")
    experiment = prepare(one_large_weight, [numpy, numpy], "float32")
    (update,) = updates_of(experiment, 1)
    assert not Stack(experiment.program).add(update)


def of_each(*rows: Any) -> Stacked:
    return Stacked(np.array(rows, np.float32))


def test_rows_are_the_same_where_all_numbers_are_and_are_finite() -> None:
    got = of_each([1, 2], [1, np.nan], [np.inf, 2], [0, 2])
    computed = of_each([1, 2], [1, np.nan], [np.inf, 2], [-0.0, 3])
    assert rows_same(computed, got).tolist() == [True, False, False, False]
    assert not rows_same(Stacked(computed.stack.astype(np.float64)), got).any()
    assert not rows_same(computed[:1], got).any()


@np.errstate(invalid="ignore")
@pytest.mark.parametrize("depth", [0, 1, 100])
@pytest.mark.parametrize("radius", [None, 1e-6, np.inf, np.nan])
def test_rows_are_within_a_bound_where_a_check_passes(depth: int, radius: float | None) -> None:
    """With errors of none, few and many roundings, what is suspect, and what is not finite."""
    unit = FLOAT32.unit
    errors = np.array([0, 0.5, 5, 60, 90, 99, 101, 1e4, np.inf, np.nan])[:, np.newaxis] * unit
    midpoint = np.array([[1.0, -0.5, 0.0]]) * np.ones((len(errors), 1))
    got = (midpoint + errors * [0, 1, 0]).astype(np.float32)

    def bound(midpoint: Any) -> Bounded:
        inherited = None if radius is None else np.full((3,), radius)
        return Bounded(midpoint, FLOAT32, inherited, Magnitude(np.ones_like, midpoint), depth)

    right = rows_within(bound(Stacked(midpoint)), Stacked(got))
    for row, each, numbers in zip(right, midpoint, got, strict=True):
        check = Check(bound(each), numbers, FLOAT32.largest)
        says_something = check.used <= 1 and check.widest <= max(check.size, FLOAT32.smallest_normal)
        assert row == (says_something and not check.is_suspect(FLOAT32.likely_from))
