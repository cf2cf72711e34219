"""Pooling, which shrinks images by a maximum or a mean over windows.

A window, a stride, a padding or a dilation is one number for both axes of the image, or two, (height, width).
"""

from collections.abc import Sequence

import numpy as np

from backends.contract import Array
from backends.deferred import computed
from backends.numpy_manual.gradients import Backward, Gradient
from backends.numpy_manual.layers.windows import pair, reach_of, windows_of


def max_pool2d(
    x: Array,
    *,
    window: int | Sequence[int],
    stride: int | Sequence[int],
    pad: int | Sequence[int] = 0,
    dilation: int | Sequence[int] = 1,
    cover_all: bool = False,
) -> tuple[Array, Backward]:
    """y = the largest element of every window, never padding. With `cover_all` the last window may reach beyond that.

    x (N, C, H, W) → y (N, C, OH, OW), OH = (H + 2·pad − dilation·(window − 1) − 1) / stride + 1, rounded down, or up
    with `cover_all`.  The gradient goes to the largest element, or the first of several, row by row
    (Goodfellow et al., Deep Learning, 9.3).

    Why:
        K = window
        L = window
        pad = 0
        windows[n,c,i,j,k,l] = x[n,c,i·stride+k·dilation,j·stride+l·dilation]
        y[n,c,i,j] = max_kl windows[n,c,i,j,k,l]
        first[n,c,i,j] = argmax_kl windows[n,c,i,j,k,l]
        largest[n,c,i,j,k,l] = [k·L + l = first[n,c,i,j]]
        row[i,k,a] = [i·stride + k·dilation = a]
        column[j,l,e] = [j·stride + l·dilation = e]
        ∂L/∂x[n,c,a,e] = Σ_ij ∂L/∂y[n,c,i,j]·∂y[n,c,i,j]/∂x[n,c,a,e]
        = Σ_ijkl ∂L/∂y[n,c,i,j]·largest[n,c,i,j,k,l]·row[i,k,a]·column[j,l,e]
        (N, C, I, J) → (N, C, A, E)
        grad_x = np.einsum("ncij,ncijkl,ika,jle->ncae", grad_y, largest, row, column)
    """
    if wrong := _misfit_of_window(x, window, stride, pad, dilation, cover_all):
        raise ValueError(wrong)
    border = _border_around(pad, stride, cover_all)
    padded = np.pad(x, border, constant_values=-np.inf)
    windows = windows_of(padded, window, stride, dilation)
    patches = windows.reshape(*windows.shape[:4], -1)
    first = np.argmax(patches, axis=-1)

    def backward(grad_y: Array) -> tuple[Gradient, ...]:
        (down, right), (apart_down, apart_right) = pair(stride), pair(dilation)
        n, c, i, j = np.indices(first.shape)
        row, column = np.divmod(first, pair(window)[1])
        grad_padded = np.zeros_like(padded)
        np.add.at(grad_padded, (n, c, i * down + row * apart_down, j * right + column * apart_right), grad_y)
        return (_inside(border, grad_padded),)

    return np.max(patches, axis=-1), backward


def avg_pool2d(
    x: Array,
    *,
    window: int | Sequence[int],
    stride: int | Sequence[int],
    pad: int | Sequence[int] = 0,
    cover_all: bool = False,
    count_pad: bool = True,
    divisor: int | None = None,
) -> tuple[Array, Backward]:
    """y = the sum over every window / the number of its elements; the zeros of the padding count unless told otherwise.

    x (N, C, H, W) → y (N, C, OH, OW), OH = (H + 2·pad − window) / stride + 1, rounded down, or up with `cover_all`.
    What a window then has beyond the padding never counts.  A `divisor` takes the place of the number of elements.
    Every element gets ∂L/∂y / this number from each window that it lies in  (LeCun et al. 1998, Gradient-based
    learning, II.B).

    Why:
        K = window
        L = window
        y[n,c,i,j] = Σ_kl x[n,c,i·stride+k−pad,j·stride+l−pad] / (K·L)
        row[i,k,a] = [i·stride + k − pad = a]
        column[j,l,e] = [j·stride + l − pad = e]
        ∂L/∂x[n,c,a,e] = Σ_ij ∂L/∂y[n,c,i,j]·∂y[n,c,i,j]/∂x[n,c,a,e]
        = Σ_ijkl ∂L/∂y[n,c,i,j]·row[i,k,a]·column[j,l,e] / (K·L)
        (N, C, I, J) → (N, C, A, E)
        grad_x = np.einsum("ncij,ika,jle->ncae", grad_y, row, column) / (K * L)
    """
    if wrong := _misfit_of_window(x, window, stride, pad, 1, cover_all):
        raise ValueError(wrong)
    if divisor is not None and divisor < 1:
        raise ValueError("divisor must be at least 1")
    border = _border_around(pad, stride, cover_all)
    padded = np.pad(x, border)
    count = _counts(x, window, stride, pad, cover_all, count_pad) if divisor is None else divisor

    def backward(grad_y: Array) -> tuple[Gradient, ...]:
        (height, width), (down, right) = pair(window), pair(stride)
        positions = (padded.shape[2] - height + 1, padded.shape[3] - width + 1)
        spread = np.zeros_like(grad_y, shape=(*grad_y.shape[:2], *positions))
        spread[:, :, ::down, ::right] = grad_y / count
        around = ((0, 0), (0, 0), (height - 1, height - 1), (width - 1, width - 1))
        covering = windows_of(np.pad(spread, around), window, 1, 1)
        return (_inside(border, np.sum(covering, axis=(4, 5))),)

    return np.sum(windows_of(padded, window, stride, 1), axis=(4, 5)) / count, backward


def max_pool1d(
    x: Array, *, window: int, stride: int, pad: int = 0, dilation: int = 1, cover_all: bool = False
) -> tuple[Array, Backward]:
    """y = the largest element of every window, never padding: max_pool2d of images one pixel high.

    x (N, C, L) → y (N, C, OL), OL = (L + 2·pad − dilation·(window − 1) − 1) / stride + 1, rounded down, or up with
    `cover_all`.  Gradients as those of max_pool2d  (Goodfellow et al., Deep Learning, 9.3).

    Why:
        K = window
        pad = 0
        windows[n,c,i,k] = x[n,c,i·stride+k·dilation]
        y[n,c,i] = max_k windows[n,c,i,k]
        largest[n,c,i,k] = [k = argmax_l windows[n,c,i,l]]
        place[i,k,a] = [i·stride + k·dilation = a]
        ∂L/∂x[n,c,a] = Σ_i ∂L/∂y[n,c,i]·∂y[n,c,i]/∂x[n,c,a] = Σ_ik ∂L/∂y[n,c,i]·largest[n,c,i,k]·place[i,k,a]
        (N, C, I) → (N, C, A)
        grad_x = np.einsum("nci,ncik,ika->nca", grad_y, largest, place)
    """
    if x.ndim != 3:
        raise ValueError("x must be (N, C, L)")
    y, backward_2d = max_pool2d(
        x[:, :, None],
        window=(1, window),
        stride=(1, stride),
        pad=(0, pad),
        dilation=(1, dilation),
        cover_all=cover_all,
    )

    def backward(grad_y: Array) -> tuple[Gradient, ...]:
        (grad_x,) = backward_2d(grad_y[:, :, None])
        return (computed(grad_x)[:, :, 0],)

    return y[:, :, 0], backward


def avg_pool1d(
    x: Array, *, window: int, stride: int, pad: int = 0, cover_all: bool = False, count_pad: bool = True
) -> tuple[Array, Backward]:
    """y = the sum over every window / the number of its elements: avg_pool2d of images one pixel high.

    x (N, C, L) → y (N, C, OL), OL = (L + 2·pad − window) / stride + 1, rounded down, or up with `cover_all`.
    Gradients as those of avg_pool2d  (LeCun et al. 1998, Gradient-based learning, II.B).

    Why:
        K = window
        y[n,c,i] = Σ_k x[n,c,i·stride+k−pad] / K
        place[i,k,a] = [i·stride + k − pad = a]
        ∂L/∂x[n,c,a] = Σ_i ∂L/∂y[n,c,i]·∂y[n,c,i]/∂x[n,c,a] = Σ_ik ∂L/∂y[n,c,i]·place[i,k,a] / K
        (N, C, I) → (N, C, A)
        grad_x = np.einsum("nci,ika->nca", grad_y, place) / K
    """
    if x.ndim != 3:
        raise ValueError("x must be (N, C, L)")
    y, backward_2d = avg_pool2d(
        x[:, :, None],
        window=(1, window),
        stride=(1, stride),
        pad=(0, pad),
        cover_all=cover_all,
        count_pad=count_pad,
    )

    def backward(grad_y: Array) -> tuple[Gradient, ...]:
        (grad_x,) = backward_2d(grad_y[:, :, None])
        return (computed(grad_x)[:, :, 0],)

    return y[:, :, 0], backward


def _misfit_of_window(
    x: Array,
    window: int | Sequence[int],
    stride: int | Sequence[int],
    pad: int | Sequence[int],
    dilation: int | Sequence[int],
    cover_all: bool,
) -> str:
    """What is wrong with an image, or with windows that don't fit it; nothing if they do."""
    if x.ndim != 4:
        return "x must be (N, C, H, W)"
    if not x.size:
        return "x has no elements"
    if min(*pair(window), *pair(stride), *pair(dilation)) < 1 or min(pair(pad)) < 0:
        return "window, stride and dilation must be at least 1, pad at least 0"
    if any(2 * zeros > length for zeros, length in zip(pair(pad), pair(window), strict=True)):
        return "the padding must be at most half a window"  # without the gaps of a dilation, as in PyTorch
    settings = (pair(stride), pair(pad), pair(dilation))
    for size, reach, step, zeros, apart in zip(x.shape[2:], reach_of(window, dilation), *settings, strict=True):
        room = size + 2 * zeros + (step - 1 if cover_all else 0) - reach
        if room < 0:
            return "the window is larger than the padded image"
        if room // step * step >= zeros + size:
            return "the last window would hold nothing but padding"
        # PyTorch writes outside of its memory in the backward of such a window.
        if any(start % apart >= size for start in range(-zeros, min(0, room + 1 - zeros), step)):
            return "a window of this dilation would step over the image, and hold nothing but padding"
    return ""


def _border_around(
    pad: int | Sequence[int], stride: int | Sequence[int], cover_all: bool
) -> tuple[tuple[int, int], ...]:
    """The padding of every axis, and behind it what the last window may reach beyond it with `cover_all`."""
    beyond = [step - 1 if cover_all else 0 for step in pair(stride)]
    return (0, 0), (0, 0), *((zeros, zeros + more) for zeros, more in zip(pair(pad), beyond, strict=True))


def _counts(
    x: Array,
    window: int | Sequence[int],
    stride: int | Sequence[int],
    pad: int | Sequence[int],
    cover_all: bool,
    count_pad: bool,
) -> Array:
    """How many elements of every window are summed up: (1, 1, OH, OW), in the dtype of x."""
    image = np.ones((1, 1, *x.shape[2:]), x.dtype)
    counted = np.pad(image, _border_around(pad, 1, cover_all=False), constant_values=1 if count_pad else 0)
    beyond = np.pad(counted, _border_around(0, stride, cover_all))
    counts: Array = np.sum(windows_of(beyond, window, stride, 1), axis=(4, 5))
    return counts


def _inside(border: Sequence[tuple[int, int]], padded: Array) -> Array:
    """The array without its padding."""
    inside = tuple(slice(before, length - after) for (before, after), length in zip(border, padded.shape, strict=True))
    return padded[inside]
