"""One op in a program of its own, trained for one update by a backend's `train`: what the contract shows of it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest

from backends.contract import Array
from harness.certifying.one_op import one_op
from harness.recording.arrays import Draws
from harness.recording.loading import LoadedBackend
from harness.running.runner import Runner


@dataclass(frozen=True)
class Alone:
    """What came out of one op."""

    results: list[Array]
    """Its outputs, and the gradients of the inputs that have one."""
    above: list[Array]
    """The gradients of its outputs that it was given, which a program can't set to the last digit."""


def alone_by_training(
    backend: LoadedBackend, op: str, inputs: list[Any], settings: Mapping[str, Any], above: list[Array]
) -> Alone:
    """What one traced update by the backend's own `train` shows of an op.

    Skips the test where the backend has not what makes the program, or does not show its values. Raises InputError as
    `Runner` does where the backend breaks the contract.
    """

    def has(name: str) -> bool:
        return callable(getattr(backend.module, name, None))

    try:
        one = one_op(has, op, inputs, settings, above)
        if not has("sgd"):
            raise LookupError("sgd")
    except LookupError as missing:
        pytest.skip(f"backend {backend.name} can't train {op} alone: that needs {missing}")
    dtype = str(above[0].dtype)
    draws = Draws(
        data=one.data,
        weights=one.weights,
        buffers={},
        held_out={},
        batch_size=None,
        random_state={},
    )
    runner = Runner(backend, one.program, draws, 1, dtype, batches=[one.data], trace=True)
    step = runner.advance()
    runner.check(step)
    values = [step.values.get(name) for name in one.outputs]
    ones = {one.program.loss: np.ones((), dtype)}  # the loss's own gradient may be left out
    moving = [name for name in one.outputs if name in one.program.with_gradient]
    arriving = {name: step.value_grads.get(name, ones.get(name)) for name in moving}
    if any(array is None for array in (*values, *arriving.values())):
        pytest.skip(f"backend {backend.name} does not show the outputs of {op}, or their gradients, with trace=True")
    results = [np.array(array) for array in (*values, *(step.grads[name] for name in one.weights))]
    received = [arriving.get(name) for name in one.outputs]
    zeros = [np.zeros_like(gradient) for gradient in above]
    arrived = [zero if array is None else np.array(array) for zero, array in zip(zeros, received, strict=True)]
    runner.finish()
    return Alone(results, arrived)
