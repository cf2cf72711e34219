"""Ops that read elements at other places along an axis: a part of it, at given places, or from the end."""

import numpy as np

from backends.chainer_autograd.framework import F, Variable, chainer


def slice_axis(x: Variable, *, start: int, stop: int, axis: int) -> Variable:
    """y = x from start up to, but without, stop along an axis."""
    return x[(slice(None),) * (axis % x.ndim) + (slice(start, stop),)]


def select(x: Variable, *, index: int, axis: int) -> Variable:
    """y = x at one position of an axis."""
    return x[(slice(None),) * (axis % x.ndim) + (index,)]


def gather(x: Variable, ids: Variable, *, axis: int) -> Variable:
    """y = x at the place along an axis that each id names.  x (any shape), ids (as many axes) → y (as ids)."""
    # Chainer has none; F.get_item is given the index of each axis.
    places = list(np.indices(ids.shape, sparse=True))
    places[axis] = chainer.as_variable(ids).array
    return F.get_item(x, tuple(places))


def flip(x: Variable, *, axis: int) -> Variable:
    """y = x read from the end of an axis to its start."""
    return F.flip(x, axis)
