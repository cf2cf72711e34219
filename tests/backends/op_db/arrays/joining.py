"""PyTorch's samples as calls of the ops that join arrays or cut one into several."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import torch
from torch import Tensor

from tests.backends.op_db.samples import Called, Source, Translate, given


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


SOURCES: Mapping[str, Sequence[Source]] = {
    "concatenate": [Source("cat", several(torch.cat))],
    "stack": [Source("stack", several(torch.stack))],
    "split": [Source("tensor_split", tensor_split), Source("split", split), Source("split", split, "list_args")],
}
