"""From one sequence to another: an encoder reads the first, a decoder writes the second."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from scenarios import adam, data, param, scenario

if TYPE_CHECKING:
    import numpy as np

    Array = np.ndarray[Any, np.dtype[Any]]

ROWS, LENGTH, LETTERS = 24, 4, 5
WIDTH, UNITS = 6, 12
"""How many numbers a letter's vector and a cell's state have."""
START = LETTERS
"""What the decoder is given in place of a letter before the first one."""


def _source() -> Array:
    """Random letters, (ROWS, LENGTH)."""
    import numpy as np

    return np.random.RandomState(5).randint(0, LETTERS, (ROWS, LENGTH))


def _target() -> Array:
    """START and then the letters of each row in reverse, (ROWS, 1 + LENGTH)."""
    import numpy as np

    return np.concatenate([np.full((ROWS, 1), START), _source()[:, ::-1]], axis=1)


@scenario(
    seed=3,
    epochs=15,
    optimizer=adam(lr=0.03),
    source=data(_source),
    target=data(_target),
    h_0=param(ROWS, UNITS, fill=0.0, frozen=True),
    table=param(LETTERS + 1, WIDTH, scale=0.5),
    encoder_w_x=param(WIDTH, 3 * UNITS, scale=0.4),
    encoder_w_h=param(UNITS, 3 * UNITS, scale=0.3),
    encoder_b=param(3 * UNITS, fill=0.0),
    decoder_w_x=param(WIDTH, 3 * UNITS, scale=0.4),
    decoder_w_h=param(UNITS, 3 * UNITS, scale=0.3),
    decoder_b=param(3 * UNITS, fill=0.0),
    w_out=param(2 * UNITS, LETTERS, scale=0.3),
    b_out=param(LETTERS, fill=0.0),
)
def seq2seq_attention(
    op: Any,
    source: Any,
    target: Any,
    h_0: Any,
    table: Any,
    encoder_w_x: Any,
    encoder_w_h: Any,
    encoder_b: Any,
    decoder_w_x: Any,
    decoder_w_h: Any,
    decoder_b: Any,
    w_out: Any,
    b_out: Any,
) -> Any:
    """An encoder and a decoder of GRU cells reverse short sequences, with attention over the encoder's states.

    The decoder starts from the encoder's last state and is given the right letter before each that it predicts, which
    is called teacher forcing. Each of its states is compared with all of the encoder's by dot products; the softmax of
    these weighs the mean of the encoder's states that it sees (Luong et al. 2015, arXiv:1508.04025). So the encoder's
    states have gradients from both cells and from the attention. Exercises gru_reset_before, embedding, select, stack,
    batch_matmul, softmax, concatenate and cross_entropy.
    """

    def states_over(letters: Any, h: Any, w_x: Any, w_h: Any, b: Any) -> list[Any]:
        vectors = op.embedding(letters, table)
        states = []
        for t in range(letters.shape[1]):
            h = op.gru_reset_before(vectors[:, t], h, w_x, w_h, b)
            states.append(h)
        return states

    encoded = states_over(source, h_0, encoder_w_x, encoder_w_h, encoder_b)
    decoded = states_over(target[:, :-1], encoded[-1], decoder_w_x, decoder_w_h, decoder_b)
    keys = op.stack(*encoded, axis=1)
    queries = op.stack(*decoded, axis=1)
    looked_at = op.softmax(queries @ op.transpose(keys, axes=(0, 2, 1)))
    seen = op.concatenate(queries, looked_at @ keys, axis=2)
    scores = op.reshape(seen @ w_out + b_out, shape=(-1, LETTERS))
    return op.cross_entropy(scores, op.reshape(target[:, 1:], shape=(-1,)))
