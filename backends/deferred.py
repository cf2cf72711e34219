"""Deferred gradients: a hand-written backward returns a `lambda` for a gradient that costs as much as the op itself."""

from collections.abc import Callable, Sequence
from typing import Any


def computed(gradient: Any | Callable[[], Any]) -> Any:
    """The gradient, computed now if it is deferred; None for an input that has none."""
    return gradient() if callable(gradient) else gradient


def of_given(gradients: Sequence[Any], count: int) -> Sequence[Any]:
    """What a backward returned, as the gradients of the `count` inputs that its op was given.

    A backward may return None for each optional input at the end that was left out.
    """
    if len(gradients) == count:
        return gradients
    return gradients[:count] if all(gradient is None for gradient in gradients[count:]) else gradients
