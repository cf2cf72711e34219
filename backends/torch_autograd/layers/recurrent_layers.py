"""Layers of recurrent cells over whole sequences of unequal lengths, in one direction or both."""

import torch
from torch import Tensor
from torch.nn.utils.rnn import PackedSequence, pack_padded_sequence, pad_packed_sequence


def lstm_layers(
    x: Tensor, lengths: Tensor, h: Tensor, c: Tensor, *weights: Tensor, bidirectional: bool = False
) -> tuple[Tensor, Tensor, Tensor]:
    """y = the states of the last layer of lstm, with zeros after the end.  x (N, T, D), h, c (N, L, H) → (N, T, H)."""
    packed = pack_padded_sequence(x, lengths, batch_first=True, enforce_sorted=False)
    first = tuple(state.transpose(0, 1)[:, packed.sorted_indices] for state in (h, c))
    # What torch.nn.LSTM calls; it has its weights transposed, and a second bias.
    flat = [each for w_x, w_h, b in _cells(weights, 3) for each in (w_x.T, w_h.T, b, torch.zeros_like(b))]
    layers = h.shape[1] // (2 if bidirectional else 1)
    y, h_last, c_last = torch.lstm(packed.data, packed.batch_sizes, first, flat, True, layers, 0.0, True, bidirectional)
    return _padded_in_order(y, packed, x), _states_in_order(h_last, packed), _states_in_order(c_last, packed)


def gru_layers(
    x: Tensor, lengths: Tensor, h: Tensor, *weights: Tensor, bidirectional: bool = False
) -> tuple[Tensor, Tensor]:
    """y = the states of the last layer of gru_reset_after, with zeros after the end.  x (N, T, D) → y (N, T, H)."""
    packed = pack_padded_sequence(x, lengths, batch_first=True, enforce_sorted=False)
    first = h.transpose(0, 1)[:, packed.sorted_indices]
    # What torch.nn.GRU calls; it has its weights transposed.
    flat = [each for w_x, w_h, b_x, b_h in _cells(weights, 4) for each in (w_x.T, w_h.T, b_x, b_h)]
    layers = h.shape[1] // (2 if bidirectional else 1)
    y, h_last = torch.gru(packed.data, packed.batch_sizes, first, flat, True, layers, 0.0, True, bidirectional)
    return _padded_in_order(y, packed, x), _states_in_order(h_last, packed)


def _cells(weights: tuple[Tensor, ...], count: int) -> list[tuple[Tensor, ...]]:
    """The weights of each cell, so many of each."""
    return [weights[i : i + count] for i in range(0, len(weights), count)]


def _padded_in_order(y: Tensor, packed: PackedSequence, x: Tensor) -> Tensor:
    """What a layer shows at every step of every sequence, in the order and the length of the x that was packed."""
    padded, _ = pad_packed_sequence(packed._replace(data=y), batch_first=True, total_length=x.shape[1])
    return padded


def _states_in_order(last: Tensor, packed: PackedSequence) -> Tensor:
    """(L, N, H), sorted by length → (N, L, H) in the order of the sequences."""
    return last[:, packed.unsorted_indices].transpose(0, 1)
