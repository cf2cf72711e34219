"""Sums of all that came before along an axis."""

import numpy as np

from backends.contract import Array
from backends.numpy_manual.gradients import Backward, Gradient


def cumsum(x: Array, *, axis: int) -> tuple[Array, Backward]:
    """y = x plus all that comes before it along an axis: y[t] = Σ x[s] over s ≤ t.

    x (any shape) → y (the same).  An element is part of every sum from its own on, so ∂L/∂x is summed up from the end
    (Griewank & Walther, Evaluating Derivatives, 2008, 3.2).

    Why:
        axis = 0
        y[t,d] = Σ_s x[s,d]·[s ≤ t]
        ∂L/∂x[s,d] = Σ_t ∂L/∂y[t,d]·∂y[t,d]/∂x[s,d] = Σ_t ∂L/∂y[t,d]·[s ≤ t]
        (T, D) → (S, D)
        grad_x = np.cumsum(grad_y[::-1], axis=0)[::-1]
    """
    if not -x.ndim <= axis < x.ndim:
        raise ValueError(f"x has no axis {axis}")

    def backward(grad_y: Array) -> tuple[Gradient, ...]:
        return (np.flip(np.cumsum(np.flip(grad_y, axis), axis), axis),)

    return np.cumsum(x, axis), backward
