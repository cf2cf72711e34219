"""What several passes of one model have in common, and where they differ."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from backends.capture.calls import Arguments, LiveCall, Pass
from backends.contract import Array
from backends.translating.catalogue import DRAWN, WITHOUT_GRADIENT
from backends.translating.untranslatable import Untranslatable


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


def merged_arguments(call: LiveCall, passes: Sequence[Pass]) -> Arguments:
    """The arguments of a call of the first pass, with −1 for the one size of a shape that differs in another pass.

    Raises Untranslatable where anything else differs that is no tensor.
    """
    merged = call.arguments
    for other in passes[1:]:
        twin = next(each for each in other.calls if each.outputs == call.outputs)
        merged = Arguments(
            _merged(merged.positional, twin.arguments.positional, call.kind),
            _merged(merged.named, twin.arguments.named, call.kind),
        )
    return merged


def _merged(one: Any, other: Any, kind: str) -> Any:
    """The arguments of a call in two passes; of a shape with one size that differs, −1 for that."""
    if isinstance(one, Mapping):
        return {name: _merged(value, other.get(name), kind) for name, value in one.items()}
    if isinstance(one, tuple | list) and isinstance(other, tuple | list) and len(one) == len(other):
        differing = [i for i, (a, b) in enumerate(zip(one, other, strict=True)) if isinstance(a, int) and a != b]
        if kind == "reshape" and len(differing) == 1:
            return tuple(-1 if i in differing else item for i, item in enumerate(one))
        return tuple(_merged(a, b, kind) for a, b in zip(one, other, strict=True))
    if isinstance(one, np.ndarray) or isinstance(other, np.ndarray):
        is_same = np.array_equal(one, other)
    else:
        is_same = type(one) is type(other) and bool(one == other)
    if not is_same and isinstance(one, bool | int | float | str):
        raise Untranslatable(f"a setting that changes from update to update, {one!r} and then {other!r}")
    return one


def same_as(first: Array) -> Callable[[Array], bool]:
    """Tells whether another array holds the same numbers."""
    return lambda array: np.array_equal(first, array, equal_nan=first.dtype.kind == "f")
