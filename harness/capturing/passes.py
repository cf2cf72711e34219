"""What of a model's pass is a part of its program."""

from collections.abc import Callable, Collection, Iterable
from typing import NamedTuple

import numpy as np

from backends.capture.calls import LiveCall, Pass
from backends.contract import Array
from backends.translating.catalogue import DRAWN


class Reach(NamedTuple):
    """What the loss of a pass depends on."""

    calls: list[LiveCall]
    """In order; of those that give data, not what they depend on."""
    dependent: frozenset[int]
    """The tensors that depend on a weight or a buffer."""
    data: frozenset[int]
    """The tensors that are as they were captured: drawn, or computed without gradients."""


def reach(captured: Pass, trained: Collection[str]) -> Reach:
    """What the loss depends on.

    What was computed without gradients depends on the weights nevertheless, and changes with them. It is data where no
    weight that is trained leads to it; and where one does that has no gradient, which a program can't train.
    """
    weights = {number: number in captured.gradients for name, number in captured.weights.items() if name in trained}
    changing = _led_to(captured.calls, {number for number, has_gradient in weights.items() if has_gradient})
    unchanged = _led_to(captured.calls, {number for number, has_gradient in weights.items() if not has_gradient})
    data = frozenset(
        number
        for call in captured.calls
        if call.function in DRAWN
        or (call.stops_gradient and (not changing & {*call.inputs} or unchanged & {*call.inputs}))
        for number in call.outputs
    )
    needed = {captured.loss}
    calls = []
    for call in reversed(captured.calls):
        if needed & {*call.outputs}:
            calls.append(call)
            needed.update(call.inputs if not data & {*call.outputs} else ())
    calls.reverse()
    computed = [call for call in calls if not data & {*call.outputs}]
    return Reach(calls, _led_to(computed, {*captured.weights.values(), *captured.buffers.values()}), data)


def _led_to(calls: Iterable[LiveCall], tensors: set[int]) -> frozenset[int]:
    """These tensors, and those that are computed from them."""
    found = {*tensors}
    for call in calls:
        if found & {*call.inputs} and call.function not in DRAWN:
            found.update(call.outputs)
    return frozenset(found)


def told_in(captured: Pass) -> tuple[object, ...]:
    """The shapes of a pass's tensors, and what its calls were told besides."""
    shapes = tuple(array.shape for array in captured.arrays.values())
    return shapes, tuple(repr(call.arguments) for call in captured.calls)


def same_as(first: Array) -> Callable[[Array], bool]:
    """Tells whether another array holds the same numbers."""
    return lambda array: np.array_equal(first, array, equal_nan=first.dtype.kind == "f")
