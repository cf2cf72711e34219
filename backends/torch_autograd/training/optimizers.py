"""PyTorch's optimizers, with the settings that make them equal the hand-written rules."""

import torch
from torch import Tensor

from backends.torch_autograd.training.written import SMORMS3, NesterovAG, RMSpropEpsInside, RMSpropGraves, start_state


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
