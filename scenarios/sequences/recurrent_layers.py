"""Layers of recurrent cells over sequences of unequal lengths, which are padded to the longest."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from scenarios import adam, data, param, scenario

if TYPE_CHECKING:
    import numpy as np

    Array = np.ndarray[Any, np.dtype[Any]]

ROWS, STEPS, SYMBOLS, UNITS = 12, 6, 3, 5
NO_TAG = -1


def _lengths() -> Array:
    """How long each sequence is, from 2 to STEPS."""
    import numpy as np

    return np.random.RandomState(3).randint(2, STEPS + 1, ROWS)


def _symbols() -> Array:
    """A symbol (ROWS, STEPS) at each step; behind the end there are some, too, which nobody should read."""
    import numpy as np

    return np.random.RandomState(4).randint(0, SYMBOLS, (ROWS, STEPS))


def _one_hot() -> Array:
    """The symbols, one-hot, (ROWS, STEPS, SYMBOLS)."""
    import numpy as np

    return np.eye(SYMBOLS)[_symbols()]


def _seen_on_both_sides() -> Array:
    """1 where a symbol came up before and comes up again before the end, else 0; NO_TAG behind the end."""
    import numpy as np

    tags = np.full((ROWS, STEPS), NO_TAG)
    for row, (symbols, length) in enumerate(zip(_symbols(), _lengths(), strict=True)):
        for t in range(length):
            tags[row, t] = symbols[t] in symbols[:t] and symbols[t] in symbols[t + 1 : length]
    return tags.reshape(-1)


def _last_symbols() -> Array:
    """The last symbol of every sequence."""
    import numpy as np

    return np.asarray(_symbols()[np.arange(ROWS), _lengths() - 1])


def _zeros(cells: int) -> Array:
    """The states before the first step, (ROWS, cells, UNITS)."""
    import numpy as np

    return np.zeros((ROWS, cells, UNITS))


@scenario(
    seed=1,
    epochs=15,
    optimizer=adam(lr=0.05),
    x=data(_one_hot),
    lengths=data(_lengths),
    t=data(_seen_on_both_sides),
    zeros=data(lambda: _zeros(2)),
    w_x_forward=param(SYMBOLS, 4 * UNITS, scale=0.5),
    w_h_forward=param(UNITS, 4 * UNITS, scale=0.4),
    b_forward=param(4 * UNITS, fill=0.0),
    w_x_backward=param(SYMBOLS, 4 * UNITS, scale=0.5),
    w_h_backward=param(UNITS, 4 * UNITS, scale=0.4),
    b_backward=param(4 * UNITS, fill=0.0),
    w_out=param(2 * UNITS, 2, scale=0.4),
)
def bilstm_tagging(
    op: Any,
    x: Any,
    lengths: Any,
    t: Any,
    zeros: Any,
    w_x_forward: Any,
    w_h_forward: Any,
    b_forward: Any,
    w_x_backward: Any,
    w_h_backward: Any,
    b_backward: Any,
    w_out: Any,
) -> Any:
    """A bidirectional LSTM tags the symbols that came up before and will come up again.

    One cell knows what came before, the other what is still to come. The second begins at the end of each sequence,
    wherever that is, and what stands behind the end has neither a state nor a loss. Exercises lstm_layers, reshape,
    masked_softmax_cross_entropy.
    """
    forward, backward = (w_x_forward, w_h_forward, b_forward), (w_x_backward, w_h_backward, b_backward)
    y, _, _ = op.lstm_layers(x, lengths, zeros, zeros, *forward, *backward, bidirectional=True)
    scores = op.matmul(op.reshape(y, shape=(-1, 2 * UNITS)), w_out)
    return op.masked_softmax_cross_entropy(scores, t, ignore_label=NO_TAG)


@scenario(
    seed=1,
    epochs=15,
    optimizer=adam(lr=0.05),
    x=data(_one_hot),
    lengths=data(_lengths),
    t=data(_last_symbols),
    zeros=data(lambda: _zeros(2)),
    w_x_1=param(SYMBOLS, 3 * UNITS, scale=0.5),
    w_h_1=param(UNITS, 3 * UNITS, scale=0.4),
    b_x_1=param(3 * UNITS, fill=0.0),
    b_h_1=param(3 * UNITS, fill=0.0),
    w_x_2=param(UNITS, 3 * UNITS, scale=0.5),
    w_h_2=param(UNITS, 3 * UNITS, scale=0.4),
    b_x_2=param(3 * UNITS, fill=0.0),
    b_h_2=param(3 * UNITS, fill=0.0),
    w_out=param(UNITS, SYMBOLS, scale=0.4),
)
def gru_stack(
    op: Any,
    x: Any,
    lengths: Any,
    t: Any,
    zeros: Any,
    w_x_1: Any,
    w_h_1: Any,
    b_x_1: Any,
    b_h_1: Any,
    w_x_2: Any,
    w_h_2: Any,
    b_x_2: Any,
    b_h_2: Any,
    w_out: Any,
) -> Any:
    """Two layers of GRUs read sequences of unequal lengths and say which symbol was the last.

    The state after the last step of each sequence is read, not that of the last column, so that its gradient enters at
    another step in every row. Exercises gru_layers, select, softmax_cross_entropy.
    """
    layers = (w_x_1, w_h_1, b_x_1, b_h_1), (w_x_2, w_h_2, b_x_2, b_h_2)
    _, last = op.gru_layers(x, lengths, zeros, *layers[0], *layers[1])
    return op.softmax_cross_entropy(op.matmul(op.select(last, index=1, axis=1), w_out), t)
