"""What is done with a weight beside its optimizer: its decay, and its average over the updates."""

from typing import Any

from backends.chainer_autograd.framework import chainer


def weight_decay(optimizer: Any, *, rate: float) -> None:
    """∂L/∂w + rate·w: a hook that changes every gradient in place before its update."""
    optimizer.add_hook(chainer.optimizer_hooks.WeightDecay(rate))


def weight_average(average: Any, parameter: Any, *, share: float) -> Any:
    """average ← share·average + (1 − share)·w, with the new w."""
    # Chainer has none.
    return share * average + (1 - share) * parameter.array
