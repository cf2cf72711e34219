"""PyTorch's optimizers, and what the hand-written rules call their state."""

import torch
from torch import Tensor


def sgd(parameters: list[Tensor], *, lr: float) -> torch.optim.Optimizer:
    """w ← w − lr·∂L/∂w."""
    return torch.optim.SGD(parameters, lr=lr)


def momentum(parameters: list[Tensor], *, lr: float, momentum: float) -> torch.optim.Optimizer:
    """v ← momentum·v + ∂L/∂w,  w ← w − lr·v."""
    return torch.optim.SGD(parameters, lr=lr, momentum=momentum)


def adam(parameters: list[Tensor], *, lr: float, beta1: float, beta2: float, eps: float) -> torch.optim.Optimizer:
    """w ← w − lr·m̂ / (√v̂ + eps)."""
    return torch.optim.Adam(parameters, lr=lr, betas=(beta1, beta2), eps=eps)


def adamw(
    parameters: list[Tensor], *, lr: float, beta1: float, beta2: float, eps: float, weight_decay: float
) -> torch.optim.Optimizer:
    """w ← w − lr·weight_decay·w, then Adam's step."""
    return torch.optim.AdamW(parameters, lr=lr, betas=(beta1, beta2), eps=eps, weight_decay=weight_decay)


STATE_NAMES = {"momentum_buffer": "v", "exp_avg": "m", "exp_avg_sq": "v"}
"""What the hand-written rules call PyTorch's optimizer state."""

COUNTERS = ("step",)
"""State that is the number of updates, which the hand-written rules are given."""
