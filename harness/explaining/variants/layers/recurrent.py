"""Recurrent cells with other gates, or with gates in another order."""

from collections.abc import Callable, Iterator, Sequence
from itertools import permutations
from typing import Any

import numpy as np

from backends import numpy_manual
from backends.contract import Array
from backends.deferred import computed
from harness.explaining.variants.variant import Function, Variant, Variants, forward_only, of_changed_inputs

Columns = Callable[[int], Array]
"""From the number of columns: the column that is taken in the place of each."""


def _with_columns(cell: Function, columns: Columns, first_weight: int) -> Function:
    """A cell that takes the columns of its weights in another order; its inputs from `first_weight` on are weights."""

    def change(*inputs: Array) -> tuple[Array, ...]:
        weights = [weight[..., columns(weight.shape[-1])] for weight in inputs[first_weight:]]
        return *inputs[:first_weight], *weights

    def back(grads: Sequence[Any], _: Any) -> tuple[Any, ...]:
        weights = [computed(grad) for grad in grads[first_weight:]]
        return *grads[:first_weight], *(grad[..., np.argsort(columns(grad.shape[-1]))] for grad in weights)

    return of_changed_inputs(cell, change, back)


def _gates(order: Sequence[int]) -> Columns:
    """The blocks of columns of all gates in another order."""
    return lambda count: np.arange(count).reshape(len(order), -1)[list(order)].reshape(-1)


def _orders(cell: Function, gates: str, first_weight: int, difference: str = "") -> Iterator[Variant]:
    """The cell with its gates in every other order. `gates` names them in the right one."""
    for wrong in permutations(gates):
        if "".join(wrong) != gates:
            columns = _gates([wrong.index(gate) for gate in gates])
            description = f"the gates are taken in the order {', '.join(wrong)}, not {', '.join(gates)}"
            yield Variant(description, _with_columns(cell, columns, first_weight), difference)


def lstm_unit_by_unit(count: int) -> Array:
    """Columns that hold the gates g, i, f, o of one unit after the other (Chainer's)."""
    by_unit = np.arange(count).reshape(-1, 4)
    return by_unit.T[[1, 2, 0, 3]].reshape(-1)


def lstm_blocks_unit_by_unit(count: int) -> Array:
    """The same of blocks that were put in the order g, i, f, o."""
    return _gates([2, 0, 1, 3])(count)[lstm_unit_by_unit(count)]


def lstm_of_coupled_gates(x: Array, h: Array, c: Array, w_x: Array, w_h: Array, b: Array) -> tuple[Array, Array]:
    """c' = (1 − i)·c + i·g (Greff et al. 2017, arXiv:1503.04069)."""
    a_i, _, a_g, a_o = np.split(x @ w_x + h @ w_h + b, 4, axis=1)
    i, o = numpy_manual.sigmoid(a_i)[0], numpy_manual.sigmoid(a_o)[0]
    c_next = (1 - i) * c + i * np.tanh(a_g)
    return o * np.tanh(c_next), c_next


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


def _to_the_last_column(layers: Function) -> Function:
    """Layers for which all sequences are as long as the longest can be. Refuses a call where they are."""

    def read_on(x: Array, lengths: Array, *others: Array, **settings: Any) -> tuple[Any, Any]:
        if np.all(lengths == x.shape[1]):
            raise ValueError("no sequence ends early")
        return layers(x, np.full_like(lengths, x.shape[1]), *others, **settings)  # type: ignore[no-any-return]

    return read_on


def _both_forward(layers: Function, states: int, each: int) -> Function:
    """Layers whose second cells go from the first step on, with so many states and so many weights of each cell."""

    def forward(x: Array, lengths: Array, *others: Array, bidirectional: bool = False) -> Any:
        if not bidirectional:
            raise ValueError("there is one direction only")
        first, weights = others[:states], others[states:]
        last = []
        for layer in range(first[0].shape[1] // 2):
            shown = []
            for number in (2 * layer, 2 * layer + 1):
                own = weights[number * each : (number + 1) * each]
                (y, *ended), _ = layers(x, lengths, *(state[:, [number]] for state in first), *own)
                shown.append(y)
                last.append(ended)
            x = np.concatenate(shown, axis=2)
        return x, *(np.concatenate(of_kind, axis=1) for of_kind in zip(*last, strict=True))

    return forward_only(forward)


def _layers(layers: Function, states: int, each: int) -> tuple[Variant, ...]:
    return (
        Variant("every sequence is read to the last column", _to_the_last_column(layers)),
        Variant("the second cells go from the first step on, too", _both_forward(layers, states, each)),
    )


RECURRENT: Variants = {
    numpy_manual.rnn: (Variant("it has relu in place of tanh", forward_only(relu_rnn)),),
    numpy_manual.lstm: (
        *_orders(numpy_manual.lstm, "ifgo", 3, "lstm_gate_order"),
        Variant(
            "the columns are read unit by unit, with the gates g, i, f, o of each",
            _with_columns(numpy_manual.lstm, lstm_unit_by_unit, 3),
            "lstm_gate_order",
        ),
        Variant(
            "the gates are put in the order g, i, f, o, and then read unit by unit",
            _with_columns(numpy_manual.lstm, lstm_blocks_unit_by_unit, 3),
            "lstm_gate_order",
        ),
        Variant("the forget gate is 1 - i", forward_only(lstm_of_coupled_gates)),
    ),
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
    numpy_manual.lstm_layers: _layers(numpy_manual.lstm_layers, states=2, each=3),
    numpy_manual.gru_layers: _layers(numpy_manual.gru_layers, states=1, each=4),
}
"""The cells that are easily mistaken for another."""
