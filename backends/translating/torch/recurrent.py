"""Recurrent layers and cells, step by step; PyTorch keeps their weights as (gates, inputs), its gates in our order."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from backends.translating import parts
from backends.translating.axes import Tensor, Translation
from backends.translating.torch import packed
from backends.translating.untranslatable import refuse

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


def lstm(op: Any, input: Tensor, *arguments: Any) -> tuple[Tensor, ...]:
    """Layers of LSTMs over a sequence."""
    return _recurrent(op, lstm_step, input, arguments)


def gru(op: Any, input: Tensor, *arguments: Any) -> tuple[Tensor, ...]:
    """Layers of GRUs over a sequence."""
    return _recurrent(op, gru_step, input, arguments)


def rnn_tanh(op: Any, input: Tensor, *arguments: Any) -> tuple[Tensor, ...]:
    """Layers of Elman's networks over a sequence."""
    return _recurrent(op, rnn_step, input, arguments)


def _recurrent(op: Any, cell: Cell, input: Tensor, arguments: tuple[Any, ...]) -> tuple[Tensor, ...]:
    """Layers over a sequence, or over a packed one, whose function is told the sizes of its steps first."""
    is_packed = not isinstance(arguments[2], bool)
    if not is_packed:
        hx, weights, has_biases, layers, dropout, train, bidirectional, batch_first = arguments
        refuse(len(input.shape) != 3, "a sequence without batches")
        axis = 1 if batch_first else 0
        steps = [op.select(input, index=t, axis=axis) for t in range(input.shape[axis])]
    else:
        sizes, hx, weights, has_biases, layers, dropout, train, bidirectional = arguments
        axis = 0
        steps = packed.steps_of(op, input, sizes)
    refuse(
        dropout > 0 and train and layers > 1,
        "dropout between recurrent layers, drawn inside; write a layer each, with nn.Dropout between them",
    )
    first_states = [hx] if hasattr(hx, "shape") else [*hx]
    outputs, last = _layers(op, cell, steps, first_states, weights, has_biases, bidirectional)
    return packed.joined(op, outputs) if is_packed else op.stack(*outputs, axis=axis), *last


def _layers(
    op: Any,
    cell: Cell,
    steps: Sequence[Tensor],
    first_states: Sequence[Tensor],
    weights: Sequence[Tensor],
    has_biases: bool,
    bidirectional: bool,
) -> tuple[list[Tensor], list[Tensor]]:
    """The outputs of all steps; and the last states of all layers, each stacked.

    A step may have fewer rows than the one before: the sequences of the other rows have ended.
    """
    each = 4 if has_biases else 2
    directions = 2 if bidirectional else 1
    last: list[State] = []
    steps = [*steps]
    for layer in range(len(weights) // each // directions):
        outputs: list[list[Tensor]] = []
        for direction in range(directions):
            number = layer * directions + direction
            step = cell(op, weights[number * each : (number + 1) * each])
            state = tuple(op.select(states, index=number, axis=0) for states in first_states)
            made, state = (_backwards if direction else _forwards)(op, step, steps, state)
            outputs.append(made)
            last.append(state)
        steps = [op.concatenate(*both, axis=1) if bidirectional else both[0] for both in zip(*outputs, strict=True)]
    return steps, [op.stack(*states, axis=0) for states in zip(*last, strict=True)]


def _forwards(op: Any, step: Step, steps: Sequence[Tensor], state: State) -> tuple[list[Tensor], State]:
    """The outputs from the first step to the last, and of each row the state after its own last step."""
    made: list[Tensor] = []
    ended: list[State] = []
    for x in steps:
        rows = x.shape[0]
        if state[0].shape[0] > rows:
            ended.append(_rows(op, state, rows, state[0].shape[0]))
            state = _rows(op, state, 0, rows)
        state = step(x, state)
        made.append(state[0])
    parts_of_state = [state, *reversed(ended)]
    return made, tuple(packed.joined(op, each) for each in zip(*parts_of_state, strict=True))


def _backwards(op: Any, step: Step, steps: Sequence[Tensor], first: State) -> tuple[list[Tensor], State]:
    """The outputs from the last step to the first, in the order of the steps; each row starts at its own last step."""
    made: list[Tensor] = []
    state = _rows(op, first, 0, steps[-1].shape[0])
    for x in reversed(steps):
        running, rows = state[0].shape[0], x.shape[0]
        if rows > running:
            new = _rows(op, first, running, rows)
            state = tuple(op.concatenate(*both, axis=0) for both in zip(state, new, strict=True))
        state = step(x, state)
        made.append(state[0])
    return made[::-1], state


def _rows(op: Any, state: State, start: int, stop: int) -> State:
    if (start, stop) == (0, state[0].shape[0]):
        return state
    return tuple(op.slice_axis(each, start=start, stop=stop, axis=0) for each in state)


TRANSLATIONS: Mapping[str, Translation] = {
    "lstm_cell": lstm_cell,
    "gru_cell": gru_cell,
    "rnn_tanh_cell": rnn_tanh_cell,
    "lstm": lstm,
    "gru": gru,
    "rnn_tanh": rnn_tanh,
}
"""By the function's name, as a capture has it."""
