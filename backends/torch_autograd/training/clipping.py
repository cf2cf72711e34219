"""Gradient clipping before the optimizer's rule, in place."""

from collections.abc import Sequence

import torch
from torch import Tensor


def clip_by_norm(parameters: Sequence[Tensor], *, max_norm: float) -> None:
    """g ← g·min(1, max_norm / ‖g‖), where ‖g‖ is the Euclidean norm of all gradients together."""
    # torch.nn.utils.clip_grad_norm_ divides by ‖g‖ + 1e-6.
    grads = [parameter.grad for parameter in parameters if parameter.grad is not None]
    scale = torch.clamp(max_norm / torch.nn.utils.get_total_norm(grads), max=1)
    for grad in grads:
        grad.mul_(scale)


def clip_by_value(parameters: Sequence[Tensor], *, limit: float) -> None:
    """g ← min(max(g, −limit), limit), element by element."""
    torch.nn.utils.clip_grad_value_(parameters, limit)
