"""Layers that divide by a size, of neighbours, of a row or of a weight, and subtract no mean."""

from backends.chainer_autograd.framework import F, Variable


def local_response_norm(x: Variable, *, n: int, k: float, alpha: float, beta: float) -> Variable:
    """y = x / (k + alpha·Σ x² over the n channels around)^beta.  x (N, C, …) → y (the same)."""
    return F.local_response_normalization(x, n, k, alpha, beta)


def rms_norm(x: Variable, gain: Variable | None = None, *, eps: float) -> Variable:
    """y = gain·x / √(Σ x² / D + eps).  x (…, D), gain (D,) or left out → y (…, D)."""
    # Chainer has none.
    n = x / F.sqrt(F.mean(x * x, axis=-1, keepdims=True) + eps)
    return n if gain is None else n * gain


def weight_norm(v: Variable, g: Variable) -> Variable:
    """w = g·v / ‖v‖ by row.  v (O, …), g (O,) → w (the shape of v)."""
    # Chainer has none. F.normalize adds an eps to the length unless it is given 0.
    n = F.normalize(v, eps=0, axis=tuple(range(1, v.ndim)))
    return F.reshape(g, (-1, *[1] * (v.ndim - 1))) * n
