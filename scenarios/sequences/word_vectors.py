"""Vectors of words, learned from the words around them."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

from scenarios import data, param, scenario, sgd

if TYPE_CHECKING:
    import numpy as np

    Array = np.ndarray[Any, np.dtype[Any]]

TEXT = (
    "the cat sleeps by the fire and the dog sleeps by the door "
    "the cat drinks milk and the dog drinks water "
    "a boat sails on the sea and a kite sails on the wind"
)
WORDS_OF_TEXT = TEXT.split()
VOCABULARY = sorted(set(WORDS_OF_TEXT))
BATCH, NEGATIVES = 16, 5


@cache
def _pairs() -> tuple[Array, Array]:
    """Each word with each of its neighbours within two places, as numbers: words (N,) and neighbours (N,)."""
    import numpy as np

    numbers = [VOCABULARY.index(word) for word in WORDS_OF_TEXT]
    pairs = [
        (word, numbers[other])
        for place, word in enumerate(numbers)
        for other in range(max(0, place - 2), min(len(numbers), place + 3))
        if other != place
    ]
    words, neighbours = np.array(pairs[: len(pairs) // BATCH * BATCH]).T
    return words, neighbours


def _drawn() -> Array:
    """For each update, words that were drawn at random, by the power 3/4 of how often they come, (U, BATCH, 5)."""
    import numpy as np

    weights = np.array([WORDS_OF_TEXT.count(word) for word in VOCABULARY]) ** 0.75
    shape = len(_pairs()[0]) // BATCH, BATCH, NEGATIVES
    return np.random.RandomState(9).choice(len(VOCABULARY), shape, p=weights / weights.sum())


@scenario(
    seed=2,
    epochs=8,
    optimizer=sgd(lr=1.0),
    batch_size=BATCH,
    sizes={"N_E": 8},
    word=data(lambda: _pairs()[0]),
    neighbour=data(lambda: _pairs()[1]),
    drawn=data(_drawn, per="update"),
    words=param(len(VOCABULARY), "N_E", scale=0.3),
    contexts=param(len(VOCABULARY), "N_E", scale=0.3),
)
def word2vec_negative_sampling(op: Any, word: Any, neighbour: Any, drawn: Any, words: Any, contexts: Any) -> Any:
    """Word vectors by skip-gram with negative sampling: neighbours score high, words drawn at random low.

    A score is the dot product of a word's vector and another word's vector as a context. There is no softmax over all
    words: each pair is told from five words that were drawn for this update (Mikolov et al. 2013, arXiv:1310.4546). A
    word that comes up several times in a batch has a gradient that is a sum. Exercises embedding, multiply, reduce_sum,
    reshape and softplus, which is −log σ of its negative.
    """
    centre = op.embedding(word, words)
    score = op.reduce_sum(centre * op.embedding(neighbour, contexts), axis=1)
    across = op.reshape(centre, shape=(-1, 1, centre.shape[1]))
    scores_of_drawn = op.reduce_sum(across * op.embedding(drawn, contexts), axis=2)
    return op.reduce_mean(op.softplus(-score) + op.reduce_sum(op.softplus(scores_of_drawn), axis=1))
