"""PyTorch's optimizers that keep a mean of the gradients beside that of their sizes: Adam, and what came of it."""

import torch
from torch import Tensor

from backends.torch_autograd.training.written import MSVAG, AdaBound, AMSBound, Lion, keep_product_in_dtype


def adam(parameters: list[Tensor], *, lr: float, beta1: float, beta2: float, eps: float) -> torch.optim.Optimizer:
    """w ← w − lr·m̂ / (√v̂ + eps)."""
    return torch.optim.Adam(parameters, lr=lr, betas=(beta1, beta2), eps=eps)


def amsgrad(parameters: list[Tensor], *, lr: float, beta1: float, beta2: float, eps: float) -> torch.optim.Optimizer:
    """Adam with the largest v so far in place of v."""
    return torch.optim.Adam(parameters, lr=lr, betas=(beta1, beta2), eps=eps, amsgrad=True)


def adamw(
    parameters: list[Tensor], *, lr: float, beta1: float, beta2: float, eps: float, weight_decay: float
) -> torch.optim.Optimizer:
    """w ← w − lr·weight_decay·w, then Adam's step."""
    return torch.optim.AdamW(parameters, lr=lr, betas=(beta1, beta2), eps=eps, weight_decay=weight_decay)


def adamax(parameters: list[Tensor], *, lr: float, beta1: float, beta2: float, eps: float) -> torch.optim.Optimizer:
    """m ← β₁·m + (1 − β₁)·g,  u ← max(β₂·u, |g| + eps),  w ← w − lr / (1 − β₁ᵗ)·m / u."""
    return torch.optim.Adamax(parameters, lr=lr, betas=(beta1, beta2), eps=eps)


def nadam(
    parameters: list[Tensor], *, lr: float, beta1: float, beta2: float, eps: float, momentum_decay: float
) -> torch.optim.Optimizer:
    """m and v as in adam,  w ← w − lr·((1 − μₜ) / (1 − mu)·g + μₜ₊₁ / (1 − mu·μₜ₊₁)·m) / (√v̂ + eps)."""
    optimizer = torch.optim.NAdam(parameters, lr=lr, betas=(beta1, beta2), eps=eps, momentum_decay=momentum_decay)
    keep_product_in_dtype(optimizer)
    return optimizer


def radam(parameters: list[Tensor], *, lr: float, beta1: float, beta2: float, eps: float) -> torch.optim.Optimizer:
    """w ← w − lr·m̂·r·√(1 − β₂ᵗ) / (√v + eps), or w − lr·m̂ where ρₜ ≤ 5."""
    return torch.optim.RAdam(parameters, lr=lr, betas=(beta1, beta2), eps=eps)


def adabound(
    parameters: list[Tensor], *, lr: float, final_lr: float, gamma: float, beta1: float, beta2: float, eps: float
) -> torch.optim.Optimizer:
    """w ← w − rate·m with rate = lr·√(1 − β₂ᵗ) / ((1 − β₁ᵗ)·(√v + eps)), clipped by two bounds."""
    # PyTorch has no such optimizer.
    return AdaBound(parameters, lr=lr, final_lr=final_lr, gamma=gamma, beta1=beta1, beta2=beta2, eps=eps)


def amsbound(
    parameters: list[Tensor], *, lr: float, final_lr: float, gamma: float, beta1: float, beta2: float, eps: float
) -> torch.optim.Optimizer:
    """AdaBound with the largest v so far in place of v."""
    # PyTorch has no such optimizer.
    return AMSBound(parameters, lr=lr, final_lr=final_lr, gamma=gamma, beta1=beta1, beta2=beta2, eps=eps)


def msvag(parameters: list[Tensor], *, lr: float, beta: float) -> torch.optim.Optimizer:
    """w ← w − lr·m̂·m̂² / (m̂² + ρ·s) with s = (v̂ − m̂²) / (1 − ρ), an estimate of the gradient's variance."""
    # PyTorch has no such optimizer.
    return MSVAG(parameters, lr=lr, beta=beta)


def lion(
    parameters: list[Tensor], *, lr: float, beta1: float, beta2: float, weight_decay: float
) -> torch.optim.Optimizer:
    """w ← w − lr·weight_decay·w − lr·sign(β₁·m + (1 − β₁)·g),  m ← β₂·m + (1 − β₂)·g."""
    # PyTorch has no such optimizer.
    return Lion(parameters, lr=lr, beta1=beta1, beta2=beta2, weight_decay=weight_decay)
