"""What an op takes for constants among the elements of its inputs, so that its gradient there is 0 by its meaning."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from backends.contract import Array


def _row_of_padding(
    ids: Array, table: Array, *, padding_id: int | None = None, ignore_label: int | None = None
) -> tuple[Array | bool, ...]:
    return False, np.arange(len(table))[:, None] == padding_id


CONSTANT: dict[str, Callable[..., tuple[Array | bool, ...]]] = {"embedding": _row_of_padding}
"""The ops that take some elements of an input for constants, whatever they are: True for these, input by input."""


def with_constants(
    op: str, inputs: Sequence[Any], recorded: Sequence[Any], settings: Mapping[str, Any]
) -> Sequence[Any]:
    """The inputs of an op, moved away from the recorded ones, with what it takes for constants left where it was.

    So the derivative of its forward is what its gradient is meant to be.
    """
    if op not in CONSTANT:
        return inputs
    constant = CONSTANT[op](*recorded, **settings)
    return [np.where(stays, old, moved) for stays, old, moved in zip(constant, recorded, inputs, strict=True)]
