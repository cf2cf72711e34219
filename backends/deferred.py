"""Gradients that a hand-written backward defers, since they cost as much as the op and not everybody wants them."""

from collections.abc import Callable
from typing import Any


def computed(gradient: Any | Callable[[], Any]) -> Any:
    """The gradient itself, computed now if it stands behind a `lambda`; None for an input that has none."""
    return gradient() if callable(gradient) else gradient
