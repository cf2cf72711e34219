"""What an optimizer leaves behind, gradients and state; and rules that PyTorch lacks."""

from typing import Any

import torch
from torch import Tensor

from backends.compatibility.chainer import import_chainer
from backends.differences.difference import Code, difference

chainer = import_chainer()
F, L = chainer.functions, chainer.links
Variable = Any  # Chainer has no types
Model = Any
Optimizer = torch.optim.Optimizer


@difference(
    "optimizer",
    chainer="chainer.optimizer_hooks.WeightDecay(rate): adds rate·w to the gradient in place",
    torch="torch.optim.SGD(params, lr=0.001, weight_decay=0): leaves the gradient as it is",
)
def gradient_after_weight_decay() -> Code:
    """After an update, Chainer's gradients hold the weight decay; PyTorch's are still those of the loss."""

    def in_chainer(w: Variable) -> Variable:
        model = L.Parameter(w.array)
        optimizer = chainer.optimizers.SGD(lr=0.1).setup(model)
        optimizer.add_hook(chainer.optimizer_hooks.WeightDecay(0.1))
        model.cleargrads()
        F.sum(model.W**3).backward()
        optimizer.update()
        return model.W.grad

    def naive(w: Tensor) -> Tensor | None:
        w = w.detach().requires_grad_()
        optimizer = torch.optim.SGD([w], lr=0.1, weight_decay=0.1)
        (w**3).sum().backward()
        optimizer.step()
        return w.grad

    def normalised(w: Tensor) -> Tensor | None:
        w = w.detach().requires_grad_()
        optimizer = torch.optim.SGD([w], lr=0.1)
        (w**3).sum().backward()
        assert w.grad is not None
        w.grad += 0.1 * w.detach()
        optimizer.step()
        return w.grad

    return Code(in_chainer=in_chainer, naive=naive, normalised=normalised, inputs=lambda random: (random.randn(4),))


@difference(
    "optimizer",
    chainer="chainer.optimizers.MomentumSGD(lr=0.01, momentum=0.9): state v points downhill and holds lr",
    torch="torch.optim.SGD(params, lr=0.001, momentum=0): state momentum_buffer points uphill, without lr",
)
def momentum_state() -> Code:
    """MomentumSGD's velocity, as loaded from a snapshot, is −lr times PyTorch's momentum_buffer."""

    def in_chainer(w: Variable) -> Variable:
        model = L.Parameter(w.array)
        optimizer = chainer.optimizers.MomentumSGD(lr=0.1).setup(model)
        model.cleargrads()
        F.sum(model.W**3).backward()
        optimizer.update()
        return model.W.update_rule.state["v"]

    def naive(w: Tensor) -> Any:
        w = w.detach().requires_grad_()
        optimizer = torch.optim.SGD([w], lr=0.1, momentum=0.9)
        (w**3).sum().backward()
        optimizer.step()
        return optimizer.state[w]["momentum_buffer"]

    def normalised(w: Tensor) -> Any:
        w = w.detach().requires_grad_()
        optimizer = torch.optim.SGD([w], lr=0.1, momentum=0.9)
        (w**3).sum().backward()
        optimizer.step()
        return -0.1 * optimizer.state[w]["momentum_buffer"]

    return Code(in_chainer=in_chainer, naive=naive, normalised=normalised, inputs=lambda random: (random.randn(4),))


@difference(
    "optimizer",
    chainer="chainer.optimizers.RMSprop(lr=0.01, alpha=0.99, eps=1e-08, eps_inside_sqrt=False)",
    torch="torch.optim.RMSprop(params, lr=0.01, alpha=0.99, eps=1e-08): always √ms + eps",
    instead="Leave eps_inside_sqrt at False in Chainer, which is PyTorch's rule, or write √(ms + eps) as an optimizer "
    "of your own.",
    matters=lambda settings: bool(settings.get("eps_inside_sqrt")),
)
def rmsprop_eps_inside_sqrt() -> Code:
    """RMSprop divides by √(ms + eps) in Chainer where eps_inside_sqrt is set; PyTorch can only divide by √ms + eps."""

    def in_chainer(model: Model) -> Any:
        return chainer.optimizers.RMSprop(lr=0.1, eps=1e-3, eps_inside_sqrt=True).setup(model)

    def naive(parameters: list[Tensor]) -> Optimizer:
        return torch.optim.RMSprop(parameters, lr=0.1, eps=1e-3)

    return Code(in_chainer=in_chainer, naive=naive, normalised=None)


@difference(
    "optimizer",
    chainer="chainer.optimizers.RMSpropGraves(lr=0.0001, alpha=0.95, momentum=0.9, eps=0.0001): √(n − g² + eps)",
    torch="torch.optim.RMSprop(params, eps=1e-08, momentum=0, centered=False): √(n − g²) + eps",
    instead="Write the rule as an optimizer of your own; the centred RMSprop with momentum comes close where the "
    "squared gradients are far above eps.",
)
def rmsprop_graves() -> Code:
    """RMSpropGraves has eps inside the root; PyTorch's nearest, the centred RMSprop with momentum, has it outside."""

    def in_chainer(model: Model) -> Any:
        return chainer.optimizers.RMSpropGraves(lr=0.01).setup(model)

    def naive(parameters: list[Tensor]) -> Optimizer:
        return torch.optim.RMSprop(parameters, lr=0.01, alpha=0.95, eps=1e-4, momentum=0.9, centered=True)

    return Code(in_chainer=in_chainer, naive=naive, normalised=None)
