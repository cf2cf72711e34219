"""Optimizers and their hooks: ten updates on a small linear regression."""

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, nn

from backends.compatibility.chainer import import_chainer
from backends.differences.difference import Code, difference

chainer = import_chainer()
Model = Any  # Chainer has no types
Optimizer = torch.optim.Optimizer
OptimizerAndHook = tuple[Any, Callable[[int], object]]


@difference(
    "optimizer",
    chainer="chainer.optimizers.Adam(alpha=0.001, beta1=0.9, beta2=0.999, eps=1e-08): adds eps to √v, then corrects √v",
    torch="torch.optim.Adam(params, lr=0.001, betas=(0.9, 0.999), eps=1e-08): corrects √v, then adds eps",
)
def adam_eps() -> Code:
    """Adam's eps is added before the bias correction in Chainer, after it in PyTorch, where it weighs less at first."""

    def in_chainer(model: Model) -> Any:
        return chainer.optimizers.Adam(alpha=0.1, eps=1e-3).setup(model)

    def naive(parameters: list[Tensor]) -> Optimizer:
        return torch.optim.Adam(parameters, lr=0.1, eps=1e-3)

    def normalised(parameters: list[Tensor]) -> OptimizerAndHook:
        optimizer = torch.optim.Adam(parameters, lr=0.1)

        def scale_eps(update: int) -> None:
            optimizer.param_groups[0]["eps"] = 1e-3 / (1 - 0.999 ** (update + 1)) ** 0.5

        scale_eps(0)
        return optimizer, scale_eps

    return Code(in_chainer=in_chainer, naive=naive, normalised=normalised)


@difference(
    "optimizer",
    chainer="chainer.optimizers.AMSGrad(alpha=0.001, eps=1e-08): adds eps to √v, then corrects √v",
    torch="torch.optim.Adam(params, lr=0.001, eps=1e-08, amsgrad=False): corrects √v, then adds eps",
)
def amsgrad_eps() -> Code:
    """AMSGrad's eps, too, is added before the bias correction in Chainer; a hook can scale it to be PyTorch's."""

    def in_chainer(model: Model) -> Any:
        return chainer.optimizers.AMSGrad(alpha=0.1, eps=1e-3).setup(model)

    def naive(parameters: list[Tensor]) -> Optimizer:
        return torch.optim.Adam(parameters, lr=0.1, eps=1e-3, amsgrad=True)

    def normalised_chainer(model: Model) -> Any:
        def scale_eps(optimizer: Any) -> None:
            optimizer.eps = 1e-3 * (1 - optimizer.beta2 ** (optimizer.t + 1)) ** 0.5

        optimizer = chainer.optimizers.AMSGrad(alpha=0.1).setup(model)
        optimizer.add_hook(scale_eps, name="eps after the bias correction")
        return optimizer

    return Code(in_chainer=in_chainer, naive=naive, normalised=naive, normalised_chainer=normalised_chainer)


@difference(
    "optimizer",
    chainer="chainer.optimizers.AdamW(alpha=0.001, weight_decay_rate=0): w shrinks by weight_decay_rate·w",
    torch="torch.optim.AdamW(params, lr=0.001, weight_decay=0.01): w shrinks by lr·weight_decay·w",
)
def adamw_decay() -> Code:
    """AdamW's decay is multiplied by the learning rate in PyTorch and not in Chainer."""

    def in_chainer(model: Model) -> Any:
        return chainer.optimizers.AdamW(alpha=0.1, eps=0, weight_decay_rate=0.01).setup(model)

    def naive(parameters: list[Tensor]) -> Optimizer:
        return torch.optim.AdamW(parameters, lr=0.1, eps=0, weight_decay=0.01)

    def normalised(parameters: list[Tensor]) -> Optimizer:
        return torch.optim.AdamW(parameters, lr=0.1, eps=0, weight_decay=0.01 / 0.1)

    return Code(in_chainer=in_chainer, naive=naive, normalised=normalised)


@difference(
    "optimizer",
    chainer="chainer.optimizers.NesterovAG(lr=0.01, momentum=0.9): v = μ·v − lr·g, w + μ²·v − (1 + μ)·lr·g",
    torch="torch.optim.SGD(params, lr=0.001, momentum=0, nesterov=False): with nesterov, b = μ·b + g, w − lr·(g + μ·b)",
)
def nesterov() -> Code:
    """Chainer's NesterovAG takes longer steps than the paper's rule, which PyTorch has, from the first update on."""

    def in_chainer(model: Model) -> Any:
        return chainer.optimizers.NesterovAG(lr=0.01, momentum=0.9).setup(model)

    def naive(parameters: list[Tensor]) -> Optimizer:
        return torch.optim.SGD(parameters, lr=0.01, momentum=0.9, nesterov=True)

    def normalised(parameters: list[Tensor]) -> Optimizer:
        optimizer = torch.optim.SGD(parameters, lr=(1 + 0.9) * 0.01, momentum=0.9, nesterov=True)
        # The constructor refuses dampening together with nesterov, but the update supports it.
        optimizer.param_groups[0]["dampening"] = 1 / (1 + 0.9)
        for w in parameters:
            optimizer.state[w]["momentum_buffer"] = torch.zeros_like(w)
        return optimizer

    return Code(in_chainer=in_chainer, naive=naive, normalised=normalised)


@difference(
    "optimizer",
    chainer="chainer.optimizers.MomentumSGD(lr=0.01, momentum=0.9): v = μ·v − lr·g, w + v",
    torch="torch.optim.SGD(params, lr=0.001, momentum=0): b = μ·b + g, w − lr·b",
)
def momentum_under_a_changing_lr() -> Code:
    """MomentumSGD keeps the learning rate inside its velocity: a new rate works at once in PyTorch, late in Chainer."""

    def in_chainer(model: Model) -> OptimizerAndHook:
        optimizer = chainer.optimizers.MomentumSGD(lr=0.05, momentum=0.9).setup(model)

        def after_update(update: int) -> None:
            optimizer.lr = 0.005 if update >= 5 else 0.05

        return optimizer, after_update

    def naive(parameters: list[Tensor]) -> OptimizerAndHook:
        optimizer = torch.optim.SGD(parameters, lr=0.05, momentum=0.9)

        def after_update(update: int) -> None:
            optimizer.param_groups[0]["lr"] = 0.005 if update >= 5 else 0.05

        return optimizer, after_update

    def normalised(parameters: list[Tensor]) -> OptimizerAndHook:
        optimizer = torch.optim.SGD(parameters, lr=0.05, momentum=0.9)

        def after_update(update: int) -> None:
            before = optimizer.param_groups[0]["lr"]
            lr = optimizer.param_groups[0]["lr"] = 0.005 if update >= 5 else 0.05
            for w in parameters:
                optimizer.state[w]["momentum_buffer"] *= before / lr

        return optimizer, after_update

    return Code(in_chainer=in_chainer, naive=naive, normalised=normalised)


@difference(
    "optimizer",
    chainer="chainer.optimizer_hooks.GradientClipping(threshold): scales by threshold / norm",
    torch="torch.nn.utils.clip_grad_norm_(parameters, max_norm, norm_type=2.0): scales by max_norm / (norm + 1e-6)",
)
def gradient_clipping() -> Code:
    """PyTorch adds 1e-6 to the norm by which it clips gradients; Chainer does not."""

    def in_chainer(model: Model) -> Any:
        optimizer = chainer.optimizers.SGD(lr=0.1).setup(model)
        optimizer.add_hook(chainer.optimizer_hooks.GradientClipping(0.5))
        return optimizer

    def naive(parameters: list[Tensor]) -> Optimizer:
        def clip(*_: object) -> None:
            nn.utils.clip_grad_norm_(parameters, 0.5)

        optimizer = torch.optim.SGD(parameters, lr=0.1)
        optimizer.register_step_pre_hook(clip)
        return optimizer

    def normalised(parameters: list[Tensor]) -> Optimizer:
        def clip(*_: object) -> None:
            grads = [w.grad for w in parameters if w.grad is not None]
            norm = nn.utils.get_total_norm(grads)
            for grad in grads:
                grad *= (0.5 / norm).clamp(max=1)

        optimizer = torch.optim.SGD(parameters, lr=0.1)
        optimizer.register_step_pre_hook(clip)
        return optimizer

    return Code(in_chainer=in_chainer, naive=naive, normalised=normalised)


@difference(
    "optimizer",
    chainer="chainer.optimizer_hooks.WeightDecay(rate): hooks run in the order in which they were added",
    torch="torch.optim.SGD(params, lr=0.001, weight_decay=0): decays inside step(), after any clipping",
)
def decay_before_clipping() -> Code:
    """What a WeightDecay hook adds is clipped by a hook added later; PyTorch's weight_decay comes after clipping."""

    def in_chainer(model: Model) -> Any:
        optimizer = chainer.optimizers.SGD(lr=0.1).setup(model)
        optimizer.add_hook(chainer.optimizer_hooks.WeightDecay(0.1))
        optimizer.add_hook(chainer.optimizer_hooks.GradientHardClipping(-0.5, 0.5))
        return optimizer

    def naive(parameters: list[Tensor]) -> Optimizer:
        optimizer = torch.optim.SGD(parameters, lr=0.1, weight_decay=0.1)
        optimizer.register_step_pre_hook(lambda *_: nn.utils.clip_grad_value_(parameters, 0.5))
        return optimizer

    def normalised(parameters: list[Tensor]) -> Optimizer:
        def decay_and_clip(*_: object) -> None:
            for w in parameters:
                if w.grad is not None:
                    w.grad += 0.1 * w.detach()
            nn.utils.clip_grad_value_(parameters, 0.5)

        optimizer = torch.optim.SGD(parameters, lr=0.1)
        optimizer.register_step_pre_hook(decay_and_clip)
        return optimizer

    return Code(in_chainer=in_chainer, naive=naive, normalised=normalised)


@difference(
    "optimizer",
    chainer="chainer.training.extensions.ExponentialShift(attr, rate): after every update by default",
    torch="torch.optim.lr_scheduler.ExponentialLR(optimizer, gamma, last_epoch=-1): where step() is called",
)
def exponential_shift() -> Code:
    """ExponentialShift decays the rate after every update; ExponentialLR is stepped once an epoch by custom."""

    def in_chainer(model: Model) -> OptimizerAndHook:
        optimizer = chainer.optimizers.SGD(lr=0.2).setup(model)
        shift = chainer.training.extensions.ExponentialShift("lr", 0.8, optimizer=optimizer)
        shift.initialize(None)
        every, _ = shift.trigger

        def after_update(update: int) -> None:
            if update % every == 0:
                shift(None)

        return optimizer, after_update

    def naive(parameters: list[Tensor]) -> OptimizerAndHook:
        optimizer = torch.optim.SGD(parameters, lr=0.2)
        scheduler = torch.optim.lr_scheduler.ExponentialLR(optimizer, 0.8)

        def after_update(update: int) -> None:
            if update % 5 == 0:  # the end of an epoch
                scheduler.step()

        return optimizer, after_update

    def normalised(parameters: list[Tensor]) -> OptimizerAndHook:
        optimizer = torch.optim.SGD(parameters, lr=0.2)
        scheduler = torch.optim.lr_scheduler.ExponentialLR(optimizer, 0.8)
        return optimizer, lambda update: scheduler.step()

    return Code(in_chainer=in_chainer, naive=naive, normalised=normalised)
