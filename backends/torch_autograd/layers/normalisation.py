"""Layers that give their units a mean of 0 and a variance of 1."""

import torch.nn.functional as F
from torch import Tensor


def layer_norm(
    x: Tensor, gain: Tensor | None = None, bias: Tensor | None = None, *, eps: float, axis: int | tuple[int, ...] = -1
) -> Tensor:
    """y = gain·(x − μ) / √(σ² + eps) + bias, by row.  x (…, D), gain (D,), bias (D,) or left out → y (…, D)."""
    # PyTorch takes the shape of a row.
    return F.layer_norm(x, x.shape[-1:] if isinstance(axis, int) else x.shape[-len(axis) :], gain, bias, eps)


def batch_norm(
    x: Tensor,
    gain: Tensor | None = None,
    bias: Tensor | None = None,
    running_mean: Tensor | None = None,
    running_var: Tensor | None = None,
    *,
    eps: float,
    momentum: float = 0.1,
) -> Tensor | tuple[Tensor | None, ...]:
    """y = gain·(x − μ) / √(σ² + eps) + bias, by channel over the batch; and the new running mean and variance."""
    # PyTorch writes the running statistics in place.
    new_mean = None if running_mean is None else running_mean.detach().clone()
    new_var = None if running_var is None else running_var.detach().clone()
    y = F.batch_norm(x, new_mean, new_var, gain, bias, training=True, momentum=momentum, eps=eps)
    _let_gradient_come_in_order(y)
    return y if running_mean is None else (y, new_mean, new_var)


def fixed_batch_norm(
    x: Tensor, mean: Tensor, var: Tensor, gain: Tensor | None = None, bias: Tensor | None = None, *, eps: float
) -> Tensor:
    """y = gain·(x − mean) / √(var + eps) + bias, by channel.  x (N, C, …), mean, var, gain, bias (C,)."""
    y = F.batch_norm(x, mean.detach(), var.detach(), gain, bias, training=False, eps=eps)
    _let_gradient_come_in_order(y)
    return y


def group_norm(x: Tensor, gain: Tensor | None = None, bias: Tensor | None = None, *, groups: int, eps: float) -> Tensor:
    """y = gain·(x − μ) / √(σ² + eps) + bias, by group of channels.  x (N, C, …), gain (C,), bias (C,)."""
    return F.group_norm(x, groups, gain, bias, eps)


def instance_norm(x: Tensor, gain: Tensor | None = None, bias: Tensor | None = None, *, eps: float) -> Tensor:
    """y = gain·(x − μ) / √(σ² + eps) + bias, by channel of each example.  x (N, C, …), gain (C,), bias (C,)."""
    y = F.instance_norm(x, weight=gain, bias=bias, eps=eps)
    _let_gradient_come_in_order(y)
    return y


def _let_gradient_come_in_order(y: Tensor) -> None:
    """Have the gradient of y put into the order of its axes in memory.

    PyTorch 2.13 mixes up channels where the gradient lies there in another order and an axis has the length 1.
    """
    if y.requires_grad:
        y.register_hook(_in_order)  # type: ignore[no-untyped-call]


def _in_order(gradient: Tensor | None) -> Tensor | None:
    """A gradient in the order of its axes; gradcheck also tries none at all."""
    return None if gradient is None else gradient.contiguous()
