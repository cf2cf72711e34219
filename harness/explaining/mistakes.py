"""Mistakes that concern whole tensors: the result off by a factor, inputs transposed, shifted, swapped or rounded."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from backends.contract import Array
from harness.explaining.hypotheses import Evidence, Hypothesis, Rank
from harness.numerics.written_lines import with_index
from harness.numerics.written_nodes import Index

if TYPE_CHECKING:
    from harness.explaining.explanation import Use

SIGNIFICANT_BITS = {"float16": 11, "TF32": 11, "bfloat16": 8}
SMALLEST_EXPONENT = {"float16": -13, "TF32": -125, "bfloat16": -125}
LARGEST_RERUN = 10_000_000
"""Where an op's inputs have more elements, it is not run again with changed ones."""


def factors(uses: Sequence[Use]) -> dict[float, str]:
    """Numbers that a result may have been multiplied by mistakenly, each with what it is."""
    found: dict[float, str] = {}
    for use in uses:
        for name, array in (*use.inputs, *use.arriving):
            shape = np.shape(array)
            for axis, length in enumerate(shape):
                what = {(2, 0): "the number of rows", (2, 1): "the number of columns"}.get((len(shape), axis))
                found.setdefault(float(length), f"{what} of {name}" if what else f"the length of {name}'s axis {axis}")
            if len(shape) > 1:
                found.setdefault(float(np.size(array)), f"the number of elements of {name}")
        for name, value in use.settings.items():
            if isinstance(value, float):
                found.setdefault(value, name)
                found.setdefault(1 - value, f"1 - {name}")
    return {value: what for value, what in found.items() if value not in (0.0, 1.0)}


def on_results(
    found: Evidence, tensor: str, known: Mapping[float, str], previous: Mapping[str, Array]
) -> Iterator[Hypothesis]:
    """The result as it should be, but negated, scaled, shifted, transposed, rounded, or an update late."""
    want = found.want
    for factor, says in (
        (-1.0, "got is want with the wrong sign"),
        (2.0, "got is twice want"),
        (0.5, "got is half of want"),
        (-2.0, "got is twice want with the wrong sign"),
        (0.0, "got is 0"),
    ):
        yield _whole(Rank.WHOLE, says, want * factor)
    for value, what in known.items():
        for sign, negated in ((1, ""), (-1, " and of the wrong sign")):
            yield _whole(Rank.COUNT, f"got is want times {value:.9g}, {what}{negated}", want * value * sign)
            yield _whole(Rank.COUNT, f"got is want divided by {value:.9g}, {what}{negated}", want / value * sign)
    if want.ndim == 2 and want.shape[0] == want.shape[1]:
        transposed = with_index(tensor, found.index[::-1])
        yield _whole(Rank.MOVED, f"got is what {transposed} should be: it is transposed", want.T)
    for axis, length in enumerate(want.shape):
        for step in (1, -1) if length > 1 else ():
            there = tuple((i + step) % length if a == axis else i for a, i in enumerate(found.index))
            says = f"got is what {with_index(tensor, there)} should be, its neighbour along axis {axis}"
            yield _whole(Rank.MOVED, says, np.roll(want, -step, axis))
    for name in SIGNIFICANT_BITS:
        yield _whole(Rank.ROUNDED, f"got is want rounded to {name}", rounded(want, name))
    for name, array in previous.items():
        if np.shape(array) == want.shape:
            says = f"got is {with_index(name, found.index)} of the update before"
            yield _whole(Rank.REPLACED, says, np.asarray(array, dtype=np.float64))


def on_uses(found: Evidence, contributions: Sequence[tuple[str, Array | None]]) -> Iterator[Hypothesis]:
    """One use of a tensor alone, missing, or counted twice."""
    parts = [(call, part) for call, part in contributions if part is not None]
    if len(parts) < 2:
        return
    total = found.want
    named = [
        (f"what {f'call {call}' if call else f'use {i}'} hands back, {part[found.index]:.9g}", part)
        for i, (call, part) in enumerate(parts, 1)
    ]
    for i, (here, part) in enumerate(named, 1):
        why = "the last use overwrites the others, = for +=" if i == len(named) else "the other uses are not added"
        yield _whole(Rank.USES, f"got is {here}, alone: {why}", part)
    for here, part in named:
        yield _whole(Rank.USES, f"got is the sum over all uses without {here}", total - part)
        yield _whole(Rank.USES, f"got is the sum over all uses with {here}, counted twice", total + part)


def on_inputs(
    found: Evidence,
    uses: Sequence[Use],
    run: Callable[[Sequence[Use]], Array | None],
    previous: Mapping[str, Array],
) -> Iterator[Hypothesis]:
    """The op run again, with inputs that somebody may have passed or read wrongly."""
    arrays = {name: np.asarray(array) for use in uses for name, array in (*use.inputs, *use.arriving)}
    if sum(array.size for array in arrays.values()) > LARGEST_RERUN:
        return

    def rerun(rank: Rank, says: str, changed: Mapping[str, Array]) -> Iterator[Hypothesis]:
        result = run([_with_inputs(use, changed) for use in uses])
        if result is not None and result.shape == found.want.shape:
            yield _whole(rank, says, result)

    real = {name: array.astype(np.float64) for name, array in arrays.items() if array.dtype.kind == "f"}
    for name in SIGNIFICANT_BITS:
        says = f"got comes out if the inputs are rounded to {name} first"
        yield from rerun(Rank.ROUNDED, says, {key: rounded(array, name) for key, array in real.items()})
    for name, array in arrays.items():
        if array.ndim == 2 and array.shape[0] == array.shape[1]:
            says = f"got comes out with {name} transposed: {name}[j, i] for {name}[i, j]"
            yield from rerun(Rank.MOVED, says, {name: array.T})
        for axis, length in enumerate(array.shape):
            for step, which in ((1, "next"), (-1, "previous")) if length > 1 else ():
                says = f"got comes out with the {which} element of {name} along axis {axis} in each place"
                yield from rerun(Rank.MOVED, says, {name: np.roll(array, -step, axis)})
        for other, replacement in real.items() if name in real else ():
            if other != name and replacement.shape == array.shape:
                yield from rerun(Rank.REPLACED, f"got comes out with {other} in place of {name}", {name: replacement})
        if name in previous and np.shape(previous[name]) == array.shape:
            says = f"got comes out with {name} of the update before"
            yield from rerun(Rank.REPLACED, says, {name: np.asarray(previous[name])})


def rounded(array: Array, name: str) -> Array:
    """Numbers rounded to float16, bfloat16 or TF32, in float64."""
    _, exponent = np.frexp(np.asarray(array, dtype=np.float64))
    exponent = np.maximum(exponent, SMALLEST_EXPONENT[name])
    bits = SIGNIFICANT_BITS[name]
    result: Array = np.ldexp(np.rint(np.ldexp(array, bits - exponent)), exponent - bits)
    return np.where(np.abs(result) > 65504, np.copysign(np.inf, result), result) if name == "float16" else result


def _whole(rank: Rank, says: str, predicted: Array) -> Hypothesis:
    def predict(index: Index) -> float:
        return float(predicted[index])

    return Hypothesis(rank, says, predict)


def _with_inputs(use: Any, changed: Mapping[str, Array]) -> Any:
    return replace(
        use,
        inputs=[(name, changed.get(name, array)) for name, array in use.inputs],
        arriving=[(name, changed.get(name, array)) for name, array in use.arriving],
    )
