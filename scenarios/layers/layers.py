"""Layers that have weights, and dropout."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Any

from scenarios import adam, bernoulli, data, momentum, param, randn, scenario, sgd

if TYPE_CHECKING:
    import numpy as np

    Array = np.ndarray[Any, np.dtype[Any]]

TEXT = """
the cat sees the dog and the dog sees the cat
the bird sees the cat and the bird flies
the dog runs and the cat runs and the bird sings
a fish swims and a fish sees the bird
"""


@scenario(
    seed=1,
    epochs=40,
    optimizer=sgd(lr=0.2),
    x=randn(16, 6),
    y=randn(16, 3),
    w1=param(6, 8, scale=0.4),
    b1=param(8, fill=2.0),
    w2=param(8, 3, scale=0.4),
    b2=param(3, fill=0.0),
)
def linear_layers(op: Any, x: Any, y: Any, w1: Any, b1: Any, w2: Any, b2: Any) -> Any:
    """Two fully connected layers: product and bias are one op, as in every framework's linear layer.

    PyTorch adds the bias inside the product, NumPy after it: the same sum in another order; both are certified.
    Exercises linear and tanh.
    """
    h = op.tanh(op.linear(x, w1, b1))
    return op.mean_squared_error(op.linear(h, w2, b2), y)


def _neighbours() -> tuple[Array, Array]:
    """Every pair of a word and one of its neighbours in the line: the ids of the words, and of the neighbours."""
    import numpy as np

    vocabulary = {word: i for i, word in enumerate(dict.fromkeys(TEXT.split()))}
    lines = [[vocabulary[word] for word in line.split()] for line in TEXT.strip().split("\n")]
    pairs = [pair for line in lines for a, b in pairwise(line) for pair in ((a, b), (b, a))]
    words, neighbours = np.array(pairs).T
    return words, neighbours


@scenario(
    seed=2,
    epochs=40,
    optimizer=momentum(lr=0.5, momentum=0.9),
    ids=data(lambda: _neighbours()[0]),
    t=data(lambda: _neighbours()[1]),
    table=param(13, 4, scale=0.5),
    w=param(4, 13, scale=0.5),
    b=param(13, fill=0.0),
)
def word_embeddings(op: Any, ids: Any, t: Any, table: Any, w: Any, b: Any) -> Any:
    """Word embeddings of a tiny text: four numbers per word predict the word's neighbours.

    The skip-gram model with a full softmax (Mikolov et al. 2013, arXiv:1301.3781). A word that occurs several times
    gets the sum of these gradients in its row of the table. Exercises embedding, linear, softmax_cross_entropy.
    """
    scores = op.linear(op.embedding(ids, table), w, b)
    return op.softmax_cross_entropy(scores, t)


def _sentences() -> tuple[Array, Array]:
    """Sentences of up to four words, padded with the id 0, (6, 4), and whether each is a question, (6,)."""
    import numpy as np

    ids = np.array([[3, 1, 2, 5], [1, 2, 4, 0], [3, 2, 0, 0], [1, 4, 0, 0], [3, 1, 4, 0], [2, 4, 5, 0]])
    return ids, np.array([1, 0, 1, 0, 1, 0])


@scenario(
    seed=4,
    epochs=30,
    optimizer=momentum(lr=0.2, momentum=0.9),
    ids=data(lambda: _sentences()[0]),
    t=data(lambda: _sentences()[1]),
    table=param(6, 4, scale=0.5),
    w=param(4, 2, scale=0.5),
    b=param(2, fill=0.0),
)
def padded_words(op: Any, ids: Any, t: Any, table: Any, w: Any, b: Any) -> Any:
    """Sentences of unequal length, filled up with a word whose vector does not learn.

    The row of the padding is read like any other, as with PyTorch's padding_idx; Chainer's ignore_label would give
    zeros. Exercises embedding with a padding_id, reduce_mean, tanh, linear and softmax_cross_entropy.
    """
    sentence = op.tanh(op.reduce_mean(op.embedding(ids, table, padding_id=0), axis=1))
    return op.softmax_cross_entropy(op.linear(sentence, w, b), t)


@scenario(
    seed=3,
    epochs=40,
    optimizer=adam(lr=0.02),
    x=randn(16, 6),
    y=randn(16, 3),
    mask=bernoulli(16, 12, keep=0.75),
    w1=param(6, 12, scale=0.4),
    b1=param(12, fill=0.0),
    w2=param(12, 3, scale=0.4),
    b2=param(3, fill=0.0),
)
def dropout_mlp(op: Any, x: Any, y: Any, mask: Any, w1: Any, b1: Any, w2: Any, b2: Any) -> Any:
    """An MLP with dropout: every update drops another quarter of the hidden units and scales up the rest.

    All backends get the same masks; otherwise they could not be compared. Exercises dropout, linear, relu.
    """
    h = op.dropout(op.relu(op.linear(x, w1, b1)), mask, ratio=0.25)
    return op.mean_squared_error(op.linear(h, w2, b2), y)
