"""Losses of whole sequences where it is not known which step says what."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from scenarios import adam, data, param, scenario

if TYPE_CHECKING:
    import numpy as np

    Array = np.ndarray[Any, np.dtype[Any]]

ROWS, STEPS, CLASSES, UNITS = 4, 7, 3, 5
BLANK = 0
LABELS = ((1, 2), (2, 2), (1, 0), (2, 1))
"""What each sequence says, with repeats; the zeros behind an end are read by nobody."""
LABEL_LENGTHS = (2, 2, 1, 2)
INPUT_LENGTHS = (7, 6, 4, 5)


def _signal() -> Array:
    """Each label said at some step of its sequence, in the right order, under noise, (ROWS, STEPS, CLASSES)."""
    import numpy as np

    random = np.random.RandomState(8)
    x = 0.3 * random.standard_normal((ROWS, STEPS, CLASSES))
    for row, (labels, count, length) in enumerate(zip(LABELS, LABEL_LENGTHS, INPUT_LENGTHS, strict=True)):
        places = np.sort(random.choice(length, count, replace=False))
        x[row, places, labels[:count]] += 1.0
    return x


def _whole(numbers: tuple[Any, ...]) -> Array:
    import numpy as np

    return np.array(numbers)


def _zeros() -> Array:
    """The states before the first step."""
    import numpy as np

    return np.zeros((ROWS, 1, UNITS))


@scenario(
    seed=1,
    epochs=20,
    optimizer=adam(lr=0.1),
    x=data(_signal),
    labels=data(lambda: _whole(LABELS)),
    input_lengths=data(lambda: _whole(INPUT_LENGTHS)),
    label_lengths=data(lambda: _whole(LABEL_LENGTHS)),
    zeros=data(_zeros),
    w_x=param(CLASSES, 4 * UNITS, scale=0.5),
    w_h=param(UNITS, 4 * UNITS, scale=0.4),
    b=param(4 * UNITS, fill=0.0),
    w_out=param(UNITS, CLASSES, scale=0.4),
)
def ctc_spelling(
    op: Any,
    x: Any,
    labels: Any,
    input_lengths: Any,
    label_lengths: Any,
    zeros: Any,
    w_x: Any,
    w_h: Any,
    b: Any,
    w_out: Any,
) -> Any:
    """An LSTM learns to spell what a signal says, and is never told at which step it is said.

    The loss sums the probabilities of all ways to say the labels at some of the steps and blanks at the others. Where a
    label comes twice in a row, there must be a blank between the two. Exercises ctc, lstm_layers, linear.
    """
    y, _, _ = op.lstm_layers(x, input_lengths, zeros, zeros, w_x, w_h, b)
    scores = op.linear(op.transpose(y, axes=(1, 0, 2)), w_out)
    return op.ctc(scores, labels, input_lengths, label_lengths, blank=BLANK)
