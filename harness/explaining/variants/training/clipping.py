"""Rules that are easily mistaken for a clipping."""

import numpy as np

from backends import numpy_manual
from backends.contract import Array
from harness.explaining.variants.variant import Variant, Variants

TORCHS_EPS = 1e-6
"""What clip_grad_norm_ adds to the norm."""


def clipped_one_by_one(*grads: Array, max_norm: float) -> tuple[Array, ...]:
    """Every gradient is clipped by its own norm."""
    return tuple(numpy_manual.clip_by_norm(grad, max_norm=max_norm)[0] for grad in grads)


def clipped_by_norm_and_eps(*grads: Array, max_norm: float) -> tuple[Array, ...]:
    """g·min(1, max_norm / (‖g‖ + 1e-6)) (PyTorch's clip_grad_norm_)."""
    norm = np.sqrt(sum(np.sum(grad * grad) for grad in grads))
    return tuple(np.minimum(max_norm / (norm + TORCHS_EPS), 1) * grad for grad in grads)


def scaled_to_norm(*grads: Array, max_norm: float) -> tuple[Array, ...]:
    """Gradients below the norm are scaled up to it."""
    norm = np.sqrt(sum(np.sum(grad * grad) for grad in grads))
    return tuple(max_norm / norm * grad for grad in grads)


CLIPPINGS: Variants = {
    numpy_manual.clip_by_norm: (
        Variant("every gradient is clipped by its own norm, not by that of all together", clipped_one_by_one),
        Variant("1e-6 is added to the norm, as by clip_grad_norm_", clipped_by_norm_and_eps, "gradient_clipping"),
        Variant(
            "every element is clipped, as in clipping by value",
            lambda *grads, max_norm: numpy_manual.clip_by_value(*grads, limit=max_norm),
        ),
        Variant("gradients below the norm are scaled up to it", scaled_to_norm),
        Variant("nothing is clipped", lambda *grads, max_norm: grads),
    ),
    numpy_manual.clip_by_value: (
        Variant(
            "the gradients are clipped by their norm, not by value",
            lambda *grads, limit: numpy_manual.clip_by_norm(*grads, max_norm=limit),
        ),
        Variant(
            "only what is too large is clipped, not what is too small",
            lambda *grads, limit: tuple(np.minimum(grad, limit) for grad in grads),
        ),
        Variant("nothing is clipped", lambda *grads, limit: grads),
    ),
}
"""The clippings that are easily mistaken for another rule."""
