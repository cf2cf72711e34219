"""Layers that divide by a size, of neighbours, of a row or of a weight, and subtract no mean."""

import torch
import torch.nn.functional as F
from torch import Tensor


def local_response_norm(x: Tensor, *, n: int, k: float, alpha: float, beta: float) -> Tensor:
    """y = x / (k + alpha·Σ x² over the n channels around)^beta.  x (N, C, …) → y (the same)."""
    # PyTorch takes the mean over the channels where the paper has their sum.
    return F.local_response_norm(x, n, alpha * n, beta, k)


def rms_norm(x: Tensor, gain: Tensor | None = None, *, eps: float) -> Tensor:
    """y = gain·x / √(Σ x² / D + eps).  x (…, D), gain (D,) or left out → y (…, D)."""
    # PyTorch takes the shape of a row.
    return F.rms_norm(x, x.shape[-1:], gain, eps)


def weight_norm(v: Tensor, g: Tensor) -> Tensor:
    """w = g·v / ‖v‖ by row.  v (O, …), g (O,) → w (the shape of v)."""
    # What torch.nn.utils.parametrizations.weight_norm calls; its g has as many axes as v.
    return torch._weight_norm(v, g.reshape(-1, *[1] * (v.ndim - 1)))
