"""Cells that carry a state from one step of a sequence to the next."""

from backends.chainer_autograd.framework import F, Variable


def rnn(x: Variable, h: Variable, w_x: Variable, w_h: Variable, b: Variable) -> Variable:
    """h' = tanh(x·w_x + h·w_h + b).  x (N, D), h (N, H), w_x (D, H), w_h (H, H), b (H,) → h' (N, H)."""
    return F.tanh(F.matmul(x, w_x) + F.matmul(h, w_h) + b)


def lstm(x: Variable, h: Variable, c: Variable, w_x: Variable, w_h: Variable, b: Variable) -> tuple[Variable, Variable]:
    """c' = f·c + i·g,  h' = o·tanh(c'); the columns of w_x (D, 4H), w_h (H, 4H) and b (4H,) are i, f, g, o."""
    i, f, g, o = F.split_axis(F.matmul(x, w_x) + F.matmul(h, w_h) + b, 4, axis=1)
    # Chainer has the gates of each unit beside each other, the candidate first: g, i, f, o.
    gates = F.reshape(F.stack([g, i, f, o], axis=2), (len(x), -1))
    c_next, h_next = F.lstm(c, gates)
    return h_next, c_next


def gru_reset_before(x: Variable, h: Variable, w_x: Variable, w_h: Variable, b: Variable) -> Variable:
    """h' = (1 − z)·n + z·h,  n = tanh(x·w_n + (r·h)·u_n + b_n); w_x (D, 3H), w_h (H, 3H) and b (3H,) are r, z, n."""
    # Chainer's StatelessGRU is this cell with z and 1 − z exchanged.
    u_r, u_z, u_n = F.split_axis(w_h, 3, axis=1)
    x_r, x_z, x_n = F.split_axis(F.matmul(x, w_x) + b, 3, axis=1)
    r = F.sigmoid(x_r + F.matmul(h, u_r))
    z = F.sigmoid(x_z + F.matmul(h, u_z))
    n = F.tanh(x_n + F.matmul(r * h, u_n))
    return (1 - z) * n + z * h


def gru_reset_after(x: Variable, h: Variable, w_x: Variable, w_h: Variable, b_x: Variable, b_h: Variable) -> Variable:
    """h' = (1 − z)·n + z·h,  n = tanh(x·w_n + b_n + r·(h·u_n + c_n)); w_x, w_h, b_x and b_h are r, z, n."""
    x_r, x_z, x_n = F.split_axis(F.matmul(x, w_x) + b_x, 3, axis=1)
    h_r, h_z, h_n = F.split_axis(F.matmul(h, w_h) + b_h, 3, axis=1)
    r = F.sigmoid(x_r + h_r)
    z = F.sigmoid(x_z + h_z)
    n = F.tanh(x_n + r * h_n)
    return (1 - z) * n + z * h
