"""Gates by other formulas."""

import numpy as np

from backends.contract import Array
from backends.equivalent_formulas.activations import sigmoid_by_tanh
from backends.numpy_manual.gradients import Backward, Gradient
from backends.numpy_manual.shapes import rows_of


def glu_by_tanh(x: Array, *, axis: int = -1) -> tuple[Array, Backward]:
    """glu, its gates by ½·tanh(b/2) + ½."""
    a, b = np.split(x, 2, axis=axis)
    s = sigmoid_by_tanh(b)[0]

    def backward(grad_y: Array) -> tuple[Gradient, ...]:
        return (np.concatenate([grad_y * s, grad_y * a * s * (1 - s)], axis=axis),)

    return a * s, backward


def swiglu_by_tanh(x: Array, w_gate: Array, w_up: Array, w_down: Array) -> tuple[Array, Backward]:
    """swiglu, its gates by ½·tanh(g/2) + ½, and their gradient a sum of two products."""
    gate, up = x @ w_gate, x @ w_up
    s = sigmoid_by_tanh(gate)[0]
    hidden = gate * s * up

    def backward(grad_y: Array) -> tuple[Gradient, ...]:
        grad_hidden = grad_y @ w_down.T
        grad_swish, grad_up = grad_hidden * up, grad_hidden * (gate * s)
        grad_gate = grad_swish * s + grad_swish * gate * s * (1 - s)
        return (
            lambda: grad_gate @ w_gate.T + grad_up @ w_up.T,
            lambda: rows_of(x).T @ rows_of(grad_gate),
            lambda: rows_of(x).T @ rows_of(grad_up),
            lambda: rows_of(hidden).T @ rows_of(grad_y),
        )

    return hidden @ w_down, backward
