"""One op in a program of its own, trained for one update by a backend's `train`: what the contract shows of it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest

from backends import numpy_manual
from backends.contract import Array, Call, Program, RuleCall
from backends.numpy_manual.gradients import DETACHED, Detached
from harness.recording.arrays import Draws
from harness.recording.loading import LoadedBackend
from harness.running.runner import Runner
from tests.backends.op_inputs import with_gradient


@dataclass(frozen=True)
class Alone:
    """What came out of one op."""

    results: list[Array]
    """Its outputs, and the gradients of the inputs that have one."""
    above: list[Array]
    """The gradients of its outputs that it was given, which a program can't set to the last digit."""


@dataclass(frozen=True)
class OneOp:
    """A program of one op and a loss, and what it is trained on."""

    program: Program
    outputs: tuple[str, ...]
    weights: dict[str, Array]
    """The inputs that have a gradient."""
    data: dict[str, Array]
    """The other inputs, and what makes the loss of the outputs."""


def one_op(
    has: Callable[[str], bool], op: str, inputs: list[Any], settings: Mapping[str, Any], above: list[Array]
) -> OneOp:
    """The program in which an op's outputs receive the gradients `above`, or nearly so.

    An output that is one number is the loss itself, and receives 1. Others are multiplied by their gradients and
    summed, or compared with what is half a gradient away by the mean squared error: whichever the backend `has`. Raises
    LookupError, with the names of the ops that would be needed, if it has neither.
    """
    names = [f"x_{i}" for i in range(len(inputs))]
    weights = {name: x for name, x, has_it in zip(names, inputs, with_gradient(op, inputs), strict=True) if has_it}
    data = {name: x for name, x in zip(names, inputs, strict=True) if name not in weights}
    result = getattr(numpy_manual, op)(*inputs, **settings)[0]
    arrays = list(result) if isinstance(result, tuple) else [result]
    outputs = tuple(f"y_{i}" for i in range(len(arrays)))
    shapes = {name: np.shape(x) for name, x in [*zip(names, inputs, strict=True), *zip(outputs, arrays, strict=True)]}
    calls = [Call(op, tuple(names), settings, outputs)]
    losses = []
    for i, (y, array, gradient) in enumerate(zip(outputs, arrays, above, strict=True)):
        if i in DETACHED.get(op, Detached()).outputs:
            continue
        if len(arrays) == 1 and array.shape == ():
            losses.append(y)
            continue
        losses.append(f"loss_{i}")
        if has("multiply") and has("reduce_sum"):
            data[f"g_{i}"] = gradient
            calls.append(Call("multiply", (y, f"g_{i}"), {}, (f"product_{i}",)))
            calls.append(Call("reduce_sum", (f"product_{i}",), {}, (f"loss_{i}",)))
            shapes[f"product_{i}"] = array.shape
        elif has("mean_squared_error"):
            data[f"g_{i}"] = array - gradient * gradient.dtype.type(array.size / 2)
            calls.append(Call("mean_squared_error", (y, f"g_{i}"), {}, (f"loss_{i}",)))
        else:
            raise LookupError("multiply and reduce_sum, or mean_squared_error")
        shapes |= {f"g_{i}": array.shape, f"loss_{i}": ()}
    if not data:
        # A backend may count the rows of its batches.
        data["unused"], shapes["unused"] = np.array(inputs[0]), inputs[0].shape
    loss, *others = losses
    if others and not has("add"):
        raise LookupError("add")
    for i, other in enumerate(others):
        calls.append(Call("add", (loss, other), {}, (f"sum_{i}",)))
        loss = f"sum_{i}"
        shapes[loss] = ()
    program = Program(
        calls=tuple(calls),
        data=tuple(data),
        weights=tuple(weights),
        loss=loss,
        optimizer=RuleCall("sgd", {"lr": 0.0}),
        shapes=shapes,
        differentiable=frozenset(weights).union(*(call.outputs for call in calls)),
    )
    return OneOp(program, outputs, weights, data)


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
