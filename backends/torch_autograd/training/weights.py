"""What is done with a weight beside its optimizer: its decay, and its average over the updates."""

import torch
from torch import Tensor
from torch.optim.swa_utils import get_ema_avg_fn


def weight_decay(optimizer: torch.optim.Optimizer, *, rate: float) -> None:
    """∂L/∂w + rate·w: every optimizer of PyTorch adds this if created with weight_decay=rate."""
    for group in optimizer.param_groups:
        group["weight_decay"] = rate


def weight_average(average: Tensor, parameter: Tensor, *, share: float) -> Tensor:
    """average ← share·average + (1 − share)·w, with the new w."""
    return get_ema_avg_fn(share)(average, parameter, 1)  # type: ignore[no-any-return, no-untyped-call]
