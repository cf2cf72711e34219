"""Layers that divide by a size, of neighbours, of a row or of a weight, and subtract no mean."""

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from backends.contract import Array
from backends.numpy_manual.gradients import Backward, Gradient


def local_response_norm(x: Array, *, n: int, k: float, alpha: float, beta: float) -> tuple[Array, Backward]:
    """y = x / (k + alpha·Σ x²)^beta, where the sum is over the n channels around each, itself in the middle.

    x (N, C, …) → y (the same), n odd.  With s = k + alpha·Σ x² and h = ∂L/∂y·x·s^(−beta − 1),
    ∂L/∂x = ∂L/∂y·s^−beta − 2·alpha·beta·x·Σ h, summed over the same channels  (Krizhevsky et al. 2012, ImageNet
    classification with deep convolutional neural networks, 3.3).

    Why:
        near[c,q] = [|c − q| ≤ (n − 1) / 2]
        s[m,c,r] = k + alpha·Σ_q near[c,q]·x[m,q,r]²
        y[m,c,r] = x[m,c,r]·s[m,c,r]^(−beta)
        ∂y[m,q,r]/∂x[m,c,r] = [q = c]·s[m,q,r]^(−beta)
        − 2·alpha·beta·near[q,c]·x[m,c,r]·x[m,q,r]·s[m,q,r]^(−beta − 1)
        h[m,q,r] = ∂L/∂y[m,q,r]·x[m,q,r]·s[m,q,r]^(−beta − 1)
        ∂L/∂x[m,c,r] = Σ_q ∂L/∂y[m,q,r]·∂y[m,q,r]/∂x[m,c,r]
        = ∂L/∂y[m,c,r]·s[m,c,r]^(−beta) − 2·alpha·beta·x[m,c,r]·Σ_q near[c,q]·h[m,q,r]
        (M, C, R) → (M, C, R)
        grad_x = grad_y * s**-beta - 2 * alpha * beta * x * (near @ h)
    """
    if x.ndim < 3:
        raise ValueError("x must be (N, C, …), with at least one axis behind the channels")
    if n < 1 or n % 2 == 0:
        raise ValueError("n must be odd and above 0, so that there is a middle channel")
    border = ((0, 0), (n // 2, n // 2), *[(0, 0)] * (x.ndim - 2))
    s = k + alpha * np.sum(sliding_window_view(np.pad(x * x, border), n, axis=1), axis=-1)
    scale = s**-beta

    def backward(grad_y: Array) -> tuple[Gradient, ...]:
        h = grad_y * x * scale / s
        around = np.sum(sliding_window_view(np.pad(h, border), n, axis=1), axis=-1)
        return (grad_y * scale - 2 * alpha * beta * x * around,)

    return x * scale, backward


def rms_norm(x: Array, gain: Array | None = None, *, eps: float) -> tuple[Array, Backward]:
    """y = gain·x / √(Σ x² / D + eps): the root mean square of a row becomes 1, and no mean is subtracted.

    x (…, D), a row along the last axis, gain (D,) → y (…, D); the gain may be left out.  With n = x / √(Σ x² / D + eps)
    and ∂L/∂n = ∂L/∂y·gain, ∂L/∂x = (∂L/∂n − n·mean(∂L/∂n·n)) / √(Σ x² / D + eps)
    (Zhang & Sennrich 2019, arXiv:1910.07467).

    Why:
        s[m] = √(Σ_d x[m,d]² / D + eps)
        n[m,d] = x[m,d] / s[m]
        y[m,d] = gain[d]·n[m,d]
        ∂L/∂n[m,d] = ∂L/∂y[m,d]·gain[d]
        ∂s[m]/∂x[m,d] = n[m,d] / D
        ∂n[m,k]/∂x[m,d] = [k = d] / s[m] − n[m,k] / s[m]·∂s[m]/∂x[m,d]
        ∂L/∂x[m,d] = Σ_k ∂L/∂y[m,k]·∂y[m,k]/∂x[m,d] = Σ_k ∂L/∂n[m,k]·∂n[m,k]/∂x[m,d]
        = (∂L/∂n[m,d] − n[m,d]·Σ_k ∂L/∂n[m,k]·n[m,k] / D) / s[m]
        along[m] = Σ_d ∂L/∂n[m,d]·n[m,d] / D
        (M, D) → (M, D)
        grad_x = (grad_n - n * along[:, None]) / s[:, None]
        ∂L/∂gain[d] = Σ_m ∂L/∂y[m,d]·∂y[m,d]/∂gain[d] = Σ_m ∂L/∂y[m,d]·n[m,d]
        (M, D) → (D)
        grad_gain = np.sum(grad_y * n, axis=0)
    """
    if not x.ndim or (gain is not None and gain.shape != x.shape[-1:]):
        raise ValueError("x must be (…, D) and gain (D,)")
    if not x.size:
        raise ValueError("x has no elements")
    if eps < 0:
        raise ValueError("eps must not be below 0")
    root = np.sqrt(np.mean(x * x, axis=-1, keepdims=True) + eps)
    n = x / root
    rows = tuple(range(x.ndim - 1))

    def backward(grad_y: Array) -> tuple[Gradient, ...]:
        grad_n = grad_y if gain is None else grad_y * gain
        along_n = np.mean(grad_n * n, axis=-1, keepdims=True)
        return (grad_n - n * along_n) / root, None if gain is None else np.sum(grad_y * n, axis=rows)

    return n if gain is None else n * gain, backward


def weight_norm(v: Array, g: Array) -> tuple[Array, Backward]:
    """w = g·v / ‖v‖ for each row of v, which is all behind its first axis: length and direction are trained apart.

    v (O, …), g (O,) → w (the shape of v).  With n = v / ‖v‖, ∂L/∂g = Σ ∂L/∂w·n over a row, and
    ∂L/∂v = g·(∂L/∂w − n·Σ ∂L/∂w·n) / ‖v‖ is perpendicular to v  (Salimans & Kingma 2016, arXiv:1602.07868).

    Why:
        s[o] = √(Σ_k v[o,k]²)
        n[o,k] = v[o,k] / s[o]
        w[o,k] = g[o]·n[o,k]
        ∂s[o]/∂v[o,k] = n[o,k]
        ∂n[o,j]/∂v[o,k] = [j = k] / s[o] − n[o,j] / s[o]·∂s[o]/∂v[o,k]
        ∂L/∂v[o,k] = Σ_j ∂L/∂w[o,j]·∂w[o,j]/∂v[o,k] = Σ_j ∂L/∂w[o,j]·g[o]·∂n[o,j]/∂v[o,k]
        = g[o]·(∂L/∂w[o,k] − n[o,k]·Σ_j ∂L/∂w[o,j]·n[o,j]) / s[o]
        along[o] = Σ_k ∂L/∂w[o,k]·n[o,k]
        (O, K) → (O, K)
        grad_v = g[:, None] * (grad_w - n * along[:, None]) / s[:, None]
        ∂L/∂g[o] = Σ_k ∂L/∂w[o,k]·∂w[o,k]/∂g[o] = Σ_k ∂L/∂w[o,k]·n[o,k]
        (O, K) → (O)
        grad_g = np.sum(grad_w * n, axis=1)
    """
    if v.ndim < 2 or g.shape != v.shape[:1]:
        raise ValueError("v must be (O, …), with at least one axis behind the first, and g (O,)")
    if not v.size:
        raise ValueError("v has no elements")
    behind = tuple(range(1, v.ndim))
    length = np.sqrt(np.sum(v * v, axis=behind, keepdims=True))
    n = v / length
    scale = g.reshape(-1, *[1] * (v.ndim - 1))

    def backward(grad_w: Array) -> tuple[Gradient, ...]:
        along_n = np.sum(grad_w * n, axis=behind, keepdims=True)
        return scale * (grad_w - n * along_n) / length, along_n.reshape(g.shape)

    return scale * n, backward
