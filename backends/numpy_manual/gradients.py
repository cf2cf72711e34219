"""The types that a hand-written op returns beside its output."""

from collections.abc import Callable

from backends.contract import Array

Gradient = Array | Callable[[], Array] | None
"""The gradient of one input: deferred by a `lambda` if it costs as much as the op itself, None for labels."""

Backward = Callable[..., tuple[Gradient, ...]]
"""Turns the gradient of every output into one gradient per input."""
