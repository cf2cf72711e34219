"""Trainings of the article's program: as it should be and with the article's mistakes, by the backends' own `train`."""

from collections.abc import Callable
from copy import deepcopy
from functools import cache
from types import SimpleNamespace
from typing import Any

import numpy as np

from backends import numpy_manual
from backends.contract import Array, Program, Step
from backends.correct import strict_numpy
from backends.numpy_manual import Backward, Gradient
from harness.recording.arrays import draw_arrays
from harness.recording.catalogue import built_in_scenarios
from harness.recording.loading import LoadedBackend, hand_written_ops
from harness.recording.recorder import record_program
from harness.running.process import pinned
from scenarios import Scenario

TINY = built_in_scenarios()["two_layer_tiny"]
DRAWS = draw_arrays(TINY, "float32")
ARITHMETICS = {"strict": strict_numpy, "blas": numpy_manual}


def recorded(scenario: Scenario) -> Program:
    draws = draw_arrays(scenario, scenario.dtype)
    return record_program(scenario, draws, hand_written_ops([]))


PROGRAM = recorded(TINY)


def train(module: Any, epochs: int, /, **changed: Callable[..., Any]) -> list[Step]:
    """Train two_layer_tiny in float32 with some of the module's ops changed; every step in memory of its own."""
    ops = SimpleNamespace(**{**vars(module), **changed})
    with pinned([LoadedBackend("article", module)], 1):
        steps = module.train(ops, PROGRAM, DRAWS.weights, DRAWS.batches(epochs), trace=True)
        return [deepcopy(step) for step in steps]


@cache
def program(arithmetic: str, **changed: Callable[..., Any]) -> list[Step]:
    """The article's program: 300 epochs with the mask and the mean over 6 elements, unless an op is changed."""
    return train(ARITHMETICS[arithmetic], TINY.epochs, **changed)


def prompt(arithmetic: str, **changed: Callable[..., Any]) -> list[Step]:
    """What was typed at the prompt: no mask and Y_size = 4."""
    return program(
        arithmetic,
        **{"relu": relu_that_masks_nothing, "mean_squared_error": squared_error_divided_by_four, **changed},
    )


def relu_with_the_hand_mask(x: Array) -> tuple[Array, Backward]:
    def backward(grad_y: Array) -> tuple[Gradient, ...]:
        grad_x = grad_y.copy()
        grad_x[x < 0] = 0
        return (grad_x,)

    return np.maximum(x, 0), backward


def relu_that_masks_nothing(x: Array) -> tuple[Array, Backward]:
    def backward(grad_y: Array) -> tuple[Gradient, ...]:
        grad_x = grad_y.copy()
        grad_x[x < 0] - 0  # the line as it was typed
        return (grad_x,)

    return np.maximum(x, 0), backward


def squared_error_divided_by_four(y: Array, t: Array) -> tuple[Array, Backward]:
    y_size = 2 * 2
    difference = y - t

    def backward(grad_loss: Array) -> tuple[Gradient, ...]:
        grad_y = grad_loss * 2 * difference / y_size
        return grad_y, lambda: -grad_y

    return np.sum(difference * difference) / y_size, backward


def sgd_that_updates_w1_twice(w: Array, grad_w: Array, *, lr: float) -> Array:
    # An optimizer does not learn a weight's name; the shape tells w1 (3, 2) from w2 (2, 3).
    once = w - lr * grad_w
    return once - lr * grad_w if w.shape == PROGRAM.shapes["w1"] else once


def sgd_that_doubles_the_gradient_of_w1(w: Array, grad_w: Array, *, lr: float) -> Array:
    return w - lr * (2 * grad_w if w.shape == PROGRAM.shapes["w1"] else grad_w)


def squared_error(step: Step, y_size: int) -> Array:
    """The matrix that the article prints, one element per output, before it is summed to the loss."""
    difference = step.values["y_p"] - DRAWS.data["y"]
    return difference * difference / y_size  # type: ignore[no-any-return]


COMPUTED: dict[str, Callable[[str], Array]] = {
    "X": lambda _: DRAWS.data["x"],
    "Y": lambda _: DRAWS.data["y"],
    "h": lambda arithmetic: program(arithmetic)[0].values["h"],
    "h_r": lambda arithmetic: program(arithmetic)[0].values["h_r"],
    "y_p": lambda arithmetic: program(arithmetic)[0].values["y_p"],
    "prompt-squared-error": lambda arithmetic: squared_error(prompt(arithmetic)[0], 4),
    "prompt-grad_y_p": lambda arithmetic: prompt(arithmetic)[0].value_grads["y_p"],
    "prompt-grad_w2": lambda arithmetic: prompt(arithmetic)[0].grads["w2"],
    "prompt-grad_h-where-h-is-negative": lambda arithmetic: grad_h_where_h_is_negative(prompt(arithmetic)[0]),
    "prompt-grad_w1": lambda arithmetic: prompt(arithmetic)[0].grads["w1"],
    "prompt-squared-error-after-update": lambda arithmetic: squared_error(
        prompt(arithmetic, sgd=sgd_that_updates_w1_twice)[1], 4
    ),
    "program-epoch-1-squared-error": lambda arithmetic: squared_error(program(arithmetic)[0], 6),
    "program-epoch-300-squared-error": lambda arithmetic: squared_error(program(arithmetic)[299], 6),
    "prompt-grad_w1-masked": lambda arithmetic: prompt(arithmetic, relu=relu_with_the_hand_mask)[0].grads["w1"],
    "prompt-squared-error-after-honest-update": lambda arithmetic: squared_error(prompt(arithmetic)[1], 4),
    "program-epoch-1-grad_w1": lambda arithmetic: program(arithmetic)[0].grads["w1"],
    "program-epoch-1-grad_w2": lambda arithmetic: program(arithmetic)[0].grads["w2"],
    "program-epoch-1-loss": lambda arithmetic: program(arithmetic)[0].loss,
    "program-epoch-2-loss": lambda arithmetic: program(arithmetic)[1].loss,
    "program-epoch-100-loss": lambda arithmetic: program(arithmetic)[99].loss,
    "program-epoch-200-loss": lambda arithmetic: program(arithmetic)[199].loss,
    "program-epoch-300-loss": lambda arithmetic: program(arithmetic)[299].loss,
    "program-final-w1": lambda arithmetic: program(arithmetic)[299].weights["w1"],
    "program-final-w2": lambda arithmetic: program(arithmetic)[299].weights["w2"],
}
"""How to get each number of the article, given the name of an arithmetic."""


def grad_h_where_h_is_negative(step: Step) -> Array:
    return step.value_grads["h"][step.values["h"] < 0]


def value_of(item: str, index: tuple[int, int], arithmetic: str) -> Any:
    """One float32 of an item; a single number stands at [0, 0]."""
    return np.atleast_2d(COMPUTED[item](arithmetic))[index]


@cache
def losses_in_float64(backend: LoadedBackend, scenario_name: str, drawn_in: str) -> list[float]:
    scenario = built_in_scenarios()[scenario_name].vary(dtype=drawn_in)
    draws = draw_arrays(scenario, "float64")
    with pinned([backend], 1):
        steps = backend.module.train(
            backend.module, recorded(scenario), draws.weights, draws.batches(scenario.epochs), trace=False
        )
        return [float(step.loss) for step in steps]
