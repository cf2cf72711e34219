"""What of a model's pass is a part of its program."""

from collections.abc import Callable

import numpy as np

from backends.capture.calls import LiveCall, Pass
from backends.contract import Array
from backends.translating.catalogue import DRAWN, WITHOUT_GRADIENT


def reach(captured: Pass) -> tuple[list[LiveCall], frozenset[int]]:
    """The calls that the loss depends on, in order, and the tensors that depend on a weight or a buffer."""
    needed = {captured.loss}
    calls = []
    for call in reversed(captured.calls):
        if needed & {*call.outputs}:
            calls.append(call)
            needed.update(call.inputs if call.function not in DRAWN | WITHOUT_GRADIENT else ())
    calls.reverse()
    dependent = {*captured.weights.values(), *captured.buffers.values()}
    for call in calls:
        if dependent & {*call.inputs} and call.function not in DRAWN | WITHOUT_GRADIENT:
            dependent.update(call.outputs)
    return calls, frozenset(dependent)


def told_in(captured: Pass) -> tuple[object, ...]:
    """The shapes of a pass's tensors, and what its calls were told besides."""
    shapes = tuple(array.shape for array in captured.arrays.values())
    return shapes, tuple(repr(call.arguments) for call in captured.calls)


def same_as(first: Array) -> Callable[[Array], bool]:
    """Tells whether another array holds the same numbers."""
    return lambda array: np.array_equal(first, array, equal_nan=first.dtype.kind == "f")
