"""What the entries are made of."""

from collections.abc import Callable
from typing import Any

import numpy as np

from backends.contract import Array

Inputs = tuple[list[Array], dict[str, Any]]
Maker = Callable[[np.random.RandomState], Inputs]


def matrix(random: np.random.RandomState, scale: float = 1.0) -> Array:
    """A matrix of one to five rows and columns."""
    rows, columns = random.randint(1, 6, size=2)
    return scale * random.standard_normal((rows, columns))


def array(random: np.random.RandomState, axes: int, scale: float = 1.0) -> Array:
    """An array of so many axes, each of one to four elements."""
    return np.asarray(scale * random.standard_normal(tuple(random.randint(1, 5, size=axes))))


def positive(random: np.random.RandomState) -> Array:
    """A matrix of positive elements of all sizes, none of them next to 0."""
    return np.asarray(np.exp(matrix(random)))


def away_from(kink: float, random: np.random.RandomState) -> Array:
    """A matrix without elements near a kink, on both sides of it."""
    x = matrix(random)
    return np.asarray(kink + np.sign(x) * (0.1 + np.abs(x)))


def reduction(random: np.random.RandomState, *names: str) -> dict[str, Any]:
    """One of the reductions, or none of them given."""
    chosen = str(random.choice(["", "mean", "sum", "none", *names]))
    return {"reduction": chosen} if chosen else {}
