"""Recurrent layers over whole sequences; Chainer keeps one matrix (outputs, inputs) and one bias for each gate."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from backends.translating import parts, sequences
from backends.translating.axes import Tensor, Translation, positions

Weights = Sequence[Sequence[Tensor]]
"""Those of each cell: of every gate for the input, and then of every gate for the state."""


def n_step_lstm(
    op: Any, hx: Tensor, cx: Tensor, ws: Weights, bs: Weights, xs: Sequence[Tensor], *, bidirectional: bool
) -> tuple[Tensor, ...]:
    """Layers of LSTMs; the biases of both products are added first."""
    weights = [each for w, b in zip(ws, bs, strict=True) for each in _of_lstm(op, w, b)]
    return _over_steps(op, op.lstm_layers, (hx, cx), weights, xs, bidirectional=bidirectional)


def n_step_gru(
    op: Any, hx: Tensor, ws: Weights, bs: Weights, xs: Sequence[Tensor], *, bidirectional: bool
) -> tuple[Tensor, ...]:
    """Layers of GRUs, which reset after the product."""
    weights = [each for w, b in zip(ws, bs, strict=True) for each in _of_gates(op, w, b)]
    return _over_steps(op, op.gru_layers, (hx,), weights, xs, bidirectional=bidirectional)


def _of_lstm(op: Any, w: Sequence[Tensor], b: Sequence[Tensor]) -> list[Tensor]:
    w_x, w_h, b_x, b_h = _of_gates(op, w, b)
    return [w_x, w_h, op.add(b_x, b_h)]


def _of_gates(op: Any, w: Sequence[Tensor], b: Sequence[Tensor]) -> list[Tensor]:
    """Both matrices as (inputs, gates), and both biases."""
    gates = len(w) // 2
    return [
        *(parts.transposed(op, op.concatenate(*half, axis=0)) for half in (w[:gates], w[gates:])),
        *(op.concatenate(*half, axis=0) for half in (b[:gates], b[gates:])),
    ]


def _over_steps(
    op: Any,
    layers: Any,
    states: Sequence[Tensor],
    weights: Sequence[Tensor],
    xs: Sequence[Tensor],
    *,
    bidirectional: bool,
) -> tuple[Tensor, ...]:
    """The op of whole layers, from the rows of each step and to them; the sequences that have ended have none."""
    counts = np.array([x.shape[0] for x in xs])
    is_padded = bool(np.any(counts != counts[0]))
    if is_padded:
        x, lengths = sequences.padded(op, op.concatenate(*xs, axis=0), [counts]), sequences.lengths(op, [counts])
    else:
        x, lengths = op.stack(*xs, axis=1), sequences.full_lengths(op, int(counts[0]), len(xs))
    first = [sequences.states_by_row(op, state) for state in states]
    y, *last = layers(x, lengths, *first, *weights, bidirectional=bidirectional)
    if is_padded:
        ys = parts.split(op, sequences.packed(op, y, [counts]), positions([int(each) for each in counts]), 0)
    else:
        ys = tuple(op.select(y, index=t, axis=1) for t in range(len(xs)))
    return *(op.transpose(state, axes=(1, 0, 2)) for state in last), *ys


TRANSLATIONS: Mapping[str, Translation] = {"NStepLSTM": n_step_lstm, "NStepGRU": n_step_gru}
"""By the name that a capture gives the functions in one direction and in both."""
