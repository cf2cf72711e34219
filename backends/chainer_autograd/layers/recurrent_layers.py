"""Layers of recurrent cells over whole sequences of unequal lengths, in one direction or both."""

from typing import Any

import numpy as np

from backends.chainer_autograd.framework import F, Variable


def lstm_layers(
    x: Variable, lengths: Variable, h: Variable, c: Variable, *weights: Variable, bidirectional: bool = False
) -> tuple[Variable, Variable, Variable]:
    """y = the states of the last layer of lstm, with zeros after the end.  x (N, T, D), h, c (N, L, H) → (N, T, H)."""
    order, steps = _by_length(x, lengths)
    h, c = (F.permutate(F.swapaxes(state, 0, 1), order, axis=1) for state in (h, c))
    # Chainer has a matrix, transposed, and two biases for each gate.
    ws = [[*_gates(w_x.T, 4), *_gates(w_h.T, 4)] for w_x, w_h, _ in _cells(weights, 3)]
    bs = [[*_gates(b, 4), *_gates(np.zeros_like(b.array), 4)] for _, _, b in _cells(weights, 3)]
    run = F.n_step_bilstm if bidirectional else F.n_step_lstm
    h_last, c_last, ys = run(h.shape[0] // (2 if bidirectional else 1), 0.0, h, c, ws, bs, steps)
    return _padded_in_order(ys, order, x), _states_in_order(h_last, order), _states_in_order(c_last, order)


def gru_layers(
    x: Variable, lengths: Variable, h: Variable, *weights: Variable, bidirectional: bool = False
) -> tuple[Variable, Variable]:
    """y = the states of the last layer of gru_reset_after, with zeros after the end.  x (N, T, D) → y (N, T, H)."""
    order, steps = _by_length(x, lengths)
    h = F.permutate(F.swapaxes(h, 0, 1), order, axis=1)
    # Chainer has a matrix, transposed, and two biases for each gate.
    ws = [[*_gates(w_x.T, 3), *_gates(w_h.T, 3)] for w_x, w_h, _, _ in _cells(weights, 4)]
    bs = [[*_gates(b_x, 3), *_gates(b_h, 3)] for _, _, b_x, b_h in _cells(weights, 4)]
    run = F.n_step_bigru if bidirectional else F.n_step_gru
    h_last, ys = run(h.shape[0] // (2 if bidirectional else 1), 0.0, h, ws, bs, steps)
    return _padded_in_order(ys, order, x), _states_in_order(h_last, order)


def _cells(weights: tuple[Variable, ...], count: int) -> list[tuple[Variable, ...]]:
    """The weights of each cell, so many of each."""
    return [weights[i : i + count] for i in range(0, len(weights), count)]


def _gates(weight: Variable, count: int) -> tuple[Variable, ...]:
    """A weight of all gates, one below the other, as one of each."""
    parts: tuple[Variable, ...] = F.split_axis(weight, count, axis=0)
    return parts


def _by_length(x: Variable, lengths: Variable) -> tuple[Any, list[Variable]]:
    """The order of the sequences from the longest to the shortest, and of each step those that have not ended."""
    order = np.argsort(-lengths.array, kind="stable").astype(np.int32)
    longest_first = F.permutate(x, order)
    return order, [longest_first[: np.sum(lengths.array > t), t] for t in range(np.max(lengths.array))]


def _padded_in_order(ys: list[Variable], order: Any, x: Variable) -> Variable:
    """What a layer shows at every step of every sequence, in their own order, with zeros up to the length of x."""
    return F.permutate(F.pad_sequence(F.transpose_sequence(ys), x.shape[1], 0.0), order, inv=True)


def _states_in_order(last: Variable, order: Any) -> Variable:
    """(L, N, H), sorted by length → (N, L, H) in the order of the sequences."""
    return F.swapaxes(F.permutate(last, order, axis=1, inv=True), 0, 1)
