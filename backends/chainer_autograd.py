"""Every op as a user of Chainer would call it; Chainer's autograd does the rest."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import numpy as np

from backends import equivalent_formulas
from backends.chainer_compatibility import import_chainer
from backends.contract import Array, Program, Step

chainer = import_chainer()
F = chainer.functions
Variable = Any  # Chainer has no types


def matmul(x: Variable, w: Variable) -> Variable:
    """y = x·w.  x (N, D), w (D, H) → y (N, H)."""
    return F.matmul(x, w)


def add(x: Variable, b: Variable) -> Variable:
    """y = x + b, b (N, D) or (D,)."""
    return x + b


def relu(x: Variable) -> Variable:
    """y = max(x, 0); the gradient at exactly 0 is 0."""
    return F.relu(x)


def sigmoid(x: Variable) -> Variable:
    """y = 1 / (1 + e⁻ˣ)."""
    return F.sigmoid(x)


def tanh(x: Variable) -> Variable:
    """y = (eˣ − e⁻ˣ) / (eˣ + e⁻ˣ)."""
    return F.tanh(x)


def layer_norm(x: Variable, gain: Variable, bias: Variable, *, eps: float) -> Variable:
    """y = gain·(x − μ) / √(σ² + eps) + bias, by row.  x (N, D), gain (D,), bias (D,) → y (N, D)."""
    return F.layer_normalization(x, gain, bias, eps=eps)


def mean_squared_error(y: Variable, t: Variable) -> Variable:
    """loss = mean of (y − t)² over all elements."""
    return F.mean_squared_error(y, t)


def softmax_cross_entropy(x: Variable, t: Variable) -> Variable:
    """loss = −mean over rows of log softmax(x)[t], t (N,) integer labels."""
    return F.softmax_cross_entropy(x, t)


def sgd(model: Any, *, lr: float) -> Any:
    """w ← w − lr·∂L/∂w."""
    return chainer.optimizers.SGD(lr=lr).setup(model)


def momentum(model: Any, *, lr: float, momentum: float) -> Any:
    """v ← momentum·v − ∂L/∂w,  w ← w + lr·v."""
    # Chainer's MomentumSGD keeps lr inside v: a changing lr would mean something else than in PyTorch.
    return chainer.optimizers.CorrectedMomentumSGD(lr=lr, momentum=momentum).setup(model)


def adam(model: Any, *, lr: float, beta1: float, beta2: float, eps: float) -> Any:
    """w ← w − lr·m̂ / (√v̂ + eps)."""
    optimizer = chainer.optimizers.Adam(alpha=lr, beta1=beta1, beta2=beta2, eps=eps).setup(model)
    _correct_eps(optimizer, eps)
    return optimizer


def adamw(model: Any, *, lr: float, beta1: float, beta2: float, eps: float, weight_decay: float) -> Any:
    """w ← w − lr·weight_decay·w, then Adam's step."""
    # Chainer does not multiply the decay by the learning rate, which it calls alpha; eta scales both.
    optimizer = chainer.optimizers.Adam(
        alpha=lr, beta1=beta1, beta2=beta2, eps=eps, weight_decay_rate=lr * weight_decay
    ).setup(model)
    _correct_eps(optimizer, eps)
    return optimizer


def _correct_eps(optimizer: Any, eps: float) -> None:
    """Chainer adds eps to √v before the bias correction, others add it to √v̂ after: scale it at every update."""

    def scale(optimizer: Any) -> None:
        optimizer.eps = eps * (1 - optimizer.beta2 ** (optimizer.t + 1)) ** 0.5

    optimizer.add_hook(scale, name="eps after the bias correction")


FORMULAS = {
    "sigmoid": equivalent_formulas.sigmoid_by_tanh,
    "adam": equivalent_formulas.adam_by_differences,
    "adamw": equivalent_formulas.adamw_by_differences,
}
"""What Chainer computes by another right formula than the hand-written one."""

STATE_SIGN = {"CorrectedMomentumSGD": -1}
"""Chainer's velocity points downhill; the hand-written rule and PyTorch keep it pointing uphill."""


def train(
    ops: Any,
    program: Program,
    weights: Mapping[str, Array],
    batches: Iterable[Mapping[str, Array]],
    *,
    trace: bool = False,
) -> Iterator[Step]:
    """Train by Chainer's autograd and optimizers; yield one Step per update."""
    w = {name: chainer.Parameter(np.array(array), name=name) for name, array in weights.items()}
    model = chainer.Chain()
    with model.init_scope():
        for name, parameter in w.items():
            setattr(model, f"parameter_{name}", parameter)
    optimizer = getattr(ops, program.optimizer.op)(model, **program.optimizer.settings)
    sign = STATE_SIGN.get(type(optimizer).__name__, 1)
    for batch in batches:
        # forward
        tensors = program.forward(ops, {**{name: chainer.as_variable(array) for name, array in batch.items()}, **w})
        loss = tensors[program.loss]
        outputs = {name: tensors[name] for name in program.values} if trace else {}

        # clear gradients
        model.cleargrads()

        # backward
        loss.backward(retain_grad=trace)

        grads = {name: parameter.grad for name, parameter in w.items()}

        # step
        optimizer.update()

        yield Step(
            loss=loss.array,
            weights={name: parameter.array for name, parameter in w.items()},
            grads=grads,
            state={
                f"{slot}_{name}": sign * array
                for name, parameter in w.items()
                for slot, array in (parameter.update_rule.state or {}).items()
            },
            values={name: output.array for name, output in outputs.items()},
            value_grads={name: output.grad for name, output in outputs.items() if output.grad is not None},
        )
