"""Layers that give their units a mean of 0 and a variance of 1."""

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from backends.contract import Array
from backends.numpy_manual.gradients import Backward, Gradient


def layer_norm(x: Array, gain: Array, bias: Array, *, eps: float) -> tuple[Array, Backward]:
    """y = gain·(x − μ) / √(σ² + eps) + bias, where μ is the mean of a row and σ² its variance, divided by D.

    x (…, D), a row along the last axis, gain (D,), bias (D,) → y (…, D).  With n = (x − μ) / √(σ² + eps) and
    ∂L/∂n = ∂L/∂y·gain,  ∂L/∂x = (∂L/∂n − mean(∂L/∂n) − n·mean(∂L/∂n·n)) / √(σ² + eps)  (Ba et al. 2016,
    arXiv:1607.06450).
    """
    if x.ndim < 2 or gain.shape != x.shape[-1:] or bias.shape != x.shape[-1:]:
        raise ValueError("x must be (…, D), with at least one axis in front, gain and bias (D,)")
    if not x.size:
        raise ValueError("x has no elements")
    if eps < 0:
        raise ValueError("eps must not be below 0")
    if x.shape[-1] < 2:
        raise ValueError("a row of one value has no variance")
    centred = x - np.mean(x, axis=-1, keepdims=True)
    deviation = np.sqrt(np.mean(centred * centred, axis=-1, keepdims=True) + eps)
    n = centred / deviation
    rows = tuple(range(x.ndim - 1))

    def backward(grad_y: Array) -> tuple[Gradient, ...]:
        grad_n = grad_y * gain
        along_n = np.mean(grad_n * n, axis=-1, keepdims=True)
        grad_x = (grad_n - np.mean(grad_n, axis=-1, keepdims=True) - n * along_n) / deviation
        return grad_x, np.sum(grad_y * n, axis=rows), np.sum(grad_y, axis=rows)

    return n * gain + bias, backward


def batch_norm(
    x: Array, gain: Array, bias: Array, running_mean: Array, running_var: Array, *, eps: float, momentum: float
) -> tuple[tuple[Array, Array, Array], Backward]:
    """y = gain·(x − μ) / √(σ² + eps) + bias, where μ and σ² are those of a channel over the batch, σ² divided by M.

    x (N, C, …), gain, bias, running_mean and running_var (C,) → y (the shape of x) and the new running statistics,
    (1 − momentum)·running + momentum·the batch's, with the variance unbiased here: divided by M − 1, M = N times the
    lengths of the axes behind C.  ∂L/∂x as in layer_norm, with means over the batch; no gradient flows through the
    running statistics  (Ioffe & Szegedy 2015, arXiv:1502.03167).
    """
    if x.ndim < 2 or not gain.shape == bias.shape == running_mean.shape == running_var.shape == x.shape[1:2]:
        raise ValueError("x must be (N, C, …), gain, bias, running_mean and running_var (C,)")
    if eps < 0:
        raise ValueError("eps must not be below 0")
    count = x.size // x.shape[1]
    if count < 2:
        raise ValueError("a batch of one value per channel has no variance")
    axes = (0, *range(2, x.ndim))
    per_channel = (-1, *[1] * (x.ndim - 2))
    mean = np.mean(x, axis=axes, keepdims=True)
    centred = x - mean
    var = np.mean(centred * centred, axis=axes, keepdims=True)
    deviation = np.sqrt(var + eps)
    n = centred / deviation
    y = n * gain.reshape(per_channel) + bias.reshape(per_channel)
    new_mean = (1 - momentum) * running_mean + momentum * mean.reshape(-1)
    new_var = (1 - momentum) * running_var + momentum * (var.reshape(-1) * count / (count - 1))

    def backward(grad_y: Array, grad_mean: Array, grad_var: Array) -> tuple[Gradient, ...]:
        grad_n = grad_y * gain.reshape(per_channel)
        along_n = np.mean(grad_n * n, axis=axes, keepdims=True)
        grad_x = (grad_n - np.mean(grad_n, axis=axes, keepdims=True) - n * along_n) / deviation
        return grad_x, np.sum(grad_y * n, axis=axes), np.sum(grad_y, axis=axes), None, None

    return (y, new_mean, new_var), backward


def group_norm(x: Array, gain: Array, bias: Array, *, groups: int, eps: float) -> tuple[Array, Backward]:
    """y = gain·(x − μ) / √(σ² + eps) + bias, where μ and σ² are those of a group of channels of one example.

    x (N, C, …), gain (C,), bias (C,) → y (N, C, …); the first C/groups channels are one group, and so on.
    ∂L/∂x as in layer_norm, with means over a group  (Wu & He 2018, arXiv:1803.08494).
    """
    if x.ndim < 2 or gain.shape != x.shape[1:2] or bias.shape != x.shape[1:2]:
        raise ValueError("x must be (N, C, …), gain and bias (C,)")
    if eps < 0:
        raise ValueError("eps must not be below 0")
    if groups < 1 or x.shape[1] % groups:
        raise ValueError("the number of channels must be a multiple of the number of groups")
    if not x.size:
        raise ValueError("x has no elements")
    grouped = x.reshape(len(x), groups, -1)
    if grouped.shape[2] < 2:
        raise ValueError("a group of one value has no variance")
    centred = grouped - np.mean(grouped, axis=2, keepdims=True)
    deviation = np.sqrt(np.mean(centred * centred, axis=2, keepdims=True) + eps)
    n = centred / deviation
    axes = (0, *range(2, x.ndim))
    per_channel = (-1, *[1] * (x.ndim - 2))

    def backward(grad_y: Array) -> tuple[Gradient, ...]:
        grad_n = (grad_y * gain.reshape(per_channel)).reshape(n.shape)
        along_n = np.mean(grad_n * n, axis=2, keepdims=True)
        grad_x = (grad_n - np.mean(grad_n, axis=2, keepdims=True) - n * along_n) / deviation
        grad_gain = np.sum(grad_y * n.reshape(x.shape), axis=axes)
        return grad_x.reshape(x.shape), grad_gain, np.sum(grad_y, axis=axes)

    return n.reshape(x.shape) * gain.reshape(per_channel) + bias.reshape(per_channel), backward


def local_response_norm(x: Array, *, n: int, k: float, alpha: float, beta: float) -> tuple[Array, Backward]:
    """y = x / (k + alpha·Σ x²)^beta, where the sum is over the n channels around each, itself in the middle.

    x (N, C, …) → y (the same), n odd.  With s = k + alpha·Σ x² and h = ∂L/∂y·x·s^(−beta − 1),
    ∂L/∂x = ∂L/∂y·s^−beta − 2·alpha·beta·x·Σ h, summed over the same channels  (Krizhevsky et al. 2012, ImageNet
    classification with deep convolutional neural networks, 3.3).
    """
    if x.ndim < 3:
        raise ValueError("x must be (N, C, …), with at least one axis behind the channels")
    if n < 1 or n % 2 == 0:
        raise ValueError("n must be odd and above 0, so that there is a middle channel")
    border = ((0, 0), (n // 2, n // 2), *[(0, 0)] * (x.ndim - 2))
    s = k + alpha * np.sum(sliding_window_view(np.pad(x * x, border), n, axis=1), axis=-1)
    scale = s**-beta

    def backward(grad_y: Array) -> tuple[Gradient, ...]:
        h = grad_y * x * scale / s
        around = np.sum(sliding_window_view(np.pad(h, border), n, axis=1), axis=-1)
        return (grad_y * scale - 2 * alpha * beta * x * around,)

    return x * scale, backward
