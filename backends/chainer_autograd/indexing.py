"""Ops that read elements at other places along an axis: at given ones, or from the end."""

import numpy as np

from backends.chainer_autograd.framework import F, Variable, chainer


def gather(x: Variable, ids: Variable, *, axis: int) -> Variable:
    """y = x at the place along an axis that each id names.  x (any shape), ids (as many axes) → y (as ids)."""
    # Chainer has none; F.get_item is given the index of each axis.
    places = list(np.indices(ids.shape, sparse=True))
    places[axis] = chainer.as_variable(ids).array
    return F.get_item(x, tuple(places))


def flip(x: Variable, *, axis: int) -> Variable:
    """y = x read from the end of an axis to its start."""
    return F.flip(x, axis)
