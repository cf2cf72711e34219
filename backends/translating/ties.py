"""What a framework's own function gives for a gradient where the op's is not the only right one: at ties.

The op is what Lockstep's backends agree on. A live model calls the framework's function as it comes, and at a tie any
share of the gradient is a right one. PyTorch's hardsigmoid is here, too, whose backward knows 1/6 in float32 alone.
"""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from backends import numpy_manual
from backends.contract import Array
from backends.deferred import computed

Axes = int | tuple[int, ...] | None
Backward = Callable[[Array], tuple[Array, ...]]


def _to_each(
    extreme: Callable[..., Any], x: Array, *, axis: Axes = None, keepdims: bool = False
) -> tuple[Array, Backward]:
    """y = the largest x, or the smallest, along axes; each of several equal elements gets the whole gradient.

    So do Chainer's F.max and F.min.
    """
    found = extreme(x, axis=axis, keepdims=True)

    def backward(grad_y: Array) -> tuple[Array, ...]:
        return (np.where(x == found, np.reshape(grad_y, found.shape), 0.0),)

    return extreme(x, axis=axis, keepdims=keepdims), backward


def _shared(
    extreme: Callable[..., Any], x: Array, *, axis: Axes = None, keepdims: bool = False
) -> tuple[Array, Backward]:
    """y = the largest x, or the smallest, along axes; several equal elements share the gradient.

    So do torch.amax and torch.amin, and torch.max and torch.min of all elements.
    """
    found = extreme(x, axis=axis, keepdims=True)

    def backward(grad_y: Array) -> tuple[Array, ...]:
        count = np.count_nonzero(np.asarray(x == found), axis=axis, keepdims=True)
        return (np.where(x == found, np.reshape(grad_y, found.shape) / count, 0.0),)

    return extreme(x, axis=axis, keepdims=keepdims), backward


def reduce_max_to_each(x: Array, *, axis: Axes = None, keepdims: bool = False) -> tuple[Array, Backward]:
    """y = max x along axes; each of several equal elements gets the whole gradient."""
    return _to_each(np.max, x, axis=axis, keepdims=keepdims)


def reduce_min_to_each(x: Array, *, axis: Axes = None, keepdims: bool = False) -> tuple[Array, Backward]:
    """y = min x along axes; each of several equal elements gets the whole gradient."""
    return _to_each(np.min, x, axis=axis, keepdims=keepdims)


def reduce_max_shared(x: Array, *, axis: Axes = None, keepdims: bool = False) -> tuple[Array, Backward]:
    """y = max x along axes; several equal elements share the gradient."""
    return _shared(np.max, x, axis=axis, keepdims=keepdims)


def reduce_min_shared(x: Array, *, axis: Axes = None, keepdims: bool = False) -> tuple[Array, Backward]:
    """y = min x along axes; several equal elements share the gradient."""
    return _shared(np.min, x, axis=axis, keepdims=keepdims)


def _halved(extreme: Callable[..., Any], a: Array, b: Array) -> tuple[Array, Backward]:
    """y = the larger of a and b, or the smaller; where they are equal each gets half of the gradient.

    So do torch.maximum and torch.minimum. `extreme` gives all of it to its first argument.
    """
    y, to_first = extreme(a, b)
    _, to_second = extreme(b, a)

    def backward(grad_y: Array) -> tuple[Array, ...]:
        (first, second), (second_at_ties, first_at_ties) = to_first(grad_y / 2), to_second(grad_y / 2)
        return computed(first) + computed(first_at_ties), computed(second) + computed(second_at_ties)

    return y, backward


def maximum_halved(a: Array, b: Array) -> tuple[Array, Backward]:
    """y = max(a, b), element by element; where they are equal each gets half of the gradient."""
    return _halved(numpy_manual.maximum, a, b)


def minimum_halved(a: Array, b: Array) -> tuple[Array, Backward]:
    """y = min(a, b), element by element; where they are equal each gets half of the gradient."""
    return _halved(numpy_manual.minimum, a, b)


def hard_sigmoid_of_pytorch(x: Array) -> tuple[Array, Backward]:
    """y = x/5 + ½, cut off; the backward of torch's hardsigmoid multiplies by 1/6 in float32, whatever x's dtype is."""
    slope = 0.2 * (6 * float(np.float32(1 / 6)))
    straight = 0.2 * x

    def backward(grad_y: Array) -> tuple[Array, ...]:
        return (np.where(np.abs(straight) < 0.5, slope * grad_y, 0.0),)

    return np.clip(straight + 0.5, 0, 1), backward


AT_TIES: Mapping[str, Mapping[str, Callable[..., Any]]] = {
    "chainer": {"reduce_max": reduce_max_to_each, "reduce_min": reduce_min_to_each},
    "torch": {
        "reduce_max": reduce_max_shared,
        "reduce_min": reduce_min_shared,
        "maximum": maximum_halved,
        "minimum": minimum_halved,
        "hard_sigmoid": hard_sigmoid_of_pytorch,
    },
}
"""By framework and op."""
