"""Real data: handwritten digits, an MLP with biases, shuffled mini-batches, momentum."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from scenarios import data, momentum, param, scenario

if TYPE_CHECKING:
    import numpy as np

    Array = np.ndarray[Any, np.dtype[Any]]

HELD_OUT_EVERY = 5
"""Every fifth digit is kept from training."""


@cache
def _digits() -> tuple[Array, Array]:
    """Images (1797, 64) as float64 in [0, 1], labels (1797,) as int64; data/README.md has their source."""
    import numpy as np

    with np.load(Path(__file__).parent / "data" / "digits.npz") as archive:
        return archive["images"] / 16.0, archive["labels"].astype(np.int64)


def images() -> Array:
    """All images, (1797, 64) in [0, 1]."""
    return _digits()[0]


def _trained_on(array: Array) -> Array:
    import numpy as np

    return np.delete(array, slice(None, None, HELD_OUT_EVERY), axis=0)


def _held_out(array: Array) -> Array:
    return array[::HELD_OUT_EVERY]


@scenario(
    seed=1,
    epochs=20,
    optimizer=momentum(lr=0.05, momentum=0.9),
    batch_size=64,
    accuracy=("scores", "t"),
    sizes={"N_H": 64},
    x=data(lambda: _trained_on(_digits()[0]), held_out=lambda: _held_out(_digits()[0])),
    t=data(lambda: _trained_on(_digits()[1]), held_out=lambda: _held_out(_digits()[1])),
    w1=param(64, "N_H", scale=0.18),
    b1=param("N_H", fill=0.0),
    w2=param("N_H", 10, scale=0.18),
    b2=param(10, fill=0.0),
)
def digits(op: Any, x: Any, t: Any, w1: Any, b1: Any, w2: Any, b2: Any) -> Any:
    """Handwritten digits: an MLP with biases, softmax cross entropy, shuffled mini-batches, momentum."""
    h = op.relu(op.add(op.matmul(x, w1), b1))
    scores = op.add(op.matmul(h, w2), b2)
    return op.softmax_cross_entropy(scores, t)
