"""Mistakes with whole arrays: transposed, not rearranged, swapped with another, shifted by one, or rounded."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from backends.contract import Array
from harness.explaining.causes import Case, Cause, Rank
from harness.explaining.computation import Make
from harness.explaining.uses import computed_or_none
from harness.explaining.wrong_element import WrongElement
from harness.numerics.written.nodes import Computed, Input, Moved, Node, Summed, element
from harness.results import Phase

PRECISIONS = {"float16": (11, -13), "bfloat16": (8, -125), "TF32": (11, -125), "float32": (24, -125)}
"""The number of significant bits, and the smallest exponent of a normal number."""

LARGEST_FLOAT16 = 65504


def wrong_arrays(target: WrongElement, phase: Phase, dtype: str) -> Iterator[Cause]:
    """Yield the mistakes with whole arrays, the most likely first."""
    yield from _transposed_result(target)
    yield from _transposed_factors(target)
    yield from _left_where_they_are(target)
    yield from _replaced(target)
    yield from _shifted(target)
    for precision in PRECISIONS:
        if precision != dtype:
            yield from _rounded_steps(target, precision)
            yield _rounded_inputs(phase, precision)


def _transposed_result(target: WrongElement) -> Iterator[Cause]:
    root = target.computation.root
    if _is_square(root.value):
        *stack, row, column = target.index
        description = f"got is what {target.place((*stack, column, row))} should be: it is transposed"
        yield target.cause(Rank.MOVED, description, root, _transposed(root))


def _transposed_factors(target: WrongElement) -> Iterator[Cause]:
    products = [node for node in target.computation.nodes if isinstance(node, Summed) and len(node.operands) > 1]
    for factor in dict.fromkeys(factor for node in products for factor in node.operands):
        name = target.array_name(factor)
        if name and _is_square(factor.value):
            description = f"got comes out with {name} transposed: {name}[j, i] for {name}[i, j]"
            yield target.cause(Rank.MOVED, description, factor, _transposed(factor))


def _is_square(array: Array) -> bool:
    return array.ndim > 1 and array.shape[-1] == array.shape[-2] > 1


def _transposed(node: Node) -> Make:
    return lambda values: np.swapaxes(values[node], -1, -2)


def _left_where_they_are(target: WrongElement) -> Iterator[Cause]:
    for node in target.computation.nodes:
        if isinstance(node, Moved) and len(node.operands) == 1:
            (operand,) = node.operands
            name = target.array_name(operand)
            if name and operand.value.shape == node.value.shape and not np.array_equal(operand.value, node.value):
                description = f"got comes out if the elements of {name} are left where they are"
                yield target.cause(Rank.MOVED, description, node, _as(operand))


def _as(node: Node) -> Make:
    return lambda values: values[node]


def _replaced(target: WrongElement) -> Iterator[Cause]:
    """A named array in place of another of its shape, everywhere or in one of the operations that read it."""
    computation = target.computation
    pairs = len(computation.names) ** 2
    for node, name in computation.names.items():
        for other, its_name in computation.names.items():
            if other is node or other.value.shape != node.value.shape or other.value.dtype != node.value.dtype:
                continue
            description = f"got comes out with {its_name} in place of {name}"
            if node in target.elements:
                step = target.elements[node]
                here = element(other, step.index)
                description = f"got comes out with {target.valued(here)} in place of {target.valued(step)}"
            users = computation.users[node]
            if users and not computation.depends(other, node):
                yield target.cause(Rank.REPLACED, description, node, _as(other), pairs)
            for user in users if len(users) > 1 else ():
                if not computation.depends(other, user):
                    yield target.cause(Rank.REPLACED, description, user, _with_operand(user, node, other), pairs)


def _with_operand(user: Computed, node: Node, other: Node) -> Make:
    return lambda values: user.function(*(values[other if x is node else x] for x in user.operands))


def _shifted(target: WrongElement) -> Iterator[Cause]:
    """The result or an input is shifted by one place along an axis."""
    names: dict[Node, str] = {n: name for n, name in target.computation.names.items() if isinstance(n, Input)}
    for node, name in {**names, target.computation.root: "want"}.items():
        got = "got is" if name == "want" else "got comes out with"
        for axis, length in enumerate(node.value.shape):
            for step, which in ((-1, "next"), (1, "previous")) if length > 1 else ():
                description = f"{got} {name} of the {which} place along axis {axis}"
                yield target.cause(Rank.SHIFTED, description, node, _rolled(node, step, axis), 2 * len(names))


def _rolled(node: Node, step: int, axis: int) -> Make:
    return lambda values: np.roll(values[node], step, axis)


def _rounded_steps(target: WrongElement, precision: str) -> Iterator[Cause]:
    """The result or a named array is stored in less precision."""
    arrays = {target.computation.root: "", **target.computation.names}
    tried = len(PRECISIONS) * len(arrays)
    for node, name in arrays.items():
        if node.value.dtype.kind == "f":
            got = f"got comes out with {name}" if name else "got is want"
            cause = f"{got} rounded to {precision}"
            yield target.cause(Rank.ROUNDED, cause, node, _rounded(node, precision), tried)


def _rounded(node: Node, precision: str) -> Make:
    return lambda values: rounded(values[node], precision)


def _rounded_inputs(phase: Phase, precision: str) -> Cause:
    """The op runs on inputs of less precision."""

    def predict(case: Case) -> Array | None:
        arrays = {name: array for use in case.uses for name, array in use.arrays.items()}
        less = {name: rounded(array, precision) for name, array in arrays.items() if array.dtype.kind == "f"}
        return computed_or_none(phase, [use.with_arrays(less) for use in case.uses])

    return Cause(Rank.ROUNDED, f"got comes out if the inputs are rounded to {precision} first", predict)


def rounded(array: Array, precision: str) -> Array:
    """Round numbers to float16, bfloat16, TF32 or float32; the result is float64."""
    bits, smallest = PRECISIONS[precision]
    _, exponent = np.frexp(np.asarray(array, dtype=np.float64))
    exponent = np.maximum(exponent, smallest)
    result: Array = np.ldexp(np.rint(np.ldexp(array, bits - exponent)), exponent - bits)
    if precision == "float16":
        return np.where(np.abs(result) > LARGEST_FLOAT16, np.copysign(np.inf, result), result)
    return result
