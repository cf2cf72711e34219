"""Whether the gates of a recurrent cell are in one order on the left, and in another on the right."""

from collections.abc import Iterator, Mapping
from itertools import permutations

import numpy as np

from backends.capture.calls import LiveCall, Pass
from backends.contract import Array
from harness.comparing.mates import same_numbers

FUSED = "lstm_gates"
"""The kind of Chainer's F.lstm, which is given all gates of a cell, unit by unit, and the state."""
NAMES = ("a", "i", "f", "o")
"""Its gates as Chainer's documents call them, in the right order."""
GATES_OF_MODULES: Mapping[str, tuple[str, ...]] = {
    **dict.fromkeys(("LSTM", "LSTMCell"), ("i", "f", "g", "o")),
    **dict.fromkeys(("GRU", "GRUCell"), ("r", "z", "n")),
}
"""The gates in PyTorch's layers, whose weights hold one block of rows after the other."""


def wrong_order_of_blocks(array: Array, other: Array, kind: str) -> str:
    """What to say where the right array has the gates of the left one in another order; empty if that is not so.

    kind: of the right array's layer. Both are in that layer's layout. Nothing is said unless exactly one order fits.
    """
    gates = GATES_OF_MODULES.get(kind, ())
    if not gates or array.shape != other.shape or len(array) % len(gates):
        return ""
    blocks = dict(zip(gates, np.split(array, len(gates)), strict=True))
    found = [
        order
        for order in permutations(gates)
        if np.array_equal(np.concatenate([blocks[gate] for gate in order]), other)
    ]
    if len(found) != 1:
        return ""
    return f": its gates are in the order {', '.join(found[0])} on the right, not {', '.join(gates)}"


def order_of_cell(call: LiveCall, captured: Pass, other: Pass) -> tuple[str, ...] | None:
    """The order of gates with which an LSTM gives what the other model computes; None if there is none.

    call: one of kind FUSED. The other model has to compute the new state as well as the output.
    """
    state, gates = (captured.arrays[number] for number in call.inputs[:2])
    computed = [other.arrays[number] for each in other.calls for number in each.outputs]
    for order, results in _cells(state, gates):
        if all(any(same_numbers(result, array) for array in computed) for result in results):
            return order
    return None


def _cells(state: Array, gates: Array) -> Iterator[tuple[tuple[str, ...], tuple[Array, Array]]]:
    """The new state and the output of an LSTM, by every wrong order of its gates.

    state (N, H), gates (N, 4·H) as Chainer has them  (Hochreiter & Schmidhuber 1997; Gers et al. 2000).
    """
    slots = gates.reshape(len(gates), -1, len(NAMES))
    for order in permutations(NAMES):
        if order != NAMES:
            gate = {name: slots[:, :, order.index(name)] for name in NAMES}
            new = _sigmoid(gate["f"]) * state[: len(gates)] + _sigmoid(gate["i"]) * np.tanh(gate["a"])
            yield order, (new, _sigmoid(gate["o"]) * np.tanh(new))


def _sigmoid(x: Array) -> Array:
    return np.tanh(x / 2) / 2 + 0.5
