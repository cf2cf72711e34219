"""What a hand-written op returns beside its output, and the tensors that no gradient passes through."""

from collections.abc import Callable
from typing import NamedTuple

from backends.contract import Array

Gradient = Array | Callable[[], Array] | None
"""The gradient of one input: deferred by a `lambda` if it costs as much as the op itself, None for labels."""

Backward = Callable[..., tuple[Gradient, ...]]
"""Turns the gradient of every output into one gradient per input."""


class Detached(NamedTuple):
    """Positions of an op's float inputs that are data by their meaning, and of its outputs that only report."""

    inputs: tuple[int, ...] = ()
    outputs: tuple[int, ...] = ()


DETACHED: dict[str, Detached] = {
    "detach": Detached(inputs=(0,), outputs=(0,)),
    "dropout": Detached(inputs=(1,)),  # the mask
    "binary_cross_entropy_with_logits": Detached(inputs=(2,)),  # the weight
    "binary_cross_entropy": Detached(inputs=(2,)),
    "batch_norm": Detached(inputs=(3, 4), outputs=(1, 2)),  # the running statistics, before and after
    "fixed_batch_norm": Detached(inputs=(1, 2)),  # the statistics
}
"""The ops that have inputs or outputs without a gradient; labels, which are integers, are not among these."""
