"""A backend for HIPS autograd, a functional framework, written against the contract alone."""

import inspect
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import autograd.numpy as autograd_np
import numpy as np
from autograd import value_and_grad

from backends.contract import Array, Program, Step


def matmul(x: Any, w: Any) -> Any:
    """y = x · w."""
    return autograd_np.matmul(x, w)


def add(x: Any, b: Any) -> Any:
    """y = x + b, with b broadcast."""
    return x + b


def relu(x: Any) -> Any:
    """y = max(x, 0), and NaN where x is; the gradient at 0 is 0."""
    return autograd_np.where(x <= 0, 0, x)


def sigmoid(x: Any) -> Any:
    """y = 1 / (1 + e^−x), without overflow."""
    size = autograd_np.where(x >= 0, x, -x)  # autograd's derivative of abs is 0 at 0
    return autograd_np.where(x >= 0, 1, autograd_np.exp(-size)) / (1 + autograd_np.exp(-size))


def tanh(x: Any) -> Any:
    """The hyperbolic tangent of every element."""
    return autograd_np.tanh(x)


def layer_norm(x: Any, gain: Any, bias: Any, *, eps: float) -> Any:
    """y = gain · (x − mean) / √(variance + eps) + bias, over each row of x (N, F)."""
    centred = x - autograd_np.mean(x, axis=1, keepdims=True)
    variance = autograd_np.mean(centred * centred, axis=1, keepdims=True)
    return gain * centred / autograd_np.sqrt(variance + eps) + bias


def mean_squared_error(y: Any, t: Any) -> Any:
    """The mean of (y − t)² over all elements."""
    return autograd_np.sum((y - t) * (y - t)) / y.size


def softmax_cross_entropy(x: Any, t: Any) -> Any:
    """The mean of −log softmax(x)[t] over the rows of x (N, C); t (N,) holds labels."""
    shifted = x - autograd_np.max(x, axis=1, keepdims=True)
    log_p = shifted - autograd_np.log(autograd_np.sum(autograd_np.exp(shifted), axis=1, keepdims=True))
    return -autograd_np.sum(log_p[np.arange(len(t)), t]) / len(t)


def sgd(w: Array, gradient: Array, state: dict[str, Array], *, lr: float) -> tuple[Array, dict[str, Array]]:
    """w ← w − lr · gradient."""
    return w - lr * gradient, {}


def momentum(
    w: Array, gradient: Array, state: dict[str, Array], *, lr: float, momentum: float
) -> tuple[Array, dict[str, Array]]:
    """v ← momentum · v + gradient; w ← w − lr · v."""
    v = momentum * state.get("v", np.zeros_like(w)) + gradient
    return w - lr * v, {"v": v}


def adamw(
    w: Array,
    gradient: Array,
    state: dict[str, Array],
    *,
    t: int,
    lr: float,
    beta1: float,
    beta2: float,
    eps: float,
    weight_decay: float,
) -> tuple[Array, dict[str, Array]]:
    """Adam with decoupled weight decay (Loshchilov and Hutter, 2019)."""
    m = beta1 * state.get("m", np.zeros_like(w)) + (1 - beta1) * gradient
    v = beta2 * state.get("v", np.zeros_like(w)) + (1 - beta2) * gradient * gradient
    step = (m / (1 - beta1**t)) / (np.sqrt(v / (1 - beta2**t)) + eps)
    return w * (1 - lr * weight_decay) - lr * step, {"m": m, "v": v}


def tanh_by_cosh(x: Any) -> Any:
    """HIPS autograd's formula by hand: its derivative of tanh is 1 / cosh²."""
    half = (np.exp(x) + np.exp(-x)) / 2
    return np.tanh(x), lambda grad_y: (grad_y / (half * half),)


FORMULAS = {"tanh": tanh_by_cosh}


def train(
    ops: Any,
    program: Program,
    weights: Mapping[str, Array],
    batches: Iterable[Mapping[str, Array]],
    *,
    trace: bool = False,
) -> Iterator[Step]:
    """Yield one Step per batch, as the contract asks."""
    w = {name: np.array(array) for name, array in weights.items()}
    states = {
        name: {slot: np.full_like(w[name], first) for slot, first in program.first_state_of(name).items()} for name in w
    }
    accumulated: Mapping[str, Array] = {}
    for number, batch in enumerate(batches, 1):
        values: dict[str, Array] = {}

        def loss_of(w: Mapping[str, Any], probes: Mapping[str, Any]) -> Any:
            """The loss. A zero probe is added to each intermediate value, whose gradient is then the probe's."""
            tensors: dict[str, Any] = {**batch, **w}  # noqa: B023
            for call in program.calls:
                (output,) = call.outputs
                result = getattr(ops, call.op)(*[tensors[name] for name in call.inputs], **call.settings)
                tensors[output] = result + probes[output] if output in probes else result
                values[output] = np.asarray(getattr(tensors[output], "_value", tensors[output]))  # noqa: B023
            return tensors[program.loss] * share  # noqa: B023

        dtype = next(iter(w.values())).dtype
        probes = {name: np.zeros(_shape(program, name, batch), dtype) for name in program.values} if trace else {}
        share = dtype.type(program.epoch.share(number))
        _, (grads, value_grads) = value_and_grad(loss_of, argnum=(0, 1))(w, probes)
        grads |= {name: np.zeros_like(w[name]) for name in program.not_yet_trained(number)}
        if program.epoch.accumulates:
            if not program.epoch.begins_step(number):
                grads = {name: accumulated[name] + grad for name, grad in grads.items()}
            accumulated = grads
        for name, t in program.steps(number).items():
            rule = program.optimizer_of(name)
            update = getattr(ops, rule.op)
            counted = {"t": t} if "t" in inspect.signature(update).parameters else {}
            w[name], states[name] = update(w[name], grads[name], states[name], **rule.settings, **counted)
        yield Step(
            loss=values[program.loss],
            weights=w,
            grads=grads,
            state={f"{slot}_{name}": array for name, state in states.items() for slot, array in state.items()},
            values=dict(values) if trace else {},
            value_grads={name: value_grads[name] for name in probes if name in program.with_gradient},
        )


def _shape(program: Program, name: str, batch: Mapping[str, Array]) -> tuple[int, ...]:
    """A value's shape in this batch, which may have another number of rows than the recorded one."""
    shape = program.shapes[name]
    rows = len(next(iter(batch.values())))
    recorded = program.shapes[next(iter(batch))][0]
    return (rows, *shape[1:]) if shape and shape[0] == recorded else shape
