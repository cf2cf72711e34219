"""Chainer's optimizers, with the settings that make them the hand-written rules."""

from typing import Any

from backends.chainer_autograd.framework import chainer


def sgd(model: Any, *, lr: float) -> Any:
    """w ← w − lr·∂L/∂w."""
    return chainer.optimizers.SGD(lr=lr).setup(model)


def momentum(model: Any, *, lr: float, momentum: float) -> Any:
    """v ← momentum·v − ∂L/∂w,  w ← w + lr·v."""
    # Chainer's MomentumSGD keeps lr inside v: a changing lr would mean something else than in PyTorch.
    return chainer.optimizers.CorrectedMomentumSGD(lr=lr, momentum=momentum).setup(model)


def adam(model: Any, *, lr: float, beta1: float, beta2: float, eps: float) -> Any:
    """w ← w − lr·m̂ / (√v̂ + eps)."""
    optimizer = chainer.optimizers.Adam(alpha=lr, beta1=beta1, beta2=beta2, eps=eps).setup(model)
    _correct_eps(optimizer, eps)
    return optimizer


def adamw(model: Any, *, lr: float, beta1: float, beta2: float, eps: float, weight_decay: float) -> Any:
    """w ← w − lr·weight_decay·w, then Adam's step."""
    # Chainer does not multiply the decay by the learning rate, which it calls alpha; eta scales both.
    optimizer = chainer.optimizers.Adam(
        alpha=lr, beta1=beta1, beta2=beta2, eps=eps, weight_decay_rate=lr * weight_decay
    ).setup(model)
    _correct_eps(optimizer, eps)
    return optimizer


def _correct_eps(optimizer: Any, eps: float) -> None:
    """Chainer adds eps to √v before the bias correction, others add it to √v̂ after: scale it at every update."""

    def scale(optimizer: Any) -> None:
        optimizer.eps = eps * (1 - optimizer.beta2 ** (optimizer.t + 1)) ** 0.5

    optimizer.add_hook(scale, name="eps after the bias correction")


STATE_SIGN = {"CorrectedMomentumSGD": -1}
"""Chainer's velocity points downhill; the hand-written rule and PyTorch keep it pointing uphill."""
