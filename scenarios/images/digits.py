"""Real data: handwritten digits, classified by an MLP and by a convolutional network, in shuffled mini-batches."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from scenarios import adam, data, momentum, param, scenario

if TYPE_CHECKING:
    import numpy as np

    Array = np.ndarray[Any, np.dtype[Any]]

HELD_OUT_EVERY = 5
"""Every fifth digit is held out."""


@cache
def _digits() -> tuple[Array, Array]:
    """Images (1797, 64) as float64 in [0, 1], labels (1797,) as int64; scenarios/data/README.md names their source."""
    import numpy as np

    with np.load(Path(__file__).parents[1] / "data" / "digits.npz") as archive:
        return archive["images"] / 16.0, archive["labels"].astype(np.int64)


def images() -> Array:
    """All images, (1797, 64) in [0, 1]."""
    return _digits()[0]


def _trained_on(array: Array) -> Array:
    import numpy as np

    return np.delete(array, slice(None, None, HELD_OUT_EVERY), axis=0)


def _held_out(array: Array) -> Array:
    return array[::HELD_OUT_EVERY]


def _images() -> Array:
    """(1797, 1, 8, 8): one channel."""
    return _digits()[0].reshape(-1, 1, 8, 8)


@scenario(
    seed=1,
    epochs=20,
    optimizer=momentum(lr=0.05, momentum=0.9),
    batch_size=64,
    accuracy=("scores", "t"),
    sizes={"N_H": 64},
    x=data(lambda: _trained_on(_digits()[0]), held_out=lambda: _held_out(_digits()[0]), picture=(8, 8)),
    t=data(lambda: _trained_on(_digits()[1]), held_out=lambda: _held_out(_digits()[1])),
    w1=param(64, "N_H", scale=0.18),
    b1=param("N_H", fill=0.0),
    w2=param("N_H", 10, scale=0.18),
    b2=param(10, fill=0.0),
)
def digits(op: Any, x: Any, t: Any, w1: Any, b1: Any, w2: Any, b2: Any) -> Any:
    """Handwritten digits: an MLP with biases, softmax cross entropy, shuffled mini-batches, momentum.

    A typical first real classifier, scored on held-out digits. Exercises matmul, add, relu, softmax_cross_entropy and
    momentum.
    """
    h = op.relu(op.add(op.matmul(x, w1), b1))
    scores = op.add(op.matmul(h, w2), b2)
    return op.softmax_cross_entropy(scores, t)


FEW = 960
"""This many digits are enough for the convolutional network."""


@scenario(
    seed=1,
    epochs=2,
    optimizer=adam(lr=0.03),
    batch_size=48,
    accuracy=("scores", "t"),
    sizes={"C_1": 6, "C_2": 12},
    x=data(lambda: _trained_on(_images())[:FEW], held_out=lambda: _held_out(_images())),
    t=data(lambda: _trained_on(_digits()[1])[:FEW], held_out=lambda: _held_out(_digits()[1])),
    k1=param("C_1", 1, 3, 3, scale=0.5),
    b1=param("C_1", fill=0.1),
    k2=param("C_2", "C_1", 3, 3, scale=0.25),
    b2=param("C_2", fill=0.1),
    w=param(48, 10, scale=0.2),
    b=param(10, fill=0.0),
)
def digits_cnn(op: Any, x: Any, t: Any, k1: Any, b1: Any, k2: Any, b2: Any, w: Any, b: Any) -> Any:
    """Handwritten digits: a convolutional network like LeNet, softmax cross entropy, Adam.

    Two convolutions, each with ReLU and max pooling, turn 8 × 8 pixels into 12 maps of 2 × 2, and a linear layer
    scores them: 1,210 weights, where the MLP has 4,810. Biases start above 0; otherwise blank patches would lie
    exactly at ReLU's kink. Exercises conv2d, max_pool2d with ties (all blank patches are equal), reshape and linear.
    """
    h1 = op.max_pool2d(op.relu(op.conv2d(x, k1, b1, pad=1)), window=2, stride=2)
    h2 = op.max_pool2d(op.relu(op.conv2d(h1, k2, b2, pad=1)), window=2, stride=2)
    scores = op.linear(op.reshape(h2, shape=(-1, 48)), w, b)
    return op.softmax_cross_entropy(scores, t)
