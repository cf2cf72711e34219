"""Several small weights as one array: a rule that works element by element runs once for all of them."""

import math
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

import numpy as np

from backends.contract import Array

Piece = Callable[[Any, Callable[[Array], Array]], Any]
"""Takes those elements of a bound that a function takes of an array."""


def joined(arrays: Sequence[Array]) -> Array:
    """The elements of all arrays in a row."""
    return np.concatenate([np.ravel(array) for array in arrays])


def pieces(bounds: Sequence[Any], shapes: Mapping[str, tuple[int, ...]], piece: Piece) -> dict[str, Sequence[Any]]:
    """For each name the part of all bounds that is its own; bounds of joined arrays, None where there is none."""
    own: dict[str, Sequence[Any]] = {}
    end = 0
    for name, shape in shapes.items():
        start, end = end, end + math.prod(shape)
        own[name] = _Pieces(bounds, partial(_cut, start=start, end=end, shape=shape), piece)
    return own


class _Pieces(Sequence[Any]):
    """Of each bound the elements of one weight, taken when they are asked for."""

    def __init__(self, wholes: Sequence[Any], cut: Callable[[Array], Array], piece: Piece) -> None:
        self._wholes = wholes
        self._cut = cut
        self._piece = piece

    def __getitem__(self, place: Any) -> Any:
        whole = self._wholes[place]
        return None if whole is None else self._piece(whole, self._cut)

    def __len__(self) -> int:
        return len(self._wholes)


def _cut(array: Array, *, start: int, end: int, shape: tuple[int, ...]) -> Array:
    return array[start:end].reshape(shape)
