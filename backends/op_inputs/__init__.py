"""Inputs to check each op on: random arrays of random shape, labels as integers, and settings.

One file per family, in the same folders as those of the backends.

An op is called alone here, on numbers that numerical differentiation can take: away from kinks, ties and singularities.
So few draws reach every setting. The calls of random programs in `harness/fuzzing/calls` are declared by themselves:
they take the tensors that a program has, at a kink or not, and choose so that what fails can be shrunk.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np

from backends.contract import Array
from backends.numpy_manual.gradients import DETACHED, Detached
from backends.op_inputs import activations, arithmetic, arrays, layers, losses
from backends.op_inputs.kinds import Inputs, Maker

MAKERS: dict[str, Maker] = {
    **arithmetic.INPUTS,
    **arrays.INPUTS,
    **activations.INPUTS,
    **layers.INPUTS,
    **losses.INPUTS,
}


def inputs_of(op: str, random: np.random.RandomState, dtype: str = "float64") -> tuple[list[Any], dict[str, Any]]:
    """The next random inputs of an op in a dtype, and its settings. Raises LookupError for an op that has no entry."""
    if op not in MAKERS:
        raise LookupError(f"{op} has no inputs to be checked on: add them to its family in backends/op_inputs")
    inputs, settings = MAKERS[op](random)
    return [array.astype(dtype) if array.dtype.kind == "f" else array for array in inputs], settings


def with_gradient(op: str, inputs: Sequence[Any]) -> list[bool]:
    """Which inputs an op has a gradient for: not labels, nor what is data by its meaning."""
    data = DETACHED.get(op, Detached()).inputs
    return [array.dtype.kind == "f" and i not in data for i, array in enumerate(inputs)]


def gradients_above(op: str, outputs: Sequence[Any], random: np.random.RandomState, dtype: str) -> list[Array]:
    """A random gradient of each output; zeros for those that no gradient goes through."""
    reports = DETACHED.get(op, Detached()).outputs
    drawn = [np.asarray(random.standard_normal(np.shape(output)), dtype) for output in outputs]
    return [np.zeros_like(grad) if i in reports else grad for i, grad in enumerate(drawn)]


__all__ = ["MAKERS", "Inputs", "gradients_above", "inputs_of", "with_gradient"]
