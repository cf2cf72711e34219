"""Functions that are easily mistaken for a gate."""

from typing import Any

import numpy as np

from backends import numpy_manual
from backends.contract import Array
from harness.explaining.variants.variant import Function, Variant, Variants, forward_only


def hard_swish_of_hard_sigmoid(x: Array) -> Array:
    """x·hard_sigmoid(x), whose slope is 1/5 (Chainer's hard_sigmoid)."""
    y: Array = x * numpy_manual.hard_sigmoid(x)[0]
    return y


def mish_of_exponential(x: Array) -> Array:
    """x·tanh(eˣ), also called TanhExp."""
    y: Array = x * np.tanh(np.exp(x))
    return y


def glu_with_gate_first(x: Array, *, axis: int = -1) -> Array:
    """sigmoid(a)·b."""
    a, b = np.split(x, 2, axis=axis)
    y: Array = numpy_manual.sigmoid(a)[0] * b
    return y


def glu_of_neighbours(x: Array, *, axis: int = -1) -> Array:
    """Units at even places, and the gate of each behind it."""
    length = x.shape[axis]
    even, odd = (np.take(x, np.arange(start, length, 2), axis=axis) for start in (0, 1))
    y: Array = even * numpy_manual.sigmoid(odd)[0]
    return y


def swiglu_with_exchanged_weights(x: Array, w_gate: Array, w_up: Array, w_down: Array) -> tuple[Array, Any]:
    """The swish is of x·w_up."""
    y, backward = numpy_manual.swiglu(x, w_up, w_gate, w_down)

    def backward_exchanged(grad_y: Array) -> tuple[Any, ...]:
        grad_x, grad_up, grad_gate, grad_down = backward(grad_y)
        return grad_x, grad_gate, grad_up, grad_down

    return y, backward_exchanged


def _gated_by(activation: Function) -> Function:
    """The same layer with another activation of its gates."""

    def layer(x: Array, w_gate: Array, w_up: Array, w_down: Array) -> Array:
        y: Array = (activation(x @ w_gate)[0] * (x @ w_up)) @ w_down
        return y

    return forward_only(layer)


GATES: Variants = {
    numpy_manual.hard_swish: (
        Variant("its gate has a slope of 1/5, not 1/6", forward_only(hard_swish_of_hard_sigmoid), "hard_sigmoid"),
    ),
    numpy_manual.mish: (Variant("it is tanhexp, x·tanh(exp(x))", forward_only(mish_of_exponential)),),
    numpy_manual.glu: (
        Variant("the first half is the gate of the second", forward_only(glu_with_gate_first)),
        Variant("units and gates are taken to lie side by side, not in two halves", forward_only(glu_of_neighbours)),
    ),
    numpy_manual.swiglu: (
        Variant("w_gate and w_up are exchanged", swiglu_with_exchanged_weights),
        Variant("its gate is a sigmoid, as in glu", _gated_by(numpy_manual.sigmoid)),
        Variant("its gate is a gelu, as in GEGLU", _gated_by(numpy_manual.gelu)),
        Variant("its gate is a ReLU, as in ReGLU", _gated_by(numpy_manual.relu)),
    ),
}
"""The gates that are easily mistaken for another function."""
