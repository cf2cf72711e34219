"""Pooling."""

from collections.abc import Mapping, Sequence
from typing import Any

from backends.translating.axes import Tensor, Translation, one_number, pair
from backends.translating.untranslatable import Untranslatable, refuse

Sizes = int | Sequence[int]


def max_pool2d(
    op: Any,
    input: Tensor,
    kernel_size: Sizes,
    stride: Sizes | None = None,
    padding: Sizes = 0,
    dilation: Sizes = 1,
    ceil_mode: bool = False,
    return_indices: bool = False,
) -> Tensor:
    """The largest element of every window."""
    refuse(return_indices, "pooling that returns indices")
    return op.max_pool2d(
        input,
        window=pair(kernel_size),
        stride=pair(stride or kernel_size),
        pad=pair(padding),
        dilation=pair(dilation),
        cover_all=ceil_mode,
    )


def avg_pool2d(
    op: Any,
    input: Tensor,
    kernel_size: Sizes,
    stride: Sizes | None = None,
    padding: Sizes = 0,
    ceil_mode: bool = False,
    count_include_pad: bool = True,
    divisor_override: int | None = None,
) -> Tensor:
    """The mean of every window."""
    return op.avg_pool2d(
        input,
        window=pair(kernel_size),
        stride=pair(stride or kernel_size),
        pad=pair(padding),
        cover_all=ceil_mode,
        count_pad=count_include_pad,
        divisor=divisor_override,
    )


def max_pool1d(
    op: Any,
    input: Tensor,
    kernel_size: Sizes,
    stride: Sizes | None = None,
    padding: Sizes = 0,
    dilation: Sizes = 1,
    ceil_mode: bool = False,
    return_indices: bool = False,
) -> Tensor:
    """The largest element of every window along one axis."""
    refuse(return_indices, "pooling that returns indices")
    return op.max_pool1d(
        input,
        window=one_number(kernel_size),
        stride=one_number(stride or kernel_size),
        pad=one_number(padding),
        dilation=one_number(dilation),
        cover_all=ceil_mode,
    )


def avg_pool1d(
    op: Any,
    input: Tensor,
    kernel_size: Sizes,
    stride: Sizes | None = None,
    padding: Sizes = 0,
    ceil_mode: bool = False,
    count_include_pad: bool = True,
) -> Tensor:
    """The mean of every window along one axis."""
    return op.avg_pool1d(
        input,
        window=one_number(kernel_size),
        stride=one_number(stride or kernel_size),
        pad=one_number(padding),
        cover_all=ceil_mode,
        count_pad=count_include_pad,
    )


def adaptive_avg_pool1d(op: Any, input: Tensor, output_size: Any) -> Tensor:
    """The mean of each of so many parts of a sequence, which have to divide it."""
    size, length = one_number(output_size), input.shape[-1]
    refuse(length % size, "adaptive pooling to a size that does not divide the sequence")
    return op.avg_pool1d(input, window=length // size, stride=length // size)


def adaptive_avg_pool2d(op: Any, input: Tensor, output_size: Any) -> Tensor:
    """The mean of each of so many parts of an image, which have to divide it."""
    sizes = (output_size,) * 2 if isinstance(output_size, int) else output_size
    if None in sizes or any(length % size for length, size in zip(input.shape[-2:], sizes, strict=True)):
        raise Untranslatable("adaptive pooling to a size that does not divide the image")
    window = pair([length // size for length, size in zip(input.shape[-2:], sizes, strict=True)])
    return op.avg_pool2d(input, window=window, stride=window)


def interpolate(
    op: Any,
    input: Tensor,
    size: Any = None,
    scale_factor: Any = None,
    mode: str = "nearest",
    align_corners: bool | None = None,
    recompute_scale_factor: bool | None = None,
    antialias: bool = False,
) -> Tensor:
    """An image of another size: by repeated pixels, or by bilinear means."""
    refuse(antialias, "interpolation against aliasing")
    refuse(len(input.shape) != 4 or mode not in ("nearest", "bilinear"), f"interpolation by {mode} of such a tensor")
    lengths = input.shape[-2:]
    if size is None:
        scales = (scale_factor,) * 2 if isinstance(scale_factor, int | float) else tuple(scale_factor)
        refuse(any(scale != int(scale) for scale in scales), "interpolation by a scale that is no whole number")
        size = tuple(length * int(scale) for length, scale in zip(lengths, scales, strict=True))
    size = (size, size) if isinstance(size, int) else tuple(size)
    if mode == "bilinear":
        return op.resize_bilinear(input, size=size, align_corners=bool(align_corners))
    refuse(any(new % old for new, old in zip(size, lengths, strict=True)), "the nearest pixels of no whole multiple")
    return op.resize_nearest(input, scale=pair([new // old for new, old in zip(size, lengths, strict=True)]))


TRANSLATIONS: Mapping[str, Translation] = {
    "max_pool2d": max_pool2d,
    "avg_pool2d": avg_pool2d,
    "max_pool1d": max_pool1d,
    "avg_pool1d": avg_pool1d,
    "adaptive_avg_pool1d": adaptive_avg_pool1d,
    "adaptive_avg_pool2d": adaptive_avg_pool2d,
    "interpolate": interpolate,
}
"""By the function's name without underscores, as a capture has it."""
