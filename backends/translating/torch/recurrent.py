"""Recurrent layers and cells, step by step; PyTorch keeps their weights as (gates, inputs), its gates in our order."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from backends.translating import parts
from backends.translating.axes import Tensor, Translation
from backends.translating.untranslatable import Untranslatable, refuse

State = tuple[Tensor, ...]
Step = Callable[[Tensor, State], State]
"""From an input (N, D) and the state to the next state, the first of which is the output."""
Cell = Callable[[Any, Sequence[Tensor]], Step]
"""Makes a step from the weights of a layer, so that what is the same in all steps is computed once."""


def lstm_step(op: Any, weights: Sequence[Tensor]) -> Step:
    """The step of an LSTM; the biases of both products are added first."""
    w_x, w_h, b = _products(op, weights, 4, together=True)
    return lambda x, state: op.lstm(x, *state, w_x, w_h, *b)


def gru_step(op: Any, weights: Sequence[Tensor]) -> Step:
    """The step of a GRU, which resets after the product."""
    w_x, w_h, b = _products(op, weights, 3, together=False)
    return lambda x, state: (op.gru_reset_after(x, *state, w_x, w_h, *b),)


def rnn_step(op: Any, weights: Sequence[Tensor]) -> Step:
    """The step of Elman's network."""
    w_x, w_h, b = _products(op, weights, 1, together=True)
    return lambda x, state: (op.rnn(x, *state, w_x, w_h, *b),)


def _products(op: Any, weights: Sequence[Tensor], gates: int, *, together: bool) -> tuple[Tensor, Tensor, list[Tensor]]:
    """Both matrices as (inputs, gates), and the biases: their sum if they work together, zeros where there are none."""
    w_x, w_h, *biases = weights
    units = w_h.shape[1]
    refuse(len(biases) > 2, "a recurrent layer with a projection")
    refuse(w_h.shape[0] != gates * units, "a recurrent layer with a projection")
    if not biases:
        return parts.transposed(op, w_x), parts.transposed(op, w_h), [op.zeros((gates * units,))] * (2 - together)
    return parts.transposed(op, w_x), parts.transposed(op, w_h), [op.add(*biases)] if together else biases


def lstm_cell(
    op: Any, input: Tensor, hx: State, w_ih: Tensor, w_hh: Tensor, b_ih: Tensor | None, b_hh: Tensor | None
) -> State:
    """One step of an LSTM. PyTorch computes it in parts: the cell's gradient has that through the output, too."""
    h, c = lstm_step(op, _given(w_ih, w_hh, b_ih, b_hh))(input, tuple(hx))
    op.used_inside(c)
    return h, c


def gru_cell(
    op: Any, input: Tensor, hx: Tensor, w_ih: Tensor, w_hh: Tensor, b_ih: Tensor | None, b_hh: Tensor | None
) -> Tensor:
    """One step of a GRU."""
    return gru_step(op, _given(w_ih, w_hh, b_ih, b_hh))(input, (hx,))[0]


def rnn_tanh_cell(
    op: Any, input: Tensor, hx: Tensor, w_ih: Tensor, w_hh: Tensor, b_ih: Tensor | None, b_hh: Tensor | None
) -> Tensor:
    """One step of Elman's network."""
    return rnn_step(op, _given(w_ih, w_hh, b_ih, b_hh))(input, (hx,))[0]


def _given(*weights: Tensor | None) -> list[Tensor]:
    return [weight for weight in weights if weight is not None]


def lstm(
    op: Any,
    input: Tensor,
    hx: Sequence[Tensor],
    weights: Sequence[Tensor],
    has_biases: bool,
    num_layers: int,
    dropout: float,
    train: bool,
    bidirectional: bool,
    batch_first: bool = False,
) -> tuple[Tensor, ...]:
    """Layers of LSTMs over a sequence."""
    _check(input, hx, dropout, train, num_layers)
    return _layers(op, lstm_step, input, hx, weights, has_biases, bidirectional, batch_first)


def gru(
    op: Any,
    input: Tensor,
    hx: Tensor,
    weights: Sequence[Tensor],
    has_biases: bool,
    num_layers: int,
    dropout: float,
    train: bool,
    bidirectional: bool,
    batch_first: bool = False,
) -> tuple[Tensor, ...]:
    """Layers of GRUs over a sequence."""
    _check(input, hx, dropout, train, num_layers)
    return _layers(op, gru_step, input, [hx], weights, has_biases, bidirectional, batch_first)


def rnn_tanh(
    op: Any,
    input: Tensor,
    hx: Tensor,
    weights: Sequence[Tensor],
    has_biases: bool,
    num_layers: int,
    dropout: float,
    train: bool,
    bidirectional: bool,
    batch_first: bool = False,
) -> tuple[Tensor, ...]:
    """Layers of Elman's networks over a sequence."""
    _check(input, hx, dropout, train, num_layers)
    return _layers(op, rnn_step, input, [hx], weights, has_biases, bidirectional, batch_first)


def _check(input: Tensor, hx: Any, dropout: float, train: bool, layers: int) -> None:
    if not isinstance(layers, int) or isinstance(layers, bool):
        raise Untranslatable("a packed sequence")  # PyTorch then gives the sizes of the batches as the second argument
    refuse(dropout > 0 and train and layers > 1, "dropout between recurrent layers")
    refuse(len(input.shape) != 3, "a sequence without batches")


def _layers(
    op: Any,
    cell: Cell,
    input: Tensor,
    first_states: Sequence[Tensor],
    weights: Sequence[Tensor],
    has_biases: bool,
    bidirectional: bool,
    batch_first: bool,
) -> tuple[Tensor, ...]:
    """The outputs of all steps, and the last states of all layers, each stacked."""
    axis = 1 if batch_first else 0
    steps = [op.select(input, index=t, axis=axis) for t in range(input.shape[axis])]
    each = 4 if has_biases else 2
    directions = 2 if bidirectional else 1
    last: list[State] = []
    for layer in range(len(weights) // each // directions):
        outputs: list[list[Tensor]] = []
        for direction in range(directions):
            number = layer * directions + direction
            step = cell(op, weights[number * each : (number + 1) * each])
            state = tuple(op.select(states, index=number, axis=0) for states in first_states)
            made: list[Tensor] = []
            for x in reversed(steps) if direction else steps:
                state = step(x, state)
                made.append(state[0])
            outputs.append(made[::-1] if direction else made)
            last.append(state)
        steps = [op.concatenate(*both, axis=1) if bidirectional else both[0] for both in zip(*outputs, strict=True)]
    return op.stack(*steps, axis=axis), *(op.stack(*states, axis=0) for states in zip(*last, strict=True))


TRANSLATIONS: Mapping[str, Translation] = {
    "lstm_cell": lstm_cell,
    "gru_cell": gru_cell,
    "rnn_tanh_cell": rnn_tanh_cell,
    "lstm": lstm,
    "gru": gru,
    "rnn_tanh": rnn_tanh,
}
"""By the function's name, as a capture has it."""
