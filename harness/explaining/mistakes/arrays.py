"""Whole arrays: transposed, left where they are, one in place of another, one place further, or rounded."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from backends.contract import Array
from harness.explaining.causes import Case, Cause, Rank
from harness.explaining.computation import Make
from harness.explaining.uses import computed_or_none
from harness.explaining.wrong_element import WrongElement
from harness.numerics.written_nodes import Computed, Input, Moved, Node, Summed, element
from harness.results import Phase

PRECISIONS = {"float16": (11, -13), "bfloat16": (8, -125), "TF32": (11, -125), "float32": (24, -125)}
"""How many bits are significant, and the smallest exponent of a normal number."""

LARGEST_FLOAT16 = 65504


def wrong_arrays(wrong: WrongElement, phase: Phase, dtype: str) -> Iterator[Cause]:
    """What may have gone wrong with whole arrays, the likeliest first."""
    yield from _transposed_result(wrong)
    yield from _transposed_factors(wrong)
    yield from _left_where_they_are(wrong)
    yield from _replaced(wrong)
    yield from _shifted(wrong)
    for precision in PRECISIONS:
        if precision != dtype:
            yield from _rounded_steps(wrong, precision)
            yield _rounded_inputs(phase, precision)


def _transposed_result(wrong: WrongElement) -> Iterator[Cause]:
    root = wrong.computation.root
    if _is_square(root.value):
        *stack, row, column = wrong.index
        says = f"got is what {wrong.place((*stack, column, row))} should be: it is transposed"
        yield wrong.cause(Rank.MOVED, says, root, _transposed(root))


def _transposed_factors(wrong: WrongElement) -> Iterator[Cause]:
    products = [node for node in wrong.computation.nodes if isinstance(node, Summed) and len(node.operands) > 1]
    for factor in dict.fromkeys(factor for node in products for factor in node.operands):
        name = wrong.array_name(factor)
        if name and _is_square(factor.value):
            says = f"got comes out with {name} transposed: {name}[j, i] for {name}[i, j]"
            yield wrong.cause(Rank.MOVED, says, factor, _transposed(factor))


def _is_square(array: Array) -> bool:
    return array.ndim > 1 and array.shape[-1] == array.shape[-2] > 1


def _transposed(node: Node) -> Make:
    return lambda values: np.swapaxes(values[node], -1, -2)


def _left_where_they_are(wrong: WrongElement) -> Iterator[Cause]:
    for node in wrong.computation.nodes:
        if isinstance(node, Moved) and len(node.operands) == 1:
            (operand,) = node.operands
            name = wrong.array_name(operand)
            if name and operand.value.shape == node.value.shape and not np.array_equal(operand.value, node.value):
                says = f"got comes out if the elements of {name} are left where they are"
                yield wrong.cause(Rank.MOVED, says, node, _as(operand))


def _as(node: Node) -> Make:
    return lambda values: values[node]


def _replaced(wrong: WrongElement) -> Iterator[Cause]:
    """An array with a name in place of another of its shape, everywhere or in one of the operations that take it."""
    computation = wrong.computation
    for node, name in computation.names.items():
        for other, its_name in computation.names.items():
            if other is node or other.value.shape != node.value.shape or other.value.dtype != node.value.dtype:
                continue
            says = f"got comes out with {its_name} in place of {name}"
            if node in wrong.elements:
                step = wrong.elements[node]
                here = element(other, step.index)
                says = f"got comes out with {wrong.valued(here)} in place of {wrong.valued(step)}"
            users = computation.users[node]
            if users and not computation.depends(other, node):
                yield wrong.cause(Rank.REPLACED, says, node, _as(other))
            for user in users if len(users) > 1 else ():
                if not computation.depends(other, user):
                    yield wrong.cause(Rank.REPLACED, says, user, _with_operand(user, node, other))


def _with_operand(user: Computed, node: Node, other: Node) -> Make:
    return lambda values: user.function(*(values[other if x is node else x] for x in user.operands))


def _shifted(wrong: WrongElement) -> Iterator[Cause]:
    """The result or an input, whose elements are those of the next or the previous place."""
    names: dict[Node, str] = {n: name for n, name in wrong.computation.names.items() if isinstance(n, Input)}
    for node, name in {**names, wrong.computation.root: "want"}.items():
        got = "got is" if name == "want" else "got comes out with"
        for axis, length in enumerate(node.value.shape):
            for step, which in ((-1, "next"), (1, "previous")) if length > 1 else ():
                says = f"{got} {name} of the {which} place along axis {axis}"
                yield wrong.cause(Rank.SHIFTED, says, node, _rolled(node, step, axis))


def _rolled(node: Node, step: int, axis: int) -> Make:
    return lambda values: np.roll(values[node], step, axis)


def _rounded_steps(wrong: WrongElement, precision: str) -> Iterator[Cause]:
    """The result, or an array with a name, kept in less precision."""
    for node, name in {wrong.computation.root: "", **wrong.computation.names}.items():
        if node.value.dtype.kind == "f":
            got = f"got comes out with {name}" if name else "got is want"
            yield wrong.cause(Rank.ROUNDED, f"{got} rounded to {precision}", node, _rounded(node, precision))


def _rounded(node: Node, precision: str) -> Make:
    return lambda values: rounded(values[node], precision)


def _rounded_inputs(phase: Phase, precision: str) -> Cause:
    """The op run on inputs of less precision."""

    def predict(case: Case) -> Array | None:
        arrays = {name: array for use in case.uses for name, array in use.arrays.items()}
        less = {name: rounded(array, precision) for name, array in arrays.items() if array.dtype.kind == "f"}
        return computed_or_none(phase, [use.with_arrays(less) for use in case.uses])

    return Cause(Rank.ROUNDED, f"got comes out if the inputs are rounded to {precision} first", predict)


def rounded(array: Array, precision: str) -> Array:
    """Numbers rounded to float16, bfloat16, TF32 or float32, in float64."""
    bits, smallest = PRECISIONS[precision]
    _, exponent = np.frexp(np.asarray(array, dtype=np.float64))
    exponent = np.maximum(exponent, smallest)
    result: Array = np.ldexp(np.rint(np.ldexp(array, bits - exponent)), exponent - bits)
    if precision == "float16":
        return np.where(np.abs(result) > LARGEST_FLOAT16, np.copysign(np.inf, result), result)
    return result
