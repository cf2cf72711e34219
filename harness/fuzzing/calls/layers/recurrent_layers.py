"""Calls of layers of recurrent cells."""

from functools import partial
from typing import Any

from harness.fuzzing.calls.maker import Maker
from harness.fuzzing.draft import Draft


def layers(draft: Draft, op: str, *, states: int, gates: int, biases: int) -> None:
    """One layer or two, in one direction or both, over sequences of some lengths."""
    x = draft.any(3, 3)
    rows, steps, features = x.shape
    units, directions = draft.choose.between(1, 2), draft.choose.of((1, 2))
    cells = directions * draft.choose.of((1, 2))
    kept = [draft.like((rows, cells, units)) for _ in range(states)]
    weights = []
    for number in range(cells):
        below = features if number < directions else directions * units
        weights += [draft.weight((below, gates * units)), draft.weight((units, gates * units))]
        weights += [draft.weight((gates * units,)) for _ in range(biases)]
    settings: dict[str, Any] = {"bidirectional": True} if directions == 2 else {}
    draft.call(op, x, draft.counts((rows,), steps), *kept, *weights, **settings)


MAKERS: dict[str, Maker] = {
    "lstm_layers": partial(layers, op="lstm_layers", states=2, gates=4, biases=1),
    "gru_layers": partial(layers, op="gru_layers", states=1, gates=3, biases=2),
}
