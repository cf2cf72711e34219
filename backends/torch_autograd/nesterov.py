"""Chainer's form of Nesterov's momentum, which PyTorch lacks, written with PyTorch's interface for optimizers."""

from typing import Any

import torch
from torch import Tensor


class NesterovAG(torch.optim.Optimizer):
    """Stochastic gradient descent with the momentum of Chainer's NesterovAG."""

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
