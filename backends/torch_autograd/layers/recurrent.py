"""Cells that carry a state from one step of a sequence to the next."""

import torch
from torch import Tensor


def rnn(x: Tensor, h: Tensor, w_x: Tensor, w_h: Tensor, b: Tensor) -> Tensor:
    """h' = tanh(x·w_x + h·w_h + b).  x (N, D), h (N, H), w_x (D, H), w_h (H, H), b (H,) → h' (N, H)."""
    # What torch.nn.RNNCell calls; it has its weights transposed, and a second bias.
    return torch.rnn_tanh_cell(x, h, w_x.T, w_h.T, b)


def lstm(x: Tensor, h: Tensor, c: Tensor, w_x: Tensor, w_h: Tensor, b: Tensor) -> tuple[Tensor, Tensor]:
    """c' = f·c + i·g,  h' = o·tanh(c'); the columns of w_x (D, 4H), w_h (H, 4H) and b (4H,) are i, f, g, o."""
    # What torch.nn.LSTMCell calls; it has its weights transposed, and a second bias.
    h_next, c_next = torch.lstm_cell(x, (h, c), w_x.T, w_h.T, b)
    # h' depends on c', whose gradient would include what comes through h'; the copy's comes from later steps only.
    return h_next, c_next.clone()


def gru_reset_before(x: Tensor, h: Tensor, w_x: Tensor, w_h: Tensor, b: Tensor) -> Tensor:
    """h' = (1 − z)·n + z·h,  n = tanh(x·w_n + (r·h)·u_n + b_n); w_x (D, 3H), w_h (H, 3H) and b (3H,) are r, z, n."""
    # PyTorch has only the other GRU.
    u_r, u_z, u_n = w_h.chunk(3, dim=1)
    x_r, x_z, x_n = (x @ w_x + b).chunk(3, dim=1)
    r = torch.sigmoid(x_r + h @ u_r)
    z = torch.sigmoid(x_z + h @ u_z)
    n = torch.tanh(x_n + (r * h) @ u_n)
    return (1 - z) * n + z * h


def gru_reset_after(x: Tensor, h: Tensor, w_x: Tensor, w_h: Tensor, b_x: Tensor, b_h: Tensor) -> Tensor:
    """h' = (1 − z)·n + z·h,  n = tanh(x·w_n + b_n + r·(h·u_n + c_n)); w_x, w_h, b_x and b_h are r, z, n."""
    # What torch.nn.GRUCell calls; it has its weights transposed.
    return torch.gru_cell(x, h, w_x.T, w_h.T, b_x, b_h)
