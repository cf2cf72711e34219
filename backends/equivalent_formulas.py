"""Other right formulas of the hand-written ops, as some frameworks compute them, each by hand.

A rounding bound belongs to one formula, not to the function: ½·tanh(x/2) + ½ is the sigmoid too, but loses its small
values to the ½ that is added last. A backend says in its FORMULAS which of these it uses; the certificate of that op
then allows either, and the report says which is in use and what accuracy it costs.
"""

import numpy as np

from backends.contract import Array
from backends.numpy_manual import Backward, Gradient


def sigmoid_by_tanh(x: Array) -> tuple[Array, Backward]:
    """y = ½·tanh(x/2) + ½: one call of tanh, but an absolute error of u/2 where y is small."""
    y = np.tanh(x * 0.5) * 0.5 + 0.5

    def backward(grad_y: Array) -> tuple[Gradient, ...]:
        return (grad_y * y * (1 - y),)

    return y, backward


def adam_by_differences(
    w: Array, grad_w: Array, m: Array, v: Array, *, t: int, lr: float, beta1: float, beta2: float, eps: float
) -> tuple[Array, Array, Array]:
    """m ← m + (1 − β₁)·(g − m),  v ← v + (1 − β₂)·(g² − v), then Adam's step: one product less each."""
    m = m + (1 - beta1) * (grad_w - m)
    v = v + (1 - beta2) * (grad_w * grad_w - v)
    deviation = np.sqrt(v / (1 - beta2**t)) + eps
    return w - lr / (1 - beta1**t) * m / deviation, m, v


def adamw_by_differences(
    w: Array,
    grad_w: Array,
    m: Array,
    v: Array,
    *,
    t: int,
    lr: float,
    beta1: float,
    beta2: float,
    eps: float,
    weight_decay: float,
) -> tuple[Array, Array, Array]:
    """w ← w − lr·weight_decay·w, then Adam's step by differences."""
    decayed = (1 - lr * weight_decay) * w
    return adam_by_differences(decayed, grad_w, m, v, t=t, lr=lr, beta1=beta1, beta2=beta2, eps=eps)
