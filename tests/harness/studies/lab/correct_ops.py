"""Ops as a student writes them who has everything right, most of them by other formulas than the hand-written ones."""

from typing import Any

import numpy as np


def total(grad: Any, shape: Any) -> Any:
    """Sum over the axes along which an array of this shape was repeated."""
    while grad.ndim > len(shape):
        grad = grad.sum(axis=0)
    for axis, length in enumerate(shape):
        if length == 1:
            grad = grad.sum(axis=axis, keepdims=True)
    return grad


def matmul(x: Any, w: Any) -> Any:
    return np.dot(x, w), lambda grad_y: (np.dot(grad_y, w.T), np.dot(x.T, grad_y))


def add(x: Any, b: Any) -> Any:
    return x + b, lambda grad_y: (total(grad_y, x.shape), total(grad_y, b.shape))


def subtract(a: Any, b: Any) -> Any:
    return a - b, lambda grad_y: (total(grad_y, a.shape), -total(grad_y, b.shape))


def multiply(a: Any, b: Any) -> Any:
    return a * b, lambda grad_y: (total(grad_y * b, a.shape), total(grad_y * a, b.shape))


def divide(a: Any, b: Any) -> Any:
    return a / b, lambda grad_y: (total(grad_y / b, a.shape), total(-grad_y * a / b**2, b.shape))


def negative(x: Any) -> Any:
    return -x, lambda grad_y: (-grad_y,)


def exp(x: Any) -> Any:
    return np.exp(x), lambda grad_y: (grad_y * np.exp(x),)


def log(x: Any) -> Any:
    return np.log(x), lambda grad_y: (grad_y * (1 / x),)


def sqrt(x: Any) -> Any:
    return np.sqrt(x), lambda grad_y: (0.5 * grad_y * x**-0.5,)


def sin(x: Any) -> Any:
    return np.sin(x), lambda grad_y: (np.cos(x) * grad_y,)


def absolute(x: Any) -> Any:
    return np.where(x < 0, -x, x), lambda grad_y: (np.where(x > 0, grad_y, np.where(x < 0, -grad_y, 0)),)


def relu(x: Any) -> Any:
    return x * (x > 0), lambda grad_y: (grad_y * (x > 0),)


def leaky_relu(x: Any, *, slope: Any) -> Any:
    factor = np.where(x > 0, 1, slope).astype(x.dtype)
    return x * factor, lambda grad_y: (grad_y * factor,)


def sigmoid(x: Any) -> Any:
    y = 1 / (1 + np.exp(-x))
    return y, lambda grad_y: (grad_y * (y - y * y),)


def tanh(x: Any) -> Any:
    y = np.tanh(x)
    return y, lambda grad_y: (grad_y * (1 - y**2),)


def softplus(x: Any) -> Any:
    return np.logaddexp(0, x), lambda grad_y: (grad_y / (1 + np.exp(-x)),)


def softmax(x: Any, *, axis: int = -1) -> Any:
    """By the matrix of derivatives of each row, diag(y) − y·yᵀ."""
    shifted = np.exp(x - x.max(axis=axis, keepdims=True))
    y = shifted / shifted.sum(axis=axis, keepdims=True)

    def backward(grad_y: Any) -> Any:
        rows, above = (np.moveaxis(array, axis, -1) for array in (y, grad_y))
        grad_rows = np.empty_like(rows)
        for place in np.ndindex(rows.shape[:-1]):
            row = rows[place]
            grad_rows[place] = (np.diag(row) - np.outer(row, row)) @ above[place]
        return [np.moveaxis(grad_rows, -1, axis)]

    return y, backward


def log_softmax(x: Any, *, axis: int = -1) -> Any:
    largest = x.max(axis=axis, keepdims=True)
    y = x - largest - np.log(np.exp(x - largest).sum(axis=axis, keepdims=True))
    return y, lambda grad_y: (grad_y - np.exp(y) * grad_y.sum(axis=axis, keepdims=True),)


def linear(x: Any, w: Any, b: Any = None) -> Any:
    y = np.einsum("...d,dh->...h", x, w)

    def backward(grad_y: Any) -> Any:
        rows, grad_rows = x.reshape(-1, x.shape[-1]), grad_y.reshape(-1, w.shape[1])
        grad_b = None if b is None else np.ones(len(grad_rows), x.dtype) @ grad_rows
        return np.einsum("...h,dh->...d", grad_y, w), np.einsum("nd,nh->dh", rows, grad_rows), grad_b

    return y if b is None else y + b, backward


def dropout(x: Any, mask: Any, *, ratio: float) -> Any:
    return x * mask / (1 - ratio), lambda grad_y: (mask * grad_y / (1 - ratio), None)


def reduce_sum(x: Any, *, axis: Any = None, keepdims: bool = False) -> Any:
    def backward(grad_y: Any) -> Any:
        return (np.broadcast_to(grad_y if keepdims or axis is None else np.expand_dims(grad_y, axis), x.shape),)

    return np.sum(x, axis=axis, keepdims=keepdims), backward


def reshape(x: Any, *, shape: Any) -> Any:
    return x.reshape(shape), lambda grad_y: (grad_y.reshape(x.shape),)


def transpose(x: Any, *, axes: Any) -> Any:
    return x.transpose(axes), lambda grad_y: (grad_y.transpose(np.argsort(axes)),)


def concatenate(*xs: Any, axis: int) -> Any:
    ends = np.cumsum([x.shape[axis] for x in xs])[:-1]
    return np.concatenate(xs, axis), lambda grad_y: np.split(grad_y, ends, axis)


def mean_squared_error(y: Any, t: Any, *, reduction: str = "mean") -> Any:
    each = (y - t) ** 2
    count = each.size if reduction == "mean" else 1
    loss = each if reduction == "none" else np.asarray(each.sum() / count, each.dtype)

    def backward(grad_loss: Any) -> Any:
        grad_y = 2 / count * (y - t) * grad_loss
        return grad_y.astype(y.dtype), -grad_y.astype(y.dtype)

    return loss, backward


def softmax_cross_entropy(x: Any, t: Any) -> Any:
    log_p, _ = log_softmax(x)
    rows = np.arange(len(t))

    def backward(grad_loss: Any) -> Any:
        one_hot = np.eye(x.shape[1], dtype=x.dtype)[t]
        return grad_loss / len(t) * (np.exp(log_p) - one_hot), None

    return -log_p[rows, t].mean(), backward


def batch_norm(
    x: Any,
    gain: Any = None,
    bias: Any = None,
    running_mean: Any = None,
    running_var: Any = None,
    *,
    eps: float,
    momentum: float = 0.1,
) -> Any:
    """By the chain of Ioffe and Szegedy's paper: through the variance and through the mean."""
    axes = (0, *range(2, x.ndim))
    shape = (-1, *[1] * (x.ndim - 2))
    many = x.size // x.shape[1]
    mean, var = x.mean(axis=axes, keepdims=True), x.var(axis=axes, keepdims=True)
    inverse = 1 / np.sqrt(var + eps)
    n = (x - mean) * inverse
    scale = np.ones(x.shape[1], x.dtype) if gain is None else gain
    y = n * scale.reshape(shape) + (0 if bias is None else bias.reshape(shape))

    def backward(grad_y: Any, *_: Any) -> Any:
        grad_n = grad_y * scale.reshape(shape)
        grad_var = (grad_n * (x - mean)).sum(axis=axes, keepdims=True) * -0.5 * inverse**3
        grad_mean = -(grad_n * inverse).sum(axis=axes, keepdims=True)
        grad_x = grad_n * inverse + grad_var * 2 * (x - mean) / many + grad_mean / many
        return (
            grad_x,
            None if gain is None else (grad_y * n).sum(axis=axes),
            None if bias is None else grad_y.sum(axis=axes),
            None,
            None,
        )

    if running_mean is None:
        return y, backward
    unbiased = x.var(axis=axes, ddof=1)
    statistics = [
        (1 - momentum) * old + momentum * new
        for old, new in ((running_mean, mean.reshape(-1)), (running_var, unbiased))
    ]
    return (y, *statistics), backward


def conv2d(x: Any, w: Any, b: Any = None, *, stride: Any = 1, pad: Any = 0, dilation: Any = 1, groups: int = 1) -> Any:
    """Pixel by pixel."""
    (down, right), (top, left), (apart_down, apart_right) = (
        each if isinstance(each, tuple) else (each, each) for each in (stride, pad, dilation)
    )
    padded = np.pad(x, ((0, 0), (0, 0), (top, top), (left, left)))
    outputs, channels, height, width = w.shape
    rows = (padded.shape[2] - apart_down * (height - 1) - 1) // down + 1
    columns = (padded.shape[3] - apart_right * (width - 1) - 1) // right + 1

    def patches(array: Any, group: int, k: int, m: int) -> Any:
        """What the kernel's element (k, m) sees of one group of channels, as a view."""
        first, across = k * apart_down, m * apart_right
        return array[
            :,
            group * channels : (group + 1) * channels,
            first : first + down * rows : down,
            across : across + right * columns : right,
        ]

    def of_group(array: Any, group: int) -> Any:
        many = outputs // groups
        return array[:, group * many : (group + 1) * many]

    every = [(group, k, m) for group in range(groups) for k in range(height) for m in range(width)]
    y = np.zeros((len(x), outputs, rows, columns), x.dtype)
    for group, k, m in every:
        kernel = w[group * (outputs // groups) : (group + 1) * (outputs // groups), :, k, m]
        of_group(y, group)[...] += np.einsum("nchw,oc->nohw", patches(padded, group, k, m), kernel)

    def backward(grad_y: Any) -> Any:
        grad_padded, grad_w = np.zeros_like(padded), np.zeros_like(w)
        for group, k, m in every:
            own = slice(group * (outputs // groups), (group + 1) * (outputs // groups))
            above = of_group(grad_y, group)
            patches(grad_padded, group, k, m)[...] += np.einsum("nohw,oc->nchw", above, w[own, :, k, m])
            grad_w[own, :, k, m] = np.einsum("nohw,nchw->oc", above, patches(padded, group, k, m))
        grad_x = grad_padded[:, :, top : top + x.shape[2], left : left + x.shape[3]]
        return grad_x, grad_w, None if b is None else grad_y.sum(axis=(0, 2, 3))

    return y if b is None else y + b.reshape(-1, 1, 1), backward
