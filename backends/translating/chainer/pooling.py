"""Pooling."""

from collections.abc import Mapping, Sequence
from typing import Any

from backends.translating.axes import Tensor, Translation, pair
from backends.translating.untranslatable import refuse


def average_pooling_2d(
    op: Any, x: Tensor, *, kh: int, kw: int, sy: int, sx: int, ph: int, pw: int, **attributes: Any
) -> Tensor:
    """The mean of every window; padding counts."""
    return op.avg_pool2d(x, window=pair((kh, kw)), stride=pair((sy, sx)), pad=pair((ph, pw)))


def max_pooling_nd(
    op: Any,
    x: Tensor,
    *,
    ndim: int,
    ksize: Sequence[int],
    stride: Sequence[int],
    pad: Sequence[int],
    cover_all: bool,
    **attributes: Any,
) -> Tensor:
    """The largest element of every window along one axis or two."""
    if ndim == 1:
        return op.max_pool1d(x, window=ksize[0], stride=stride[0], pad=pad[0], cover_all=cover_all)
    refuse(ndim != 2, f"pooling along {ndim} axes")
    return op.max_pool2d(x, window=pair(ksize), stride=pair(stride), pad=pair(pad), cover_all=cover_all)


def average_pooling_nd(
    op: Any,
    x: Tensor,
    *,
    ndim: int,
    ksize: Sequence[int],
    stride: Sequence[int],
    pad: Sequence[int],
    pad_value: int | None,
    **attributes: Any,
) -> Tensor:
    """The mean of every window along one axis or two; padding counts unless its value is None."""
    if ndim == 1:
        return op.avg_pool1d(x, window=ksize[0], stride=stride[0], pad=pad[0], count_pad=pad_value is not None)
    refuse(ndim != 2, f"pooling along {ndim} axes")
    return op.avg_pool2d(x, window=pair(ksize), stride=pair(stride), pad=pair(pad), count_pad=pad_value is not None)


def unpooling_2d(
    op: Any, x: Tensor, *, kh: int, kw: int, sy: int, sx: int, outh: int, outw: int, **attributes: Any
) -> Tensor:
    """Every pixel repeated."""
    repeats = (kh, kw) == (sy, sx) and (outh, outw) == (kh * x.shape[2], kw * x.shape[3])
    refuse(not repeats, "unpooling whose windows overlap, leave gaps or are cut off")
    return op.resize_nearest(x, scale=pair((kh, kw)))


def resize_images(op: Any, x: Tensor, *, mode: str, align_corners: bool, **attributes: Any) -> Tensor:
    """Images of another size."""
    size = attributes["out_H"], attributes["out_W"]
    if mode == "bilinear":
        return op.resize_bilinear(x, size=size, align_corners=align_corners)
    scales = [divmod(new, old) for new, old in zip(size, x.shape[2:], strict=True)]
    refuse(any(rest for _, rest in scales), "the nearest pixels of no whole multiple")
    return op.resize_nearest(x, scale=pair([times for times, _ in scales]))


TRANSLATIONS: Mapping[str, Translation] = {
    "AveragePooling2D": average_pooling_2d,
    "MaxPoolingND": max_pooling_nd,
    "AveragePoolingND": average_pooling_nd,
    "Unpooling2D": unpooling_2d,
    "ResizeImages": resize_images,
}
"""By the class of the FunctionNode."""
