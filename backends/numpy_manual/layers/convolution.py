"""Convolutions of images and of signals, and their transposes.

Convolutions in deep learning do not flip the kernel. Every output is the product of a kernel and a patch of the image,
so a layer is one matrix product of all kernels with all patches. The gradient of the image is a convolution, too: the
output's gradient, spread out by the stride and fully padded, convolved with the flipped kernels (Dumoulin & Visin 2016,
A guide to convolution arithmetic for deep learning, arXiv:1603.07285).

A stride, a padding or a dilation is one number for both axes of the image, or two, (height, width).
"""

from collections.abc import Sequence

import numpy as np

from backends.contract import Array
from backends.deferred import computed
from backends.numpy_manual.gradients import Backward, Gradient
from backends.numpy_manual.layers.windows import pair, reach_of, windows_of


def conv2d(
    x: Array,
    w: Array,
    b: Array | None = None,
    *,
    stride: int | Sequence[int] = 1,
    pad: int | Sequence[int] = 0,
    dilation: int | Sequence[int] = 1,
    groups: int = 1,
) -> tuple[Array, Backward]:
    """y[n, o, i, j] = b[o] + Σ over c, k, l of w[o, c, k, l]·x[n, c, i·stride + k·dilation, j·stride + l·dilation].

    x (N, C, H, W), with `pad` zeros on each side, w (O, C/groups, KH, KW), b (O,) or none → y (N, O, OH, OW).  The
    first O/groups outputs see the first C/groups channels, and so on.  ∂L/∂w = Σ over the patches of ∂L/∂y·patch,
    ∂L/∂x is the transposed convolution of ∂L/∂y,  ∂L/∂b = Σ over n, i, j of ∂L/∂y  (Goodfellow et al., Deep Learning,
    9.5).

    Why:
        y[n,o,i,j] = b[o] + Σ_ckl w[o,c,k,l]·x[n,c,i·stride+k·dilation−pad,j·stride+l·dilation−pad]
        patch[c,k,l,n,i,j] = x[n,c,i·stride+k·dilation−pad,j·stride+l·dilation−pad]
        ∂L/∂w[o,c,k,l] = Σ_nij ∂L/∂y[n,o,i,j]·∂y[n,o,i,j]/∂w[o,c,k,l] = Σ_nij ∂L/∂y[n,o,i,j]·patch[c,k,l,n,i,j]
        (O, N·I·J)·(N·I·J, C·K·L) → (O, C·K·L)
        grad_w = (np.moveaxis(grad_y, 1, 0).reshape(O, -1) @ patch.reshape(C * K * L, -1).T).reshape(w.shape)
        ∂L/∂x[n,c,a,e] = Σ_oij ∂L/∂y[n,o,i,j]·∂y[n,o,i,j]/∂x[n,c,a,e]
        = Σ_oijkl ∂L/∂y[n,o,i,j]·w[o,c,k,l]·[i·stride+k·dilation−pad = a, j·stride+l·dilation−pad = e]
        = Σ_okl w[o,c,k,l]·∂L/∂y[n,o,(a+pad−k·dilation)/stride,(e+pad−l·dilation)/stride]
        (N, O, I, J) → (N, C, A, E)
        grad_x = _transposed(grad_y, w, (A, E), stride, pad, dilation, 1)
        ∂L/∂b[o] = Σ_nij ∂L/∂y[n,o,i,j]·∂y[n,o,i,j]/∂b[o] = Σ_nij ∂L/∂y[n,o,i,j]
        (N, O, I, J) → (O)
        grad_b = np.sum(grad_y, axis=(0, 2, 3))
    """
    if x.ndim != 4 or w.ndim != 4 or (b is not None and b.shape != w.shape[:1]):
        raise ValueError("x must be (N, C, H, W), w (O, C/groups, KH, KW) and b (O,)")
    if not x.size:
        raise ValueError("x has no elements")
    if min(*pair(stride), *pair(dilation), groups) < 1 or min(pair(pad)) < 0:
        raise ValueError("stride, dilation and groups must be at least 1, pad at least 0")
    if len(w) % groups or x.shape[1] != groups * w.shape[1]:
        raise ValueError("the channels of image and kernels must match for this number of groups")
    windows = windows_of(np.pad(x, _border(pad)), w.shape[2:], stride, dilation)
    y = _convolved(windows, w, groups)

    def backward(grad_y: Array) -> tuple[Gradient, ...]:
        return (
            lambda: _transposed(grad_y, w, x.shape[2:], stride, pad, dilation, groups),
            lambda: _correlated(grad_y, windows, groups),
            None if b is None else np.sum(grad_y, axis=(0, 2, 3)),
        )

    return y if b is None else y + b.reshape(-1, 1, 1), backward


def conv1d(
    x: Array, w: Array, b: Array | None = None, *, stride: int = 1, pad: int = 0, dilation: int = 1, groups: int = 1
) -> tuple[Array, Backward]:
    """y[n, o, i] = b[o] + Σ over c, k of w[o, c, k]·x[n, c, i·stride + k·dilation]: conv2d of images one pixel high.

    x (N, C, L), with `pad` zeros on each side, w (O, C/groups, K), b (O,) or none → y (N, O, OL).  Gradients as those
    of conv2d  (Waibel et al. 1989, Phoneme recognition using time-delay neural networks).

    Why:
        patch[c,k,n,i] = x[n,c,i·stride+k·dilation−pad]
        y[n,o,i] = b[o] + Σ_ck w[o,c,k]·patch[c,k,n,i]
        ∂L/∂x[n,c,a] = Σ_oi ∂L/∂y[n,o,i]·∂y[n,o,i]/∂x[n,c,a]
        = Σ_oik ∂L/∂y[n,o,i]·w[o,c,k]·[i·stride + k·dilation − pad = a]
        = Σ_ok w[o,c,k]·∂L/∂y[n,o,(a+pad−k·dilation)/stride]
        place[i,k,a] = [i·stride + k·dilation − pad = a]
        (N, O, I) → (N, C, A)
        grad_x = np.einsum("noi,ock,ika->nca", grad_y, w, place)
        ∂L/∂w[o,c,k] = Σ_ni ∂L/∂y[n,o,i]·∂y[n,o,i]/∂w[o,c,k] = Σ_ni ∂L/∂y[n,o,i]·patch[c,k,n,i]
        (O, N·I)·(N·I, C·K) → (O, C·K)
        grad_w = (np.moveaxis(grad_y, 1, 0).reshape(O, -1) @ patch.reshape(C * K, -1).T).reshape(w.shape)
        ∂L/∂b[o] = Σ_ni ∂L/∂y[n,o,i]·∂y[n,o,i]/∂b[o] = Σ_ni ∂L/∂y[n,o,i]
        (N, O, I) → (O)
        grad_b = np.sum(grad_y, axis=(0, 2))
    """
    if x.ndim != 3 or w.ndim != 3 or (b is not None and b.shape != w.shape[:1]):
        raise ValueError("x must be (N, C, L), w (O, C/groups, K) and b (O,)")
    y, backward_2d = conv2d(
        x[:, :, None], w[:, :, None], b, stride=(1, stride), pad=(0, pad), dilation=(1, dilation), groups=groups
    )

    def backward(grad_y: Array) -> tuple[Gradient, ...]:
        grad_x, grad_w, grad_b = backward_2d(grad_y[:, :, None])
        return lambda: computed(grad_x)[:, :, 0], lambda: computed(grad_w)[:, :, 0], grad_b

    return y[:, :, 0], backward


def deconv2d(
    x: Array,
    w: Array,
    b: Array | None = None,
    *,
    stride: int | Sequence[int] = 1,
    pad: int | Sequence[int] = 0,
    dilation: int | Sequence[int] = 1,
    groups: int = 1,
    output_pad: int | Sequence[int] = 0,
) -> tuple[Array, Backward]:
    """The transposed conv2d: x[n, c, i, j]·w[c, o, k, l] is added to y[n, o, i·stride + k·dilation − pad, …].

    x (N, C, H, W), w (C, O/groups, KH, KW), b (O,) or none → y (N, O, OH, OW),
    OH = stride·(H − 1) + dilation·(KH − 1) + 1 − 2·pad + output_pad: a convolution with a stride leaves out up to
    stride − 1 rows at the end, and `output_pad` of them are there again.  The forward is conv2d's backward and vice
    versa: ∂L/∂x is the convolution of ∂L/∂y  (Dumoulin & Visin 2016, arXiv:1603.07285, chapter 4).

    Why:
        y[n,o,a,e] = b[o] + Σ_cijkl x[n,c,i,j]·w[c,o,k,l]·[i·stride+k·dilation−pad = a, j·stride+l·dilation−pad = e]
        patch[o,k,l,n,i,j] = ∂L/∂y[n,o,i·stride+k·dilation−pad,j·stride+l·dilation−pad]
        ∂L/∂x[n,c,i,j] = Σ_oae ∂L/∂y[n,o,a,e]·∂y[n,o,a,e]/∂x[n,c,i,j] = Σ_okl w[c,o,k,l]·patch[o,k,l,n,i,j]
        (C, O·K·L)·(O·K·L, N·I·J) → (C, N·I·J)
        grad_x = np.moveaxis((w.reshape(C, -1) @ patch.reshape(O * K * L, -1)).reshape(C, N, I, J), 0, 1)
        ∂L/∂w[c,o,k,l] = Σ_nae ∂L/∂y[n,o,a,e]·∂y[n,o,a,e]/∂w[c,o,k,l] = Σ_nij x[n,c,i,j]·patch[o,k,l,n,i,j]
        (C, N·I·J)·(N·I·J, O·K·L) → (C, O·K·L)
        grad_w = (np.moveaxis(x, 1, 0).reshape(C, -1) @ patch.reshape(O * K * L, -1).T).reshape(w.shape)
        ∂L/∂b[o] = Σ_nae ∂L/∂y[n,o,a,e]·∂y[n,o,a,e]/∂b[o] = Σ_nae ∂L/∂y[n,o,a,e]
        (N, O, A, E) → (O)
        grad_b = np.sum(grad_y, axis=(0, 2, 3))
    """
    if x.ndim != 4 or w.ndim != 4 or x.shape[1] != w.shape[0]:
        raise ValueError("x must be (N, C, H, W), w (C, O/groups, KH, KW) and b (O,)")
    if not x.size:
        raise ValueError("x has no elements")
    if min(*pair(stride), *pair(dilation), groups) < 1 or min(*pair(pad), *pair(output_pad)) < 0:
        raise ValueError("stride, dilation and groups must be at least 1, pad and output_pad at least 0")
    if x.shape[1] % groups:
        raise ValueError("the number of channels must be a multiple of the number of groups")
    if b is not None and b.shape != (groups * w.shape[1],):
        raise ValueError("x must be (N, C, H, W), w (C, O/groups, KH, KW) and b (O,)")
    if any(more >= step for more, step in zip(pair(output_pad), pair(stride), strict=True)):
        raise ValueError("output_pad must be less than the stride")
    shape = _transposed_shape(x.shape[2:], w.shape[2:], stride, pad, dilation, output_pad)
    if min(shape) < 1:
        raise ValueError("the padding leaves nothing of y")
    y = _transposed(x, w, shape, stride, pad, dilation, groups)

    def backward(grad_y: Array) -> tuple[Gradient, ...]:
        windows = windows_of(np.pad(grad_y, _border(pad)), w.shape[2:], stride, dilation)
        return (
            lambda: _convolved(windows, w, groups),
            lambda: _correlated(x, windows, groups),
            None if b is None else np.sum(grad_y, axis=(0, 2, 3)),
        )

    return y if b is None else y + b.reshape(-1, 1, 1), backward


def deconv1d(
    x: Array,
    w: Array,
    b: Array | None = None,
    *,
    stride: int = 1,
    pad: int = 0,
    dilation: int = 1,
    groups: int = 1,
    output_pad: int = 0,
) -> tuple[Array, Backward]:
    """The transposed conv1d: x[n, c, i]·w[c, o, k] is added to y[n, o, i·stride + k·dilation − pad].

    x (N, C, L), w (C, O/groups, K), b (O,) or none → y (N, O, OL),
    OL = stride·(L − 1) + dilation·(K − 1) + 1 − 2·pad + output_pad: deconv2d of images one pixel high.  Gradients as
    those of deconv2d  (Dumoulin & Visin 2016, arXiv:1603.07285, chapter 4).

    Why:
        y[n,o,a] = b[o] + Σ_cik x[n,c,i]·w[c,o,k]·[i·stride + k·dilation − pad = a]
        patch[o,k,n,i] = ∂L/∂y[n,o,i·stride+k·dilation−pad]
        ∂L/∂x[n,c,i] = Σ_oa ∂L/∂y[n,o,a]·∂y[n,o,a]/∂x[n,c,i] = Σ_ok w[c,o,k]·patch[o,k,n,i]
        (C, O·K)·(O·K, N·I) → (C, N·I)
        grad_x = np.moveaxis((w.reshape(C, -1) @ patch.reshape(O * K, -1)).reshape(C, N, I), 0, 1)
        ∂L/∂w[c,o,k] = Σ_na ∂L/∂y[n,o,a]·∂y[n,o,a]/∂w[c,o,k] = Σ_ni x[n,c,i]·patch[o,k,n,i]
        (C, N·I)·(N·I, O·K) → (C, O·K)
        grad_w = (np.moveaxis(x, 1, 0).reshape(C, -1) @ patch.reshape(O * K, -1).T).reshape(w.shape)
        ∂L/∂b[o] = Σ_na ∂L/∂y[n,o,a]·∂y[n,o,a]/∂b[o] = Σ_na ∂L/∂y[n,o,a]
        (N, O, A) → (O)
        grad_b = np.sum(grad_y, axis=(0, 2))
    """
    if x.ndim != 3 or w.ndim != 3 or x.shape[1] != w.shape[0]:
        raise ValueError("x must be (N, C, L), w (C, O/groups, K) and b (O,)")
    y, backward_2d = deconv2d(
        x[:, :, None],
        w[:, :, None],
        b,
        stride=(1, stride),
        pad=(0, pad),
        dilation=(1, dilation),
        groups=groups,
        output_pad=(0, output_pad),
    )

    def backward(grad_y: Array) -> tuple[Gradient, ...]:
        grad_x, grad_w, grad_b = backward_2d(grad_y[:, :, None])
        return lambda: computed(grad_x)[:, :, 0], lambda: computed(grad_w)[:, :, 0], grad_b

    return y[:, :, 0], backward


def depthwise_conv2d(
    x: Array,
    w: Array,
    b: Array | None = None,
    *,
    stride: int | Sequence[int] = 1,
    pad: int | Sequence[int] = 0,
    dilation: int | Sequence[int] = 1,
) -> tuple[Array, Backward]:
    """y[n, c·M + m] = x[n, c] convolved with w[c·M + m], plus b[c·M + m]: every channel by itself, with M kernels.

    x (N, C, H, W), with `pad` zeros on each side, w (C·M, 1, KH, KW), b (C·M,) or none → y (N, C·M, OH, OW), the M
    outputs of a channel side by side: conv2d with C groups.  Gradients as those of conv2d  (Sifre 2014; Howard et al.
    2017, MobileNets, arXiv:1704.04861).

    Why:
        M = Q / C
        sees[q,c] = [c·M ≤ q < (c + 1)·M]
        patch[n,c,i,j,k,l] = x[n,c,i·stride+k·dilation−pad,j·stride+l·dilation−pad]
        y[n,q,i,j] = b[q] + Σ_ckl w[q,0,k,l]·sees[q,c]·patch[n,c,i,j,k,l]
        row[i,k,a] = [i·stride + k·dilation − pad = a]
        column[j,l,e] = [j·stride + l·dilation − pad = e]
        ∂L/∂x[n,c,a,e] = Σ_qij ∂L/∂y[n,q,i,j]·∂y[n,q,i,j]/∂x[n,c,a,e]
        = Σ_qijkl ∂L/∂y[n,q,i,j]·w[q,0,k,l]·sees[q,c]·row[i,k,a]·column[j,l,e]
        (N, Q, I, J) → (N, C, A, E)
        grad_x = np.einsum("nqij,qkl,qc,ika,jle->ncae", grad_y, w[:, 0], sees, row, column)
        ∂L/∂w[q,z,k,l] = Σ_nij ∂L/∂y[n,q,i,j]·∂y[n,q,i,j]/∂w[q,z,k,l]
        = Σ_ncij ∂L/∂y[n,q,i,j]·sees[q,c]·patch[n,c,i,j,k,l]
        (N, Q, I, J) → (Q, Z, K, L)
        grad_w = np.einsum("nqij,qc,ncijkl->qkl", grad_y, sees, patch)[:, None]
        ∂L/∂b[q] = Σ_nij ∂L/∂y[n,q,i,j]·∂y[n,q,i,j]/∂b[q] = Σ_nij ∂L/∂y[n,q,i,j]
        (N, Q, I, J) → (Q)
        grad_b = np.sum(grad_y, axis=(0, 2, 3))
    """
    if x.ndim != 4 or w.ndim != 4 or w.shape[1] != 1 or len(w) % max(x.shape[1], 1):
        raise ValueError("x must be (N, C, H, W), w (C·M, 1, KH, KW) and b (C·M,)")
    if b is not None and b.shape != w.shape[:1]:
        raise ValueError("x must be (N, C, H, W), w (C·M, 1, KH, KW) and b (C·M,)")
    if not x.size:
        raise ValueError("x has no elements")
    if min(*pair(stride), *pair(dilation)) < 1 or min(pair(pad)) < 0:
        raise ValueError("stride and dilation must be at least 1, pad at least 0")
    windows = windows_of(np.pad(x, _border(pad)), w.shape[2:], stride, dilation)
    kernels = w.reshape(x.shape[1], -1, *w.shape[2:])
    by_kernel = np.einsum("ncijkl,cmkl->ncmij", windows, kernels)
    y = by_kernel.reshape(len(x), len(w), *by_kernel.shape[3:])

    def backward(grad_y: Array) -> tuple[Gradient, ...]:
        return (
            lambda: _transposed(grad_y, w, x.shape[2:], stride, pad, dilation, x.shape[1]),
            lambda: np.einsum("ncijkl,ncmij->cmkl", windows, grad_y.reshape(by_kernel.shape)).reshape(w.shape),
            None if b is None else np.sum(grad_y, axis=(0, 2, 3)),
        )

    return y if b is None else y + b.reshape(-1, 1, 1), backward


def _border(pad: int | Sequence[int]) -> tuple[tuple[int, int], ...]:
    """The padding of every axis: none for batch and channels, `pad` on each side of the image."""
    vertical, horizontal = pair(pad)
    return (0, 0), (0, 0), (vertical, vertical), (horizontal, horizontal)


def _by_group(y: Array, groups: int) -> Array:
    """One column per position in the image: y (N, O, OH, OW) → (groups, O/groups, N·OH·OW)."""
    return np.moveaxis(y, 1, 0).reshape(groups, y.shape[1] // groups, -1)


def _patches_by_group(windows: Array, groups: int) -> Array:
    """One column per patch: windows (N, C, OH, OW, KH, KW) → (groups, C/groups·KH·KW, N·OH·OW)."""
    columns = windows.transpose(1, 4, 5, 0, 2, 3)
    return columns.reshape(groups, windows[0, :, 0, 0].size // groups, -1)


def _convolved(windows: Array, w: Array, groups: int) -> Array:
    """Every patch times every kernel of its group: w (O, C/groups, KH, KW) → (N, O, OH, OW)."""
    n, _, height, width, *_ = windows.shape
    kernels = w.reshape(groups, len(w) // groups, -1)
    y = (kernels @ _patches_by_group(windows, groups)).reshape(len(w), n, height, width)
    return np.moveaxis(y, 1, 0)


def _correlated(y: Array, windows: Array, groups: int) -> Array:
    """Every position of y times its patch: y (N, O, OH, OW), windows (N, C, OH, OW, KH, KW) → (O, C/groups, KH, KW)."""
    products = _by_group(y, groups) @ np.swapaxes(_patches_by_group(windows, groups), 1, 2)
    return products.reshape(y.shape[1], -1, *windows.shape[4:])


def _transposed(
    y: Array,
    w: Array,
    shape: Sequence[int],
    stride: int | Sequence[int],
    pad: int | Sequence[int],
    dilation: int | Sequence[int],
    groups: int,
) -> Array:
    """Every y[n, o, i, j] times its kernel, laid over the patch that it came from.

    y (N, O, OH, OW), w (O, C/groups, KH, KW), shape (H, W) → (N, C, H, W).
    """
    (height, width), (vertical, horizontal), (down, right) = shape, pair(pad), pair(stride)
    beyond_down, beyond_right = (reach - 1 for reach in reach_of(w.shape[2:], dilation))
    positions = (height + 2 * vertical - beyond_down, width + 2 * horizontal - beyond_right)
    spread = np.zeros_like(y, shape=(*y.shape[:2], *positions))
    spread[:, :, ::down, ::right] = y
    bordered = np.pad(spread, ((0, 0), (0, 0), (beyond_down, beyond_down), (beyond_right, beyond_right)))
    flipped = w[:, :, ::-1, ::-1].reshape(groups, len(w) // groups, *w.shape[1:])
    turned = np.swapaxes(flipped, 1, 2).reshape(-1, len(w) // groups, *w.shape[2:])
    padded = _convolved(windows_of(bordered, w.shape[2:], 1, dilation), turned, groups)
    return padded[:, :, vertical : vertical + height, horizontal : horizontal + width]


def _transposed_shape(
    size: Sequence[int],
    kernel: Sequence[int],
    stride: int | Sequence[int],
    pad: int | Sequence[int],
    dilation: int | Sequence[int],
    output_pad: int | Sequence[int],
) -> tuple[int, ...]:
    """What deconv2d makes of an image of this size with kernels of that: (H, W), (KH, KW) → (OH, OW)."""
    settings = zip(size, reach_of(kernel, dilation), pair(stride), pair(pad), pair(output_pad), strict=True)
    return tuple(step * (length - 1) + reach - 2 * border + more for length, reach, step, border, more in settings)
