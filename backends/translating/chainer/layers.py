"""Layers with weights: linear, embedding, convolutions, normalisations, an LSTM's gates."""

from collections.abc import Mapping, Sequence
from typing import Any

from backends.translating import parts
from backends.translating.axes import Tensor, Translation, pair
from backends.translating.untranslatable import Untranslatable, refuse


def linear(op: Any, x: Tensor, w: Tensor, b: Tensor | None = None, **attributes: Any) -> Tensor:
    """x·wᵀ + b."""
    return parts.linear(op, x, w, b)


def embed_id(op: Any, ids: Tensor, table: Tensor, *, ignore_label: int | None = None, **attributes: Any) -> Tensor:
    """The rows of a table, and zeros for the label that is ignored."""
    is_used = ignore_label is not None and op.occurs(ignore_label, ids)
    return op.embedding(ids, table, ignore_label=ignore_label if is_used else None)


def convolution_2d(
    op: Any,
    x: Tensor,
    w: Tensor,
    *b: Tensor,
    sy: int,
    sx: int,
    ph: int,
    pw: int,
    dy: int,
    dx: int,
    groups: int,
    cover_all: bool = False,
    **attributes: Any,
) -> Tensor:
    """A convolution of images."""
    refuse(cover_all, "a convolution with cover_all")
    return op.conv2d(x, w, *b, stride=pair((sy, sx)), pad=pair((ph, pw)), dilation=pair((dy, dx)), groups=groups)


def convolution_nd(
    op: Any,
    x: Tensor,
    w: Tensor,
    *b: Tensor,
    ndim: int,
    stride: Sequence[int],
    pad: Sequence[int],
    dilate: Sequence[int],
    groups: int,
    cover_all: bool = False,
    **attributes: Any,
) -> Tensor:
    """A convolution along one axis or two."""
    refuse(cover_all, "a convolution with cover_all")
    if ndim == 1:
        return op.conv1d(x, w, *b, stride=stride[0], pad=pad[0], dilation=dilate[0], groups=groups)
    refuse(ndim != 2, f"a convolution along {ndim} axes")
    return op.conv2d(x, w, *b, stride=pair(stride), pad=pair(pad), dilation=pair(dilate), groups=groups)


def deconvolution_2d(
    op: Any,
    x: Tensor,
    w: Tensor,
    *b: Tensor,
    sy: int,
    sx: int,
    ph: int,
    pw: int,
    dy: int,
    dx: int,
    groups: int,
    outh: int | None,
    outw: int | None,
    **attributes: Any,
) -> Tensor:
    """A transposed convolution of images; what the size of its output exceeds the least by is padding behind."""
    output_pad = tuple(
        _excess(*sizes)
        for sizes in zip((outh, outw), x.shape[2:], w.shape[2:], (sy, sx), (ph, pw), (dy, dx), strict=True)
    )
    return op.deconv2d(
        x,
        w,
        *b,
        stride=pair((sy, sx)),
        pad=pair((ph, pw)),
        dilation=pair((dy, dx)),
        groups=groups,
        output_pad=pair(output_pad),
    )


def deconvolution_nd(
    op: Any,
    x: Tensor,
    w: Tensor,
    *b: Tensor,
    ndim: int,
    stride: Sequence[int],
    pad: Sequence[int],
    dilate: Sequence[int],
    groups: int,
    outs: Sequence[int] | None,
    **attributes: Any,
) -> Tensor:
    """A transposed convolution along one axis or two; what the output's size exceeds the least by is padding behind."""
    refuse(ndim > 2, f"a deconvolution along {ndim} axes")
    wanted: Sequence[int | None] = outs or [None] * ndim
    output_pad = tuple(
        _excess(*sizes) for sizes in zip(wanted, x.shape[2:], w.shape[2:], stride, pad, dilate, strict=True)
    )
    if ndim == 1:
        return op.deconv1d(
            x, w, *b, stride=stride[0], pad=pad[0], dilation=dilate[0], groups=groups, output_pad=output_pad[0]
        )
    return op.deconv2d(
        x,
        w,
        *b,
        stride=pair(stride),
        pad=pair(pad),
        dilation=pair(dilate),
        groups=groups,
        output_pad=pair(output_pad),
    )


def _excess(wanted: int | None, size: int, window: int, stride: int, padding: int, dilation: int) -> int:
    """By how much an output is larger than the smallest that there can be."""
    return 0 if wanted is None else wanted - (stride * (size - 1) + dilation * (window - 1) + 1 - 2 * padding)


def batch_normalization(
    op: Any,
    x: Tensor,
    gamma: Tensor,
    beta: Tensor,
    *,
    eps: float,
    decay: float,
    axis: Sequence[int] | None,
    running_mean: Tensor | None = None,
    running_var: Tensor | None = None,
    **attributes: Any,
) -> Tensor:
    """By the batch's statistics, which go into the running ones if there are any."""
    _refuse_axes(x, axis)
    mean = op.zeros(gamma.shape) if running_mean is None else running_mean
    var = op.ones(gamma.shape) if running_var is None else running_var
    y, new_mean, new_var = op.batch_norm(x, gamma, beta, mean, var, eps=eps, momentum=1 - decay)
    if running_mean is not None:
        op.carry(running_mean, new_mean)
        op.carry(running_var, new_var)
    return y


def fixed_batch_normalization(
    op: Any,
    x: Tensor,
    gamma: Tensor,
    beta: Tensor,
    mean: Tensor,
    var: Tensor,
    *,
    eps: float,
    axis: Sequence[int] | None,
    **attributes: Any,
) -> Tensor:
    """gamma·(x − mean) / √(var + eps) + beta."""
    _refuse_axes(x, axis)
    return op.fixed_batch_norm(x, mean, var, gamma, beta, eps=eps)


def _refuse_axes(x: Tensor, axis: Sequence[int] | None) -> None:
    """Refuse statistics over other axes than all but the channels'."""
    if axis is not None and tuple(axis) != (0, *range(2, len(x.shape))):
        raise Untranslatable(f"batch normalisation over the axes {tuple(axis)}")


def layer_normalization(op: Any, x: Tensor, gamma: Tensor, beta: Tensor, *, eps: float, **attributes: Any) -> Tensor:
    """Rows with mean 0 and variance 1, then scaled and shifted."""
    return op.layer_norm(x, gamma, beta, eps=eps)


def group_normalization(
    op: Any, x: Tensor, gamma: Tensor, beta: Tensor, *, groups: int, eps: float, **attributes: Any
) -> Tensor:
    """Groups of channels with mean 0 and variance 1, then scaled and shifted."""
    return op.group_norm(x, gamma, beta, groups=groups, eps=eps)


def local_response_normalization(
    op: Any, x: Tensor, *, n: int, k: float, alpha: float, beta: float, **attributes: Any
) -> Tensor:
    """Divided by what is near among the channels."""
    return op.local_response_norm(x, n=n, k=k, alpha=alpha, beta=beta)


def lstm(op: Any, c: Tensor, x: Tensor, **attributes: Any) -> tuple[Tensor, Tensor]:
    """The cell and the output from the gates' inputs x (N, 4H), which lie unit by unit as a, i, f, o.

    Where x has fewer rows than c, the other cells stay as they are: their sequences have ended.
    """
    rows, units = x.shape[0], c.shape[1]
    by_unit = op.reshape(x, shape=(rows, units, 4))
    a, i, f, o = (op.select(by_unit, index=gate, axis=2) for gate in range(4))
    running = c if c.shape[0] == rows else op.slice_axis(c, start=0, stop=rows, axis=0)
    new_c = op.add(op.multiply(op.tanh(a), op.sigmoid(i)), op.multiply(op.sigmoid(f), running))
    h = op.multiply(op.sigmoid(o), op.tanh(new_c))
    if c.shape[0] > rows:
        ended = op.slice_axis(c, start=rows, stop=c.shape[0], axis=0)
        return op.concatenate(new_c, ended, axis=0), h
    return new_c, h


TRANSLATIONS: Mapping[str, Translation] = {
    "LinearFunction": linear,
    "EmbedIDFunction": embed_id,
    "Convolution2DFunction": convolution_2d,
    "ConvolutionND": convolution_nd,
    "Deconvolution2DFunction": deconvolution_2d,
    "DeconvolutionND": deconvolution_nd,
    "BatchNormalization": batch_normalization,
    "FixedBatchNormalization": fixed_batch_normalization,
    "LayerNormalization": layer_normalization,
    "GroupNormalization": group_normalization,
    "LocalResponseNormalization": local_response_normalization,
    "LSTM": lstm,
}
"""By the class of the FunctionNode."""
