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


class RMSpropGraves(WrittenOptimizer):
    """Graves's RMSprop: centered, with eps inside the root, and lr inside the step that is kept."""

    def update(self, w: Tensor, grad: Tensor, state: State, its: Settings) -> None:
        """Update one parameter."""
        v, g, delta = (state.setdefault(name, torch.zeros_like(w)) for name in ("v", "g", "delta"))
        v.mul_(its["alpha"]).add_((1 - its["alpha"]) * grad * grad)
        g.mul_(its["alpha"]).add_((1 - its["alpha"]) * grad)
        delta.mul_(its["momentum"]).sub_(its["lr"] * grad / torch.sqrt(v - g * g + its["eps"]))
        w.add_(delta)


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


class AdaBound(WrittenOptimizer):
    """Adam whose rate for each element is kept between two bounds, which move with a schedule."""

    def update(self, w: Tensor, grad: Tensor, state: State, its: Settings) -> None:
        """Update one parameter."""
        m, v = (state.setdefault(name, torch.zeros_like(w)) for name in ("m", "v"))
        t, first_lr = counted(state), its.get("initial_lr", its["lr"])  # PyTorch's schedulers keep it
        m.mul_(its["beta1"]).add_((1 - its["beta1"]) * grad)
        v.mul_(its["beta2"]).add_((1 - its["beta2"]) * grad * grad)
        lr = its["lr"] * (1 - its["beta2"] ** t) ** 0.5 / (1 - its["beta1"] ** t)
        final = its["final_lr"] * its["lr"] / first_lr
        lower, upper = final * (1 - 1 / (its["gamma"] * t + 1)), final * (1 + 1 / (its["gamma"] * t))
        w.sub_((lr / (self.divisor(v, state).sqrt() + its["eps"])).clamp(lower, upper) * m)

    def divisor(self, v: Tensor, state: State) -> Tensor:
        """What the rate is divided by, squared."""
        return v


class AMSBound(AdaBound):
    """AdaBound with the largest v so far in place of v."""

    def divisor(self, v: Tensor, state: State) -> Tensor:
        """The largest v so far."""
        v_max = state.setdefault("v_max", torch.zeros_like(v))
        return torch.maximum(v_max, v, out=v_max)


class MSVAG(WrittenOptimizer):
    """Momentum that moves each element the less, the more its gradient varies."""

    def update(self, w: Tensor, grad: Tensor, state: State, its: Settings) -> None:
        """Update one parameter."""
        m, v = (state.setdefault(name, torch.zeros_like(w)) for name in ("m", "v"))
        beta, power = its["beta"], its["beta"] ** counted(state)
        m.mul_(beta).add_((1 - beta) * grad)
        v.mul_(beta).add_((1 - beta) * grad * grad)
        rho = min((1 - beta) * (1 + power) / ((1 + beta) * (1 - power)), 0.9999)
        mean = m / (1 - power)
        variance = (v / (1 - power) - mean * mean) / (1 - rho)
        factor = (mean * mean / (mean * mean + rho * variance)).nan_to_num(0)
        w.sub_(its["lr"] * mean * factor.clamp(0, 1))


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


def counted(state: State) -> int:
    """The number of a parameter's update, counted from 1, which its state keeps as that of PyTorch's own does."""
    step = state.setdefault("step", torch.tensor(0.0))
    step += 1
    return int(step)


def start_state(optimizer: torch.optim.Optimizer, **numbers: float) -> None:
    """Let the state of every parameter, which PyTorch makes at the first step, start at these numbers."""
    for group in optimizer.param_groups:
        for w in group["params"]:
            first = {name: torch.full_like(w, number, requires_grad=False) for name, number in numbers.items()}
            optimizer.state[w] = {"step": torch.tensor(0.0), **first}


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
