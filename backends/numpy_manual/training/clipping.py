"""Gradient clipping before the optimizer's rule: takes all gradients and returns all of them."""

import numpy as np

from backends.contract import Array


def clip_by_norm(*grads: Array, max_norm: float) -> tuple[Array, ...]:
    """g ← g·min(1, max_norm / ‖g‖), where ‖g‖ is the Euclidean norm of all gradients together (Pascanu et al. 2013)."""
    norm = np.sqrt(sum(np.sum(grad * grad) for grad in grads))
    scale = np.minimum(max_norm / norm, 1)
    return tuple(scale * grad for grad in grads)


def clip_by_value(*grads: Array, limit: float) -> tuple[Array, ...]:
    """g ← min(max(g, −limit), limit), element by element (Mikolov 2012)."""
    return tuple(np.clip(grad, -limit, limit) for grad in grads)
