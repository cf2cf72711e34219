"""Models of text: which character comes next."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from scenarios import adam, buffer, data, param, scenario, sgd

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


CONTEXT = 12
"""How many characters the small GPT sees at once."""
BLOCKS = 2
WEIGHTS_OF_BLOCK: dict[str, Any] = {
    "gain_1": param("N_E", fill=1.0),
    "bias_1": param("N_E", fill=0.0),
    "w_q": param("N_E", "N_E", scale=0.25),
    "w_k": param("N_E", "N_E", scale=0.25),
    "w_v": param("N_E", "N_E", scale=0.25),
    "w_o": param("N_E", "N_E", scale=0.1),
    "gain_2": param("N_E", fill=1.0),
    "bias_2": param("N_E", fill=0.0),
    "w_1": param("N_E", "N_H", scale=0.25),
    "b_1": param("N_H", fill=0.0),
    "w_2": param("N_H", "N_E", scale=0.1),
    "b_2": param("N_E", fill=0.0),
}


def causal(length: int) -> Array:
    """1 where a position may look, at itself and at what came before, else 0, (length, length)."""
    import numpy as np

    return np.tril(np.ones((length, length), dtype=np.int64))


@scenario(
    seed=5,
    epochs=15,
    optimizer=adam(lr=0.01),
    sizes={"N_E": 16, "N_H": 32},
    text=data(lambda: windows(CONTEXT + 1)),
    mask=data(lambda: causal(CONTEXT)),
    table=param(len(ALPHABET), "N_E", scale=0.3),
    places=param(CONTEXT, "N_E", scale=0.1),
    **{f"block_{n}.{name}": weight for n in range(1, BLOCKS + 1) for name, weight in WEIGHTS_OF_BLOCK.items()},
    gain=param("N_E", fill=1.0),
    bias=param("N_E", fill=0.0),
)
def small_gpt(op: Any, text: Any, mask: Any, table: Any, places: Any, gain: Any, bias: Any, **blocks: Any) -> Any:
    """A small GPT: two transformer blocks predict the next character at each of twelve positions.

    Each block normalises before its attention and its MLP, and adds what they give to its input, as in GPT-2. The
    vectors of the characters are also the weights of the last layer, so the table's gradient comes from both ends of
    the network. Exercises embedding, multi_head_attention with a causal mask, layer_norm, gelu_tanh, batch_matmul and
    cross_entropy.
    """
    h = op.embedding(text[:, :-1], table) + places
    for number in range(1, BLOCKS + 1):
        w = {name: blocks[f"block_{number}.{name}"] for name in WEIGHTS_OF_BLOCK}
        normed = op.layer_norm(h, w["gain_1"], w["bias_1"], eps=1e-5)
        h = h + op.multi_head_attention(normed, w["w_q"], w["w_k"], w["w_v"], w["w_o"], mask, heads=2)
        normed = op.layer_norm(h, w["gain_2"], w["bias_2"], eps=1e-5)
        h = h + (op.gelu_tanh(normed @ w["w_1"] + w["b_1"]) @ w["w_2"] + w["b_2"])
    scores = op.layer_norm(h, gain, bias, eps=1e-5) @ table.T
    return op.cross_entropy(op.reshape(scores, shape=(-1, table.shape[0])), op.reshape(text[:, 1:], shape=(-1,)))


STREAMS, SEGMENTS, SEGMENT = 3, 4, 5
"""How many parts of the verse are read side by side, in how many segments of how many characters."""


def segments() -> Array:
    """The segments of an epoch, each with the character after it: (SEGMENTS, STREAMS, SEGMENT + 1)."""
    import numpy as np

    numbers = np.array([ALPHABET.index(character) for character in VERSE])
    starts = np.arange(STREAMS) * SEGMENTS * SEGMENT + np.arange(SEGMENTS)[:, None] * SEGMENT
    places = starts[:, :, None] + np.arange(SEGMENT + 1)
    return np.take(numbers, places)


def goes_on() -> Array:
    """For each update of an epoch 1 where the state is carried on, else 0: an epoch starts anew, (SEGMENTS,)."""
    import numpy as np

    return np.minimum(np.arange(SEGMENTS), 1.0)


@scenario(
    seed=5,
    epochs=15,
    optimizer=adam(lr=0.03),
    sizes={"N_E": 6, "N_H": 12},
    text=data(segments, per="update"),
    carried_on=data(goes_on, per="update"),
    state=buffer(STREAMS, "N_H", fill=0.0),
    table=param(len(ALPHABET), "N_E", scale=0.5),
    w_x=param("N_E", "N_H", scale=0.4),
    w_h=param("N_H", "N_H", scale=0.3),
    b=param("N_H", fill=0.0),
    w_out=param("N_H", len(ALPHABET), scale=0.4),
    b_out=param(len(ALPHABET), fill=0.0),
)
def truncated_backpropagation(
    op: Any, text: Any, carried_on: Any, state: Any, table: Any, w_x: Any, w_h: Any, b: Any, w_out: Any, b_out: Any
) -> Any:
    """Truncated backpropagation: a text is read in segments, and the state goes on where the gradient stops.

    The state after a segment is carried to the next update in a buffer, through which no gradient passes: so an update
    costs a segment, while the state knows of all that came before. With PyTorch that is h.detach(), with Chainer
    h.unchain_backward() (Williams & Peng 1990, Neural Computation 2, 490). Exercises buffers, rnn, embedding, select,
    stack, reshape and cross_entropy.
    """
    vectors = op.embedding(text[:, :-1], table)
    h = state * carried_on
    states = []
    for t in range(vectors.shape[1]):
        h = op.rnn(vectors[:, t], h, w_x, w_h, b)
        states.append(h)
    scores = op.stack(*states, axis=1) @ w_out + b_out
    labels = op.reshape(text[:, 1:], shape=(-1,))
    loss = op.cross_entropy(op.reshape(scores, shape=(-1, b_out.shape[0])), labels)
    return loss, {"state": h}
