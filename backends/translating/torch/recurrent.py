"""Recurrent layers and cells; PyTorch keeps their weights as (gates, inputs), its gates in our order."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from backends.contract import Array
from backends.translating import parts, sequences
from backends.translating.axes import Tensor, Translation
from backends.translating.untranslatable import refuse

State = tuple[Tensor, ...]


@dataclass(frozen=True)
class Layers:
    """What a function of recurrent layers is told."""

    states: Sequence[Tensor]
    """Those before the first step, each (L, N, H)."""
    weights: Sequence[Sequence[Tensor]]
    """Of each cell."""
    is_bidirectional: bool
    batch_first: bool
    counts: Sequence[Array] | None
    """How many rows each step has, in every update, if the sequences are packed."""

    @staticmethod
    def read(op: Any, input: Tensor, arguments: tuple[Any, ...]) -> "Layers":
        """What stands behind the input: of packed sequences, the sizes of their steps first."""
        is_packed = not isinstance(arguments[2], bool)
        sizes, *told = arguments if is_packed else (None, *arguments)
        hx, weights, has_biases, layers, dropout, train, is_bidirectional = told[:7]
        refuse(not is_packed and len(input.shape) != 3, "a sequence without batches")
        refuse(
            dropout > 0 and train and layers > 1,
            "dropout between recurrent layers, drawn inside; write a layer each, with nn.Dropout between them",
        )
        each = 4 if has_biases else 2
        return Layers(
            [hx] if hasattr(hx, "shape") else [*hx],
            [weights[i : i + each] for i in range(0, len(weights), each)],
            is_bidirectional,
            not is_packed and told[7],
            op.values(sizes) if is_packed else None,
        )


def products(op: Any, weights: Sequence[Tensor], gates: int, *, adds_biases: bool) -> list[Tensor]:
    """Both matrices as (inputs, gates), and the biases or, where they work together, their sum; zeros without any."""
    w_x, w_h, *biases = weights
    units = w_h.shape[1]
    refuse(len(biases) > 2 or w_h.shape[0] != gates * units, "a recurrent layer with a projection")
    both = [parts.transposed(op, w_x), parts.transposed(op, w_h)]
    if not biases:
        return [*both, *([op.zeros((gates * units,))] * (1 if adds_biases else 2))]
    return [*both, op.add(*biases)] if adds_biases else [*both, *biases]


def lstm(op: Any, input: Tensor, *arguments: Any) -> tuple[Tensor, ...]:
    """Layers of LSTMs over a sequence; the biases of both products are added first."""
    return _in_one_op(op, op.lstm_layers, 4, True, input, arguments)


def gru(op: Any, input: Tensor, *arguments: Any) -> tuple[Tensor, ...]:
    """Layers of GRUs over a sequence, which reset after the product."""
    return _in_one_op(op, op.gru_layers, 3, False, input, arguments)


def _in_one_op(
    op: Any, layers: Any, gates: int, adds_biases: bool, input: Tensor, arguments: tuple[Any, ...]
) -> tuple[Tensor, ...]:
    """The op of whole layers, around which axes change places where the batch is not the first."""
    told = Layers.read(op, input, arguments)
    weights = [each for given in told.weights for each in products(op, given, gates, adds_biases=adds_biases)]
    if told.counts is not None:
        steps = max(map(len, told.counts))  # those of the longest sequence of all updates, which are the same in all
        x, lengths = sequences.padded(op, input, told.counts, steps=steps), sequences.lengths(op, told.counts)
    else:
        x = input if told.batch_first else _swapped(op, input)
        lengths = sequences.full_lengths(op, *x.shape[:2])
    states = [sequences.states_by_row(op, state) for state in told.states]
    y, *last = layers(x, lengths, *states, *weights, bidirectional=told.is_bidirectional)
    if told.counts is not None:
        y = sequences.packed(op, y, told.counts)
    elif not told.batch_first:
        y = _swapped(op, y)
    return y, *(_swapped(op, state) for state in last)


def _swapped(op: Any, x: Tensor) -> Tensor:
    """(N, T, …) ↔ (T, N, …)."""
    return op.transpose(x, axes=(1, 0, 2))


def lstm_cell(
    op: Any, input: Tensor, hx: State, w_ih: Tensor, w_hh: Tensor, b_ih: Tensor | None, b_hh: Tensor | None
) -> State:
    """One step of an LSTM. PyTorch computes it in parts: the cell's gradient has that through the output, too."""
    h, c = op.lstm(input, *hx, *products(op, _given(w_ih, w_hh, b_ih, b_hh), 4, adds_biases=True))
    op.used_inside(c)
    return h, c


def gru_cell(
    op: Any, input: Tensor, hx: Tensor, w_ih: Tensor, w_hh: Tensor, b_ih: Tensor | None, b_hh: Tensor | None
) -> Tensor:
    """One step of a GRU."""
    return op.gru_reset_after(input, hx, *products(op, _given(w_ih, w_hh, b_ih, b_hh), 3, adds_biases=False))


def rnn_tanh_cell(
    op: Any, input: Tensor, hx: Tensor, w_ih: Tensor, w_hh: Tensor, b_ih: Tensor | None, b_hh: Tensor | None
) -> Tensor:
    """One step of Elman's network."""
    return op.rnn(input, hx, *products(op, _given(w_ih, w_hh, b_ih, b_hh), 1, adds_biases=True))


def _given(*weights: Tensor | None) -> list[Tensor]:
    return [weight for weight in weights if weight is not None]


TRANSLATIONS: Mapping[str, Translation] = {
    "lstm_cell": lstm_cell,
    "gru_cell": gru_cell,
    "rnn_tanh_cell": rnn_tanh_cell,
    "lstm": lstm,
    "gru": gru,
}
"""By the function's name, as a capture has it."""
