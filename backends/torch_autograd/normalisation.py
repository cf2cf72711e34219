"""Layers that give their units a mean of 0 and a variance of 1."""

import torch.nn.functional as F
from torch import Tensor


def layer_norm(x: Tensor, gain: Tensor, bias: Tensor, *, eps: float) -> Tensor:
    """y = gain·(x − μ) / √(σ² + eps) + bias, by row.  x (…, D), gain (D,), bias (D,) → y (…, D)."""
    return F.layer_norm(x, gain.shape, gain, bias, eps)


def batch_norm(
    x: Tensor, gain: Tensor, bias: Tensor, running_mean: Tensor, running_var: Tensor, *, eps: float, momentum: float
) -> tuple[Tensor, Tensor, Tensor]:
    """y = gain·(x − μ) / √(σ² + eps) + bias, by channel over the batch; and the new running mean and variance."""
    # PyTorch writes the running statistics in place.
    new_mean, new_var = running_mean.detach().clone(), running_var.detach().clone()
    y = F.batch_norm(x, new_mean, new_var, gain, bias, training=True, momentum=momentum, eps=eps)
    return y, new_mean, new_var


def group_norm(x: Tensor, gain: Tensor, bias: Tensor, *, groups: int, eps: float) -> Tensor:
    """y = gain·(x − μ) / √(σ² + eps) + bias, by group of channels.  x (N, C, …), gain (C,), bias (C,)."""
    return F.group_norm(x, groups, gain, bias, eps)


def local_response_norm(x: Tensor, *, n: int, k: float, alpha: float, beta: float) -> Tensor:
    """y = x / (k + alpha·Σ x² over the n channels around)^beta.  x (N, C, …) → y (the same)."""
    # PyTorch takes the mean over the channels where the paper has their sum.
    return F.local_response_norm(x, n, alpha * n, beta, k)
