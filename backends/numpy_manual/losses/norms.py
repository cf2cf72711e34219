"""Lengths of vectors, and in which direction they grow."""

import numpy as np

from backends.contract import Array


def norm(x: Array, p: float) -> Array:
    """(Σ |x|ᵖ)^(1/p) of every row, (N, D) → (N, 1)."""
    distance: Array = np.power(np.sum(np.power(np.abs(x), p), axis=1, keepdims=True), 1 / p)
    return distance


def gradient_of_norm(x: Array, length: Array, p: float) -> Array:
    """sign(x)·(|x| / length)^(p − 1) for the length (N, 1) of every row of x (N, D); 0 where x is 0."""
    share = np.power(np.abs(x) / np.where(length > 0, length, 1), p - 1)
    return np.where(x > 0, share, np.where(x < 0, -share, 0))
