"""Gradient clipping before the optimizer's rule: Chainer's hooks, which change gradients in place."""

from typing import Any

from backends.chainer_autograd.framework import chainer


def clip_by_norm(optimizer: Any, *, max_norm: float) -> None:
    """g ← g·min(1, max_norm / ‖g‖), where ‖g‖ is the Euclidean norm of all gradients together."""
    chainer.optimizer_hooks.GradientClipping(max_norm)(optimizer)


def clip_by_value(optimizer: Any, *, limit: float) -> None:
    """g ← min(max(g, −limit), limit), element by element."""
    hook = chainer.optimizer_hooks.GradientHardClipping(-limit, limit)
    for parameter in optimizer.target.params():
        hook(None, parameter)
