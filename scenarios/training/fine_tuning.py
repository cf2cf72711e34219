"""Fine-tuning: networks that start from trained weights, of which some stay as they are."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

from scenarios import adam, data, group, momentum, param, scenario, sgd, step_decay, weight_decay

if TYPE_CHECKING:
    import numpy as np

    Array = np.ndarray[Any, np.dtype[Any]]


@cache
def _waves() -> tuple[Array, Array]:
    """Points (30, 1) between −2 and 2, and a wave over them (30, 1)."""
    import numpy as np

    x = np.linspace(-2, 2, 30)[:, None]
    return x, np.sin(2 * x) + 0.3 * x


def _slopes() -> Array:
    """The first layer of a network that was trained before: how steep each of eight units is, (1, 8)."""
    import numpy as np

    return np.array([[2.0, -2.0, 1.5, -1.5, 1.0, -1.0, 0.7, -0.7]])


def _offsets() -> Array:
    """Where each of the eight units bends, (8,)."""
    import numpy as np

    return np.array([-1.5, -1.0, 0.5, 0.5, 0.3, 1.2, 0.1, -0.8])


def _means() -> Array:
    """The running mean of each of the eight units, (8,)."""
    import numpy as np

    return np.array([-1.4, -0.9, 0.6, 0.4, 0.2, 1.3, 0.2, -0.9])


def _variances() -> Array:
    """The running variance of each of the eight units, (8,)."""
    import numpy as np

    return np.array([5.5, 5.2, 3.1, 3.0, 1.5, 1.4, 0.6, 0.8])


@scenario(
    seed=6,
    epochs=40,
    optimizer=adam(lr=0.05),
    decay=weight_decay(rate=0.001),
    x=data(lambda: _waves()[0]),
    y=data(lambda: _waves()[1]),
    w1=param(load=_slopes, frozen=True),
    b1=param(load=_offsets),
    w2=param(8, 1, scale=0.1),
    b2=param(1, fill=0.0),
)
def fine_tuning(op: Any, x: Any, y: Any, w1: Any, b1: Any, w2: Any, b2: Any) -> Any:
    """Fine-tuning: the slopes of a trained layer are frozen, its offsets go on training, and the last layer is new.

    A frozen weight has no gradient, so neither the optimizer nor the weight decay changes it, while the gradient of
    what it is multiplied with goes through it as ever. Exercises linear, tanh and mean_squared_error.
    """
    h = op.tanh(op.linear(x, w1, b1))
    return op.mean_squared_error(op.linear(h, w2, b2), y)


@scenario(
    seed=8,
    epochs=40,
    optimizer=sgd(lr=0.1),
    x=data(lambda: _waves()[0]),
    y=data(lambda: _waves()[1]),
    w1=param(load=_slopes),
    b1=param(load=_offsets),
    mean=param(load=_means, frozen=True),
    var=param(load=_variances, frozen=True),
    gain=param(8, fill=1.0),
    bias=param(8, fill=0.0),
    w2=param(8, 1, scale=0.1),
    b2=param(1, fill=0.0),
)
def fixed_statistics(
    op: Any,
    x: Any,
    y: Any,
    w1: Any,
    b1: Any,
    mean: Any,
    var: Any,
    gain: Any,
    bias: Any,
    w2: Any,
    b2: Any,
) -> Any:
    """Fine-tuning with batch normalisation in evaluation mode: by the statistics of the training before.

    Batches of a small set have poor statistics, so those that were gathered before are kept. They are data: nothing of
    them depends on the batch, and the gradient goes through as through a multiplication. Exercises fixed_batch_norm,
    linear, tanh and mean_squared_error.
    """
    h = op.tanh(op.fixed_batch_norm(op.linear(x, w1, b1), mean, var, gain, bias, eps=1e-3))
    return op.mean_squared_error(op.linear(h, w2, b2), y)


@scenario(
    seed=6,
    epochs=40,
    optimizer=momentum(lr=0.05, momentum=0.9),
    schedule=step_decay(every=10, factor=0.5),
    decay=weight_decay(rate=0.01),
    groups=[group("w1", lr=0.005), group("b1", lr=0.01, rate=0.0), group("b2", rate=0.0)],
    x=data(lambda: _waves()[0]),
    y=data(lambda: _waves()[1]),
    w1=param(load=_slopes),
    b1=param(load=_offsets),
    w2=param(8, 1, scale=0.1),
    b2=param(1, fill=0.0),
)
def two_learning_rates(op: Any, x: Any, y: Any, w1: Any, b1: Any, w2: Any, b2: Any) -> Any:
    """Fine-tuning at two speeds: a trained layer has smaller learning rates than the new one behind it.

    Nothing is frozen. Each group of weights has its own learning rate, all of which the schedule halves together, and
    no bias decays. Exercises parameter groups, linear, tanh and mean_squared_error.
    """
    h = op.tanh(op.linear(x, w1, b1))
    return op.mean_squared_error(op.linear(h, w2, b2), y)
