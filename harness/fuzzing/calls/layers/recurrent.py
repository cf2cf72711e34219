"""Calls of recurrent cells: once, or unrolled over steps that share their weights."""

from functools import partial

from harness.fuzzing.calls.maker import Maker
from harness.fuzzing.draft import Draft

MOST_STEPS = 3


def cell(draft: Draft, op: str, *, states: int, gates: int, biases: int) -> None:
    """Up to three steps on the same data."""
    x = draft.any(2, 2)
    units = draft.choose.between(1, 3)
    kept = [draft.like((x.shape[0], units)) for _ in range(states)]
    weights = [draft.weight((x.shape[1], gates * units)), draft.weight((units, gates * units))]
    weights += [draft.weight((gates * units,)) for _ in range(biases)]
    for _ in range(draft.choose.between(1, MOST_STEPS)):
        kept = list(draft.call(op, x, *kept, *weights))


MAKERS: dict[str, Maker] = {
    "rnn": partial(cell, op="rnn", states=1, gates=1, biases=1),
    "lstm": partial(cell, op="lstm", states=2, gates=4, biases=1),
    "gru_reset_before": partial(cell, op="gru_reset_before", states=1, gates=3, biases=1),
    "gru_reset_after": partial(cell, op="gru_reset_after", states=1, gates=3, biases=2),
}
