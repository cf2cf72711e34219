"""What a framework's own function gives for a gradient where the op's is not the only right one: at ties.

The op is what Lockstep's backends agree on. A live model calls the framework's function as it comes, and at a tie any
share of the gradient is a right one.
"""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from backends.contract import Array

Backward = Callable[[Array], tuple[Array, ...]]


def reduce_max_to_each(x: Array, *, axis: int, keepdims: bool = False) -> tuple[Array, Backward]:
    """y = max x along an axis; each of several equal elements gets the whole gradient, as by Chainer's F.max."""
    largest = np.max(x, axis=axis, keepdims=True)

    def backward(grad_y: Array) -> tuple[Array, ...]:
        return (np.where(x == largest, np.reshape(grad_y, largest.shape), 0.0),)

    return np.max(x, axis=axis, keepdims=keepdims), backward


def reduce_max_shared(x: Array, *, axis: int, keepdims: bool = False) -> tuple[Array, Backward]:
    """y = max x along an axis; several equal elements share the gradient, as by torch.amax."""
    largest = np.max(x, axis=axis, keepdims=True)

    def backward(grad_y: Array) -> tuple[Array, ...]:
        count = np.count_nonzero(np.asarray(x == largest), axis=axis, keepdims=True)
        return (np.where(x == largest, np.reshape(grad_y, largest.shape) / count, 0.0),)

    return np.max(x, axis=axis, keepdims=keepdims), backward


AT_TIES: Mapping[str, Mapping[str, Callable[..., Any]]] = {
    "chainer": {"reduce_max": reduce_max_to_each},
    "torch": {"reduce_max": reduce_max_shared},
}
"""By framework and op."""
