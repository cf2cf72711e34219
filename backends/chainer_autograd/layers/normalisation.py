"""Layers that give their units a mean of 0 and a variance of 1."""

import math

import numpy as np

from backends.chainer_autograd.framework import F, Variable, chainer


def layer_norm(
    x: Variable,
    gain: Variable | None = None,
    bias: Variable | None = None,
    *,
    eps: float,
    axis: int | tuple[int, ...] = -1,
) -> Variable:
    """y = gain·(x − μ) / √(σ² + eps) + bias, by row.  x (…, D), gain (D,), bias (D,) or left out → y (…, D)."""
    # Chainer normalises the rows of a matrix, and needs a gain and a bias.
    rows = F.reshape(x, (-1, x.shape[-1]) if isinstance(axis, int) else (-1, math.prod(x.shape[-len(axis) :])))
    gains = np.ones(rows.shape[1], x.dtype) if gain is None else gain if isinstance(axis, int) else F.flatten(gain)
    biases = np.zeros(rows.shape[1], x.dtype) if bias is None else bias if isinstance(axis, int) else F.flatten(bias)
    return F.reshape(F.layer_normalization(rows, gains, biases, eps=eps), x.shape)


def batch_norm(
    x: Variable,
    gain: Variable | None = None,
    bias: Variable | None = None,
    running_mean: Variable | None = None,
    running_var: Variable | None = None,
    *,
    eps: float,
    momentum: float = 0.1,
) -> Variable | tuple[Variable, Variable, Variable]:
    """y = gain·(x − μ) / √(σ² + eps) + bias, by channel over the batch; and the new running mean and variance."""
    # Chainer writes the running statistics in place, into arrays; its decay is the share of the old ones that stays.
    # It needs a gain and a bias.
    gains = np.ones(x.shape[1], x.dtype) if gain is None else gain
    biases = np.zeros(x.shape[1], x.dtype) if bias is None else bias
    new_mean = None if running_mean is None else chainer.as_variable(running_mean).array.copy()
    new_var = None if running_var is None else chainer.as_variable(running_var).array.copy()
    y = F.batch_normalization(x, gains, biases, eps=eps, running_mean=new_mean, running_var=new_var, decay=1 - momentum)
    return y if running_mean is None else (y, chainer.as_variable(new_mean), chainer.as_variable(new_var))


def fixed_batch_norm(
    x: Variable,
    mean: Variable,
    var: Variable,
    gain: Variable | None = None,
    bias: Variable | None = None,
    *,
    eps: float,
) -> Variable:
    """y = gain·(x − mean) / √(var + eps) + bias, by channel.  x (N, C, …), mean, var, gain, bias (C,)."""
    # Chainer needs a gain and a bias, and would give a gradient to mean and var.
    fixed_mean, fixed_var = chainer.as_variable(mean).array, chainer.as_variable(var).array
    gains = np.ones(x.shape[1], x.dtype) if gain is None else gain
    biases = np.zeros(x.shape[1], x.dtype) if bias is None else bias
    return F.fixed_batch_normalization(x, gains, biases, fixed_mean, fixed_var, eps)


def group_norm(
    x: Variable, gain: Variable | None = None, bias: Variable | None = None, *, groups: int, eps: float
) -> Variable:
    """y = gain·(x − μ) / √(σ² + eps) + bias, by group of channels.  x (N, C, …), gain (C,), bias (C,)."""
    # Chainer needs a gain and a bias.
    gains = np.ones(x.shape[1], x.dtype) if gain is None else gain
    biases = np.zeros(x.shape[1], x.dtype) if bias is None else bias
    return F.group_normalization(x, groups, gains, biases, eps)


def instance_norm(x: Variable, gain: Variable | None = None, bias: Variable | None = None, *, eps: float) -> Variable:
    """y = gain·(x − μ) / √(σ² + eps) + bias, by channel of each example.  x (N, C, …), gain (C,), bias (C,)."""
    # Chainer has none: every channel is a group. It needs a gain and a bias.
    gains = np.ones(x.shape[1], x.dtype) if gain is None else gain
    biases = np.zeros(x.shape[1], x.dtype) if bias is None else bias
    return F.group_normalization(x, x.shape[1], gains, biases, eps)
