"""Short sequences, one for each kind of recurrent cell, which is called step by step with shared weights.

The input of each step is a tensor of its own, (N, D): N sequences side by side.
"""

from __future__ import annotations

from itertools import product
from typing import TYPE_CHECKING, Any

from scenarios import adam, data, param, randn, scenario

if TYPE_CHECKING:
    import numpy as np

    Array = np.ndarray[Any, np.dtype[Any]]


def _zeros(rows: int, units: int) -> Array:
    """The state before the first step."""
    import numpy as np

    return np.zeros((rows, units))


@scenario(
    seed=1,
    epochs=25,
    optimizer=adam(lr=0.03),
    x_1=randn(12, 2),
    x_2=randn(12, 2),
    x_3=randn(12, 2),
    x_4=randn(12, 2),
    h_0=data(lambda: _zeros(12, 8)),
    w_x=param(2, 8, scale=0.5),
    w_h=param(8, 8, scale=0.3),
    b=param(8, fill=0.0),
    w_out=param(8, 2, scale=0.3),
)
def rnn_echo(op: Any, x_1: Any, x_2: Any, x_3: Any, x_4: Any, h_0: Any, w_x: Any, w_h: Any, b: Any, w_out: Any) -> Any:
    """Elman's network recalls, after four steps, what it was shown at the second.

    Backpropagation through time is nothing but shared weights: each of the four rnn calls adds to the gradients of
    w_x, w_h and b, and passes the state's gradient back to the step before. Exercises rnn, matmul, mean_squared_error.
    """
    h = h_0
    for x in (x_1, x_2, x_3, x_4):
        h = op.rnn(x, h, w_x, w_h, b)
    return op.mean_squared_error(op.matmul(h, w_out), x_2)


ADDENDS = 24, 5


def _numbers_and_marks() -> tuple[Array, Array]:
    """Uniform random numbers (N, T), and marks (N, T) of 1 at two places of every row, else 0."""
    import numpy as np

    rows, steps = ADDENDS
    random = np.random.RandomState(7)
    numbers = random.uniform(0, 1, (rows, steps))
    marks = np.zeros((rows, steps))
    for row in marks:
        row[random.choice(steps, 2, replace=False)] = 1
    return numbers, marks


def _step(t: int) -> Array:
    """A number and its mark for each of the N sequences."""
    import numpy as np

    numbers, marks = _numbers_and_marks()
    return np.stack([numbers[:, t], marks[:, t]], axis=1)


def _sums() -> Array:
    numbers, marks = _numbers_and_marks()
    sums: Array = (numbers * marks).sum(axis=1, keepdims=True)
    return sums


def _lstm_bias() -> Array:
    """1 for the forget gates, so that the cell remembers at first; 0 for the rest."""
    import numpy as np

    return np.repeat([0.0, 1.0, 0.0, 0.0], 6)


@scenario(
    seed=2,
    epochs=20,
    optimizer=adam(lr=0.05),
    x_1=data(lambda: _step(0)),
    x_2=data(lambda: _step(1)),
    x_3=data(lambda: _step(2)),
    x_4=data(lambda: _step(3)),
    x_5=data(lambda: _step(4)),
    y=data(_sums),
    zeros=data(lambda: _zeros(24, 6)),
    remember=data(_lstm_bias),
    w_x=param(2, 24, scale=0.5),
    w_h=param(6, 24, scale=0.3),
    b=param(24, fill=0.0),
    w_out=param(6, 1, scale=0.5),
)
def lstm_adding(
    op: Any,
    x_1: Any,
    x_2: Any,
    x_3: Any,
    x_4: Any,
    x_5: Any,
    y: Any,
    zeros: Any,
    remember: Any,
    w_x: Any,
    w_h: Any,
    b: Any,
    w_out: Any,
) -> Any:
    """The adding problem: two of five numbers are marked, and the LSTM predicts their sum.

    lstm has two outputs, so the gradient of a cell's state arrives through h and through the next c, and the two are
    added. The forget gates start at σ(1). Exercises lstm, add, matmul, mean_squared_error.
    """
    h, c = zeros, zeros
    bias = op.add(b, remember)
    for x in (x_1, x_2, x_3, x_4, x_5):
        h, c = op.lstm(x, h, c, w_x, w_h, bias)
    return op.mean_squared_error(op.matmul(h, w_out), y)


def _bits(t: int) -> Array:
    """Bit t of every sequence of four, as −1 and 1, (16, 1)."""
    import numpy as np

    return 2.0 * np.array(list(product([0, 1], repeat=4)))[:, [t]] - 1


def _parities() -> Array:
    import numpy as np

    return np.array([sum(bits) % 2 for bits in product([0, 1], repeat=4)])


@scenario(
    seed=3,
    epochs=20,
    optimizer=adam(lr=0.05),
    x_1=data(lambda: _bits(0)),
    x_2=data(lambda: _bits(1)),
    x_3=data(lambda: _bits(2)),
    x_4=data(lambda: _bits(3)),
    t=data(_parities),
    h_0=data(lambda: _zeros(16, 8)),
    w_x=param(1, 24, scale=0.8),
    w_h=param(8, 24, scale=0.5),
    b=param(24, fill=0.0),
    w_out=param(8, 2, scale=0.5),
)
def gru_parity(
    op: Any, x_1: Any, x_2: Any, x_3: Any, x_4: Any, t: Any, h_0: Any, w_x: Any, w_h: Any, b: Any, w_out: Any
) -> Any:
    """A GRU whose reset gate comes before the product learns whether a sequence of bits has an odd number of ones.

    One of two different cells called GRU: Chainer's, with z and 1 − z exchanged. No linear function of the bits helps
    here, so the loss only falls once the state works. Exercises gru_reset_before, matmul, softmax_cross_entropy.
    """
    h = h_0
    for x in (x_1, x_2, x_3, x_4):
        h = op.gru_reset_before(x, h, w_x, w_h, b)
    return op.softmax_cross_entropy(op.matmul(h, w_out), t)


def _first_symbols() -> Array:
    import numpy as np

    return np.arange(15) * 7 % 3


def _as_onehot() -> Array:
    import numpy as np

    return np.eye(3)[_first_symbols()]


@scenario(
    seed=4,
    epochs=15,
    optimizer=adam(lr=0.03),
    symbol=data(_as_onehot),
    noise_1=randn(15, 3),
    noise_2=randn(15, 3),
    noise_3=randn(15, 3),
    t=data(_first_symbols),
    h_0=data(lambda: _zeros(15, 6)),
    w_x=param(3, 18, scale=0.5),
    w_h=param(6, 18, scale=0.5),
    b_x=param(18, fill=0.0),
    b_h=param(18, fill=0.0),
    w_out=param(6, 3, scale=0.5),
)
def gru_first_symbol(
    op: Any,
    symbol: Any,
    noise_1: Any,
    noise_2: Any,
    noise_3: Any,
    t: Any,
    h_0: Any,
    w_x: Any,
    w_h: Any,
    b_x: Any,
    b_h: Any,
    w_out: Any,
) -> Any:
    """A GRU whose reset gate comes after the product remembers the first symbol while noise follows.

    The other cell called GRU, PyTorch's and cuDNN's: it has a second bias, inside the part that is reset, so the two
    biases have different gradients. Exercises gru_reset_after, matmul, softmax_cross_entropy.
    """
    h = h_0
    for x in (symbol, noise_1, noise_2, noise_3):
        h = op.gru_reset_after(x, h, w_x, w_h, b_x, b_h)
    return op.softmax_cross_entropy(op.matmul(h, w_out), t)
