"""Sequences of unequal lengths, and the states and weights of the cells that read them: whether they fit."""

from collections.abc import Sequence

import numpy as np

from backends.contract import Array


def sequences_misfit(
    x: Array,
    lengths: Array,
    states: Sequence[Array],
    weights: Sequence[Array],
    *,
    gates: int,
    biases: int,
    bidirectional: bool,
) -> str:
    """What would be right where sequences, states and weights do not fit; empty where they do."""
    directions = 2 if bidirectional else 1
    if x.ndim != 3 or lengths.shape != x.shape[:1] or lengths.dtype.kind not in "iu":
        return "x must be (N, T, D), and lengths (N,) integers"
    if not x.size or not np.all((lengths >= 1) & (lengths <= x.shape[1])):
        return "every length must be from 1 to T, for x (N, T, D)"
    if any(state.ndim != 3 or state.shape != states[0].shape or len(state) != len(x) for state in states):
        return "the first states must be (N, L, H), for L cells"
    _, cells, units = states[0].shape
    each = 2 + biases
    if not cells or cells % directions or len(weights) != each * cells:
        return f"there must be {each} weights of each cell, and a cell for every layer and direction"
    columns = gates * units
    for number in range(cells):
        rows = x.shape[2] if number < directions else directions * units
        shapes = [weight.shape for weight in weights[number * each : (number + 1) * each]]
        want = [(rows, columns), (units, columns), *[(columns,)] * biases]
        if shapes != want:
            return f"the weights of cell {number} must be {', '.join(map(str, want))}"
    return ""
