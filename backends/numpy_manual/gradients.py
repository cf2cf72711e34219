"""What a hand-written op hands back beside its output."""

from collections.abc import Callable

from backends.contract import Array

Gradient = Array | Callable[[], Array] | None
"""Of one input: behind a `lambda` where it costs as much as the op itself; None for labels, which have none."""

Backward = Callable[..., tuple[Gradient, ...]]
"""Turns the gradient of every output into one gradient per input."""
