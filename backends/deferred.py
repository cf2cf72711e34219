"""Deferred gradients: a hand-written backward returns a `lambda` for a gradient that costs as much as the op itself."""

from collections.abc import Callable
from typing import Any


def computed(gradient: Any | Callable[[], Any]) -> Any:
    """The gradient, computed now if it is deferred; None for an input that has none."""
    return gradient() if callable(gradient) else gradient
