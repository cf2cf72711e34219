"""PyTorch's samples as calls of the ops that read elements at other places."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import torch
from torch import Tensor

from tests.backends.op_db.samples import Called, Inexpressible, Source, Translate


def narrow(sample: Any) -> Called:
    axis, start, length = sample.args
    first = start.item() if isinstance(start, Tensor) else start
    settings = {"start": first, "stop": first + length, "axis": axis}
    return Called([sample.input], settings, lambda x: x.narrow(axis, int(first), length))


def select(sample: Any) -> Called:
    axis, index = sample.args
    return Called([sample.input], {"index": index, "axis": axis}, lambda x: torch.select(x, axis, index))


def gather(sample: Any) -> Called:
    axis, ids = sample.args
    return Called([sample.input, ids], {"axis": axis}, lambda x, ids: torch.gather(x, axis, ids))


def flip(sample: Any) -> Called:
    axes = sample.kwargs["dims"]
    if len(axes) != 1:
        raise Inexpressible("several axes, or none")
    return Called([sample.input], {"axis": axes[0]}, lambda x: torch.flip(x, axes))


def flip_of(axis: int, meant: Callable[[Tensor], Tensor]) -> Translate:
    return lambda sample: Called([sample.input], {"axis": axis}, meant)


SOURCES: Mapping[str, Sequence[Source]] = {
    "slice_axis": [Source("narrow", narrow)],
    "select": [Source("select", select)],
    "gather": [Source("gather", gather)],
    "flip": [
        Source("flip", flip),
        Source("fliplr", flip_of(1, torch.fliplr)),
        Source("flipud", flip_of(0, torch.flipud)),
    ],
}
