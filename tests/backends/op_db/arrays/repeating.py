"""PyTorch's samples as calls of the ops that repeat elements or put others around them."""

from collections.abc import Mapping, Sequence
from typing import Any

import torch
import torch.nn.functional as F

from tests.backends.op_db.samples import Called, Source, given, without


def expand(sample: Any) -> Called:
    """A size of -1 is that of the input."""
    x, shape = sample.input, sample.args[0]
    added = len(shape) - x.ndim
    to = tuple(x.shape[i - added] if size == -1 else size for i, size in enumerate(shape))
    return Called([x], {"shape": to}, lambda x: x.expand(shape))


def tile(sample: Any) -> Called:
    """With fewer numbers PyTorch repeats along the last axes."""
    (given_repeats,) = sample.args
    repeats = (1,) * (sample.input.ndim - len(given_repeats)) + tuple(given_repeats)
    return Called([sample.input], {"repeats": repeats}, lambda x: torch.tile(x, given_repeats))


def pad(sample: Any) -> Called:
    """PyTorch has the last axis first, and may leave out the first ones."""
    arguments = given(sample, "pad", "mode", "value")
    without(arguments, mode="constant")
    flat, value = arguments["pad"], arguments.get("value") or 0.0
    pairs = [tuple(flat[i : i + 2]) for i in range(0, len(flat), 2)]
    widths = ((0, 0),) * (sample.input.ndim - len(pairs)) + tuple(pairs[::-1])
    return Called([sample.input], {"widths": widths, "value": value}, lambda x: F.pad(x, flat, value=value))


SOURCES: Mapping[str, Sequence[Source]] = {
    "broadcast_to": [Source("broadcast_to", expand), Source("expand", expand)],
    "tile": [Source("tile", tile), Source("repeat", tile)],
    "pad": [Source("nn.functional.pad", pad, "constant")],
}
