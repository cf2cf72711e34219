"""Pooling, which shrinks images by a maximum or a mean over windows."""

from backends.chainer_autograd.framework import F, Variable


def max_pool2d(x: Variable, *, window: int, stride: int, pad: int = 0, cover_all: bool = False) -> Variable:
    """y = the largest element of every window.  x (N, C, H, W) → y (N, C, OH, OW)."""
    # Chainer's default is to cover all.
    return F.max_pooling_2d(x, window, stride, pad, cover_all)


def avg_pool2d(x: Variable, *, window: int, stride: int, pad: int = 0) -> Variable:
    """y = the mean of every window, padding included.  x (N, C, H, W) → y (N, C, OH, OW)."""
    return F.average_pooling_2d(x, window, stride, pad)
