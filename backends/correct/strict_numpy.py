"""The hand-written backend with a strict matmul, which gives the same bits on every machine.

A BLAS may sum in any order and may fuse a multiplication with the addition after it, so the last digits of its
products depend on the machine. Here terms are added in the order of k, and every product and every sum is rounded.
Other ops with a product inside, such as linear and conv2d, keep NumPy's.
"""

import numpy as np

from backends.contract import Array
from backends.numpy_manual import *
from backends.numpy_manual import Backward, Gradient


def strict_product(a: Array, b: Array) -> Array:
    """a·b in the arrays' dtype.  a (N, K), b (K, M) → (N, M)."""
    total = np.zeros((a.shape[0], b.shape[1]), np.result_type(a, b))
    for k in range(a.shape[1]):
        # Two operations on whole arrays: a multiplication and an addition that NumPy can't fuse.
        total = total + a[:, k : k + 1] * b[k : k + 1, :]
    return total


def matmul(x: Array, w: Array) -> tuple[Array, Backward]:
    """y = x·w, strictly.

    x (N, D), w (D, H) → y (N, H).  ∂L/∂x = ∂L/∂y·wᵀ,  ∂L/∂w = xᵀ·∂L/∂y.
    """

    def backward(grad_y: Array) -> tuple[Gradient, ...]:
        return lambda: strict_product(grad_y, w.T), lambda: strict_product(x.T, grad_y)

    return strict_product(x, w), backward
