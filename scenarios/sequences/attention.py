"""Attention: alone, on a task that needs nothing else, and in a transformer block."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from scenarios import adam, data, param, scenario

if TYPE_CHECKING:
    import numpy as np

    Array = np.ndarray[Any, np.dtype[Any]]

COPIED = 8


def _all_but_itself() -> Array:
    """1 where a position may look: everywhere but at itself."""
    import numpy as np

    return 1 - np.eye(COPIED, dtype=np.int64)


def _next_in_circle() -> Array:
    """The matrix that moves every row up by one."""
    import numpy as np

    return np.roll(np.eye(COPIED), 1, axis=1)


@scenario(
    seed=1,
    epochs=30,
    optimizer=adam(lr=0.1),
    y=data(_next_in_circle),
    x=data(lambda: _next_in_circle() @ _next_in_circle().T),
    mask=data(_all_but_itself),
    q=param(COPIED, 4, scale=0.7),
    k=param(COPIED, 4, scale=0.7),
    w_v=param(COPIED, COPIED, scale=0.3),
)
def attention_copy(op: Any, y: Any, x: Any, mask: Any, q: Any, k: Any, w_v: Any) -> Any:
    """Scaled dot product attention alone: every position learns to copy the content of the next one.

    Queries and keys are weights, one per position, so only the softmax's gradient teaches where to look. The mask
    keeps a position from looking at itself. Exercises scaled_dot_product_attention, matmul, mean_squared_error.
    """
    v = op.matmul(x, w_v)
    return op.mean_squared_error(op.scaled_dot_product_attention(q, k, v, mask), y)


TEXT = "the rain in the rill runs round the mill"
ALPHABET = sorted(set(TEXT))
WIDTH = 12


def _letters() -> Array:
    """All letters but the last, one-hot, (T, C)."""
    import numpy as np

    return np.eye(len(ALPHABET))[[ALPHABET.index(letter) for letter in TEXT[:-1]]]


def _following() -> Array:
    """The letter that follows each, as a label."""
    import numpy as np

    return np.array([ALPHABET.index(letter) for letter in TEXT[1:]])


def _causal() -> Array:
    """1 where a position may look: at itself and at what came before."""
    import numpy as np

    return np.tril(np.ones((len(TEXT) - 1, len(TEXT) - 1), dtype=np.int64))


@scenario(
    seed=1,
    epochs=12,
    optimizer=adam(lr=0.02),
    x=data(_letters),
    t=data(_following),
    mask=data(_causal),
    letters=param(len(ALPHABET), WIDTH, scale=0.5),
    places=param(len(TEXT) - 1, WIDTH, scale=0.5),
    gain_1=param(WIDTH, fill=1.0),
    bias_1=param(WIDTH, fill=0.0),
    w_q=param(WIDTH, WIDTH, scale=0.3),
    w_k=param(WIDTH, WIDTH, scale=0.3),
    w_v=param(WIDTH, WIDTH, scale=0.3),
    w_o=param(WIDTH, WIDTH, scale=0.3),
    gain_2=param(WIDTH, fill=1.0),
    bias_2=param(WIDTH, fill=0.0),
    w_1=param(WIDTH, 16, scale=0.3),
    w_2=param(16, WIDTH, scale=0.3),
    w_out=param(WIDTH, len(ALPHABET), scale=0.3),
)
def transformer_block(
    op: Any,
    x: Any,
    t: Any,
    mask: Any,
    letters: Any,
    places: Any,
    gain_1: Any,
    bias_1: Any,
    w_q: Any,
    w_k: Any,
    w_v: Any,
    w_o: Any,
    gain_2: Any,
    bias_2: Any,
    w_1: Any,
    w_2: Any,
    w_out: Any,
) -> Any:
    """One transformer block learns to predict the next letter of a line of text.

    Two heads with a causal mask, then a feed-forward layer; each normalises its input and adds its output to it, so
    the embedding's gradient is a sum over three paths. The positions are weights, too. Exercises
    multi_head_attention, layer_norm, relu, matmul, add, softmax_cross_entropy.
    """
    h = op.add(op.matmul(x, letters), places)
    seen = op.multi_head_attention(op.layer_norm(h, gain_1, bias_1, eps=1e-5), w_q, w_k, w_v, w_o, mask, heads=2)
    h = op.add(h, seen)
    units = op.relu(op.matmul(op.layer_norm(h, gain_2, bias_2, eps=1e-5), w_1))
    h = op.add(h, op.matmul(units, w_2))
    return op.softmax_cross_entropy(op.matmul(h, w_out), t)
