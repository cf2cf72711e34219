"""PyTorch's samples as calls of the ops for rearranging."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor

from tests.backends.op_db.samples import Called, Inexpressible, Source, Translate, given, without


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


def several(meant: Callable[..., Any]) -> Translate:
    def translate(sample: Any) -> Called:
        axis = given(sample, "dim").get("dim", 0)
        return Called(list(sample.input), {"axis": axis}, lambda *xs: meant(xs, dim=axis))

    return translate


def tensor_split(sample: Any) -> Called:
    arguments = given(sample, "sections", "dim")
    sections, axis = arguments["sections"], arguments.get("dim", 0)
    if isinstance(sections, Tensor):
        sections = sections.tolist()
    sections = sections if isinstance(sections, int) else tuple(sections)
    settings = {"sections": sections, "axis": axis}
    return Called([sample.input], settings, lambda x: torch.tensor_split(x, sections, dim=axis))


def split(sample: Any) -> Called:
    """PyTorch is given lengths where the suite is given positions."""
    arguments = given(sample, "lengths", "dim")
    lengths, axis = arguments["lengths"], arguments.get("dim", 0)
    if isinstance(lengths, int):
        lengths = [lengths] * -(-sample.input.shape[axis] // lengths)
    positions = tuple(sum(lengths[: i + 1]) for i in range(len(lengths) - 1))
    settings = {"sections": positions, "axis": axis}
    return Called([sample.input], settings, lambda x: torch.split(x, sample.args[0], dim=axis))


def narrow(sample: Any) -> Called:
    axis, start, length = sample.args
    first = start.item() if isinstance(start, Tensor) else start
    settings = {"start": first, "stop": first + length, "axis": axis}
    return Called([sample.input], settings, lambda x: x.narrow(axis, int(first), length))


def select(sample: Any) -> Called:
    axis, index = sample.args
    return Called([sample.input], {"index": index, "axis": axis}, lambda x: torch.select(x, axis, index))


def expand(sample: Any) -> Called:
    """A size of -1 is that of the input."""
    x, shape = sample.input, sample.args[0]
    added = len(shape) - x.ndim
    to = tuple(x.shape[i - added] if size == -1 else size for i, size in enumerate(shape))
    return Called([x], {"shape": to}, lambda x: x.expand(shape))


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
    "concatenate": [Source("cat", several(torch.cat))],
    "stack": [Source("stack", several(torch.stack))],
    "split": [Source("tensor_split", tensor_split), Source("split", split), Source("split", split, "list_args")],
    "slice_axis": [Source("narrow", narrow)],
    "select": [Source("select", select)],
    "broadcast_to": [Source("broadcast_to", expand), Source("expand", expand)],
    "tile": [Source("tile", tile), Source("repeat", tile)],
    "pad": [Source("nn.functional.pad", pad, "constant")],
}
