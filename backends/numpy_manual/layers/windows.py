"""The windows of an image that kernels are laid over and that pooling takes together."""

from collections.abc import Sequence

from numpy.lib.stride_tricks import sliding_window_view

from backends.contract import Array


def pair(setting: int | Sequence[int]) -> tuple[int, int]:
    """The numbers of the height and of the width, from one number for both or two.

    Raises ValueError for other than one number or two.
    """
    if isinstance(setting, int):
        return setting, setting
    if len(setting) != 2:
        raise ValueError(f"{setting} must be one number, or two: that of the height and that of the width")
    height, width = setting
    return height, width


def reach_of(size: int | Sequence[int], dilation: int | Sequence[int]) -> tuple[int, ...]:
    """How much of an image a window of this size covers, from its first row and column to its last ones."""
    return tuple(apart * (length - 1) + 1 for length, apart in zip(pair(size), pair(dilation), strict=True))


def windows_of(
    x: Array, size: int | Sequence[int], stride: int | Sequence[int], dilation: int | Sequence[int]
) -> Array:
    """The patches of an image: x (N, C, H, W), size (KH, KW) → (N, C, OH, OW, KH, KW)."""
    reach = reach_of(size, dilation)
    if x.shape[2] < reach[0] or x.shape[3] < reach[1]:
        raise ValueError("the kernel is larger than the padded image")
    (down, right), (apart_down, apart_right) = pair(stride), pair(dilation)
    every = sliding_window_view(x, reach, axis=(2, 3))
    patches: Array = every[:, :, ::down, ::right, ::apart_down, ::apart_right]
    return patches
