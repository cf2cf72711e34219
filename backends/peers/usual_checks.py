"""What people check with otherwise, over NumPy arrays: tolerances, and numerical gradients of single ops.

Importing it imports both frameworks.
"""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import numpy as np
import torch

from backends.compatibility.chainer import import_chainer
from backends.contract import Array

chainer = import_chainer()

AreClose = Callable[[Array, Array], bool]
"""Whether an array is close to an expected one."""
Op = Callable[[Sequence[Array]], tuple[Array, Callable[[Array], list[Array | None]]]]
"""An op of any framework: its output, and a function from the output's gradient to one per input."""
GradientCheck = Callable[[Op, Sequence[Array]], bool]
"""Whether an op's gradients at these float64 inputs are those of numerical differentiation."""


def np_allclose(array: Array, expected: Array) -> bool:
    """np.allclose with its defaults."""
    return bool(np.allclose(array, expected))


def torch_assert_close(array: Array, expected: Array) -> bool:
    """torch.testing.assert_close with its defaults for the dtype."""
    try:
        torch.testing.assert_close(torch.from_numpy(array), torch.from_numpy(expected))
    except AssertionError:
        return False
    return True


def torch_gradcheck(op: Op, inputs: Sequence[Array]) -> bool:
    """torch.autograd.gradcheck's defaults: every element of the Jacobian, by central differences."""
    eps, atol, rtol = 1e-6, 1e-5, 1e-3
    output, backward = op(inputs)
    of_floats = [i for i, array in enumerate(inputs) if array.dtype.kind == "f"]
    analytical = {i: np.zeros((output.size, inputs[i].size)) for i in of_floats}
    for row in range(output.size):
        above = np.zeros(output.shape)
        above.flat[row] = 1
        grads = backward(above)
        for i in of_floats:
            grad = grads[i]
            analytical[i][row] = 0 if grad is None else np.ravel(grad)
    for i in of_floats:
        numerical = np.zeros_like(analytical[i])
        for column in range(inputs[i].size):
            step = np.zeros(inputs[i].shape)
            step.flat[column] = eps
            numerical[:, column] = np.ravel(_central_difference(op, inputs, {i: step})) / (2 * eps)
        if not np.allclose(analytical[i], numerical, rtol=rtol, atol=atol):
            return False
    return True


def chainer_check_backward(op: Op, inputs: Sequence[Array]) -> bool:
    """chainer.gradient_check.check_backward's defaults: along one random direction of all inputs."""
    eps, atol, rtol = 1e-3, 1e-4, 1e-4
    random = np.random.RandomState(0)
    output, backward = op(inputs)
    above = np.asarray(random.standard_normal(output.shape) if output.ndim else 1.0)
    drawn = {i: np.asarray(random.standard_normal(a.shape)) for i, a in enumerate(inputs) if a.dtype.kind == "f"}
    norm = sum(float(np.sum(direction**2)) for direction in drawn.values()) ** 0.5
    directions = {i: np.asarray(direction / norm) for i, direction in drawn.items()}
    grads = backward(above)
    analytical = sum(float(np.sum(directions[i] * grad)) for i, grad in enumerate(grads) if grad is not None)
    steps = {i: np.asarray(eps * direction) for i, direction in directions.items()}
    numerical = float(np.sum(above * _central_difference(op, inputs, steps))) / (2 * eps)
    return bool(np.allclose(analytical, numerical, rtol=rtol, atol=atol))


def _central_difference(op: Op, inputs: Sequence[Array], steps: dict[int, Array]) -> Array:
    """The difference between the outputs for inputs that are moved by these steps, up and down."""
    up, down = ([a + sign * steps[i] if i in steps else a for i, a in enumerate(inputs)] for sign in (1, -1))
    return np.asarray(op(up)[0] - op(down)[0])


def op_over_arrays(backend: str, function: Callable[..., Any]) -> Op:
    """One op of a built-in backend, with its settings bound, as a function of NumPy arrays."""
    return partial({"numpy": _by_hand, "torch": _in_torch, "chainer": _in_chainer}[backend], function)


def with_fixed(op: Op, inputs: Sequence[Array], fixed: Sequence[int]) -> tuple[Op, list[Array]]:
    """An op as a function of its other inputs, and these; the fixed ones are data, which nobody differentiates by."""
    free = [i for i in range(len(inputs)) if i not in fixed]

    def of_free(arrays: Sequence[Array]) -> tuple[Array, Callable[[Array], list[Array | None]]]:
        every = list(inputs)
        for i, array in zip(free, arrays, strict=True):
            every[i] = array
        output, backward = op(every)

        def of_free_backward(above: Array) -> list[Array | None]:
            grads = backward(above)
            return [grads[i] for i in free]

        return output, of_free_backward

    return of_free, [inputs[i] for i in free]


def _by_hand(function: Callable[..., Any], inputs: Sequence[Array]) -> Any:
    result, backward = function(*inputs)
    output, *others = result if isinstance(result, tuple) else (result,)
    nothing = [np.zeros_like(other) for other in others]
    return np.asarray(output), lambda above: [g() if callable(g) else g for g in backward(above, *nothing)]


def _in_torch(function: Callable[..., Any], inputs: Sequence[Array]) -> Any:
    tensors = [torch.tensor(array, requires_grad=array.dtype.kind == "f") for array in inputs]
    output = _first(function(*[tensor.clone() for tensor in tensors]))
    differentiable = [tensor for tensor in tensors if tensor.requires_grad]

    def backward(above: Array) -> list[Array | None]:
        grads = iter(
            torch.autograd.grad(output, differentiable, torch.tensor(above), retain_graph=True, allow_unused=True)
        )
        of_inputs = [next(grads) if tensor.requires_grad else None for tensor in tensors]
        return [None if grad is None else grad.numpy() for grad in of_inputs]

    return output.detach().numpy(), backward


def _in_chainer(function: Callable[..., Any], inputs: Sequence[Array]) -> Any:
    variables = [chainer.Variable(np.array(array)) for array in inputs]
    output = _first(function(*variables))

    def backward(above: Array) -> list[Array | None]:
        for variable in variables:
            variable.cleargrad()
        output.grad = np.array(above)
        output.backward(retain_grad=True)
        return [variable.grad for variable in variables]

    return output.array, backward


def _first(result: Any) -> Any:
    """The first output of an op, which is what numerical gradients are taken of here."""
    return result[0] if isinstance(result, tuple) else result


TOLERANCES: dict[str, AreClose] = {"np.allclose": np_allclose, "torch.testing.assert_close": torch_assert_close}
"""Checks of arrays, by the names of what they do."""
GRADIENT_CHECKS: dict[str, GradientCheck] = {
    "torch.autograd.gradcheck": torch_gradcheck,
    "chainer.gradient_check": chainer_check_backward,
}
"""Checks of ops, by the names of what they do."""
