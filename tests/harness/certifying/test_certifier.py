"""What a certifier makes of single updates: what fails, what it can't check, and which updates it looks at."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from backends.contract import Array, Node
from harness.certifying.certificate import Certificate
from harness.certifying.certifier import Certifier
from harness.recording.loading import load_backend
from harness.running.experiment import Experiment, prepare
from harness.running.runner import Runner
from harness.running.updates import Update, Updates
from scenarios import Scenario

UPDATES = 12
INF, NAN = np.inf, np.nan
Change = Callable[[Update], Update]


@pytest.fixture
def experiment(tiny: Scenario) -> Experiment:
    numpy = load_backend("numpy")
    return prepare(tiny.vary(epochs=UPDATES), [numpy, numpy], "float32")


def certified(experiment: Experiment, *changes: Change, every: int = 1, last: int = UPDATES) -> Certificate:
    """The certificate of as many right updates as there are changes, each of which is changed first."""
    backend = load_backend("numpy")
    runner = Runner(backend, experiment.program, experiment.draws, UPDATES, experiment.dtype, trace=True)
    updates = Updates(experiment.program, experiment.draws, UPDATES)
    certifier = Certifier(
        backend, experiment.program, experiment.dtype, experiment.find_op, experiment.kinks, every=every, last=last
    )
    with np.errstate(all="ignore"):
        for change in changes:
            certifier.observe(change(updates.follow(runner.advance).copy()))
        return certifier.seen()


def as_it_is(update: Update) -> Update:
    return update


def setting(name: str, change: Callable[[Array], Array]) -> Change:
    """Changes a tensor that a step has, under the name that results have for it."""

    def changed(update: Update) -> Update:
        of = name.removeprefix("grad_")
        parts = ("grads", "value_grads") if of != name else ("values", "weights")
        part = next(each for each in parts if of in getattr(update.step, each))
        arrays = getattr(update.step, part)
        changes: dict[str, Any] = {part: {**arrays, of: change(arrays[of])}}
        return replace(update, step=replace(update.step, **changes))

    return changed


def at_last(number: float) -> Callable[[Array], Array]:
    """Puts a number in place of the last element."""

    def changed(array: Array) -> Array:
        array = np.array(array)
        array[(-1,) * array.ndim] = number
        return array

    return changed


def tensors(experiment: Experiment) -> dict[str, Node]:
    return {str(node): node for node in experiment.program.nodes() if node.kind != "loss"}


@pytest.mark.parametrize("number", [NAN, INF, -INF, 1e9])
@pytest.mark.parametrize("name", ["h", "h_r", "y_p", "grad_y_p", "grad_h_r", "grad_h", "grad_w1", "grad_w2", "w1"])
def test_a_wrong_element_fails_at_its_op(experiment: Experiment, name: str, number: float) -> None:
    certificate = certified(experiment, setting(name, at_last(number)))
    node = tensors(experiment)[name]
    assert (node.op, node.phase) in certificate.failures
    failure = certificate.failures[node.op, node.phase]
    assert str(failure.node) == name
    assert failure.mismatch.index == tuple(size - 1 for size in failure.got.shape)


def test_right_updates_pass(experiment: Experiment) -> None:
    certificate = certified(experiment, *[as_it_is] * 4)
    assert (certificate.updates, certificate.failed, certificate.unchecked) == (4, 0, 0)
    assert certificate.failures == {}
    assert certificate.first_unchecked is None


def test_what_is_computed_from_nan_is_not_called_wrong_and_not_checked(experiment: Experiment) -> None:
    def from_nan(update: Update) -> Update:
        values = {name: np.full_like(array, NAN) for name, array in update.step.values.items()}
        step = replace(update.step, values={**values, "h": update.step.values["h"] * np.float32(NAN)})
        return replace(update, weights={name: w * np.float32(NAN) for name, w in update.weights.items()}, step=step)

    certificate = certified(experiment, as_it_is, from_nan, from_nan)
    assert not any(phase == "forward" for _, phase in certificate.failures)
    assert certificate.unchecked >= 2 * len(experiment.program.values)
    assert certificate.first_unchecked == 2


@pytest.mark.parametrize(
    ("size", "got", "fails"), [(1e20, INF, False), (1e20, 3e20, True), (1e10, INF, True), (1e10, NAN, True)]
)
def test_infinity_is_excused_only_near_overflow(experiment: Experiment, size: float, got: float, fails: bool) -> None:
    def huge(update: Update) -> Update:
        h = np.array(update.step.values["h"])
        h[-1, -1] = size
        h_r = np.maximum(h, 0)
        h_r[-1, -1] = got
        return replace(update, step=replace(update.step, values={**update.step.values, "h": h, "h_r": h_r}))

    certificate = certified(experiment, huge)
    assert (("relu", "forward") in certificate.failures) is fails
    assert (("relu", "forward") in certificate.sharpness) is fails  # what is excused is not checked


@pytest.mark.parametrize(("unit", "fails"), [(1.0, True), (INF, False)])
def test_of_infinite_inputs_nothing_is_expected(experiment: Experiment, unit: float, fails: bool) -> None:
    def wrong(update: Update) -> Update:
        h = {"h": at_last(unit)(update.step.values["h"])}
        changed = setting("grad_h", at_last(7.0))(update)
        return replace(changed, step=replace(changed.step, values={**update.step.values, **h}))

    assert (("relu", "backward") in certified(experiment, wrong).failures) is fails


@pytest.mark.parametrize(("got", "fails"), [(0.0, False), (1e-8, False), (1e-3, True)])
def test_terms_that_cancel_leave_nothing_but_their_rounding(experiment: Experiment, got: float, fails: bool) -> None:
    """It is never counted as checked, nor does it make the update doubtful: the terms' errors would be seen."""

    def cancelling(update: Update) -> Update:
        x = np.zeros_like(update.data["x"])
        x[:, 0], x[:, 1] = 0.3, -0.3
        w1 = np.full_like(update.weights["w1"], 0.7)
        h = np.full_like(update.step.values["h"], got)
        step = replace(update.step, values={**update.step.values, "h": h})
        return replace(update, data={**update.data, "x": x}, weights={**update.weights, "w1": w1}, step=step)

    certificate = certified(experiment, cancelling, cancelling)
    assert (("matmul", "forward") in certificate.failures) is fails
    assert (certificate.unchecked > 0) is not fails
    assert {str(node): count for node, count in certificate.cancelled.items()} == ({} if fails else {"h": 2})


def test_the_first_three_updates_every_kth_and_the_last_are_certified(experiment: Experiment) -> None:
    wrong = setting("w1", at_last(1e9))

    def where_wrong(number: int) -> int:
        changes: list[Change] = [as_it_is] * UPDATES
        changes[number - 1] = wrong
        return certified(experiment, *changes, every=5).failed

    assert certified(experiment, *[as_it_is] * UPDATES, every=5).updates == 6
    assert [number for number in range(1, UPDATES + 1) if where_wrong(number)] == [1, 2, 3, 5, 10, 12]


def test_failures_are_counted_and_the_first_is_kept(experiment: Experiment) -> None:
    first, second = setting("h", at_last(7.0)), setting("h", at_last(9.0))
    certificate = certified(experiment, as_it_is, first, second)
    assert certificate.failures["matmul", "forward"].mismatch.update == 2
    assert certificate.failures["matmul", "forward"].mismatch.got == 7
    assert certificate.sharpness["matmul", "forward"].failed == 2
    assert certificate.sharpness["matmul", "forward"].used <= 1


def test_a_loss_that_is_yielded_otherwise_than_it_was_computed_fails_by_a_bit(experiment: Experiment) -> None:
    def other_loss(update: Update) -> Update:
        loss = np.nextafter(update.step.loss, np.float32(INF), dtype=np.float32)
        return replace(update, step=replace(update.step, loss=np.asarray(loss)))

    certificate = certified(experiment, other_loss)
    assert [op for op, _ in certificate.failures] == ["train"]


@pytest.mark.parametrize("is_cancelling", [False, True])
def test_a_gradient_whose_bound_says_nothing_clears_no_call(experiment: Experiment, is_cancelling: bool) -> None:
    """Where the targets are what the network gives, all gradients are rounding alone."""

    def silent(update: Update) -> Update:
        data = {**update.data, "y": update.step.values["y_p"]} if is_cancelling else update.data
        changed = setting("grad_w1", at_last(7.0))(update)
        if is_cancelling:
            changed = setting("grad_w2", np.zeros_like)(changed)
        return replace(changed, data=data, step=replace(changed.step, values={}, value_grads={}))

    bracket = certified(experiment, silent).failures["matmul", "backward"].bracket
    assert bracket is not None
    assert [str(node) for node in bracket.right] == ([] if is_cancelling else ["grad_w2"])


def test_an_excess_of_plain_arithmetic_is_never_slight(experiment: Experiment) -> None:
    """It is within twice the roundings, and no function in the rule could be less accurate."""

    def by_an_ulp(place: int, to: float) -> Change:
        def moved(w1: Array) -> Array:
            w1 = np.array(w1)
            w1.flat[place] = np.nextafter(w1.flat[place], np.float32(to))
            return w1

        return setting("w1", moved)

    size = experiment.draws.weights["w1"].size
    found = [certified(experiment, by_an_ulp(place, to)) for place in range(size) for to in (-INF, INF)]
    failures = [(each, each.failures["sgd", "update"].mismatch) for each in found if each.failed]
    small = [each for each, mismatch in failures if float(mismatch.error) < 1.9 * float(mismatch.allowed)]
    assert small
    assert all(each.slight == set() for each in small)


def test_only_the_first_updates_are_explained_by_the_one_before(experiment: Experiment) -> None:
    """Later ones have none that is the one before: its copies would cost too much."""
    wrong = setting("grad_w1", lambda grad: grad + 1)
    for right, is_kept in ((0, False), (2, True), (3, True), (4, False)):
        certificate = certified(experiment, *[as_it_is] * right, wrong)
        (failure,) = (each for each in certificate.failures.values() if each.node.kind == "gradient")
        assert (failure.earlier is not None) == is_kept
        assert failure.mismatch.update == right + 1
