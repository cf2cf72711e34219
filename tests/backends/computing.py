"""One op alone in each framework: its outputs, and its gradients for given gradients of the outputs."""

from collections.abc import Callable
from typing import Any

import numpy as np
import torch

from backends import chainer_autograd, torch_autograd
from backends.contract import Array
from backends.deferred import computed
from tests.backends.op_inputs import with_gradient


def as_list(result: Any) -> list[Any]:
    return list(result) if isinstance(result, tuple | list) else [result]


def by_hand(function: Callable[..., Any], inputs: list[Any], above: list[Any], has_gradient: list[bool]) -> list[Any]:
    """What a hand-written op gives and hands back for these gradients of its outputs: None where none is `wanted`."""
    result, backward = function(*inputs)
    gradients = [*map(computed, backward(*above))]
    assert [gradient is not None for gradient in gradients] == has_gradient
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
