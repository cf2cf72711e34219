"""One op alone in a backend: its outputs, and its gradients for given gradients of the outputs.

How an op is run depends on whose `train` the backend has: a hand-written op returns its backward, one of Chainer or
PyTorch is differentiated by the framework, and any other is trained in a program of this op.
"""

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
import pytest
import torch

from backends import chainer_autograd, torch_autograd
from backends.contract import Array, Program
from backends.deferred import computed, of_given
from backends.op_inputs import with_gradient
from harness.recording.loading import LoadedBackend, is_hand_written
from tests.backends.one_op_programs import Alone, alone_by_training


def as_list(result: Any) -> list[Any]:
    return list(result) if isinstance(result, tuple | list) else [result]


def by_hand(function: Callable[..., Any], inputs: list[Any], above: list[Any], has_gradient: list[bool]) -> list[Any]:
    """What a hand-written op gives and hands back for these gradients of its outputs: None where none is `wanted`."""
    result, backward = function(*inputs)
    gradients = [*map(computed, of_given(backward(*above), len(inputs)))]
    given = [gradient is not None for gradient in gradients]
    assert given == has_gradient, f"backward gives gradients of the inputs {given}, and should of {has_gradient}"
    return [*as_list(result), *(gradient for gradient in gradients if gradient is not None)]


def by_torch(
    op: str, inputs: list[Any], settings: dict[str, Any], above: list[Array], ops: Any = torch_autograd
) -> list[Array]:
    has_gradient = with_gradient(op, inputs)
    tensors = [torch.tensor(array, requires_grad=has) for array, has in zip(inputs, has_gradient, strict=True)]
    outputs = as_list(getattr(ops, op)(*tensors, **settings))
    gradients = torch.autograd.grad(
        [output for output in outputs if output.requires_grad],
        [tensor for tensor in tensors if tensor.requires_grad],
        [torch.tensor(g) for g, output in zip(above, outputs, strict=True) if output.requires_grad],
        allow_unused=True,
        materialize_grads=True,
    )
    return [output.detach().numpy() for output in outputs] + [gradient.numpy() for gradient in gradients]


def by_chainer(
    op: str, inputs: list[Any], settings: dict[str, Any], above: list[Array], ops: Any = chainer_autograd
) -> list[Array]:
    chainer = chainer_autograd.chainer
    has_gradient = with_gradient(op, inputs)
    variables = [chainer.Variable(array, requires_grad=has) for array, has in zip(inputs, has_gradient, strict=True)]
    outputs = as_list(getattr(ops, op)(*variables, **settings))
    asked = [variable for variable in variables if variable.requires_grad]
    gradients = chainer.grad(outputs, asked, [chainer.Variable(g) for g in above])
    arrays = [
        np.zeros(variable.shape) if gradient is None else gradient.array
        for variable, gradient in zip(asked, gradients, strict=True)
    ]
    return [output.array for output in outputs] + arrays


BY_FRAMEWORK = {"torch": by_torch, "chainer": by_chainer}
TRAINS = {torch_autograd.train: by_torch, chainer_autograd.train: by_chainer}


def op_of(backend: LoadedBackend, op: str) -> Callable[..., Any]:
    """A backend's function of this name; the test is skipped if it has none."""
    function = getattr(backend.module, op, None)
    if not callable(function):
        pytest.skip(f"backend {backend.name} has no {op}")
    return partial(function)


def skip_without_any_of(backend: LoadedBackend, program: Program) -> None:
    """Skip the test if a backend lacks an op or a rule of a program."""
    for name in (*(call.op for call in program.calls), *(rule.op for rule in program.rules)):
        op_of(backend, name)


def alone(backend: LoadedBackend, op: str, inputs: list[Any], settings: dict[str, Any], above: list[Array]) -> Alone:
    """Run an op of a backend on arrays of its own. Skips the test where the backend lacks it, or what trains it."""
    function, inputs, given = op_of(backend, op), [np.array(x) for x in inputs], [np.array(g) for g in above]
    by_framework = TRAINS.get(backend.module.train)
    if by_framework is None and not is_hand_written(backend):
        return alone_by_training(backend, op, inputs, settings, given)
    # Some BLAS set the invalid flag for no reason; a NaN is out of every bound.
    with backend.guest.stay(), np.errstate(invalid="ignore"):
        if by_framework is not None:
            return Alone(by_framework(op, inputs, settings, given, backend.module), above)
        return Alone(by_hand(partial(function, **settings), inputs, given, with_gradient(op, inputs)), above)
