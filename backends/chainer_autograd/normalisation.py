"""Layers that give their units a mean of 0 and a variance of 1."""

from backends.chainer_autograd.framework import F, Variable


def layer_norm(x: Variable, gain: Variable, bias: Variable, *, eps: float) -> Variable:
    """y = gain·(x − μ) / √(σ² + eps) + bias, by row.  x (N, D), gain (D,), bias (D,) → y (N, D)."""
    return F.layer_normalization(x, gain, bias, eps=eps)
