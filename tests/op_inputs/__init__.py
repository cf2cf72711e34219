"""Inputs to check each op on, one file per family: random arrays of random shape, labels as integers, and settings."""

from typing import Any

import numpy as np

from tests.op_inputs import (
    activations,
    arithmetic,
    attention,
    convolution,
    layers,
    losses,
    manipulation,
    normalisation,
    pooling,
    recurrent,
)
from tests.op_inputs.kinds import Inputs, Maker

MAKERS: dict[str, Maker] = {
    **arithmetic.INPUTS,
    **manipulation.INPUTS,
    **activations.INPUTS,
    **layers.INPUTS,
    **convolution.INPUTS,
    **pooling.INPUTS,
    **normalisation.INPUTS,
    **recurrent.INPUTS,
    **attention.INPUTS,
    **losses.INPUTS,
}


def inputs_of(op: str, random: np.random.RandomState, dtype: str = "float64") -> tuple[list[Any], dict[str, Any]]:
    """The next random inputs of an op in a dtype, and its settings. Raises LookupError for an op that has no entry."""
    if op not in MAKERS:
        raise LookupError(f"{op} has no inputs to be checked on: add them to its family in tests/op_inputs")
    inputs, settings = MAKERS[op](random)
    return [array.astype(dtype) if array.dtype.kind == "f" else array for array in inputs], settings


__all__ = ["MAKERS", "Inputs", "inputs_of"]
