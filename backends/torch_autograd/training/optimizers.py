"""PyTorch's optimizers, with the settings that make them equal the hand-written rules."""

from typing import Any

import torch
from torch import Tensor


def sgd(parameters: list[Tensor], *, lr: float) -> torch.optim.Optimizer:
    """w ← w − lr·∂L/∂w."""
    return torch.optim.SGD(parameters, lr=lr)


def momentum(parameters: list[Tensor], *, lr: float, momentum: float) -> torch.optim.Optimizer:
    """v ← momentum·v + ∂L/∂w,  w ← w − lr·v."""
    return torch.optim.SGD(parameters, lr=lr, momentum=momentum)


def nesterov(parameters: list[Tensor], *, lr: float, momentum: float) -> torch.optim.Optimizer:
    """v ← momentum·v + ∂L/∂w,  w ← w − lr·(∂L/∂w + momentum·v)."""
    return torch.optim.SGD(parameters, lr=lr, momentum=momentum, nesterov=True)


def nesterov_ag(parameters: list[Tensor], *, lr: float, momentum: float) -> torch.optim.Optimizer:
    """v ← momentum·v − lr·∂L/∂w,  w ← w + momentum²·v − (1 + momentum)·lr·∂L/∂w."""
    # PyTorch has only the other rule: nesterov.
    return NesterovAG(parameters, lr=lr, momentum=momentum)


def adagrad(parameters: list[Tensor], *, lr: float, eps: float) -> torch.optim.Optimizer:
    """h ← h + (∂L/∂w)²,  w ← w − lr·∂L/∂w / (√h + eps)."""
    return torch.optim.Adagrad(parameters, lr=lr, eps=eps)


def rmsprop(parameters: list[Tensor], *, lr: float, alpha: float, eps: float) -> torch.optim.Optimizer:
    """v ← alpha·v + (1 − alpha)·(∂L/∂w)²,  w ← w − lr·∂L/∂w / (√v + eps)."""
    return torch.optim.RMSprop(parameters, lr=lr, alpha=alpha, eps=eps)


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


def weight_decay(optimizer: torch.optim.Optimizer, *, rate: float) -> None:
    """∂L/∂w + rate·w: every optimizer of PyTorch adds this if created with weight_decay=rate."""
    for group in optimizer.param_groups:
        group["weight_decay"] = rate


class NesterovAG(torch.optim.Optimizer):
    """Chainer's form of Nesterov's momentum, which PyTorch lacks, written with PyTorch's interface for optimizers."""

    def __init__(self, parameters: list[Tensor], lr: float, momentum: float) -> None:
        super().__init__(parameters, {"lr": lr, "momentum": momentum, "weight_decay": 0.0})

    @torch.no_grad()
    def step(self, closure: Any = None) -> None:  # type: ignore[override]
        """Update every parameter in place."""
        for group in self.param_groups:
            lr, momentum = group["lr"], group["momentum"]
            for w in group["params"]:
                grad = w.grad.add(w, alpha=group["weight_decay"]) if group["weight_decay"] else w.grad
                v = self.state[w].setdefault("v", torch.zeros_like(w))
                v.mul_(momentum).sub_(lr * grad)
                w.add_(momentum * momentum * v).sub_((1 + momentum) * lr * grad)
