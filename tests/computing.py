"""One op alone in each framework: its outputs, and its gradients for given gradients of the outputs."""

from collections.abc import Callable
from typing import Any

import numpy as np
import torch

from backends import chainer_autograd, torch_autograd
from backends.contract import Array


def as_list(result: Any) -> list[Any]:
    return list(result) if isinstance(result, tuple | list) else [result]


def by_hand(function: Callable[..., Any], inputs: list[Any], above: list[Any], plain: Any = None) -> list[Any]:
    """What a hand-written op gives and hands back for these gradients of its outputs; labels have no gradient.

    `plain` are the inputs as NumPy arrays, where they are something that rides through the op.
    """
    result, backward = function(*inputs)
    gradients = [gradient() if callable(gradient) else gradient for gradient in backward(*above)]
    is_label = [array.dtype.kind != "f" for array in (inputs if plain is None else plain)]
    assert [gradient is None for gradient in gradients] == is_label
    return [*as_list(result), *(gradient for gradient in gradients if gradient is not None)]


def by_torch(op: str, inputs: list[Any], settings: dict[str, Any], above: list[Array]) -> list[Array]:
    tensors = [torch.tensor(array, requires_grad=array.dtype.kind == "f") for array in inputs]
    outputs = as_list(getattr(torch_autograd, op)(*tensors, **settings))
    with_gradient = [tensor for tensor in tensors if tensor.requires_grad]
    gradients = torch.autograd.grad(
        [output for output in outputs if output.requires_grad],
        with_gradient,
        [torch.tensor(g) for g, output in zip(above, outputs, strict=True) if output.requires_grad],
        allow_unused=True,
        materialize_grads=True,
    )
    return [output.detach().numpy() for output in outputs] + [gradient.numpy() for gradient in gradients]


def by_chainer(op: str, inputs: list[Any], settings: dict[str, Any], above: list[Array]) -> list[Array]:
    chainer = chainer_autograd.chainer
    variables = [chainer.Variable(array, requires_grad=array.dtype.kind == "f") for array in inputs]
    outputs = as_list(getattr(chainer_autograd, op)(*variables, **settings))
    with_gradient = [variable for variable in variables if variable.requires_grad]
    gradients = chainer.grad(outputs, with_gradient, [chainer.Variable(g) for g in above])
    found = [
        np.zeros(variable.shape) if gradient is None else gradient.array
        for variable, gradient in zip(with_gradient, gradients, strict=True)
    ]
    return [output.array for output in outputs] + found


BY_FRAMEWORK = {"torch": by_torch, "chainer": by_chainer}
