"""Shapes that several families of ops bring their arrays into."""

import math

import numpy as np

from backends.contract import Array


def rows_of(x: Array) -> Array:
    """(…, D) → (N, D), every position of every sequence in a row."""
    if x.ndim == 2:
        return x
    if 0 in x.shape:  # −1 could stand for any number of rows
        return x.reshape(math.prod(x.shape[:-1]), x.shape[-1])
    return x.reshape(-1, x.shape[-1])


def split_axes(axis: int | tuple[int, ...] | None, count: int) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """The axes of an array of so many that are kept and those that are reduced, each in ascending order."""
    axes = range(count) if axis is None else (axis,) if isinstance(axis, int) else axis
    reduced = tuple(sorted(number % count for number in axes))
    return tuple(number for number in range(count) if number not in reduced), reduced


def rows_along(x: Array, axis: int | tuple[int, ...] | None) -> Array:
    """The axes that are kept in front, and in one last axis what stands along the reduced ones, row by row."""
    kept, reduced = split_axes(axis, x.ndim)
    return np.transpose(x, (*kept, *reduced)).reshape(*(x.shape[number] for number in kept), -1)


def from_rows(rows: Array, axis: int | tuple[int, ...] | None, shape: tuple[int, ...]) -> Array:
    """An array of this shape from its rows along these axes."""
    order = sum(split_axes(axis, len(shape)), ())
    return np.transpose(rows.reshape([shape[number] for number in order]), np.argsort(order))
