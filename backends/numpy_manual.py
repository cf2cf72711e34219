"""Every op with its gradient by hand, in NumPy.

An op returns its output and `backward`, which turns the gradient of the output into one gradient per input. Where a
gradient costs as much as the op itself it stands behind a `lambda`, so that the one towards the data is never computed.
An input that has no gradient (labels) gets None.
"""

import inspect
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

import numpy as np

from backends.contract import Array, Program, Step, Tensors

Gradient = Array | Callable[[], Array] | None
Backward = Callable[..., tuple[Gradient, ...]]

KINKS = {"relu": 0.0}
"""Ops whose gradient jumps where an input crosses this value."""


def matmul(x: Array, w: Array) -> tuple[Array, Backward]:
    """y = x·w.

    x (N, D), w (D, H) → y (N, H).  ∂L/∂x = ∂L/∂y·wᵀ,  ∂L/∂w = xᵀ·∂L/∂y  (Goodfellow et al., Deep Learning, 6.5.6).
    """

    def backward(grad_y: Array) -> tuple[Gradient, ...]:
        return lambda: grad_y @ w.T, lambda: x.T @ grad_y

    return x @ w, backward


def add(x: Array, b: Array) -> tuple[Array, Backward]:
    """y = x + b, where b may be a bias that is added to every row.

    x (N, D), b (N, D) or (D,) → y (N, D).  The gradient of what was broadcast is summed over the repeated axes.
    """

    def backward(grad_y: Array) -> tuple[Gradient, ...]:
        return _sum_to_shape(grad_y, x.shape), _sum_to_shape(grad_y, b.shape)

    return x + b, backward


def relu(x: Array) -> tuple[Array, Backward]:
    """y = max(x, 0), element by element; the gradient at exactly 0 is 0, as in the frameworks.

    x (any shape) → y (the same).  ∂L/∂x = ∂L/∂y where x > 0, else 0.
    """

    def backward(grad_y: Array) -> tuple[Gradient, ...]:
        return (np.where(x > 0, grad_y, 0),)

    return np.maximum(x, 0), backward


def sigmoid(x: Array) -> tuple[Array, Backward]:
    """y = 1 / (1 + e⁻ˣ), element by element, written so that no exponential overflows.

    x (any shape) → y (the same).  ∂L/∂x = ∂L/∂y·y·(1 − y)  (Goodfellow et al., Deep Learning, 3.10).
    """
    e = np.exp(-np.abs(x))
    y = np.where(x >= 0, 1, e) / (1 + e)

    def backward(grad_y: Array) -> tuple[Gradient, ...]:
        return (grad_y * y * (1 - y),)

    return y, backward


def tanh(x: Array) -> tuple[Array, Backward]:
    """y = (eˣ − e⁻ˣ) / (eˣ + e⁻ˣ), the hyperbolic tangent, element by element.

    x (any shape) → y (the same).  ∂L/∂x = ∂L/∂y·(1 − y²)  (Goodfellow et al., Deep Learning, 6.3.2).
    """
    y = np.tanh(x)

    def backward(grad_y: Array) -> tuple[Gradient, ...]:
        return (grad_y * (1 - y * y),)

    return y, backward


def layer_norm(x: Array, gain: Array, bias: Array, *, eps: float) -> tuple[Array, Backward]:
    """y = gain·(x − μ) / √(σ² + eps) + bias, where μ is the mean of a row and σ² its variance, divided by D.

    x (N, D), gain (D,), bias (D,) → y (N, D).  With n = (x − μ) / √(σ² + eps) and ∂L/∂n = ∂L/∂y·gain,
    ∂L/∂x = (∂L/∂n − mean(∂L/∂n) − n·mean(∂L/∂n·n)) / √(σ² + eps)  (Ba et al. 2016, arXiv:1607.06450).
    """
    centred = x - np.mean(x, axis=1, keepdims=True)
    deviation = np.sqrt(np.mean(centred * centred, axis=1, keepdims=True) + eps)
    n = centred / deviation

    def backward(grad_y: Array) -> tuple[Gradient, ...]:
        grad_n = grad_y * gain
        along_n = np.mean(grad_n * n, axis=1, keepdims=True)
        grad_x = (grad_n - np.mean(grad_n, axis=1, keepdims=True) - n * along_n) / deviation
        return grad_x, np.sum(grad_y * n, axis=0), np.sum(grad_y, axis=0)

    return n * gain + bias, backward


def mean_squared_error(y: Array, t: Array) -> tuple[Array, Backward]:
    """loss = Σ (y − t)² / size, the mean over all elements.

    y, t (any shape, the same) → loss ().  ∂loss/∂y = 2 (y − t) / size.
    """
    if y.shape != t.shape:
        raise ValueError("their shapes must be the same")
    difference = y - t

    def backward(grad_loss: Array) -> tuple[Gradient, ...]:
        grad_y = grad_loss * 2 * difference / difference.size
        return grad_y, lambda: -grad_y

    return np.sum(difference * difference) / difference.size, backward


def softmax_cross_entropy(x: Array, t: Array) -> tuple[Array, Backward]:
    """loss = −mean over rows of log softmax(x)[t].

    x (N, C) scores, t (N,) integer labels → loss ().  The largest score of a row is taken off before exp, which would
    overflow.  ∂loss/∂x = (softmax(x) − onehot(t)) / N  (Goodfellow et al., Deep Learning, 6.2.2.3).
    """
    shifted = x - np.max(x, axis=1, keepdims=True)
    log_p = shifted - np.log(np.sum(np.exp(shifted), axis=1, keepdims=True))
    rows = np.arange(len(t))

    def backward(grad_loss: Array) -> tuple[Gradient, ...]:
        grad_x = np.exp(log_p)
        grad_x[rows, t] -= 1
        return grad_loss * grad_x / len(t), None

    return -np.mean(log_p[rows, t]), backward


def sgd(w: Array, grad_w: Array, *, lr: float) -> Array:
    """w ← w − lr·∂L/∂w.  Any shape; lr is the learning rate (Robbins & Monro 1951)."""
    return w - lr * grad_w


def momentum(w: Array, grad_w: Array, v: Array, *, lr: float, momentum: float) -> tuple[Array, Array]:
    """v ← momentum·v + ∂L/∂w,  w ← w − lr·v.  Any shape; v starts at 0 (Polyak 1964; Sutskever et al. 2013)."""
    v = momentum * v + grad_w
    return w - lr * v, v


def adam(
    w: Array, grad_w: Array, m: Array, v: Array, *, t: int, lr: float, beta1: float, beta2: float, eps: float
) -> tuple[Array, Array, Array]:
    """m ← β₁·m + (1 − β₁)·g,  v ← β₂·v + (1 − β₂)·g²,  w ← w − lr·m̂ / (√v̂ + eps), with g = ∂L/∂w.

    m̂ = m / (1 − β₁ᵗ) and v̂ = v / (1 − β₂ᵗ) at update t, counted from 1; m and v start at 0.  Any shape
    (Kingma & Ba 2015, arXiv:1412.6980, Algorithm 1).
    """
    m = beta1 * m + (1 - beta1) * grad_w
    v = beta2 * v + (1 - beta2) * grad_w * grad_w
    deviation = np.sqrt(v / (1 - beta2**t)) + eps
    return w - lr / (1 - beta1**t) * m / deviation, m, v


def adamw(
    w: Array,
    grad_w: Array,
    m: Array,
    v: Array,
    *,
    t: int,
    lr: float,
    beta1: float,
    beta2: float,
    eps: float,
    weight_decay: float,
) -> tuple[Array, Array, Array]:
    """w ← w − lr·weight_decay·w, then Adam's step: the decay is not divided by √v̂ (Loshchilov & Hutter 2019).

    Any shape; the rest is as in adam.
    """
    return adam((1 - lr * weight_decay) * w, grad_w, m, v, t=t, lr=lr, beta1=beta1, beta2=beta2, eps=eps)


def train(
    ops: Any,
    program: Program,
    weights: Mapping[str, Array],
    batches: Iterable[Mapping[str, Array]],
    *,
    trace: bool = False,
) -> Iterator[Step]:
    """Train by the ops' own `backward`s, kept on a tape; yield one Step per update."""
    w: Tensors = {name: np.array(array) for name, array in weights.items()}
    rule, settings = getattr(ops, program.optimizer.op), program.optimizer.settings
    slots = _state_names(rule)
    counts = "t" in inspect.signature(rule).parameters
    state = {name: [np.zeros_like(w[name]) for _ in slots] for name in w}
    differentiable = program.differentiable
    for t, batch in enumerate(batches, 1):
        settings = {**settings, "t": t} if counts else settings

        # forward
        tensors: Tensors = {**batch, **w}
        tape = []
        for call in program.calls:
            result, backward = getattr(ops, call.op)(*map(tensors.__getitem__, call.inputs), **call.settings)
            tape.append((call.inputs, call.outputs, backward))
            if len(call.outputs) == 1:
                tensors[call.outputs[0]] = result
            else:
                tensors.update(zip(call.outputs, result, strict=True))
        loss = tensors[program.loss]

        # clear gradients
        grads: Tensors = {}

        # backward
        grads[program.loss] = loss.dtype.type(1)

        for inputs, outputs, backward in reversed(tape):
            if grads.keys().isdisjoint(outputs):
                continue  # the loss does not depend on this call
            grad_outputs = [grads[name] if name in grads else np.zeros_like(tensors[name]) for name in outputs]
            for name, grad in zip(inputs, backward(*grad_outputs), strict=True):
                if name in differentiable:
                    grad = grad() if callable(grad) else grad
                    grads[name] = grads[name] + grad if name in grads else grad

        # step
        for name in w:
            w[name], *state[name] = _as_tuple(rule(w[name], grads[name], *state[name], **settings))

        yield Step(
            loss=loss,
            weights=w,
            grads={name: grads[name] for name in w},
            state={f"{slot}_{name}": kept for name in w for slot, kept in zip(slots, state[name], strict=True)},
            values={name: tensors[name] for name in program.values} if trace else {},
            value_grads={name: grads[name] for name in program.values if name in grads} if trace else {},
        )


def _state_names(optimizer: Any) -> list[str]:
    """The optimizer's state, read off its signature: `momentum(w, grad_w, v, *, lr, momentum)` keeps `v`."""
    parameters = inspect.signature(optimizer).parameters.values()
    return [p.name for p in parameters if p.kind is p.POSITIONAL_OR_KEYWORD][2:]


def _as_tuple(result: Any) -> tuple[Any, ...]:
    return result if isinstance(result, tuple) else (result,)


def _sum_to_shape(grad: Array, shape: tuple[int, ...]) -> Array:
    """Sum grad over the axes along which an array of this shape was broadcast."""
    if grad.shape == shape:
        return grad
    added = grad.ndim - len(shape)
    repeated = tuple(range(added)) + tuple(added + i for i, size in enumerate(shape) if size == 1)
    summed: Array = np.sum(grad, axis=repeated)
    return summed.reshape(shape)
