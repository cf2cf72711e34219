"""Shapes that several families of ops bring their arrays into."""

import math

from backends.contract import Array


def rows_of(x: Array) -> Array:
    """(…, D) → (N, D), every position of every sequence in a row."""
    return x.reshape(math.prod(x.shape[:-1]), x.shape[-1])
