"""What is drawn or given anew for every update: masks over weights, noise, and batches in an order of their own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from scenarios import adam, bernoulli, data, momentum, param, randn, scenario

if TYPE_CHECKING:
    import numpy as np

    Array = np.ndarray[Any, np.dtype[Any]]


@scenario(
    seed=4,
    epochs=12,
    optimizer=momentum(lr=0.05, momentum=0.9),
    batch_size=8,
    shuffle=False,
    x=randn(20, 6),
    y=randn(20, 2),
    kept=bernoulli(6, 8, keep=0.75, per="update"),
    noise=randn(8, scale=0.1, per="update"),
    w1=param(6, 8, scale=0.4),
    w2=param(8, 2, scale=0.4),
)
def drop_connect(op: Any, x: Any, y: Any, kept: Any, noise: Any, w1: Any, w2: Any) -> Any:
    """DropConnect: other weights are left out at every update, and the hidden layer is shifted by noise.

    Dropout leaves out units of each example; here one mask over the weights is shared by a whole batch, so it has no
    row per example and is drawn anew for every update. The batches keep their order, and the last of three is smaller.
    Exercises multiply, matmul, add, tanh and mean_squared_error.
    """
    h = op.tanh(op.add(op.matmul(x, op.multiply(w1, kept)), noise))
    return op.mean_squared_error(op.matmul(h, w2), y)


SENTENCES = ((2, 5), (3, 5), (1, 5))
"""How many sentences of how many words each batch has."""


def _words() -> list[Array]:
    """Three batches of sentences of five words, from a vocabulary of twelve."""
    import numpy as np

    random = np.random.RandomState(21)
    return [random.randint(0, 12, shape) for shape in SENTENCES]


def _moods() -> list[Array]:
    """The mood of each sentence, 0 or 1: whether most of its words are of the vocabulary's second half."""
    import numpy as np

    return [np.asarray(np.median(words, axis=1) >= 6).astype(np.int64) for words in _words()]


@scenario(
    seed=4,
    epochs=20,
    optimizer=adam(lr=0.05),
    words=data(_words, per="update"),
    mood=data(_moods, per="update"),
    table=param(12, 4, scale=0.5),
    w=param(4, 2, scale=0.5),
    b=param(2, fill=0.0),
)
def given_batches(op: Any, words: Any, mood: Any, table: Any, w: Any, b: Any) -> Any:
    """Batches as an iterator gave them: a list with one array per update, of one, two or three sentences.

    A batch is not dealt from the rows of a table, so nothing is shuffled, and batches may differ in size as they like.
    This is how a recorded training is replayed. Exercises embedding, reduce_mean, linear and softmax_cross_entropy.
    """
    vectors = op.reduce_mean(op.embedding(words, table), axis=1)
    return op.softmax_cross_entropy(op.linear(vectors, w, b), mood)
