"""Models of text: which character comes next."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from scenarios import data, param, scenario, sgd

if TYPE_CHECKING:
    import numpy as np

    Array = np.ndarray[Any, np.dtype[Any]]

VERSE = "what is written is read again, what is read again is written "
"""What the models learn: few characters, whose order has much to learn from."""
ALPHABET = "".join(sorted(set(VERSE)))


def windows(length: int) -> Array:
    """Every part of the verse of so many characters, as numbers in the alphabet, (N, length)."""
    import numpy as np

    numbers = np.array([ALPHABET.index(character) for character in VERSE])
    return np.lib.stride_tricks.sliding_window_view(numbers, length).copy()


@scenario(
    seed=5,
    epochs=15,
    optimizer=sgd(lr=2.0),
    batch_size=20,
    sizes={"N_C": len(ALPHABET), "N_E": 6},
    text=data(lambda: windows(5)),
    table=param("N_C", "N_E", scale=0.5),
    w=param("N_E", "N_C", scale=0.5),
    b=param("N_C", fill=0.0),
)
def bigrams(op: Any, text: Any, table: Any, w: Any, b: Any) -> Any:
    """A bigram model of text: each character's vector gives the scores of the next one.

    The labels are the inputs, one place further on: both are parts of one integer tensor, text[:, :-1] and text[:, 1:].
    Written with Python's operators, which are recorded as ops. Exercises slice_axis on integers, embedding, reshape,
    batch_matmul, add and cross_entropy.
    """
    vectors = op.embedding(text[:, :-1], table)
    scores = vectors @ w + b
    labels = op.reshape(text[:, 1:], shape=(-1,))
    return op.cross_entropy(op.reshape(scores, shape=(-1, b.shape[0])), labels)
