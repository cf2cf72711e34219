"""Large arrays part by part, so that what is computed in several steps leaves and enters the caches once."""

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from backends.contract import Array

BLOCK = 2**15
"""So many elements in float64 are a quarter of a megabyte."""


def blocks(*arrays: Any) -> Iterator[tuple[Array, ...]]:
    """The same parts of arrays of one shape, as views, one after the other; all at once what can't be divided so.

    That is what is small, of several shapes, in another order than C's, or no array of NumPy's.
    """
    size, shape = arrays[0].size, arrays[0].shape
    if size <= BLOCK or not all(_is_flat(array) and array.shape == shape for array in arrays):
        yield arrays
        return
    flat = [array.reshape(-1) for array in arrays]
    for start in range(0, size, BLOCK):
        yield tuple(array[start : start + BLOCK] for array in flat)


def in_blocks(compute: Callable[..., Any], first: Any, *others: Any) -> Any:
    """compute(first, *others), which works in place on the first array where it can, part by part."""
    parts = blocks(first, *others)
    for part in parts:
        result = compute(*part)
        if part[0] is first:
            return result
    return first


def _is_flat(array: Any) -> bool:
    return isinstance(array, np.ndarray) and array.flags.c_contiguous
