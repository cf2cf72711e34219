"""Backends with one mistake each: what the harness must catch."""

from collections.abc import Callable, Iterator
from types import ModuleType
from typing import Any

import numpy as np

from backends import numpy_manual
from backends.contract import Array, Step


def with_changes(**changes: Any) -> ModuleType:
    """The hand-written backend with some functions replaced, as a user's file with a star import would be."""
    module = ModuleType("broken")
    module.__dict__.update({name: value for name, value in vars(numpy_manual).items() if not name.startswith("__")})
    module.__dict__.update(changes)
    return module


def each_step(change: Callable[[Step], Step]) -> Callable[..., Iterator[Step]]:
    """The hand-written `train` with every step changed."""

    def train(ops: Any, program: Any, weights: Any, batches: Any, *, trace: bool = False) -> Iterator[Step]:
        yield from map(change, numpy_manual.train(ops, program, weights, batches, trace=trace))

    return train


def relu_without_mask(x: Array) -> Any:
    return np.maximum(x, 0), lambda grad_y: (grad_y,)


def relu_that_leaks(x: Array) -> Any:
    return np.maximum(x, 0), lambda grad_y: (np.where(x > 0, grad_y, grad_y * x.dtype.type(1e-3)),)


def mean_squared_error_without_mean(y: Array, t: Array) -> Any:
    difference = y - t
    return np.sum(difference * difference) / difference.size, lambda grad_loss: (grad_loss * 2 * difference, None)


def mean_squared_error_without_two(y: Array, t: Array) -> Any:
    difference = y - t
    loss = np.sum(difference * difference) / difference.size
    return loss, lambda grad_loss: (grad_loss * difference / difference.size, None)


def matmul_with_wrong_sign(x: Array, w: Array) -> Any:
    return x @ w, lambda grad_y: (lambda: -(grad_y @ w.T), lambda: x.T @ grad_y)


def add_that_forgets_rows(x: Array, b: Array) -> Any:
    return x + b, lambda grad_y: (grad_y, grad_y if b.shape == x.shape else grad_y[0])


def softmax_cross_entropy_without_mean(x: Array, t: Array) -> Any:
    loss, backward = numpy_manual.softmax_cross_entropy(x, t)

    def wrong(grad_loss: Array) -> Any:
        grad_x, _ = backward(grad_loss)
        return grad_x * len(t), None  # type: ignore[operator]

    return loss, wrong


def sgd_with_larger_steps(w: Array, grad_w: Array, *, lr: float) -> Array:
    return w - lr * 1.00001 * grad_w


def momentum_that_decays_less(w: Array, grad_w: Array, v: Array, *, lr: float, momentum: float) -> Any:
    return numpy_manual.momentum(w, grad_w, v, lr=lr, momentum=momentum + 1e-4)


def momentum_without_gradient_in_the_step(w: Array, grad_w: Array, v: Array, *, lr: float, momentum: float) -> Any:
    """The velocity is updated after the step, so the first step is lost."""
    return w - lr * v, momentum * v + grad_w


BROKEN: dict[str, tuple[str, ModuleType, str, str]] = {
    # name: (scenario, backend, op that the verdict must name, phase)
    "no mask": ("two_layer_tiny", with_changes(relu=relu_without_mask), "relu", "backward"),
    "leaky": ("two_layer_tiny", with_changes(relu=relu_that_leaks), "relu", "backward"),
    "no mean": (
        "two_layer_tiny",
        with_changes(mean_squared_error=mean_squared_error_without_mean),
        "mean_squared_error",
        "backward",
    ),
    "no two": (
        "residual_shared",
        with_changes(mean_squared_error=mean_squared_error_without_two),
        "mean_squared_error",
        "backward",
    ),
    "wrong sign": ("two_layer_tiny", with_changes(matmul=matmul_with_wrong_sign), "matmul", "backward"),
    "bias of one row": ("residual_shared", with_changes(add=add_that_forgets_rows), "add", "backward"),
    "summed loss": (
        "digits",
        with_changes(softmax_cross_entropy=softmax_cross_entropy_without_mean),
        "softmax_cross_entropy",
        "backward",
    ),
    "larger steps": ("two_layer_tiny", with_changes(sgd=sgd_with_larger_steps), "sgd", "update"),
    "slower decay": ("digits", with_changes(momentum=momentum_that_decays_less), "momentum", "state"),
    "late step": ("digits", with_changes(momentum=momentum_without_gradient_in_the_step), "momentum", "update"),
}
