"""Losses: one number that training makes small."""

import torch.nn.functional as F
from torch import Tensor


def mean_squared_error(y: Tensor, t: Tensor) -> Tensor:
    """loss = mean of (y − t)² over all elements."""
    return F.mse_loss(y, t)


def softmax_cross_entropy(x: Tensor, t: Tensor) -> Tensor:
    """loss = −mean over rows of log softmax(x)[t], t (N,) integer labels."""
    return F.cross_entropy(x, t)
