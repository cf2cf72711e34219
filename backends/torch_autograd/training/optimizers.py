"""PyTorch's optimizers, with the settings that make them equal the hand-written rules."""

import torch
from torch import Tensor
from torch.optim.swa_utils import get_ema_avg_fn

from backends.torch_autograd.training.written import (
    MSVAG,
    SMORMS3,
    AdaBound,
    AMSBound,
    Lion,
    NesterovAG,
    RMSpropEpsInside,
    RMSpropGraves,
    keep_product_in_dtype,
    start_state,
)


def sgd(parameters: list[Tensor], *, lr: float) -> torch.optim.Optimizer:
    """w ← w − lr·∂L/∂w."""
    return torch.optim.SGD(parameters, lr=lr)


def momentum(parameters: list[Tensor], *, lr: float, momentum: float) -> torch.optim.Optimizer:
    """v ← momentum·v + ∂L/∂w,  w ← w − lr·v."""
    return torch.optim.SGD(parameters, lr=lr, momentum=momentum)


def dampened_momentum(
    parameters: list[Tensor], *, lr: float, momentum: float, dampening: float
) -> torch.optim.Optimizer:
    """v ← momentum·v + (1 − dampening)·∂L/∂w, but all of ∂L/∂w at the first step,  w ← w − lr·v."""
    return torch.optim.SGD(parameters, lr=lr, momentum=momentum, dampening=dampening)


def nesterov(parameters: list[Tensor], *, lr: float, momentum: float) -> torch.optim.Optimizer:
    """v ← momentum·v + ∂L/∂w,  w ← w − lr·(∂L/∂w + momentum·v)."""
    return torch.optim.SGD(parameters, lr=lr, momentum=momentum, nesterov=True)


def nesterov_ag(parameters: list[Tensor], *, lr: float, momentum: float) -> torch.optim.Optimizer:
    """v ← momentum·v − lr·∂L/∂w,  w ← w + momentum²·v − (1 + momentum)·lr·∂L/∂w."""
    # PyTorch has only the other rule: nesterov.
    return NesterovAG(parameters, lr=lr, momentum=momentum)


def adagrad(parameters: list[Tensor], *, lr: float, eps: float, initial_h: float = 0.0) -> torch.optim.Optimizer:
    """h ← h + (∂L/∂w)²,  w ← w − lr·∂L/∂w / (√h + eps)."""
    if initial_h:
        optimizer = torch.optim.Adagrad(parameters, lr=lr, eps=eps, initial_accumulator_value=initial_h)
    else:
        optimizer = torch.optim.Adagrad(parameters, lr=lr, eps=eps)
    return optimizer


def rmsprop(
    parameters: list[Tensor], *, lr: float, alpha: float, eps: float, initial_v: float = 0.0
) -> torch.optim.Optimizer:
    """v ← alpha·v + (1 − alpha)·(∂L/∂w)²,  w ← w − lr·∂L/∂w / (√v + eps)."""
    optimizer = torch.optim.RMSprop(parameters, lr=lr, alpha=alpha, eps=eps)
    if initial_v:
        start_state(optimizer, square_avg=initial_v)
    return optimizer


def rmsprop_eps_inside(
    parameters: list[Tensor], *, lr: float, alpha: float, eps: float, initial_v: float = 0.0
) -> torch.optim.Optimizer:
    """v ← alpha·v + (1 − alpha)·(∂L/∂w)²,  w ← w − lr·∂L/∂w / √(v + eps)."""
    # PyTorch adds eps outside of the root: rmsprop.
    optimizer = RMSpropEpsInside(parameters, lr=lr, alpha=alpha, eps=eps)
    if initial_v:
        start_state(optimizer, v=initial_v)
    return optimizer


def rmsprop_with_momentum(
    parameters: list[Tensor], *, lr: float, momentum: float, alpha: float, eps: float, initial_v: float = 0.0
) -> torch.optim.Optimizer:
    """v ← alpha·v + (1 − alpha)·(∂L/∂w)²,  b ← momentum·b + ∂L/∂w / (√v + eps),  w ← w − lr·b."""
    optimizer = torch.optim.RMSprop(parameters, lr=lr, momentum=momentum, alpha=alpha, eps=eps)
    if initial_v:
        start_state(optimizer, square_avg=initial_v, momentum_buffer=0.0)
    return optimizer


def rmsprop_centered(parameters: list[Tensor], *, lr: float, alpha: float, eps: float) -> torch.optim.Optimizer:
    """v and g, running means of (∂L/∂w)² and of ∂L/∂w,  w ← w − lr·∂L/∂w / (√(v − g²) + eps)."""
    return torch.optim.RMSprop(parameters, lr=lr, alpha=alpha, eps=eps, centered=True)


def rmsprop_graves(
    parameters: list[Tensor], *, lr: float, momentum: float, alpha: float, eps: float
) -> torch.optim.Optimizer:
    """v and g as in rmsprop_centered,  delta ← momentum·delta − lr·∂L/∂w / √(v − g² + eps),  w ← w + delta."""
    # PyTorch adds eps outside of the root, and keeps lr outside of the velocity.
    return RMSpropGraves(parameters, lr=lr, momentum=momentum, alpha=alpha, eps=eps)


def smorms3(parameters: list[Tensor], *, lr: float, eps: float) -> torch.optim.Optimizer:
    """g and v, means of ∂L/∂w and its square over about `length` updates,  w ← w − min(g²/v, lr)·∂L/∂w / (√v + eps)."""
    # PyTorch has no such optimizer.
    return SMORMS3(parameters, lr=lr, eps=eps)


def adadelta(parameters: list[Tensor], *, rho: float, eps: float) -> torch.optim.Optimizer:
    """v ← rho·v + (1 − rho)·g²,  d = √((u + eps) / (v + eps))·g,  u ← rho·u + (1 − rho)·d²,  w ← w − d."""
    return torch.optim.Adadelta(parameters, lr=1.0, rho=rho, eps=eps)


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


def weight_decay(optimizer: torch.optim.Optimizer, *, rate: float) -> None:
    """∂L/∂w + rate·w: every optimizer of PyTorch adds this if created with weight_decay=rate."""
    for group in optimizer.param_groups:
        group["weight_decay"] = rate


def weight_average(average: Tensor, parameter: Tensor, *, share: float) -> Tensor:
    """average ← share·average + (1 − share)·w, with the new w."""
    return get_ema_avg_fn(share)(average, parameter, 1)  # type: ignore[no-any-return, no-untyped-call]
