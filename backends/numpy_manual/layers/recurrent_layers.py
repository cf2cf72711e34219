"""Layers of recurrent cells over whole sequences of unequal lengths, in one direction or both."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from backends.contract import Array
from backends.deferred import computed
from backends.numpy_manual.gradients import Backward, Gradient
from backends.numpy_manual.layers.recurrent import gru_reset_after, lstm
from backends.numpy_manual.layers.sequences import sequences_misfit

Cell = Callable[..., tuple[Any, Callable[..., tuple[Any, ...]]]]
"""Such as lstm: `cell(x, *states, *weights)` returns the new states, the first of which it shows, and its backward."""

States = Sequence[Array]
"""One array of each kind of state, such as h and c."""
BackThroughLayers = Callable[[Array, States], tuple[Array, list[Array], list[Array]]]
"""From the gradients of y and of the last states to those of x, of the first states and of all weights."""


def lstm_layers(
    x: Array, lengths: Array, h: Array, c: Array, *weights: Array, bidirectional: bool = False
) -> tuple[tuple[Array, Array, Array], Backward]:
    """y = the states h of the last of several layers of lstm, over sequences that end after their lengths.

    x (N, T, D), lengths (N,) integers from 1 to T, h and c (N, L, H) the states before the first step, and of each of L
    cells three weights as of lstm, w_x (D, 4H), w_h (H, 4H) and b (4H,) → y (N, T, H), zeros after the end of a
    sequence, and h_last, c_last (N, L, H), the states after its last step.  Each layer reads the y of the one before.
    With `bidirectional`, a layer has two cells, one from the first step on and one from the last step back, in this
    order; their states stand side by side in y (N, T, 2H), so that w_x of the layer above is (2H, 4H).  The gradient of
    a step's h is what comes from y and from the step after it; a row that has ended hands it on as it is, and the
    gradients of the weights are summed over the steps  (Graves & Schmidhuber 2005, Neural Networks 18; Werbos 1990,
    Proceedings of the IEEE 78).

    Why:
        T = 2
        lives[n] = [1 < lengths[n]]
        a_1[n,q] = Σ_d x[n,0,d]·weights_0[d,q] + Σ_k h[n,0,k]·weights_1[k,q] + weights_2[q]
        i_1[n,j] = σ(a_1[n,0·J+j])
        f_1[n,j] = σ(a_1[n,1·J+j])
        g_1[n,j] = tanh(a_1[n,2·J+j])
        o_1[n,j] = σ(a_1[n,3·J+j])
        c_1[n,j] = f_1[n,j]·c[n,0,j] + i_1[n,j]·g_1[n,j]
        h_1[n,j] = o_1[n,j]·tanh(c_1[n,j])
        a_2[n,q] = Σ_d x[n,1,d]·weights_0[d,q] + Σ_k h_1[n,k]·weights_1[k,q] + weights_2[q]
        i_2[n,j] = σ(a_2[n,0·J+j])
        f_2[n,j] = σ(a_2[n,1·J+j])
        g_2[n,j] = tanh(a_2[n,2·J+j])
        o_2[n,j] = σ(a_2[n,3·J+j])
        c_2[n,j] = f_2[n,j]·c_1[n,j] + i_2[n,j]·g_2[n,j]
        h_2[n,j] = o_2[n,j]·tanh(c_2[n,j])
        y[n,t,j] = [t = 0]·h_1[n,j] + [t = 1]·lives[n]·h_2[n,j]
        h_last[n,l,j] = lives[n]·h_2[n,j] + (1 − lives[n])·h_1[n,j]
        c_last[n,l,j] = lives[n]·c_2[n,j] + (1 − lives[n])·c_1[n,j]
        ∂L/∂h_2[n,j] = lives[n]·(∂L/∂y[n,1,j] + ∂L/∂h_last[n,0,j])
        ∂L/∂c_2[n,j] = lives[n]·∂L/∂c_last[n,0,j] + ∂L/∂h_2[n,j]·o_2[n,j]·(1 − tanh(c_2[n,j])²)
        ∂L/∂i_2[n,j] = ∂L/∂c_2[n,j]·g_2[n,j]·i_2[n,j]·(1 − i_2[n,j])
        ∂L/∂f_2[n,j] = ∂L/∂c_2[n,j]·c_1[n,j]·f_2[n,j]·(1 − f_2[n,j])
        ∂L/∂g_2[n,j] = ∂L/∂c_2[n,j]·i_2[n,j]·(1 − g_2[n,j]²)
        ∂L/∂o_2[n,j] = ∂L/∂h_2[n,j]·tanh(c_2[n,j])·o_2[n,j]·(1 − o_2[n,j])
        ∂L/∂a_2[n,q] = Σ_j (∂L/∂i_2[n,j]·[q = 0·J + j] + ∂L/∂f_2[n,j]·[q = 1·J + j]
        + ∂L/∂g_2[n,j]·[q = 2·J + j] + ∂L/∂o_2[n,j]·[q = 3·J + j])
        ∂L/∂h_1[n,j] = ∂L/∂y[n,0,j] + (1 − lives[n])·∂L/∂h_last[n,0,j] + Σ_q ∂L/∂a_2[n,q]·weights_1[j,q]
        ∂L/∂c_1[n,j] = (1 − lives[n])·∂L/∂c_last[n,0,j] + ∂L/∂c_2[n,j]·f_2[n,j]
        + ∂L/∂h_1[n,j]·o_1[n,j]·(1 − tanh(c_1[n,j])²)
        ∂L/∂i_1[n,j] = ∂L/∂c_1[n,j]·g_1[n,j]·i_1[n,j]·(1 − i_1[n,j])
        ∂L/∂f_1[n,j] = ∂L/∂c_1[n,j]·c[n,0,j]·f_1[n,j]·(1 − f_1[n,j])
        ∂L/∂g_1[n,j] = ∂L/∂c_1[n,j]·i_1[n,j]·(1 − g_1[n,j]²)
        ∂L/∂o_1[n,j] = ∂L/∂h_1[n,j]·tanh(c_1[n,j])·o_1[n,j]·(1 − o_1[n,j])
        ∂L/∂a_1[n,q] = Σ_j (∂L/∂i_1[n,j]·[q = 0·J + j] + ∂L/∂f_1[n,j]·[q = 1·J + j]
        + ∂L/∂g_1[n,j]·[q = 2·J + j] + ∂L/∂o_1[n,j]·[q = 3·J + j])
        ∂L/∂x[n,t,d] = Σ_q ([t = 0]·∂L/∂a_1[n,q] + [t = 1]·∂L/∂a_2[n,q])·weights_0[d,q]
        (N, T, J) → (N, T, D)
        grad_x = np.stack([grad_a_1, grad_a_2], axis=1) @ weights_0.T
        ∂L/∂h[n,l,k] = Σ_q ∂L/∂a_1[n,q]·weights_1[k,q]
        (N, Q)·(Q, K) → (N, K)
        grad_h = (grad_a_1 @ weights_1.T)[:, None]
        ∂L/∂c[n,l,j] = ∂L/∂c_1[n,j]·f_1[n,j]
        (N, J) → (N, 1, J)
        grad_c = (grad_c_1 * f_1)[:, None]
        ∂L/∂weights_0[d,q] = Σ_n (x[n,0,d]·∂L/∂a_1[n,q] + x[n,1,d]·∂L/∂a_2[n,q])
        (D, N)·(N, Q) → (D, Q)
        grad_weights_0 = x[:, 0].T @ grad_a_1 + x[:, 1].T @ grad_a_2
        ∂L/∂weights_1[k,q] = Σ_n (h[n,0,k]·∂L/∂a_1[n,q] + h_1[n,k]·∂L/∂a_2[n,q])
        (K, N)·(N, Q) → (K, Q)
        grad_weights_1 = h[:, 0].T @ grad_a_1 + h_1.T @ grad_a_2
        ∂L/∂weights_2[q] = Σ_n (∂L/∂a_1[n,q] + ∂L/∂a_2[n,q])
        (N, Q) → (Q)
        grad_weights_2 = np.sum(grad_a_1 + grad_a_2, axis=0)
    """
    if wrong := sequences_misfit(x, lengths, (h, c), weights, gates=4, biases=1, bidirectional=bidirectional):
        raise ValueError(wrong)
    (y, (h_last, c_last)), back = _over_layers(lstm, x, lengths, (h, c), weights, bidirectional)

    def backward(grad_y: Array, grad_h_last: Array, grad_c_last: Array) -> tuple[Gradient, ...]:
        grad_x, (grad_h, grad_c), grad_weights = back(grad_y, (grad_h_last, grad_c_last))
        return (grad_x, None, grad_h, grad_c, *grad_weights)

    return (y, h_last, c_last), backward


def gru_layers(
    x: Array, lengths: Array, h: Array, *weights: Array, bidirectional: bool = False
) -> tuple[tuple[Array, Array], Backward]:
    """y = the states of the last of several layers of gru_reset_after, over sequences that end after their lengths.

    x (N, T, D), lengths (N,) integers from 1 to T, h (N, L, H) the states before the first step, and four weights of
    each of L cells, w_x (D, 3H), w_h (H, 3H), b_x and b_h (3H,) as of gru_reset_after → y (N, T, H), zeros after the
    end of a sequence, and h_last (N, L, H), the states after its last step.  Layers and directions are those of
    lstm_layers, and so is the way of the gradients  (Cho et al. 2014, arXiv:1406.1078v1; Schuster & Paliwal 1997,
    IEEE Transactions on Signal Processing 45).

    Why:
        T = 2
        lives[n] = [1 < lengths[n]]
        u_1[n,q] = Σ_d x[n,0,d]·weights_0[d,q] + weights_2[q]
        v_1[n,q] = Σ_k h[n,0,k]·weights_1[k,q] + weights_3[q]
        r_1[n,j] = σ(u_1[n,0·J+j] + v_1[n,0·J+j])
        z_1[n,j] = σ(u_1[n,1·J+j] + v_1[n,1·J+j])
        g_1[n,j] = tanh(u_1[n,2·J+j] + r_1[n,j]·v_1[n,2·J+j])
        h_1[n,j] = (1 − z_1[n,j])·g_1[n,j] + z_1[n,j]·h[n,0,j]
        u_2[n,q] = Σ_d x[n,1,d]·weights_0[d,q] + weights_2[q]
        v_2[n,q] = Σ_k h_1[n,k]·weights_1[k,q] + weights_3[q]
        r_2[n,j] = σ(u_2[n,0·J+j] + v_2[n,0·J+j])
        z_2[n,j] = σ(u_2[n,1·J+j] + v_2[n,1·J+j])
        g_2[n,j] = tanh(u_2[n,2·J+j] + r_2[n,j]·v_2[n,2·J+j])
        h_2[n,j] = (1 − z_2[n,j])·g_2[n,j] + z_2[n,j]·h_1[n,j]
        y[n,t,j] = [t = 0]·h_1[n,j] + [t = 1]·lives[n]·h_2[n,j]
        h_last[n,l,j] = lives[n]·h_2[n,j] + (1 − lives[n])·h_1[n,j]
        ∂L/∂h_2[n,j] = lives[n]·(∂L/∂y[n,1,j] + ∂L/∂h_last[n,0,j])
        ∂L/∂g_2[n,j] = ∂L/∂h_2[n,j]·(1 − z_2[n,j])·(1 − g_2[n,j]²)
        ∂L/∂r_2[n,j] = ∂L/∂g_2[n,j]·v_2[n,2·J+j]·r_2[n,j]·(1 − r_2[n,j])
        ∂L/∂z_2[n,j] = ∂L/∂h_2[n,j]·(h_1[n,j] − g_2[n,j])·z_2[n,j]·(1 − z_2[n,j])
        ∂L/∂u_2[n,q] = Σ_j (∂L/∂r_2[n,j]·[q = 0·J + j] + ∂L/∂z_2[n,j]·[q = 1·J + j]
        + ∂L/∂g_2[n,j]·[q = 2·J + j])
        ∂L/∂v_2[n,q] = Σ_j (∂L/∂r_2[n,j]·[q = 0·J + j] + ∂L/∂z_2[n,j]·[q = 1·J + j]
        + ∂L/∂g_2[n,j]·r_2[n,j]·[q = 2·J + j])
        ∂L/∂h_1[n,j] = ∂L/∂y[n,0,j] + (1 − lives[n])·∂L/∂h_last[n,0,j]
        + ∂L/∂h_2[n,j]·z_2[n,j] + Σ_q ∂L/∂v_2[n,q]·weights_1[j,q]
        ∂L/∂g_1[n,j] = ∂L/∂h_1[n,j]·(1 − z_1[n,j])·(1 − g_1[n,j]²)
        ∂L/∂r_1[n,j] = ∂L/∂g_1[n,j]·v_1[n,2·J+j]·r_1[n,j]·(1 − r_1[n,j])
        ∂L/∂z_1[n,j] = ∂L/∂h_1[n,j]·(h[n,0,j] − g_1[n,j])·z_1[n,j]·(1 − z_1[n,j])
        ∂L/∂u_1[n,q] = Σ_j (∂L/∂r_1[n,j]·[q = 0·J + j] + ∂L/∂z_1[n,j]·[q = 1·J + j]
        + ∂L/∂g_1[n,j]·[q = 2·J + j])
        ∂L/∂v_1[n,q] = Σ_j (∂L/∂r_1[n,j]·[q = 0·J + j] + ∂L/∂z_1[n,j]·[q = 1·J + j]
        + ∂L/∂g_1[n,j]·r_1[n,j]·[q = 2·J + j])
        ∂L/∂x[n,t,d] = Σ_q ([t = 0]·∂L/∂u_1[n,q] + [t = 1]·∂L/∂u_2[n,q])·weights_0[d,q]
        (N, T, J) → (N, T, D)
        grad_x = np.stack([grad_u_1, grad_u_2], axis=1) @ weights_0.T
        ∂L/∂h[n,l,k] = ∂L/∂h_1[n,k]·z_1[n,k] + Σ_q ∂L/∂v_1[n,q]·weights_1[k,q]
        (N, Q)·(Q, K) → (N, K)
        grad_h = (grad_h_1 * z_1 + grad_v_1 @ weights_1.T)[:, None]
        ∂L/∂weights_0[d,q] = Σ_n (x[n,0,d]·∂L/∂u_1[n,q] + x[n,1,d]·∂L/∂u_2[n,q])
        (D, N)·(N, Q) → (D, Q)
        grad_weights_0 = x[:, 0].T @ grad_u_1 + x[:, 1].T @ grad_u_2
        ∂L/∂weights_1[k,q] = Σ_n (h[n,0,k]·∂L/∂v_1[n,q] + h_1[n,k]·∂L/∂v_2[n,q])
        (K, N)·(N, Q) → (K, Q)
        grad_weights_1 = h[:, 0].T @ grad_v_1 + h_1.T @ grad_v_2
        ∂L/∂weights_2[q] = Σ_n (∂L/∂u_1[n,q] + ∂L/∂u_2[n,q])
        (N, Q) → (Q)
        grad_weights_2 = np.sum(grad_u_1 + grad_u_2, axis=0)
        ∂L/∂weights_3[q] = Σ_n (∂L/∂v_1[n,q] + ∂L/∂v_2[n,q])
        (N, Q) → (Q)
        grad_weights_3 = np.sum(grad_v_1 + grad_v_2, axis=0)
    """
    if wrong := sequences_misfit(x, lengths, (h,), weights, gates=3, biases=2, bidirectional=bidirectional):
        raise ValueError(wrong)
    (y, (h_last,)), back = _over_layers(gru_reset_after, x, lengths, (h,), weights, bidirectional)

    def backward(grad_y: Array, grad_h_last: Array) -> tuple[Gradient, ...]:
        grad_x, (grad_h,), grad_weights = back(grad_y, (grad_h_last,))
        return (grad_x, None, grad_h, *grad_weights)

    return (y, h_last), backward


def _over_layers(
    cell: Cell, x: Array, lengths: Array, states: States, weights: Sequence[Array], bidirectional: bool
) -> tuple[tuple[Array, list[Array]], BackThroughLayers]:
    """y (N, T, H or 2H) of the last layer, the last states (N, L, H) of every cell, and the way back.

    x (N, T, D), lengths (N,), states (N, L, H) of every kind, and the weights of L cells one after the other.
    """
    directions = 2 if bidirectional else 1
    cells = states[0].shape[1]
    each = len(weights) // cells
    y, last, back = x, [], []
    for layer in range(cells // directions):
        shown = []
        for number in range(layer * directions, (layer + 1) * directions):
            first = [state[:, number] for state in states]
            own = weights[number * each : (number + 1) * each]
            is_backward = number % directions == 1
            (output, ended), back_through_steps = _over_steps(cell, y, lengths, first, own, is_backward)
            shown.append(output)
            last.append(ended)
            back.append(back_through_steps)
        y = np.concatenate(shown, axis=2)

    def backward(grad_y: Array, grad_last: States) -> tuple[Array, list[Array], list[Array]]:
        grad_states: dict[int, list[Array]] = {}
        grad_weights: dict[int, list[Array]] = {}
        for layer in reversed(range(cells // directions)):
            grad_inputs = []
            for direction, grad_shown in enumerate(np.split(grad_y, directions, axis=2)):
                number = layer * directions + direction
                grads = back[number](grad_shown, [grad[:, number] for grad in grad_last])
                grad_input, grad_states[number], grad_weights[number] = grads
                grad_inputs.append(grad_input)
            grad_y = np.sum(np.stack(grad_inputs), axis=0)
        numbers = range(cells)
        return (
            grad_y,
            [np.stack([grad_states[number][kind] for number in numbers], axis=1) for kind in range(len(states))],
            [grad for number in numbers for grad in grad_weights[number]],
        )

    return (y, [np.stack([ended[kind] for ended in last], axis=1) for kind in range(len(states))]), backward


def _over_steps(
    cell: Cell, x: Array, lengths: Array, states: States, weights: Sequence[Array], is_backward: bool
) -> tuple[tuple[Array, list[Array]], Callable[[Array, States], tuple[Array, list[Array], list[Array]]]]:
    """y (N, T, H), zeros where a sequence has ended, and its last states (N, H), from the first ones; and the way back.

    A row that has ended keeps its states. Backward, from step T − 1 to 0, a row begins at its last step.
    """
    steps = range(x.shape[1])[:: -1 if is_backward else 1]
    shown, back = {}, {}
    for t in steps:
        lives = (t < lengths)[:, None]
        new, back[t] = cell(x[:, t], *states, *weights)
        new = new if isinstance(new, tuple) else (new,)
        shown[t] = np.where(lives, new[0], 0)
        states = [np.where(lives, after, before) for after, before in zip(new, states, strict=True)]

    def backward(grad_y: Array, grad_states: States) -> tuple[Array, list[Array], list[Array]]:
        grad_x, grad_weights = {}, []
        for t in reversed(steps):
            lives = (t < lengths)[:, None]
            grad_h, *grad_others = grad_states
            arriving = [np.where(lives, grad, 0) for grad in (grad_h + grad_y[:, t], *grad_others)]
            grad_x[t], *grads = map(computed, back[t](*arriving))
            grad_states = [np.where(lives, own, kept) for own, kept in zip(grads, grad_states, strict=False)]
            grad_weights.append(grads[len(grad_states) :])
        of_steps = zip(*grad_weights, strict=True)
        return (
            np.stack([grad_x[t] for t in range(len(steps))], axis=1),
            list(grad_states),
            [np.sum(np.stack(of_weight), axis=0) for of_weight in of_steps],
        )

    return (np.stack([shown[t] for t in range(len(steps))], axis=1), list(states)), backward
