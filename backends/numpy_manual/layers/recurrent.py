"""Cells that carry a state from one step of a sequence to the next."""

import numpy as np

from backends.contract import Array
from backends.numpy_manual.activations.smooth import sigmoid
from backends.numpy_manual.gradients import Backward, Gradient


def rnn(x: Array, h: Array, w_x: Array, w_h: Array, b: Array) -> tuple[Array, Backward]:
    """h' = tanh(x·w_x + h·w_h + b), one step of Elman's network.

    x (N, D), h (N, H), w_x (D, H), w_h (H, H), b (H,) → h' (N, H).  With a = x·w_x + h·w_h + b,
    ∂L/∂a = ∂L/∂h'·(1 − h'²); the rest is that of a product  (Goodfellow et al., Deep Learning, 10.2).

    Why:
        a[n,j] = Σ_d x[n,d]·w_x[d,j] + Σ_k h[n,k]·w_h[k,j] + b[j]
        h_next[n,j] = tanh(a[n,j])
        ∂L/∂a[n,j] = ∂L/∂h_next[n,j]·(1 − h_next[n,j]²)
        ∂L/∂x[n,d] = Σ_j ∂L/∂h_next[n,j]·∂h_next[n,j]/∂x[n,d] = Σ_j ∂L/∂a[n,j]·w_x[d,j]
        (N, J)·(J, D) → (N, D)
        grad_x = grad_a @ w_x.T
        ∂L/∂h[n,k] = Σ_j ∂L/∂h_next[n,j]·∂h_next[n,j]/∂h[n,k] = Σ_j ∂L/∂a[n,j]·w_h[k,j]
        (N, J)·(J, K) → (N, K)
        grad_h = grad_a @ w_h.T
        ∂L/∂w_x[d,j] = Σ_n ∂L/∂h_next[n,j]·∂h_next[n,j]/∂w_x[d,j] = Σ_n x[n,d]·∂L/∂a[n,j]
        (D, N)·(N, J) → (D, J)
        grad_w_x = x.T @ grad_a
        ∂L/∂w_h[k,j] = Σ_n ∂L/∂h_next[n,j]·∂h_next[n,j]/∂w_h[k,j] = Σ_n h[n,k]·∂L/∂a[n,j]
        (K, N)·(N, J) → (K, J)
        grad_w_h = h.T @ grad_a
        ∂L/∂b[j] = Σ_n ∂L/∂h_next[n,j]·∂h_next[n,j]/∂b[j] = Σ_n ∂L/∂a[n,j]
        (N, J) → (J)
        grad_b = np.sum(grad_a, axis=0)
    """
    if not _are_of_a_cell(1, x, h, w_x, w_h, b):
        raise ValueError("x must be (N, D), h (N, H), w_x (D, H), w_h (H, H) and b (H,)")
    h_next = np.tanh(x @ w_x + h @ w_h + b)

    def backward(grad_h_next: Array) -> tuple[Gradient, ...]:
        grad_a = grad_h_next * (1 - h_next * h_next)
        return (
            lambda: grad_a @ w_x.T,
            lambda: grad_a @ w_h.T,
            lambda: x.T @ grad_a,
            lambda: h.T @ grad_a,
            np.sum(grad_a, axis=0),
        )

    return h_next, backward


def lstm(x: Array, h: Array, c: Array, w_x: Array, w_h: Array, b: Array) -> tuple[tuple[Array, Array], Backward]:
    """c' = f·c + i·g,  h' = o·tanh(c'), where i, f, o = σ(a) and g = tanh(a) with a = x·w_x + h·w_h + b of each gate.

    x (N, D), h, c (N, H), w_x (D, 4H), w_h (H, 4H), b (4H,) → h', c' (N, H).  The columns of the weights are the input
    gate i, the forget gate f, the candidate g and the output gate o, H of each.  The cell's gradient comes directly and
    through h': it is ∂L/∂c' + ∂L/∂h'·o·(1 − tanh²(c')), and f times that for c  (Hochreiter & Schmidhuber 1997;
    Gers et al. 2000, who added f).

    Why:
        a[n,q] = Σ_d x[n,d]·w_x[d,q] + Σ_k h[n,k]·w_h[k,q] + b[q]
        i[n,j] = σ(a[n,0·J+j])
        f[n,j] = σ(a[n,1·J+j])
        g[n,j] = tanh(a[n,2·J+j])
        o[n,j] = σ(a[n,3·J+j])
        c_next[n,j] = f[n,j]·c[n,j] + i[n,j]·g[n,j]
        t[n,j] = tanh(c_next[n,j])
        h_next[n,j] = o[n,j]·t[n,j]
        ∂L/∂cell[n,j] = ∂L/∂c_next[n,j] + ∂L/∂h_next[n,j]·o[n,j]·(1 − t[n,j]²)
        ∂L/∂i[n,j] = ∂L/∂cell[n,j]·g[n,j]·i[n,j]·(1 − i[n,j])
        ∂L/∂f[n,j] = ∂L/∂cell[n,j]·c[n,j]·f[n,j]·(1 − f[n,j])
        ∂L/∂g[n,j] = ∂L/∂cell[n,j]·i[n,j]·(1 − g[n,j]²)
        ∂L/∂o[n,j] = ∂L/∂h_next[n,j]·t[n,j]·o[n,j]·(1 − o[n,j])
        ∂L/∂a[n,q] = Σ_j (∂L/∂i[n,j]·[q = 0·J + j] + ∂L/∂f[n,j]·[q = 1·J + j] + ∂L/∂g[n,j]·[q = 2·J + j]
        + ∂L/∂o[n,j]·[q = 3·J + j])
        ∂L/∂x[n,d] = Σ_j (∂L/∂h_next[n,j]·∂h_next[n,j]/∂x[n,d] + ∂L/∂c_next[n,j]·∂c_next[n,j]/∂x[n,d])
        = Σ_q ∂L/∂a[n,q]·w_x[d,q]
        (N, Q)·(Q, D) → (N, D)
        grad_x = grad_a @ w_x.T
        ∂L/∂h[n,k] = Σ_j (∂L/∂h_next[n,j]·∂h_next[n,j]/∂h[n,k] + ∂L/∂c_next[n,j]·∂c_next[n,j]/∂h[n,k])
        = Σ_q ∂L/∂a[n,q]·w_h[k,q]
        (N, Q)·(Q, K) → (N, K)
        grad_h = grad_a @ w_h.T
        ∂L/∂c[n,j] = ∂L/∂h_next[n,j]·∂h_next[n,j]/∂c[n,j] + ∂L/∂c_next[n,j]·∂c_next[n,j]/∂c[n,j]
        = ∂L/∂cell[n,j]·f[n,j]
        (N, J) → (N, J)
        grad_c = grad_cell * f
        ∂L/∂w_x[d,q] = Σ_nj (∂L/∂h_next[n,j]·∂h_next[n,j]/∂w_x[d,q] + ∂L/∂c_next[n,j]·∂c_next[n,j]/∂w_x[d,q])
        = Σ_n x[n,d]·∂L/∂a[n,q]
        (D, N)·(N, Q) → (D, Q)
        grad_w_x = x.T @ grad_a
        ∂L/∂w_h[k,q] = Σ_nj (∂L/∂h_next[n,j]·∂h_next[n,j]/∂w_h[k,q] + ∂L/∂c_next[n,j]·∂c_next[n,j]/∂w_h[k,q])
        = Σ_n h[n,k]·∂L/∂a[n,q]
        (K, N)·(N, Q) → (K, Q)
        grad_w_h = h.T @ grad_a
        ∂L/∂b[q] = Σ_nj (∂L/∂h_next[n,j]·∂h_next[n,j]/∂b[q] + ∂L/∂c_next[n,j]·∂c_next[n,j]/∂b[q]) = Σ_n ∂L/∂a[n,q]
        (N, Q) → (Q)
        grad_b = np.sum(grad_a, axis=0)
    """
    if not _are_of_a_cell(4, x, h, w_x, w_h, b) or c.shape != h.shape:
        raise ValueError("x must be (N, D), h and c (N, H), w_x (D, 4H), w_h (H, 4H) and b (4H,)")
    a_i, a_f, a_g, a_o = np.split(x @ w_x + h @ w_h + b, 4, axis=1)
    i, f, g, o = sigmoid(a_i)[0], sigmoid(a_f)[0], np.tanh(a_g), sigmoid(a_o)[0]
    c_next = f * c + i * g
    tanh_c = np.tanh(c_next)

    def backward(grad_h_next: Array, grad_c_next: Array) -> tuple[Gradient, ...]:
        grad_cell = grad_c_next + grad_h_next * o * (1 - tanh_c * tanh_c)
        grad_i = grad_cell * g * i * (1 - i)
        grad_f = grad_cell * c * f * (1 - f)
        grad_g = grad_cell * i * (1 - g * g)
        grad_o = grad_h_next * tanh_c * o * (1 - o)
        grad_a = np.concatenate([grad_i, grad_f, grad_g, grad_o], axis=1)
        return (
            lambda: grad_a @ w_x.T,
            lambda: grad_a @ w_h.T,
            grad_cell * f,
            lambda: x.T @ grad_a,
            lambda: h.T @ grad_a,
            np.sum(grad_a, axis=0),
        )

    return (o * tanh_c, c_next), backward


def gru_reset_before(x: Array, h: Array, w_x: Array, w_h: Array, b: Array) -> tuple[Array, Backward]:
    """h' = (1 − z)·n + z·h,  n = tanh(x·w_n + (r·h)·u_n + b_n): the reset gate is applied to h before the product.

    r = σ(x·w_r + h·u_r + b_r) and z = σ(x·w_z + h·u_z + b_z), the columns of w_x being (w_r, w_z, w_n) and those of w_h
    (u_r, u_z, u_n).  x (N, D), h (N, H), w_x (D, 3H), w_h (H, 3H), b (3H,) → h' (N, H).  z = 1 keeps the old state.
    With s = r·h, ∂L/∂s = ∂L/∂a_n·u_nᵀ passes to h times r and to r times h  (Cho et al. 2014, arXiv:1406.1078v3).

    Why:
        r[n,j] = σ(Σ_d x[n,d]·w_x[d,0·J+j] + Σ_k h[n,k]·w_h[k,0·J+j] + b[0·J+j])
        z[n,j] = σ(Σ_d x[n,d]·w_x[d,1·J+j] + Σ_k h[n,k]·w_h[k,1·J+j] + b[1·J+j])
        s[n,j] = r[n,j]·h[n,j]
        g[n,j] = tanh(Σ_d x[n,d]·w_x[d,2·J+j] + Σ_k s[n,k]·w_h[k,2·J+j] + b[2·J+j])
        h_next[n,j] = (1 − z[n,j])·g[n,j] + z[n,j]·h[n,j]
        ∂L/∂g[n,j] = ∂L/∂h_next[n,j]·(1 − z[n,j])·(1 − g[n,j]²)
        ∂L/∂s[n,k] = Σ_j ∂L/∂g[n,j]·w_h[k,2·J+j]
        ∂L/∂r[n,j] = ∂L/∂s[n,j]·h[n,j]·r[n,j]·(1 − r[n,j])
        ∂L/∂z[n,j] = ∂L/∂h_next[n,j]·(h[n,j] − g[n,j])·z[n,j]·(1 − z[n,j])
        ∂L/∂a[n,q] = Σ_j (∂L/∂r[n,j]·[q = 0·J + j] + ∂L/∂z[n,j]·[q = 1·J + j] + ∂L/∂g[n,j]·[q = 2·J + j])
        ∂L/∂x[n,d] = Σ_j ∂L/∂h_next[n,j]·∂h_next[n,j]/∂x[n,d] = Σ_q ∂L/∂a[n,q]·w_x[d,q]
        (N, Q)·(Q, D) → (N, D)
        grad_x = grad_a @ w_x.T
        ∂L/∂h[n,k] = Σ_j ∂L/∂h_next[n,j]·∂h_next[n,j]/∂h[n,k] = ∂L/∂h_next[n,k]·z[n,k] + ∂L/∂s[n,k]·r[n,k]
        + Σ_j (∂L/∂r[n,j]·w_h[k,0·J+j] + ∂L/∂z[n,j]·w_h[k,1·J+j])
        (N, 2·J)·(2·J, K) → (N, K)
        grad_h = grad_h_next * z + grad_s * r + grad_a[:, : 2 * J] @ w_h[:, : 2 * J].T
        ∂L/∂w_x[d,q] = Σ_nj ∂L/∂h_next[n,j]·∂h_next[n,j]/∂w_x[d,q] = Σ_n x[n,d]·∂L/∂a[n,q]
        (D, N)·(N, Q) → (D, Q)
        grad_w_x = x.T @ grad_a
        ∂L/∂w_h[k,q] = Σ_nj ∂L/∂h_next[n,j]·∂h_next[n,j]/∂w_h[k,q]
        = Σ_n (h[n,k]·[q < 2·J] + s[n,k]·[q ≥ 2·J])·∂L/∂a[n,q]
        (K, N)·(N, Q) → (K, Q)
        grad_w_h = np.concatenate([h.T @ grad_r, h.T @ grad_z, s.T @ grad_g], axis=1)
        ∂L/∂b[q] = Σ_nj ∂L/∂h_next[n,j]·∂h_next[n,j]/∂b[q] = Σ_n ∂L/∂a[n,q]
        (N, Q) → (Q)
        grad_b = np.sum(grad_a, axis=0)
    """
    if not _are_of_a_cell(3, x, h, w_x, w_h, b):
        raise ValueError("x must be (N, D), h (N, H), w_x (D, 3H), w_h (H, 3H) and b (3H,)")
    u_r, u_z, u_n = np.split(w_h, 3, axis=1)
    x_r, x_z, x_n = np.split(x @ w_x + b, 3, axis=1)
    r, z = sigmoid(x_r + h @ u_r)[0], sigmoid(x_z + h @ u_z)[0]
    reset_h = r * h
    n = np.tanh(x_n + reset_h @ u_n)

    def backward(grad_h_next: Array) -> tuple[Gradient, ...]:
        grad_n = grad_h_next * (1 - z) * (1 - n * n)
        grad_reset_h = grad_n @ u_n.T
        grad_r = grad_reset_h * h * r * (1 - r)
        grad_z = grad_h_next * (h - n) * z * (1 - z)
        grad_a = np.concatenate([grad_r, grad_z, grad_n], axis=1)
        return (
            lambda: grad_a @ w_x.T,
            grad_h_next * z + grad_reset_h * r + grad_r @ u_r.T + grad_z @ u_z.T,
            lambda: x.T @ grad_a,
            lambda: np.concatenate([h.T @ grad_r, h.T @ grad_z, reset_h.T @ grad_n], axis=1),
            np.sum(grad_a, axis=0),
        )

    return (1 - z) * n + z * h, backward


def gru_reset_after(x: Array, h: Array, w_x: Array, w_h: Array, b_x: Array, b_h: Array) -> tuple[Array, Backward]:
    """h' = (1 − z)·n + z·h,  n = tanh(x·w_n + b_n + r·(h·u_n + c_n)): the reset gate is applied after the product.

    r = σ(x·w_r + b_r + h·u_r + c_r) and z likewise, the columns of w_x being (w_r, w_z, w_n), those of w_h (u_r, u_z,
    u_n), of b_x (b_r, b_z, b_n) and of b_h (c_r, c_z, c_n).  x (N, D), h (N, H), w_x (D, 3H), w_h (H, 3H), b_x, b_h
    (3H,) → h' (N, H).  z = 1 keeps the old state.  The products with h are a single one, and r·∂L/∂a_n goes back
    through it  (Cho et al. 2014, arXiv:1406.1078v1; cuDNN's GRU).

    Why:
        u[n,q] = Σ_d x[n,d]·w_x[d,q] + b_x[q]
        v[n,q] = Σ_k h[n,k]·w_h[k,q] + b_h[q]
        r[n,j] = σ(u[n,0·J+j] + v[n,0·J+j])
        z[n,j] = σ(u[n,1·J+j] + v[n,1·J+j])
        g[n,j] = tanh(u[n,2·J+j] + r[n,j]·v[n,2·J+j])
        h_next[n,j] = (1 − z[n,j])·g[n,j] + z[n,j]·h[n,j]
        ∂L/∂g[n,j] = ∂L/∂h_next[n,j]·(1 − z[n,j])·(1 − g[n,j]²)
        ∂L/∂r[n,j] = ∂L/∂g[n,j]·v[n,2·J+j]·r[n,j]·(1 − r[n,j])
        ∂L/∂z[n,j] = ∂L/∂h_next[n,j]·(h[n,j] − g[n,j])·z[n,j]·(1 − z[n,j])
        ∂L/∂u[n,q] = Σ_j (∂L/∂r[n,j]·[q = 0·J + j] + ∂L/∂z[n,j]·[q = 1·J + j] + ∂L/∂g[n,j]·[q = 2·J + j])
        ∂L/∂v[n,q] = Σ_j (∂L/∂r[n,j]·[q = 0·J + j] + ∂L/∂z[n,j]·[q = 1·J + j] + ∂L/∂g[n,j]·r[n,j]·[q = 2·J + j])
        ∂L/∂x[n,d] = Σ_j ∂L/∂h_next[n,j]·∂h_next[n,j]/∂x[n,d] = Σ_q ∂L/∂u[n,q]·w_x[d,q]
        (N, Q)·(Q, D) → (N, D)
        grad_x = grad_u @ w_x.T
        ∂L/∂h[n,k] = Σ_j ∂L/∂h_next[n,j]·∂h_next[n,j]/∂h[n,k] = ∂L/∂h_next[n,k]·z[n,k] + Σ_q ∂L/∂v[n,q]·w_h[k,q]
        (N, Q)·(Q, K) → (N, K)
        grad_h = grad_h_next * z + grad_v @ w_h.T
        ∂L/∂w_x[d,q] = Σ_nj ∂L/∂h_next[n,j]·∂h_next[n,j]/∂w_x[d,q] = Σ_n x[n,d]·∂L/∂u[n,q]
        (D, N)·(N, Q) → (D, Q)
        grad_w_x = x.T @ grad_u
        ∂L/∂w_h[k,q] = Σ_nj ∂L/∂h_next[n,j]·∂h_next[n,j]/∂w_h[k,q] = Σ_n h[n,k]·∂L/∂v[n,q]
        (K, N)·(N, Q) → (K, Q)
        grad_w_h = h.T @ grad_v
        ∂L/∂b_x[q] = Σ_nj ∂L/∂h_next[n,j]·∂h_next[n,j]/∂b_x[q] = Σ_n ∂L/∂u[n,q]
        (N, Q) → (Q)
        grad_b_x = np.sum(grad_u, axis=0)
        ∂L/∂b_h[q] = Σ_nj ∂L/∂h_next[n,j]·∂h_next[n,j]/∂b_h[q] = Σ_n ∂L/∂v[n,q]
        (N, Q) → (Q)
        grad_b_h = np.sum(grad_v, axis=0)
    """
    if not _are_of_a_cell(3, x, h, w_x, w_h, b_x, b_h):
        raise ValueError("x must be (N, D), h (N, H), w_x (D, 3H), w_h (H, 3H), b_x and b_h (3H,)")
    x_r, x_z, x_n = np.split(x @ w_x + b_x, 3, axis=1)
    h_r, h_z, h_n = np.split(h @ w_h + b_h, 3, axis=1)
    r, z = sigmoid(x_r + h_r)[0], sigmoid(x_z + h_z)[0]
    n = np.tanh(x_n + r * h_n)

    def backward(grad_h_next: Array) -> tuple[Gradient, ...]:
        grad_n = grad_h_next * (1 - z) * (1 - n * n)
        grad_r = grad_n * h_n * r * (1 - r)
        grad_z = grad_h_next * (h - n) * z * (1 - z)
        grad_a_x = np.concatenate([grad_r, grad_z, grad_n], axis=1)
        grad_a_h = np.concatenate([grad_r, grad_z, grad_n * r], axis=1)
        return (
            lambda: grad_a_x @ w_x.T,
            grad_h_next * z + grad_a_h @ w_h.T,
            lambda: x.T @ grad_a_x,
            lambda: h.T @ grad_a_h,
            np.sum(grad_a_x, axis=0),
            np.sum(grad_a_h, axis=0),
        )

    return (1 - z) * n + z * h, backward


def _are_of_a_cell(gates: int, x: Array, h: Array, w_x: Array, w_h: Array, *biases: Array) -> bool:
    """Whether these are x (N, D), h (N, H), w_x (D, gates·H), w_h (H, gates·H) and biases (gates·H,)."""
    if x.ndim != 2 or h.ndim != 2 or len(x) != len(h):
        return False
    columns = gates * h.shape[1]
    weights_fit = w_x.shape == (x.shape[1], columns) and w_h.shape == (h.shape[1], columns)
    return weights_fit and all(b.shape == (columns,) for b in biases)
