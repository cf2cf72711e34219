"""Gates: units that others switch on and off, element by element."""

import numpy as np

from backends.contract import Array
from backends.numpy_manual.activations.smooth import sigmoid
from backends.numpy_manual.gradients import Backward, Gradient
from backends.numpy_manual.shapes import rows_of


def glu(x: Array, *, axis: int = -1) -> tuple[Array, Backward]:
    """y = a·sigmoid(b), where a and b are the two halves of x along an axis, the last one unless told otherwise.

    x (…, 2H) → y (…, H).  With s = sigmoid(b), ∂L/∂a = ∂L/∂y·s and ∂L/∂b = ∂L/∂y·a·s·(1 − s)  (Dauphin et al. 2017,
    arXiv:1612.08083).

    Why:
        a[n,h] = x[n,0·H+h]
        s[n,h] = σ(x[n,1·H+h])
        y[n,h] = a[n,h]·s[n,h]
        ∂L/∂x[n,d] = Σ_h ∂L/∂y[n,h]·∂y[n,h]/∂x[n,d]
        = Σ_h ∂L/∂y[n,h]·s[n,h]·([d = h] + [d = H + h]·a[n,h]·(1 − s[n,h]))
        (N, H) → (N, D)
        grad_x = np.concatenate([grad_y * s, grad_y * a * s * (1 - s)], axis=1)
    """
    if not -x.ndim <= axis < x.ndim or x.shape[axis] % 2:
        raise ValueError(f"x must have an axis {axis}, of an even length")
    a, b = np.split(x, 2, axis=axis)
    s = sigmoid(b)[0]

    def backward(grad_y: Array) -> tuple[Gradient, ...]:
        return (np.concatenate([grad_y * s, grad_y * a * s * (1 - s)], axis=axis),)

    return a * s, backward


def swiglu(x: Array, w_gate: Array, w_up: Array, w_down: Array) -> tuple[Array, Backward]:
    """y = (swish(x·w_gate)·(x·w_up))·w_down: the feed-forward layer of LLaMA, whose hidden units have a gate each.

    x (…, D), w_gate, w_up (D, H), w_down (H, E) → y (…, E).  With g = x·w_gate, s = sigmoid(g) and u = x·w_up, the
    hidden units are g·s·u, so that ∂L/∂u = ∂L/∂hidden·g·s and ∂L/∂g = ∂L/∂hidden·u·(s + g·s·(1 − s)); both go back to x
    (Shazeer 2020, arXiv:2002.05202; Touvron et al. 2023, arXiv:2302.13971, 2.2).

    Why:
        g[n,h] = Σ_d x[n,d]·w_gate[d,h]
        u[n,h] = Σ_d x[n,d]·w_up[d,h]
        s[n,h] = σ(g[n,h])
        hidden[n,h] = g[n,h]·s[n,h]·u[n,h]
        y[n,e] = Σ_h hidden[n,h]·w_down[h,e]
        ∂L/∂hidden[n,h] = Σ_e ∂L/∂y[n,e]·w_down[h,e]
        ∂L/∂g[n,h] = ∂L/∂hidden[n,h]·u[n,h]·(s[n,h] + g[n,h]·s[n,h]·(1 − s[n,h]))
        ∂L/∂u[n,h] = ∂L/∂hidden[n,h]·g[n,h]·s[n,h]
        ∂L/∂x[n,d] = Σ_e ∂L/∂y[n,e]·∂y[n,e]/∂x[n,d] = Σ_h (∂L/∂g[n,h]·w_gate[d,h] + ∂L/∂u[n,h]·w_up[d,h])
        (N, H)·(H, D) → (N, D)
        grad_x = grad_g @ w_gate.T + grad_u @ w_up.T
        ∂L/∂w_gate[d,h] = Σ_ne ∂L/∂y[n,e]·∂y[n,e]/∂w_gate[d,h] = Σ_n x[n,d]·∂L/∂g[n,h]
        (D, N)·(N, H) → (D, H)
        grad_w_gate = x.T @ grad_g
        ∂L/∂w_up[d,h] = Σ_ne ∂L/∂y[n,e]·∂y[n,e]/∂w_up[d,h] = Σ_n x[n,d]·∂L/∂u[n,h]
        (D, N)·(N, H) → (D, H)
        grad_w_up = x.T @ grad_u
        ∂L/∂w_down[h,e] = Σ_n ∂L/∂y[n,e]·∂y[n,e]/∂w_down[h,e] = Σ_n hidden[n,h]·∂L/∂y[n,e]
        (H, N)·(N, E) → (H, E)
        grad_w_down = hidden.T @ grad_y
    """
    if x.ndim < 1 or w_gate.ndim != 2 or w_up.shape != w_gate.shape or w_gate.shape[0] != x.shape[-1]:
        raise ValueError("x must be (…, D), and w_gate and w_up (D, H)")
    if w_down.ndim != 2 or w_down.shape[0] != w_gate.shape[1]:
        raise ValueError("w_down must be (H, E), for w_gate and w_up (D, H)")
    gate, up = x @ w_gate, x @ w_up
    s = sigmoid(gate)[0]
    swish = gate * s
    hidden = swish * up

    def backward(grad_y: Array) -> tuple[Gradient, ...]:
        grad_hidden = grad_y @ w_down.T
        grad_gate = grad_hidden * up * (s + swish * (1 - s))
        grad_up = grad_hidden * swish
        return (
            lambda: grad_gate @ w_gate.T + grad_up @ w_up.T,
            lambda: rows_of(x).T @ rows_of(grad_gate),
            lambda: rows_of(x).T @ rows_of(grad_up),
            lambda: rows_of(hidden).T @ rows_of(grad_y),
        )

    return hidden @ w_down, backward
