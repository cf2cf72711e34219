"""PyTorch's samples as calls of the ops that change the shape or the order of axes."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import torch

from tests.backends.op_db.samples import Called, Inexpressible, Source, Translate


def reshape(sample: Any) -> Called:
    shape = tuple(sample.args[0])
    return Called([sample.input], {"shape": shape}, lambda x: torch.reshape(x, shape))


def permute(sample: Any) -> Called:
    axes = tuple(sample.args[0])
    return Called([sample.input], {"axes": axes}, lambda x: torch.permute(x, axes))


def swap(sample: Any) -> Called:
    first, second = sample.args
    axes = list(range(sample.input.ndim))
    if axes:
        axes[first], axes[second] = axes[second], axes[first]
    return Called([sample.input], {"axes": tuple(axes)}, lambda x: torch.transpose(x, first, second))


def reshaped(meant: Callable[..., Any]) -> Translate:
    """What takes axes out, puts them in or joins them is a reshape to the shape that it gives."""

    def translate(sample: Any) -> Called:
        shape = tuple(meant(sample.input, *sample.args, **sample.kwargs).shape)
        return Called([sample.input], {"shape": shape}, lambda x: meant(x, *sample.args, **sample.kwargs))

    return translate


def squeeze(sample: Any) -> Called:
    """Without one axis of size 1; PyTorch leaves an axis of another size as it is."""
    if not sample.args or not isinstance(sample.args[0], int):
        raise Inexpressible("all axes of size 1, or several")
    return Called([sample.input], {"axis": sample.args[0]}, lambda x: torch.squeeze(x, sample.args[0]))


def unsqueeze(sample: Any) -> Called:
    return Called([sample.input], {"axis": sample.args[0]}, lambda x: torch.unsqueeze(x, sample.args[0]))


SOURCES: Mapping[str, Sequence[Source]] = {
    "reshape": [
        Source("reshape", reshape),
        Source("view", reshape),
        Source("flatten", reshaped(torch.flatten)),
        Source("squeeze", reshaped(torch.squeeze)),
        Source("unsqueeze", reshaped(torch.unsqueeze)),
    ],
    "squeeze": [Source("squeeze", squeeze)],
    "expand_dims": [Source("unsqueeze", unsqueeze)],
    "transpose": [Source("permute", permute), Source("transpose", swap)],
}
