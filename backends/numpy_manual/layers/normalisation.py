"""Layers that give their units a mean of 0 and a variance of 1."""

import math

import numpy as np

from backends.contract import Array
from backends.numpy_manual.arithmetic.reductions import _are_axes
from backends.numpy_manual.gradients import Backward, Gradient


def layer_norm(
    x: Array, gain: Array | None = None, bias: Array | None = None, *, eps: float, axis: int | tuple[int, ...] = -1
) -> tuple[Array, Backward]:
    """y = gain·(x − μ) / √(σ² + eps) + bias, where μ is the mean of a row and σ² its variance, divided by D.

    x (…, D), a row along the last axis, gain (D,), bias (D,) → y (…, D); bias, or both, may be left out.  With an
    `axis` such as (-2, -1) a row is all that stands along these last axes, and gain and bias have its shape.  With
    n = (x − μ) / √(σ² + eps) and ∂L/∂n = ∂L/∂y·gain,
    ∂L/∂x = (∂L/∂n − mean(∂L/∂n) − n·mean(∂L/∂n·n)) / √(σ² + eps)  (Ba et al. 2016, arXiv:1607.06450).

    Why:
        μ[m] = Σ_d x[m,d] / D
        s[m] = √(Σ_d (x[m,d] − μ[m])² / D + eps)
        n[m,d] = (x[m,d] − μ[m]) / s[m]
        y[m,d] = gain[d]·n[m,d] + bias[d]
        ∂L/∂n[m,d] = ∂L/∂y[m,d]·gain[d]
        ∂s[m]/∂x[m,d] = n[m,d] / D
        ∂n[m,k]/∂x[m,d] = ([k = d] − 1 / D) / s[m] − n[m,k] / s[m]·∂s[m]/∂x[m,d]
        ∂L/∂x[m,d] = Σ_k ∂L/∂y[m,k]·∂y[m,k]/∂x[m,d] = Σ_k ∂L/∂n[m,k]·∂n[m,k]/∂x[m,d]
        = (∂L/∂n[m,d] − Σ_k ∂L/∂n[m,k] / D − n[m,d]·Σ_k ∂L/∂n[m,k]·n[m,k] / D) / s[m]
        mean[m] = Σ_d ∂L/∂n[m,d] / D
        along[m] = Σ_d ∂L/∂n[m,d]·n[m,d] / D
        (M, D) → (M, D)
        grad_x = (grad_n - mean[:, None] - n * along[:, None]) / s[:, None]
        ∂L/∂gain[d] = Σ_m ∂L/∂y[m,d]·∂y[m,d]/∂gain[d] = Σ_m ∂L/∂y[m,d]·n[m,d]
        (M, D) → (D)
        grad_gain = np.sum(grad_y * n, axis=0)
        ∂L/∂bias[d] = Σ_m ∂L/∂y[m,d]·∂y[m,d]/∂bias[d] = Σ_m ∂L/∂y[m,d]
        (M, D) → (D)
        grad_bias = np.sum(grad_y, axis=0)
    """
    if wrong := _misfit_of_rows(x, gain, bias, axis):
        raise ValueError(wrong)
    if eps < 0:
        raise ValueError("eps must not be below 0")
    centred = x - np.mean(x, axis=axis, keepdims=True)
    deviation = np.sqrt(np.mean(centred * centred, axis=axis, keepdims=True) + eps)
    n = centred / deviation
    rows = tuple(range(x.ndim - np.size(axis)))

    def backward(grad_y: Array) -> tuple[Gradient, ...]:
        grad_n = grad_y if gain is None else grad_y * gain
        along_n = np.mean(grad_n * n, axis=axis, keepdims=True)
        grad_x = (grad_n - np.mean(grad_n, axis=axis, keepdims=True) - n * along_n) / deviation
        return (
            grad_x,
            None if gain is None else np.sum(grad_y * n, axis=rows),
            None if bias is None else np.sum(grad_y, axis=rows),
        )

    return n if gain is None else n * gain if bias is None else n * gain + bias, backward


def batch_norm(
    x: Array,
    gain: Array | None = None,
    bias: Array | None = None,
    running_mean: Array | None = None,
    running_var: Array | None = None,
    *,
    eps: float,
    momentum: float = 0.1,
) -> tuple[Array | tuple[Array, Array, Array], Backward]:
    """y = gain·(x − μ) / √(σ² + eps) + bias, where μ and σ² are those of a channel over the batch, σ² divided by M.

    x (N, C, …), gain, bias, running_mean and running_var (C,) → y (the shape of x) and the new running statistics,
    (1 − momentum)·running + momentum·the batch's, with the variance unbiased here: divided by M − 1, M = N times the
    lengths of the axes behind C.  Without running statistics y is all, and bias, or bias and gain, may be left out,
    too.  ∂L/∂x as in layer_norm, with means over the batch; no gradient flows through the running statistics
    (Ioffe & Szegedy 2015, arXiv:1502.03167).

    Why:
        μ[c] = Σ_m x[m,c] / M
        s[c] = √(Σ_m (x[m,c] − μ[c])² / M + eps)
        n[m,c] = (x[m,c] − μ[c]) / s[c]
        y[m,c] = gain[c]·n[m,c] + bias[c]
        ∂L/∂bias[c] = Σ_m ∂L/∂y[m,c]·∂y[m,c]/∂bias[c] = Σ_m ∂L/∂y[m,c]
        (M, C) → (C)
        grad_bias = np.sum(grad_y, axis=0)
        ∂L/∂gain[c] = Σ_m ∂L/∂y[m,c]·∂y[m,c]/∂gain[c] = Σ_m ∂L/∂y[m,c]·n[m,c]
        (M, C) → (C)
        grad_gain = np.sum(grad_y * n, axis=0)
        ∂L/∂n[m,c] = ∂L/∂y[m,c]·gain[c]
        ∂s[c]/∂x[m,c] = n[m,c] / M
        ∂n[k,c]/∂x[m,c] = ([k = m] − 1 / M) / s[c] − n[k,c] / s[c]·∂s[c]/∂x[m,c]
        ∂L/∂x[m,c] = Σ_k ∂L/∂y[k,c]·∂y[k,c]/∂x[m,c] = Σ_k ∂L/∂n[k,c]·∂n[k,c]/∂x[m,c]
        = (∂L/∂n[m,c] − Σ_k ∂L/∂n[k,c] / M − n[m,c]·Σ_k ∂L/∂n[k,c]·n[k,c] / M) / s[c]
        (M, C) → (M, C)
        grad_x = (grad_n - np.mean(grad_n, axis=0) - n * np.mean(grad_n * n, axis=0)) / s
    """
    if x.ndim < 2 or not _are_per_channel(x, gain, bias, running_mean, running_var):
        raise ValueError("x must be (N, C, …), gain, bias, running_mean and running_var (C,)")
    if running_mean is not None and running_var is None:
        raise ValueError("running_mean and running_var belong together: both or none must be given")
    if not x.size:
        raise ValueError("x has no elements")
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
    scaled = n if gain is None else n * gain.reshape(per_channel)
    y = scaled if bias is None else scaled + bias.reshape(per_channel)

    def backward(grad_y: Array, *grads_of_statistics: Array) -> tuple[Gradient, ...]:
        grad_n = grad_y if gain is None else grad_y * gain.reshape(per_channel)
        along_n = np.mean(grad_n * n, axis=axes, keepdims=True)
        grad_x = (grad_n - np.mean(grad_n, axis=axes, keepdims=True) - n * along_n) / deviation
        return (
            grad_x,
            None if gain is None else np.sum(grad_y * n, axis=axes),
            None if bias is None else np.sum(grad_y, axis=axes),
            None,
            None,
        )

    return (
        y
        if running_mean is None or running_var is None
        else (
            y,
            (1 - momentum) * running_mean + momentum * mean.reshape(-1),
            (1 - momentum) * running_var + momentum * (var.reshape(-1) * count / (count - 1)),
        ),
        backward,
    )


def fixed_batch_norm(
    x: Array, mean: Array, var: Array, gain: Array | None = None, bias: Array | None = None, *, eps: float
) -> tuple[Array, Backward]:
    """y = gain·(x − μ) / √(σ² + eps) + bias with μ and σ² that are given: batch_norm in evaluation mode.

    x (N, C, …), mean, var, gain and bias (C,) → y (the shape of x); bias, or both, may be left out.  mean and var are
    data, such as the running statistics of a training.  ∂L/∂x = ∂L/∂y·gain / √(σ² + eps), as nothing of them depends on
    x  (Ioffe & Szegedy 2015, arXiv:1502.03167, algorithm 2).

    Why:
        s[c] = √(var[c] + eps)
        n[m,c] = (x[m,c] − mean[c]) / s[c]
        y[m,c] = gain[c]·n[m,c] + bias[c]
        ∂L/∂x[m,c] = ∂L/∂y[m,c]·∂y[m,c]/∂x[m,c] = ∂L/∂y[m,c]·gain[c] / s[c]
        (M, C) → (M, C)
        grad_x = grad_y * gain / s
        ∂L/∂gain[c] = Σ_m ∂L/∂y[m,c]·∂y[m,c]/∂gain[c] = Σ_m ∂L/∂y[m,c]·n[m,c]
        (M, C) → (C)
        grad_gain = np.sum(grad_y * n, axis=0)
        ∂L/∂bias[c] = Σ_m ∂L/∂y[m,c]·∂y[m,c]/∂bias[c] = Σ_m ∂L/∂y[m,c]
        (M, C) → (C)
        grad_bias = np.sum(grad_y, axis=0)
    """
    if x.ndim < 2 or not _are_per_channel(x, mean, var, gain, bias):
        raise ValueError("x must be (N, C, …), mean, var, gain and bias (C,)")
    if eps < 0:
        raise ValueError("eps must not be below 0")
    axes = (0, *range(2, x.ndim))
    per_channel = (-1, *[1] * (x.ndim - 2))
    deviation = np.sqrt(var + eps).reshape(per_channel)
    n = (x - mean.reshape(per_channel)) / deviation
    scaled = n if gain is None else n * gain.reshape(per_channel)

    def backward(grad_y: Array) -> tuple[Gradient, ...]:
        return (
            (grad_y if gain is None else grad_y * gain.reshape(per_channel)) / deviation,
            None,
            None,
            None if gain is None else np.sum(grad_y * n, axis=axes),
            None if bias is None else np.sum(grad_y, axis=axes),
        )

    return scaled if bias is None else scaled + bias.reshape(per_channel), backward


def group_norm(
    x: Array, gain: Array | None = None, bias: Array | None = None, *, groups: int, eps: float
) -> tuple[Array, Backward]:
    """y = gain·(x − μ) / √(σ² + eps) + bias, where μ and σ² are those of a group of channels of one example.

    x (N, C, …), gain (C,), bias (C,) → y (N, C, …); bias, or both, may be left out.  The first C/groups channels are
    one group, and so on: C groups make it instance normalisation.  ∂L/∂x as in layer_norm, with means over a group
    (Wu & He 2018, arXiv:1803.08494).

    Why:
        G = groups
        W = C / groups
        same[c,k] = Σ_g [g·W ≤ c < (g + 1)·W, g·W ≤ k < (g + 1)·W]
        μ[m,c] = Σ_kr same[c,k]·x[m,k,r] / (W·R)
        s[m,c] = √(Σ_kr same[c,k]·(x[m,k,r] − μ[m,k])² / (W·R) + eps)
        n[m,c,r] = (x[m,c,r] − μ[m,c]) / s[m,c]
        y[m,c,r] = gain[c]·n[m,c,r] + bias[c]
        ∂L/∂n[m,c,r] = ∂L/∂y[m,c,r]·gain[c]
        ∂n[m,k,q]/∂x[m,c,r] = ([k = c, q = r] − same[c,k]·(1 + n[m,k,q]·n[m,c,r]) / (W·R)) / s[m,c]
        ∂L/∂x[m,c,r] = Σ_kq ∂L/∂y[m,k,q]·∂y[m,k,q]/∂x[m,c,r] = Σ_kq ∂L/∂n[m,k,q]·∂n[m,k,q]/∂x[m,c,r]
        mean[m,c] = Σ_kq same[c,k]·∂L/∂n[m,k,q] / (W·R)
        along[m,c] = Σ_kq same[c,k]·∂L/∂n[m,k,q]·n[m,k,q] / (W·R)
        ∂L/∂x[m,c,r] = (∂L/∂n[m,c,r] − mean[m,c] − n[m,c,r]·along[m,c]) / s[m,c]
        (M, C, R) → (M, C, R)
        grad_x = (grad_n - mean[:, :, None] - n * along[:, :, None]) / s[:, :, None]
        ∂L/∂gain[c] = Σ_mr ∂L/∂y[m,c,r]·∂y[m,c,r]/∂gain[c] = Σ_mr ∂L/∂y[m,c,r]·n[m,c,r]
        (M, C, R) → (C)
        grad_gain = np.sum(grad_y * n, axis=(0, 2))
        ∂L/∂bias[c] = Σ_mr ∂L/∂y[m,c,r]·∂y[m,c,r]/∂bias[c] = Σ_mr ∂L/∂y[m,c,r]
        (M, C, R) → (C)
        grad_bias = np.sum(grad_y, axis=(0, 2))
    """
    if x.ndim < 2 or not _are_per_channel(x, gain, bias):
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
    scaled = n.reshape(x.shape) if gain is None else n.reshape(x.shape) * gain.reshape(per_channel)

    def backward(grad_y: Array) -> tuple[Gradient, ...]:
        grad_n = (grad_y if gain is None else grad_y * gain.reshape(per_channel)).reshape(n.shape)
        along_n = np.mean(grad_n * n, axis=2, keepdims=True)
        grad_x = (grad_n - np.mean(grad_n, axis=2, keepdims=True) - n * along_n) / deviation
        return (
            grad_x.reshape(x.shape),
            None if gain is None else np.sum(grad_y * n.reshape(x.shape), axis=axes),
            None if bias is None else np.sum(grad_y, axis=axes),
        )

    return scaled if bias is None else scaled + bias.reshape(per_channel), backward


def instance_norm(
    x: Array, gain: Array | None = None, bias: Array | None = None, *, eps: float
) -> tuple[Array, Backward]:
    """y = gain·(x − μ) / √(σ² + eps) + bias, where μ and σ² are those of one channel of one example.

    x (N, C, …) with at least one axis behind C, gain (C,), bias (C,) → y (N, C, …); bias, or both, may be left out.  No
    example sees another, and the mean and contrast of each image drop out.  ∂L/∂x as in layer_norm, with means over a
    channel  (Ulyanov et al. 2016, arXiv:1607.08022).

    Why:
        μ[m,c] = Σ_r x[m,c,r] / R
        s[m,c] = √(Σ_r (x[m,c,r] − μ[m,c])² / R + eps)
        n[m,c,r] = (x[m,c,r] − μ[m,c]) / s[m,c]
        y[m,c,r] = gain[c]·n[m,c,r] + bias[c]
        ∂L/∂n[m,c,r] = ∂L/∂y[m,c,r]·gain[c]
        ∂s[m,c]/∂x[m,c,r] = n[m,c,r] / R
        ∂n[m,c,q]/∂x[m,c,r] = ([q = r] − 1 / R) / s[m,c] − n[m,c,q] / s[m,c]·∂s[m,c]/∂x[m,c,r]
        ∂L/∂x[m,c,r] = Σ_q ∂L/∂y[m,c,q]·∂y[m,c,q]/∂x[m,c,r] = Σ_q ∂L/∂n[m,c,q]·∂n[m,c,q]/∂x[m,c,r]
        = (∂L/∂n[m,c,r] − Σ_q ∂L/∂n[m,c,q] / R − n[m,c,r]·Σ_q ∂L/∂n[m,c,q]·n[m,c,q] / R) / s[m,c]
        mean[m,c] = Σ_r ∂L/∂n[m,c,r] / R
        along[m,c] = Σ_r ∂L/∂n[m,c,r]·n[m,c,r] / R
        (M, C, R) → (M, C, R)
        grad_x = (grad_n - mean[:, :, None] - n * along[:, :, None]) / s[:, :, None]
        ∂L/∂gain[c] = Σ_mr ∂L/∂y[m,c,r]·∂y[m,c,r]/∂gain[c] = Σ_mr ∂L/∂y[m,c,r]·n[m,c,r]
        (M, C, R) → (C)
        grad_gain = np.sum(grad_y * n, axis=(0, 2))
        ∂L/∂bias[c] = Σ_mr ∂L/∂y[m,c,r]·∂y[m,c,r]/∂bias[c] = Σ_mr ∂L/∂y[m,c,r]
        (M, C, R) → (C)
        grad_bias = np.sum(grad_y, axis=(0, 2))
    """
    if x.ndim < 3 or not _are_per_channel(x, gain, bias):
        raise ValueError("x must be (N, C, …), with at least one axis behind the channels, gain and bias (C,)")
    if not x.size:
        raise ValueError("x has no elements")
    if math.prod(x.shape[2:]) < 2:
        raise ValueError("a channel of one value has no variance")
    if eps < 0:
        raise ValueError("eps must not be below 0")
    behind = tuple(range(2, x.ndim))
    per_channel = (-1, *[1] * (x.ndim - 2))
    centred = x - np.mean(x, axis=behind, keepdims=True)
    deviation = np.sqrt(np.mean(centred * centred, axis=behind, keepdims=True) + eps)
    n = centred / deviation
    scaled = n if gain is None else n * gain.reshape(per_channel)

    def backward(grad_y: Array) -> tuple[Gradient, ...]:
        grad_n = grad_y if gain is None else grad_y * gain.reshape(per_channel)
        along_n = np.mean(grad_n * n, axis=behind, keepdims=True)
        grad_x = (grad_n - np.mean(grad_n, axis=behind, keepdims=True) - n * along_n) / deviation
        return (
            grad_x,
            None if gain is None else np.sum(grad_y * n, axis=(0, *behind)),
            None if bias is None else np.sum(grad_y, axis=(0, *behind)),
        )

    return scaled if bias is None else scaled + bias.reshape(per_channel), backward


def _misfit_of_rows(x: Array, gain: Array | None, bias: Array | None, axis: int | tuple[int, ...]) -> str:
    """What is wrong with rows along these axes; nothing if they can be normalised."""
    along = np.size(axis)
    if not _are_axes(axis, x.ndim) or min(np.atleast_1d(axis) % x.ndim) != x.ndim - along:
        return "axis must be -1, the last axis of x, or several last ones of at least two, such as (-2, -1)"
    if any(part is not None and part.shape != x.shape[-along:] for part in (gain, bias)):
        return "x must be (…, D), gain and bias (D,), the shape of a row"
    if not x.size:
        return "x has no elements"
    return "a row of one value has no variance" if math.prod(x.shape[-along:]) < 2 else ""


def _are_per_channel(x: Array, *parts: Array | None) -> bool:
    """Whether all that is given holds one number for each channel of x (N, C, …)."""
    return all(part is None or part.shape == x.shape[1:2] for part in parts)
