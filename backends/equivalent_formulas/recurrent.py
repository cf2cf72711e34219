"""Recurrent cells by other formulas."""

import numpy as np

from backends.contract import Array
from backends.equivalent_formulas.activations import sigmoid_by_tanh
from backends.numpy_manual.gradients import Backward, Gradient
from backends.numpy_manual.layers.recurrent_layers import _over_layers


def lstm_by_tanh(
    x: Array, h: Array, c: Array, w_x: Array, w_h: Array, b: Array
) -> tuple[tuple[Array, Array], Backward]:
    """lstm, its gates by ½·tanh(a/2) + ½."""
    a_i, a_f, a_g, a_o = np.split(x @ w_x + h @ w_h + b, 4, axis=1)
    i, f, g, o = sigmoid_by_tanh(a_i)[0], sigmoid_by_tanh(a_f)[0], np.tanh(a_g), sigmoid_by_tanh(a_o)[0]
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


def gru_reset_before_by_tanh(x: Array, h: Array, w_x: Array, w_h: Array, b: Array) -> tuple[Array, Backward]:
    """gru_reset_before, its gates by ½·tanh(a/2) + ½."""
    u_r, u_z, u_n = np.split(w_h, 3, axis=1)
    x_r, x_z, x_n = np.split(x @ w_x + b, 3, axis=1)
    r, z = sigmoid_by_tanh(x_r + h @ u_r)[0], sigmoid_by_tanh(x_z + h @ u_z)[0]
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


def gru_reset_after_by_tanh(
    x: Array, h: Array, w_x: Array, w_h: Array, b_x: Array, b_h: Array
) -> tuple[Array, Backward]:
    """gru_reset_after, its gates by ½·tanh(a/2) + ½."""
    x_r, x_z, x_n = np.split(x @ w_x + b_x, 3, axis=1)
    h_r, h_z, h_n = np.split(h @ w_h + b_h, 3, axis=1)
    r, z = sigmoid_by_tanh(x_r + h_r)[0], sigmoid_by_tanh(x_z + h_z)[0]
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


def lstm_layers_by_tanh(
    x: Array, lengths: Array, h: Array, c: Array, *weights: Array, bidirectional: bool = False
) -> tuple[tuple[Array, Array, Array], Backward]:
    """lstm_layers of lstm_by_tanh."""
    (y, (h_last, c_last)), back = _over_layers(lstm_by_tanh, x, lengths, (h, c), weights, bidirectional)

    def backward(grad_y: Array, grad_h_last: Array, grad_c_last: Array) -> tuple[Gradient, ...]:
        grad_x, grad_states, grad_weights = back(grad_y, (grad_h_last, grad_c_last))
        return (grad_x, None, *grad_states, *grad_weights)

    return (y, h_last, c_last), backward


def gru_layers_by_tanh(
    x: Array, lengths: Array, h: Array, *weights: Array, bidirectional: bool = False
) -> tuple[tuple[Array, Array], Backward]:
    """gru_layers of gru_reset_after_by_tanh."""
    (y, (h_last,)), back = _over_layers(gru_reset_after_by_tanh, x, lengths, (h,), weights, bidirectional)

    def backward(grad_y: Array, grad_h_last: Array) -> tuple[Gradient, ...]:
        grad_x, grad_states, grad_weights = back(grad_y, (grad_h_last,))
        return (grad_x, None, *grad_states, *grad_weights)

    return (y, h_last), backward
