"""Recurrent cells with other gates, or with gates in another order."""

from collections.abc import Iterator, Sequence
from itertools import permutations
from typing import Any

import numpy as np

from backends import numpy_manual
from backends.contract import Array
from backends.deferred import computed
from harness.explaining.variants.variant import Function, Variant, Variants, forward_only, of_changed_inputs

Order = tuple[int, ...]


def _reordered(array: Array, order: Order) -> Array:
    """The blocks of columns of all gates in another order."""
    gates = np.split(array, len(order), axis=-1)
    return np.concatenate([gates[k] for k in order], axis=-1)


def _with_gates(cell: Function, order: Order, first_weight: int) -> Function:
    """A cell that takes its gates in another order of columns; its inputs from `first_weight` on are weights."""
    inverse = tuple(int(k) for k in np.argsort(order))

    def change(*inputs: Array) -> tuple[Array, ...]:
        return *inputs[:first_weight], *(_reordered(weight, order) for weight in inputs[first_weight:])

    def back(grads: Sequence[Any], _: Any) -> tuple[Any, ...]:
        weights = [_reordered(computed(grad), inverse) for grad in grads[first_weight:]]
        return *grads[:first_weight], *weights

    return of_changed_inputs(cell, change, back)


def _orders(cell: Function, gates: str, first_weight: int, difference: str = "") -> Iterator[Variant]:
    """The cell with its gates in every other order. `gates` names them in the right one."""
    for wrong in permutations(gates):
        if "".join(wrong) != gates:
            order = tuple(wrong.index(gate) for gate in gates)
            description = f"the gates are taken in the order {', '.join(wrong)}, not {', '.join(gates)}"
            yield Variant(description, _with_gates(cell, order, first_weight), difference)


def relu_rnn(x: Array, h: Array, w_x: Array, w_h: Array, b: Array) -> Array:
    """max(x·w_x + h·w_h + b, 0) (PyTorch's nonlinearity="relu")."""
    y: Array = np.maximum(x @ w_x + h @ w_h + b, 0)
    return y


def gru_reset_after_product(x: Array, h: Array, w_x: Array, w_h: Array, b: Array) -> tuple[Array, Any]:
    """r·(h·u_n) instead of (r·h)·u_n: the other GRU, without its second bias."""
    y, backward = numpy_manual.gru_reset_after(x, h, w_x, w_h, b, np.zeros_like(b))
    return y, lambda grad_h_next: backward(grad_h_next)[:5]


def gru_reset_before_product(x: Array, h: Array, w_x: Array, w_h: Array, b_x: Array, b_h: Array) -> Array:
    """(r·h)·u_n instead of r·(h·u_n): the other GRU, with the sum of both biases."""
    y, _ = numpy_manual.gru_reset_before(x, h, w_x, w_h, b_x + b_h)
    return y


def _with_kept_and_new_swapped(cell: Function) -> Function:
    """z·n + (1 − z)·h: a z of 1 takes the new state. Since σ(−a) = 1 − σ(a), the weights of z change their sign."""

    def turned(array: Array) -> Array:
        r, z, n = np.split(array, 3, axis=-1)
        return np.concatenate([r, -z, n], axis=-1)

    def change(x: Array, h: Array, *weights: Array) -> tuple[Array, ...]:
        return x, h, *map(turned, weights)

    def back(grads: Sequence[Any], _: Any) -> tuple[Any, ...]:
        return *grads[:2], *(turned(computed(grad)) for grad in grads[2:])

    return of_changed_inputs(cell, change, back)


def _grus(cell: Function) -> tuple[Variant, ...]:
    swapped = _with_kept_and_new_swapped(cell)
    return (
        Variant("a z of 1 takes the new state, and does not keep the old one", swapped, "gru_reset_gate"),
        *_orders(cell, "rzn", 2),
    )


RECURRENT: Variants = {
    numpy_manual.rnn: (Variant("it has relu in place of tanh", forward_only(relu_rnn)),),
    numpy_manual.lstm: tuple(_orders(numpy_manual.lstm, "ifgo", 3, "lstm_gate_order")),
    numpy_manual.gru_reset_before: (
        Variant("the reset gate is applied after the product", gru_reset_after_product, "gru_reset_gate"),
        *_grus(numpy_manual.gru_reset_before),
    ),
    numpy_manual.gru_reset_after: (
        Variant(
            "the reset gate is applied before the product", forward_only(gru_reset_before_product), "gru_reset_gate"
        ),
        *_grus(numpy_manual.gru_reset_after),
    ),
}
"""The cells that are easily mistaken for another."""
