"""The first update of two trainings in float64: what belongs together in it, and how far it is apart."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, partial

import numpy as np

from backends.capture.calls import Draws, Pass
from backends.capture.training import Batch
from backends.contract import Array
from harness.comparing.distances import share_apart
from harness.comparing.document.outcome import Layout, WeightPair
from harness.comparing.following import SEED, Trainings
from harness.comparing.mates import TOLERANCE, Form, Mates, find_mates, unchanged
from harness.comparing.pairing.weights import Pair, Pairing
from harness.comparing.parting import Bracket, Parting, backward_partings, with_gradient
from harness.numerics.bounds.bounds import largest_size
from harness.results import number

FACTOR = 64.0
"""How many times what a nudge moves an array two right models may be apart: in a sum that is 0 but for rounding, such
as the gradient of a bias before batch normalisation, nothing else is left of it."""


@dataclass(frozen=True)
class Apart:
    """How far two arrays are apart."""

    share: float
    """‖left − right‖∞ relative to ‖left‖∞."""
    is_wrong: bool
    """Whether that is more than TOLERANCE and more than nudged runs of the left model explain.

    What is NaN or infinite on either side always is.
    """


class FirstUpdate:
    """Both passes, their mates, and how far gradients, weights and buffers are apart.

    are_trained: whether both sides update their weights, so that these are compared afterwards.
    """

    def __init__(self, trainings: Trainings, batch: Batch, pairing: Pairing, *, are_trained: bool) -> None:
        before = [each.arrays() for each in (trainings.left, trainings.right)]
        self.left: Pass = trainings.left.advance(batch, Draws(SEED, 1))
        self.right: Pass = trainings.right.advance(batch, Draws(SEED, 1))
        self._nudged = [each.advance(batch, Draws(SEED, 1)) for each in trainings.nudged]
        self._with_gradient = with_gradient(self.left), with_gradient(self.right)
        self.mates: Mates = find_mates(self.left, self.right, self._known_mates(pairing))
        gradients = {pair: self._gradients_of_weight(pair) for pair in pairing.weights}
        self.wrong = [pair for pair, apart in gradients.items() if apart is not None and apart.is_wrong]
        """The weights with wrong gradients."""
        self.right_ones = [pair for pair, apart in gradients.items() if apart is not None and not apart.is_wrong]
        self.buffers_after = trainings.left.buffers(), trainings.right.buffers()
        after = [each.arrays() for each in (trainings.left, trainings.right, *trainings.nudged)]
        self.weights = [
            _weight_pair(pair, gradients[pair], before, after if are_trained else None) for pair in pairing.weights
        ]
        self.buffers = [_weight_pair(pair, None, before, after, is_buffer=True) for pair in pairing.buffers]

    @property
    def compared(self) -> int:
        """How many results of the left model have a mate."""
        return len(self.mates.right.keys() & self.left.makers().keys())

    def losses(self) -> tuple[float, float]:
        """The loss of either side."""
        left, right = (float(captured.arrays[captured.loss].reshape(())) for captured in (self.left, self.right))
        return left, right

    def brackets(self, *, is_left: bool) -> list[Bracket]:
        """Between which calls of one model gradients go wrong; none if it is not watched."""
        captured = self.left if is_left else self.right
        wrong = {n for pair in self.wrong for n in _numbers(pair, captured, is_left=is_left)}
        right = {n for pair in self.right_ones for n in _numbers(pair, captured, is_left=is_left)}
        for (mine, theirs), apart in self._gradients_of_results.items():
            (wrong if apart.is_wrong else right).add(mine if is_left else theirs)
        return backward_partings(captured, wrong, right - wrong)

    def parting_on_the_way_back(self) -> Parting:
        """The calls of both models at which gradients first go wrong, each once."""
        left, right = (
            {call.outputs[0]: call for bracket in self.brackets(is_left=side) for call in bracket.calls}
            for side in (True, False)
        )
        return Parting(tuple(left.values()), tuple(right.values()))

    @cached_property
    def _gradients_of_results(self) -> dict[tuple[int, int], Apart]:
        """How far the gradients of mated results are apart, where both should have one."""
        makers = self.left.makers()
        apart = {
            (mine, self.mates.right[mine]): self.gradients_of_mates(mine, self.mates.right[mine], form)
            for mine, form in self.mates.forms.items()
            if mine in makers
        }
        return {mates: each for mates, each in apart.items() if each is not None}

    def is_missing(self, pair: Pair) -> tuple[bool, bool]:
        """Whether a weight has no gradient, or one of zeros, on the left and on the right."""
        left = _gradient(pair, self.left)
        right = self.right.gradients.get(self.right.weights.get(pair.right, -1))
        return left is None or not left.any(), right is None or not right.any()

    def _known_mates(self, pairing: Pairing) -> dict[int, tuple[int, Form]]:
        """The batch's arrays, one by one in order, and the weights that are used and made of one."""
        batch = zip(sorted(self.left.batch), sorted(self.right.batch), strict=False)
        known: dict[int, tuple[int, Form]] = {mine: (theirs, unchanged) for mine, theirs in batch}
        for pair in pairing.weights:
            (name, *others) = pair.left
            if not others and name in self.left.weights and pair.right in self.right.weights:
                form = partial(_form_of, pair, name)
                known.setdefault(self.left.weights[name], (self.right.weights[pair.right], form))
        return known

    def _gradients_of_weight(self, pair: Pair) -> Apart | None:
        """How far a weight's gradients are apart; None if neither side has one."""
        theirs = self.right.gradients.get(self.right.weights.get(pair.right, -1))
        if theirs is None and pair.is_surplus:
            return None
        return _gradients_apart(
            _gradient(pair, self.left), theirs, [_gradient(pair, captured) for captured in self._nudged]
        )

    def gradients_of_mates(self, mine: int, theirs: int, form: Form) -> Apart | None:
        """How far the gradients of two results that are mates are apart; None if neither side has one.

        Also None where one of them was computed from detached tensors alone: that it has no gradient is right then.
        """
        if mine not in self._with_gradient[0] or theirs not in self._with_gradient[1]:
            return None
        left, *nudged = (
            form(captured.gradients[mine]) if mine in captured.gradients else None
            for captured in (self.left, *self._nudged)
        )
        return _gradients_apart(left, self.right.gradients.get(theirs), nudged)


def _form_of(pair: Pair, name: str, array: Array) -> Array:
    return pair.of({name: array})


def _gradient(pair: Pair, captured: Pass) -> Array | None:
    """The left model's gradient in the right one's layout; None if it has none of any of its weights."""
    used = {name: captured.weights[name] for name in pair.left if name in captured.weights}
    if not any(n in captured.gradients for n in used.values()):
        return None
    return pair.gradient_of(
        {name: captured.gradients.get(n, np.zeros_like(captured.arrays[n])) for name, n in used.items()}
    )


def _gradients_apart(left: Array | None, right: Array | None, nudged: Sequence[Array | None]) -> Apart | None:
    """How far two gradients are apart; None if there is neither. One that is missing is the same as zeros."""
    if left is None and right is None:
        return None
    if left is None or right is None:
        there = left if right is None else right
        assert there is not None
        return Apart(1.0 if there.any() else 0.0, bool(there.any()))
    return _apart(left, right, [each for each in nudged if each is not None])


def _numbers(pair: Pair, captured: Pass, *, is_left: bool) -> set[int]:
    """The numbers of a pair's weights in a pass, as far as they were used."""
    names = pair.left if is_left else (pair.right,)
    return {captured.weights[name] for name in names if name in captured.weights}


def _weight_pair(
    pair: Pair,
    gradient: Apart | None,
    before: Sequence[Mapping[str, Array]],
    after: Sequence[Mapping[str, Array]] | None,
    *,
    is_buffer: bool = False,
) -> WeightPair:
    apart = None
    if after is not None:
        left, right, *nudged = after
        apart = _apart(pair.of(left), right[pair.right], [pair.of(each) for each in nudged])
    return WeightPair(
        left=", ".join(pair.left),
        right=pair.right,
        is_buffer=is_buffer,
        is_transposed=pair.is_transposed,
        is_surplus=pair.is_surplus,
        shape=list(before[1][pair.right].shape),
        layout=layout(pair, before[0]),
        start=number(share_apart(pair.of(before[0]), before[1][pair.right])),
        gradient=None if gradient is None else number(gradient.share),
        after=None if apart is None else number(apart.share),
        is_gradient_wrong=gradient is not None and gradient.is_wrong,
        is_wrong=apart is not None and apart.is_wrong,
    )


def layout(pair: Pair, arrays: Mapping[str, Array]) -> Layout:
    """How the right array is made of the left model's arrays, seen from where the elements of one go."""
    if pair.is_surplus:
        return "zeros"
    if len(pair.left) > 1:
        return "joined"
    (name,) = pair.left
    counted = np.arange(arrays[name].size, dtype=np.float64).reshape(arrays[name].shape)
    made = pair.of({**arrays, name: counted})
    if np.array_equal(made.ravel(), counted.ravel()):
        return "same" if made.shape == counted.shape else "reshaped"
    return "transposed" if np.array_equal(made, counted.T) else "reordered"


def _apart(left: Array, right: Array, nudged: Sequence[Array]) -> Apart:
    off = largest_size(np.subtract(left, right, dtype=np.float64))
    moved = max((largest_size(np.subtract(left, other, dtype=np.float64)) for other in nudged), default=0.0)
    allowed = TOLERANCE * largest_size(left) + FACTOR * moved
    return Apart(share_apart(left, right), is_wrong=not off <= allowed < np.inf)
