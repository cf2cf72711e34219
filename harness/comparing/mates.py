"""Which tensor of one model is which of the other: those that hold the same numbers, in float64.

Two tensors are mates if they are equal up to a reshape, a transposition, or one step of a sequence. In float64 the
chance that others are equal to nine digits is nil, but for constants; of several candidates the one that was computed
from mates by a function of the same meaning is taken.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import permutations

import numpy as np

from backends.capture.calls import LiveCall, Pass
from backends.contract import Array
from harness.comparing.distances import difference, largest_finite
from harness.numerics.bounds.bounds import largest_size

TOLERANCE = 1e-9
"""Relative to a tensor's largest element. Another order of sums makes 1e-13 of it in a deep network."""
MOST_AXES = 5
REARRANGEMENTS = frozenset({"reshape", "transpose", "contiguous", "clone", "detach", "to", "float", "double"})
"""Kinds of calls that give the numbers that they are given."""

Form = Callable[[Array], Array]
"""Brings an array of the left model into the form that it has in the right one, such as a transposition."""


@dataclass
class Mates:
    """Pairs of tensors by their numbers in two passes."""

    right: dict[int, int] = field(default_factory=dict)
    """The right model's number, by the left one's."""
    left: dict[int, int] = field(default_factory=dict)
    forms: dict[int, Form] = field(default_factory=dict)
    """How the left tensor becomes the right one, by the left one's number; a step of a sequence has none."""

    def add(self, left: int, right: int, form: Form | None) -> None:
        """Note a pair."""
        self.right[left], self.left[right] = right, left
        if form is not None:
            self.forms[left] = form


def unchanged(array: Array) -> Array:
    """The form of a tensor that is the same on both sides."""
    return array


def find_mates(left: Pass, right: Pass, known: Mapping[int, tuple[int, Form]]) -> Mates:
    """Pair what two models computed, from the weights and data that are known to belong together."""
    mates = Mates()
    for number, (other, form) in known.items():
        mates.add(number, other, form)
    makers = right.makers()
    digests = {number: Digest.of(right.arrays[number]) for number in makers}
    for call in left.calls:
        for number in call.outputs:
            if number not in mates.right:
                _find_mate(left, right, call, number, makers, digests, mates)
    _find_constants(left, right, mates)
    _find_steps(left, right, mates)
    _follow_rearrangements(left, mates.right)
    _follow_rearrangements(right, mates.left)
    return mates


def _follow_rearrangements(captured: Pass, mated: dict[int, int]) -> None:
    """Give what only rearranges a tensor the tensor's mate: the other model may do that at another point.

    So does whatever gives the numbers that it is given in their order, such as the only column of a matrix.
    """
    for call in captured.calls:
        if not call.inputs or call.inputs[0] not in mated:
            continue
        given, made = captured.arrays[call.inputs[0]], captured.arrays[call.outputs[0]]
        if call.kind in REARRANGEMENTS or np.array_equal(given.ravel(), made.ravel()):
            for number in call.outputs:
                mated.setdefault(number, mated[call.inputs[0]])


@dataclass(frozen=True)
class Digest:
    """What stays the same however an array's elements are arranged."""

    size: int
    infinite: int
    """How many elements are infinite; the rest of the digest is that of the others."""
    sums: tuple[float, float]
    """Of the elements, and of their sizes."""
    largest: float

    @staticmethod
    def of(array: Array) -> "Digest":
        """The digest of an array of any dtype."""
        values = np.asarray(array, np.float64)
        is_infinite = np.isinf(values)
        others = values[~is_infinite]
        with np.errstate(all="ignore"):
            sums = (float(others.sum()), float(np.abs(others).sum()))
        return Digest(values.size, int(is_infinite.sum()), sums, float(np.abs(others).max(initial=0)))

    def may_equal(self, other: "Digest") -> bool:
        """Whether arrays with these digests can hold the same numbers."""
        if (self.size, self.infinite) != (other.size, other.infinite):
            return False
        if not abs(self.largest - other.largest) <= TOLERANCE * self.largest:
            return False
        room = 10 * TOLERANCE * max(self.sums[1], 1e-300)
        return abs(self.sums[0] - other.sums[0]) <= room and abs(self.sums[1] - other.sums[1]) <= room


def _find_mate(
    left: Pass,
    right: Pass,
    call: LiveCall,
    number: int,
    makers: Mapping[int, LiveCall],
    digests: Mapping[int, Digest],
    mates: Mates,
) -> None:
    """Pair one result of a call with the likeliest of the right model's results, whose makers and digests these are."""
    array = left.arrays[number]
    digest = Digest.of(array)
    candidates = [other for other, theirs in digests.items() if other not in mates.left and digest.may_equal(theirs)]
    if call.kind in REARRANGEMENTS and call.inputs and call.inputs[0] in mates.right:
        # It has the numbers of what it is given, whose mate is known: another result of these belongs to another call.
        candidates = [other for other in candidates if makers[other].kind in REARRANGEMENTS]
    inputs = {mates.right[given] for given in call.inputs if given in mates.right}

    def likeness(other: int) -> tuple[int, bool]:
        return (len(inputs & set(makers[other].inputs)), makers[other].kind == call.kind)

    for other in sorted(candidates, key=likeness, reverse=True):
        form = same_numbers(array, right.arrays[other])
        if form is not None:
            mates.add(number, other, form)
            return


def _find_constants(left: Pass, right: Pass, mates: Mates) -> None:
    """Pair what one model computes with what the other is given ready-made, such as a target computed by NumPy."""
    for of_left, given, computing in ((True, left, right), (False, right, left)):
        mated, others = (mates.right, mates.left) if of_left else (mates.left, mates.right)
        makers, results = given.makers(), computing.makers()
        leaves = dict.fromkeys(n for call in given.calls for n in call.inputs if n not in makers and n not in mated)
        for leaf in leaves:
            if given.arrays[leaf].size < 2 or given.arrays[leaf].dtype.kind != "f":
                continue  # a single number is too likely to be another one's equal
            digest = Digest.of(given.arrays[leaf])
            for result in results:
                if result not in others and digest.may_equal(Digest.of(computing.arrays[result])):
                    pair = (leaf, result) if of_left else (result, leaf)
                    form = same_numbers(left.arrays[pair[0]], right.arrays[pair[1]])
                    if form is not None:
                        mates.add(*pair, form)
                        break


def same_numbers(array: Array, other: Array) -> Form | None:
    """How an array becomes another one, if they hold the same numbers; None if they don't."""
    for form in _forms(array, other.shape):
        if is_close(form(array), other):
            return form
    return None


def is_close(array: Array, other: Array) -> bool:
    """Whether two arrays of one shape are equal to within TOLERANCE of the larger's largest finite element.

    An infinite element is equal to the same infinity alone, as in a mask of scores. NaN is equal to nothing.
    """
    if array.shape != other.shape:
        return False
    scale = max(largest_finite(array), largest_finite(other))
    return largest_size(difference(array, other)) <= TOLERANCE * scale


def _forms(array: Array, shape: tuple[int, ...]) -> Iterator[Form]:
    """The ways to bring an array into a shape: a reshape, and transpositions of its axes longer than 1."""
    if array.size == int(np.prod(shape)):
        yield lambda a: a.reshape(shape)
    long = [axis for axis, size in enumerate(array.shape) if size > 1]
    squeezed = tuple(size for size in shape if size > 1)
    if 2 <= len(long) <= MOST_AXES and sorted(squeezed) == sorted(array.shape[axis] for axis in long):
        for order in permutations(long):
            if list(order) != long and tuple(array.shape[axis] for axis in order) == squeezed:
                yield lambda a, order=order: a.transpose(*order, *(x for x in range(a.ndim) if x not in order)).reshape(  # type: ignore[misc]
                    shape
                )


def _find_steps(left: Pass, right: Pass, mates: Mates) -> None:
    """Pair steps of a sequence on one side with the whole sequence on the other."""
    for mine, theirs, of_left in ((left, right, True), (right, left, False)):
        mated, others = (mates.right, mates.left) if of_left else (mates.left, mates.right)
        makers = theirs.makers()
        sequences = [n for n in makers if n not in others and theirs.arrays[n].ndim >= 2]
        for call in mine.calls:
            for number in call.outputs:
                if number in mated:
                    continue
                for sequence in sequences:
                    if _is_step(mine.arrays[number], theirs.arrays[sequence]):
                        mates.add(*((number, sequence) if of_left else (sequence, number)), None)
                        break


def _is_step(array: Array, sequence: Array) -> bool:
    for axis in range(min(sequence.ndim, 2)):
        steps = np.moveaxis(sequence, axis, 0)
        if steps.shape[1:] == array.shape and any(is_close(array, step) for step in steps):
            return True
    return False
