"""Optimizers that PyTorch lacks, written with its interface for them."""

from abc import ABC, abstractmethod
from typing import Any

import torch
from torch import Tensor

Settings = dict[str, Any]
State = dict[str, Tensor]


class WrittenOptimizer(torch.optim.Optimizer, ABC):
    """Adds each group's weight decay to the gradients, as PyTorch's own do. A subclass updates one parameter."""

    def __init__(self, parameters: list[Tensor], **settings: float) -> None:
        super().__init__(parameters, {"weight_decay": 0.0, **settings})

    @torch.no_grad()
    def step(self, closure: Any = None) -> None:  # type: ignore[override]
        """Update every parameter that has a gradient in place."""
        for group in self.param_groups:
            for w in filter(_has_gradient, group["params"]):
                self.update(w, self.received(w, group), self.state[w], group)

    def received(self, w: Tensor, its: Settings) -> Tensor:
        """The gradient with the weight decay."""
        assert w.grad is not None
        return w.grad.add(w, alpha=its["weight_decay"]) if its["weight_decay"] else w.grad

    @abstractmethod
    def update(self, w: Tensor, grad: Tensor, state: State, its: Settings) -> None:
        """Update one parameter and its state in place, by the settings of its group."""


def _has_gradient(parameter: Tensor) -> bool:
    return parameter.grad is not None


class NesterovAG(WrittenOptimizer):
    """Chainer's form of Nesterov's momentum."""

    def update(self, w: Tensor, grad: Tensor, state: State, its: Settings) -> None:
        """Update one parameter."""
        lr, momentum = its["lr"], its["momentum"]
        v = state.setdefault("v", torch.zeros_like(w))
        v.mul_(momentum).sub_(lr * grad)
        w.add_(momentum * momentum * v).sub_((1 + momentum) * lr * grad)


class RMSpropEpsInside(WrittenOptimizer):
    """RMSprop with eps inside the root."""

    def update(self, w: Tensor, grad: Tensor, state: State, its: Settings) -> None:
        """Update one parameter."""
        v = state.setdefault("v", torch.zeros_like(w))
        v.mul_(its["alpha"]).addcmul_(grad, grad, value=1 - its["alpha"])
        w.addcdiv_(grad, torch.sqrt(v + its["eps"]), value=-its["lr"])


class SMORMS3(WrittenOptimizer):
    """Funk's rule, whose mean forgets the faster, the steadier the gradient."""

    def update(self, w: Tensor, grad: Tensor, state: State, its: Settings) -> None:
        """Update one parameter."""
        length = state.setdefault("length", torch.ones_like(w))
        g, v = (state.setdefault(name, torch.zeros_like(w)) for name in ("g", "v"))
        r = 1 / (length + 1)
        g.mul_(1 - r).add_(r * grad)
        v.mul_(1 - r).add_(r * grad * grad)
        steadiness = g * g / (v + its["eps"])
        w.sub_(grad * steadiness.clamp(max=its["lr"]) / (v.sqrt() + its["eps"]))
        length.mul_(1 - steadiness).add_(1)


class Lion(WrittenOptimizer):
    """Steps along the sign of a mean of gradients, and a decoupled weight decay."""

    def received(self, w: Tensor, its: Settings) -> Tensor:
        """The gradient as it is: the decay is beside the step."""
        assert w.grad is not None
        return w.grad

    def update(self, w: Tensor, grad: Tensor, state: State, its: Settings) -> None:
        """Update one parameter."""
        m = state.setdefault("m", torch.zeros_like(w))
        step = torch.sign(its["beta1"] * m + (1 - its["beta1"]) * grad)
        w.mul_(1 - its["lr"] * its["weight_decay"]).sub_(its["lr"] * step)
        m.mul_(its["beta2"]).add_((1 - its["beta2"]) * grad)


def keep_product_in_dtype(optimizer: torch.optim.NAdam) -> None:
    """Let NAdam keep the product of its momenta in the dtype of each parameter; its own is in float32 everywhere."""
    for group in optimizer.param_groups:
        for w in group["params"]:
            optimizer.state[w] = {
                "step": torch.tensor(0.0),
                "mu_product": torch.ones((), dtype=w.dtype),
                "exp_avg": torch.zeros_like(w),
                "exp_avg_sq": torch.zeros_like(w),
            }
