"""Runs an entry's functions in float64: values and gradients of expressions, trajectories of optimizers."""

import inspect
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np
import torch

from backends.compatibility.chainer import import_chainer
from backends.contract import Array

chainer = import_chainer()

Result = dict[str, Array]
"""Arrays that a function computed, by description: "value", "gradient of x", "weights"."""

UPDATES = 10


def chainer_expression(function: Callable[..., Any], arrays: Sequence[Array]) -> Result:
    """The values of Chainer code on these arrays, and their gradients with respect to every array of floats."""
    inputs = {
        name: chainer.Variable(array.copy()) if array.dtype.kind == "f" else array.copy()
        for name, array in _by_parameter(function, arrays).items()
    }
    with _isolated():
        outputs = _several(function(*inputs.values()))
        weighted = [
            chainer.functions.sum(output * cotangent)
            for output, cotangent in zip(outputs, _cotangents(outputs), strict=True)
            if isinstance(output, chainer.Variable) and output.requires_grad and output.dtype.kind == "f"
        ]
        if weighted:
            sum(weighted[1:], weighted[0]).backward()
    values = [output.array if isinstance(output, chainer.Variable) else output for output in outputs]
    leaves = {name: x for name, x in inputs.items() if isinstance(x, chainer.Variable)}
    return _result(values, {name: np.zeros(x.shape) if x.grad is None else x.grad for name, x in leaves.items()})


def torch_expression(function: Callable[..., Any], arrays: Sequence[Array]) -> Result:
    """The values of PyTorch code on these arrays, and their gradients with respect to every array of floats."""
    inputs = {
        name: torch.tensor(array, requires_grad=array.dtype.kind == "f")
        for name, array in _by_parameter(function, arrays).items()
    }
    with _isolated():
        outputs = _several(function(*inputs.values()))
        weighted = [
            (output * torch.from_numpy(cotangent)).sum()
            for output, cotangent in zip(outputs, _cotangents(outputs), strict=True)
            if isinstance(output, torch.Tensor) and output.requires_grad
        ]
        if weighted:
            torch.stack(weighted).sum().backward()
    values = [output.detach().numpy() if isinstance(output, torch.Tensor) else output for output in outputs]
    leaves = {name: x for name, x in inputs.items() if x.requires_grad}
    return _result(
        values, {name: np.zeros(x.shape) if x.grad is None else x.grad.numpy() for name, x in leaves.items()}
    )


def chainer_trajectory(make: Callable[..., Any], arrays: Sequence[Array]) -> Result:
    """The weights after each of ten updates by the optimizer that Chainer code makes for a model."""
    start, x, y = (array.copy() for array in arrays)
    model = chainer.Link()
    with model.init_scope():
        model.w = chainer.Parameter(start)
    trajectory = []
    with _isolated():
        optimizer, after_update = _optimizer(make(model))
        for update in range(1, UPDATES + 1):
            model.cleargrads()
            loss = chainer.functions.sum(chainer.functions.square(chainer.functions.matmul(x, model.w) - y))
            loss.backward()
            optimizer.update()
            after_update(update)
            trajectory.append(model.w.array.copy())
    return {"weights": np.stack(trajectory)}


def torch_trajectory(make: Callable[..., Any], arrays: Sequence[Array]) -> Result:
    """The weights after each of ten updates by the optimizer that PyTorch code makes for a list of parameters."""
    start, x, y = (torch.tensor(array) for array in arrays)
    w = torch.nn.Parameter(start)
    trajectory = []
    with _isolated():
        optimizer, after_update = _optimizer(make([w]))
        for update in range(1, UPDATES + 1):
            optimizer.zero_grad()
            loss = (x @ w - y).square().sum()
            loss.backward()
            optimizer.step()
            after_update(update)
            trajectory.append(w.detach().numpy().copy())
    return {"weights": np.stack(trajectory)}


def least_squares(random: np.random.RandomState) -> tuple[Array, ...]:
    """The problem that optimizers run on: starting weights, and the data of a linear regression."""
    return random.randn(3), 0.5 * random.randn(5, 3), random.randn(5)


def _optimizer(returned: Any) -> tuple[Any, Callable[[int], object]]:
    """The optimizer, and the function to call after every update with its number, counted from 1."""
    return returned if isinstance(returned, tuple) else (returned, lambda update: None)


def _by_parameter(function: Callable[..., Any], arrays: Sequence[Array]) -> dict[str, Array]:
    return dict(zip(inspect.signature(function).parameters, arrays, strict=True))


def _several(outputs: Any) -> list[Any]:
    return list(outputs) if isinstance(outputs, (tuple, list)) else [outputs]


def _cotangents(outputs: Sequence[Any]) -> list[Array]:
    """Weights of the sum that is differentiated. With equal weights half of the mistakes would cancel.

    They are multiples of 1/64, which code that is limited to float32 doesn't round.
    """
    random = np.random.RandomState(1)
    return [np.asarray(random.randint(32, 97, output.shape) / 64) for output in outputs]


def _result(values: Sequence[Any], gradients: dict[str, Array]) -> Result:
    named = {f"value {i}" if len(values) > 1 else "value": np.asarray(value) for i, value in enumerate(values, 1)}
    return named | {f"gradient of {name}": np.asarray(gradient) for name, gradient in gradients.items()}


@contextmanager
def _isolated() -> Iterator[None]:
    """Make new layers float64, draw from a fixed seed, and restore every global setting afterwards."""
    dtype, state = torch.get_default_dtype(), np.random.get_state()
    torch.set_default_dtype(torch.float64)
    np.random.seed(0)
    try:
        with chainer.using_config("dtype", np.dtype("float64")), torch.random.fork_rng(devices=[]):
            torch.manual_seed(0)
            yield
    finally:
        np.random.set_state(state)
        torch.set_default_dtype(dtype)
