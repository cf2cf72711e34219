"""Chainer's optimizers that PyTorch doesn't have, as optimizers of one's own: each update rule in a few lines."""

import math
from collections.abc import Iterable
from typing import Any

import torch
from torch import Tensor


class _Rule(torch.optim.Optimizer):
    """An optimizer that updates one weight after the other."""

    def __init__(self, params: Iterable[Any], **settings: float) -> None:
        super().__init__(params, settings)

    @torch.no_grad()
    def step(self, closure: None = None) -> None:  # type: ignore[override]
        """Update every weight that has a gradient."""
        for group in self.param_groups:
            for weight in group["params"]:
                if weight.grad is not None:
                    state = self.state[weight]
                    state["t"] = state.get("t", 0) + 1
                    self.update(weight, weight.grad, state, group)

    def update(self, weight: Tensor, gradient: Tensor, state: dict[str, Any], settings: dict[str, Any]) -> None:
        """Update one weight. `state["t"]` counts from 1."""
        raise NotImplementedError


def _averaged(state: dict[str, Any], name: str, value: Tensor, share: float) -> Tensor:
    """A running average that starts at 0, to which each value contributes so large a share."""
    average: Tensor = state.setdefault(name, torch.zeros_like(value))
    return average.lerp_(value, share)


class AdaBound(_Rule):
    """Adam whose step of each element is kept between two bounds that approach `final_lr`."""

    is_amsbound = False

    def __init__(
        self,
        params: Iterable[Any],
        lr: float = 0.001,
        betas: tuple[float, float] = (0.9, 0.999),
        final_lr: float = 0.1,
        gamma: float = 0.001,
        eps: float = 1e-8,
    ) -> None:
        settings = {"beta1": betas[0], "beta2": betas[1], "final_lr": final_lr, "gamma": gamma, "eps": eps}
        super().__init__(params, lr=lr, **settings)

    def update(self, weight: Tensor, gradient: Tensor, state: dict[str, Any], settings: dict[str, Any]) -> None:
        """Update one weight."""
        t, final_lr, gamma = state["t"], settings["final_lr"], settings["gamma"]
        m = _averaged(state, "m", gradient, 1 - settings["beta1"])
        v = _averaged(state, "v", gradient**2, 1 - settings["beta2"])
        if self.is_amsbound:
            v = state["vhat"] = torch.maximum(state.get("vhat", v), v)
        lr = settings["lr"] * math.sqrt(1 - settings["beta2"] ** t) / (1 - settings["beta1"] ** t)
        step = lr / (v.sqrt() + settings["eps"])
        weight -= m * step.clamp(final_lr * (1 - 1 / (gamma * t + 1)), final_lr * (1 + 1 / (gamma * t)))


class AMSBound(AdaBound):
    """AdaBound that divides by the largest running average so far."""

    is_amsbound = True


class MSVAG(_Rule):
    """Momentum that moves each element less, the more its gradients vary."""

    def __init__(self, params: Iterable[Any], lr: float = 0.1, beta: float = 0.9) -> None:
        super().__init__(params, lr=lr, beta=beta)

    def update(self, weight: Tensor, gradient: Tensor, state: dict[str, Any], settings: dict[str, Any]) -> None:
        """Update one weight."""
        beta, power = settings["beta"], settings["beta"] ** state["t"]
        rho = min((1 - beta) ** 2 * (1 - power**2) / ((1 - power) ** 2 * (1 - beta**2)), 0.9999)
        mean = _averaged(state, "m", gradient, 1 - beta) / (1 - power)
        square = _averaged(state, "v", gradient**2, 1 - beta) / (1 - power)
        variance = (square - mean**2) / (1 - rho)
        factor = (mean**2 / (mean**2 + rho * variance)).clamp(0, 1).nan_to_num(0)
        weight -= settings["lr"] * mean * factor


class SMORMS3(_Rule):
    """RMSprop whose memory of each element is as long as its gradients agree."""

    def __init__(self, params: Iterable[Any], lr: float = 0.001, eps: float = 1e-16) -> None:
        super().__init__(params, lr=lr, eps=eps)

    def update(self, weight: Tensor, gradient: Tensor, state: dict[str, Any], settings: dict[str, Any]) -> None:
        """Update one weight."""
        memory = state.get("memory", torch.ones_like(weight))
        share = 1 / (memory + 1)
        g = (1 - share) * state.get("g", 0) + share * gradient
        g2 = (1 - share) * state.get("g2", 0) + share * gradient**2
        x = g * g / (g2 + settings["eps"])
        weight -= gradient * x.clamp(max=settings["lr"]) / (g2.sqrt() + settings["eps"])
        state |= {"memory": 1 + memory * (1 - x), "g": g, "g2": g2}
