"""The frameworks' own checks of gradients, as people call them on an op. Importing it imports both frameworks."""

from collections.abc import Callable, Sequence
from importlib import import_module
from typing import Any

import numpy as np
import torch

from backends.compatibility.chainer import import_chainer
from backends.contract import Array

chainer = import_chainer()
gradient_check = import_module("chainer.gradient_check")


def gradcheck(op: Callable[..., Any], inputs: Sequence[Array], fixed: Sequence[int]) -> bool:
    """torch.autograd.gradcheck with its defaults, of a function of tensors at inputs in float64.

    `fixed` are the places of inputs that are data.
    """
    tensors = [
        torch.tensor(array, requires_grad=array.dtype.kind == "f" and place not in fixed)
        for place, array in enumerate(inputs)
    ]
    return bool(torch.autograd.gradcheck(op, tensors, raise_exception=False))


def check_backward(op: Callable[..., Any], inputs: Sequence[Array], fixed: Sequence[int]) -> bool:
    """chainer.gradient_check.check_backward with its defaults, of a function of variables at inputs in float64.

    `fixed` are the places of inputs that are data.
    """
    free = [place for place, array in enumerate(inputs) if array.dtype.kind == "f" and place not in fixed]

    def of_free(*variables: Any) -> Any:
        given = [chainer.Variable(array) for array in inputs]
        for place, variable in zip(free, variables, strict=True):
            given[place] = variable
        return op(*given)

    random = np.random.RandomState(0)
    outputs = of_free(*(chainer.Variable(inputs[place]) for place in free))
    outputs = outputs if isinstance(outputs, tuple) else (outputs,)
    above = tuple(np.asarray(random.standard_normal(output.shape)) for output in outputs)
    try:
        gradient_check.check_backward(of_free, tuple(inputs[place] for place in free), above)
    except AssertionError:
        return False
    return True


GRADIENT_CHECKS = {
    "torch.autograd.gradcheck": ("torch", gradcheck),
    "chainer.gradient_check": ("chainer", check_backward),
}
"""Each with the backend whose ops it checks."""
