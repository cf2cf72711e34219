"""The update at which a backend's run parts from the reference's: what each op of it should make of its inputs."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cached_property

import numpy as np

from backends.contract import Array, Node
from harness.certifying.certifier import formulas_of
from harness.certifying.expectations import Evaluation
from harness.certifying.uses import Expectation
from harness.numerics.accuracy import declared_accuracy
from harness.numerics.bounds.bounded import Bounded
from harness.numerics.rounding import Arithmetic, arithmetic
from harness.recording.loading import LoadedBackend
from harness.results import Mismatch, Phase
from harness.running.experiment import Experiment
from harness.running.updates import Update

Expectations = Mapping[Node, Expectation]


class PartedUpdate:
    """One update of the reference and of a backend, as both were recorded."""

    def __init__(self, experiment: Experiment, backend: LoadedBackend, both: tuple[Update, Update]) -> None:
        self._experiment = experiment
        self._backend = backend
        self._both = both
        self._constants = arithmetic(experiment.dtype)

    def apart_by_rounding(self, phases: Sequence[Phase]) -> dict[Node, float] | None:
        """How far apart the runs are in each tensor of these phases of update 1, where rounding explains all of it.

        That is so if in both runs each op makes of its inputs what it should, and the two results are no farther apart
        than the op makes of the two inputs, and its own rounding. By induction from the weights, which are the same,
        nothing but rounding is behind a difference then. None where it does not, and for runs that do not yield the
        values between their ops.
        """
        of_reference, of_backend = self._expectations
        apart: dict[Node, float] = {}
        for node, expectation in of_reference.items():
            if node.phase == "update" or expectation.bound is None:
                continue
            if any(node.read(update.step) is None for update in self._both):
                if node.kind == "value":
                    return None
                continue  # the bound of a gradient that nobody asks for takes its place in what follows
            if of_backend[node].bound is None:
                return None
            distance, rounding, is_explained = self._distance(node)
            if not is_explained:
                return None
            if node.phase in phases:
                apart[node] = float(np.max(distance, initial=0.0)) + float(np.max(rounding, initial=0.0))
        return apart

    def _distance(self, node: Node) -> tuple[Array, Array, bool]:
        """How far apart the two runs are in a tensor, how far rounding in its op moves it, and if that is all."""
        reference, other = (update.made(node).astype(np.float64) for update in self._both)
        expectations = [of_run[node] for of_run in self._expectations]
        bounds = [each.bound for each in expectations if each.bound is not None]
        is_same = other == reference  # which two infinities may be, whose difference is no number
        distance = np.abs(np.subtract(other, reference, where=~is_same, out=np.zeros_like(other)))
        rounding = sum(_rounding(bound, self._constants) for bound in bounds)
        if any(each.may_overflow(self._constants) for each in expectations):
            rounding = np.where(np.isfinite(reference) & np.isfinite(other), rounding, np.inf)
        rounding = np.where(is_same & np.isinf(reference), 0.0, rounding)
        # Where an op has no finite bound, what it makes of a difference is unknown, and rounding is without limit.
        limit = _carried(*(bound.midpoint for bound in bounds)) + rounding
        # Without a limit one of them may even be NaN, which is at no distance.
        distance = np.where(np.isposinf(limit), np.inf, distance)
        return distance, rounding, bool(np.all(distance <= limit))

    def makes_the_difference(self, mismatch: Mismatch) -> bool:
        """Whether an op makes the difference that was found, to within its allowance, of the inputs of both runs."""
        expected, made = [], []
        for update, of_run in zip(self._both, self._expectations, strict=True):
            found = [each for node, each in of_run.items() if is_at(mismatch, node)]
            if not found or found[0].bound is None:
                return False
            expected.append(found[0].bound.midpoint)
            made.append(update.made(found[0].node).astype(np.float64))
        left = np.abs((made[1] - made[0]) - (expected[1] - expected[0]))
        return bool(np.all(left <= float(mismatch.allowed)))

    def may_overflow(self, mismatch: Mismatch) -> bool:
        """Whether what a mismatch is of comes from numbers whose cubes are infinite, in one of the runs.

        Then right formulas may differ in what overflows on the way to a number of any size.
        """
        return any(
            expectation.may_overflow(self._constants)
            for of_run in self._expectations
            for node, expectation in of_run.items()
            if is_at(mismatch, node)
        )

    def is_missing_of_the_inputs(self, mismatch: Mismatch) -> bool:
        """Whether the op of a mismatch makes a number of the inputs of one run, and none of those of the other.

        As log does on both sides of 0, or where rounding alone has no limit. Had an op before it made a number in one
        run only, that would be the first mismatch.
        """
        found = False
        for update, of_run in zip(self._both, self._expectations, strict=True):
            for node, expectation in of_run.items():
                # What a run reports as its loss is a value first.
                is_of_loss = mismatch.phase == "loss" and (str(node), node.phase) == (mismatch.tensor, "forward")
                if not (is_at(mismatch, node) or is_of_loss):
                    continue
                made, bound = node.read(update.step), expectation.bound
                if made is None or bound is None:
                    return False
                is_number = np.abs(bound.midpoint) <= self._constants.largest
                if not np.all((np.isfinite(made) == is_number) | ~np.isfinite(_radius(bound))):
                    return False
                found = True
        return found

    @cached_property
    def _expectations(self) -> tuple[Expectations, Expectations]:
        """What every tensor should be, in the reference and in the backend."""
        reference, update = self._both
        return self._expected(reference, self._experiment.backends[0]), self._expected(update, self._backend)

    def _expected(self, update: Update, backend: LoadedBackend) -> Expectations:
        """What all tensors of an update should be, from what was recorded of it.

        By a formula of the backend's own where the tensor is outside the bound of the hand-written one.
        """
        experiment = self._experiment
        formulas = formulas_of(experiment.program, experiment.find_op)
        own: Mapping[str, Callable[..., object]] = getattr(backend.module, "FORMULAS", {})
        accuracy = declared_accuracy(backend, experiment.dtype)
        evaluation = Evaluation(experiment.program, self._constants.charging(accuracy))
        expected = _by_node(evaluation.expectations(update, formulas))
        if not any(op in own for op in formulas):
            return expected
        formulas = {op: own.get(op, formula) for op, formula in formulas.items()}
        by_own = _by_node(evaluation.expectations(update, formulas))
        return {
            node: expectation if by_own[node].bound is None or _is_within(expectation, update) else by_own[node]
            for node, expectation in expected.items()
        }


def is_at(mismatch: Mismatch, node: Node) -> bool:
    """Whether a mismatch is of this tensor."""
    return (str(node), node.phase) == (mismatch.tensor, mismatch.phase)


def _by_node(expectations: Iterable[Expectation]) -> dict[Node, Expectation]:
    return {expectation.node: expectation for expectation in expectations}


def _is_within(expectation: Expectation, update: Update) -> bool:
    """Whether an update's tensor is within its bound, or is not yielded; or has none."""
    made, bound = expectation.node.read(update.step), expectation.bound
    if made is None or bound is None:
        return True
    return bool(np.all(np.abs(np.asarray(made, np.float64) - bound.midpoint) <= _radius(bound)))


def _radius(bound: Bounded) -> Array:
    return np.asarray(0.0 if bound.radius is None else bound.radius)


def _rounding(bound: Bounded, constants: Arithmetic) -> Array:
    """How far rounding may move each element: of a long sum, as far as that is likely; without limit if unknown."""
    is_long = bound.depth > constants.likely_from and bound.likely_radius is not None
    radius = np.asarray(bound.likely_radius) if is_long else _radius(bound)
    return np.where(np.isnan(radius), np.inf, radius)


def _carried(one: Array, other: Array) -> Array:
    """What an op makes of a difference of its inputs; without limit where it makes NaN of one alone."""
    is_same = (one == other) | (np.isnan(one) & np.isnan(other))
    difference = np.abs(np.subtract(other, one, where=~is_same, out=np.zeros_like(other)))
    return np.nan_to_num(difference, nan=np.inf, posinf=np.inf)
