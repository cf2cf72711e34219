"""What a step of the optimizer takes: the gradients of several batches, weights from a later epoch on, other rules."""

from typing import Any

from scenarios.language.definition import scenario
from scenarios.language.draws import data, param, randn
from scenarios.language.groups import group
from scenarios.language.optimizers import adagrad, adam, momentum, sgd
from scenarios.language.rules import clip_by_norm, gradient_accumulation, weight_decay
from scenarios.language.schedules import step_decay

WEIGHTS_BY_LAYER: dict[str, Any] = {
    "encoder.w": param(6, 8, scale=0.4),
    "encoder.b": param(8, fill=0.0),
    "middle.w": param(8, 8, scale=0.4),
    "middle.b": param(8, fill=0.0),
    "head.w": param(8, 2, scale=0.4),
}


@scenario(
    seed=4,
    epochs=12,
    optimizer=sgd(lr=0.2),
    accumulation=gradient_accumulation(batches=3),
    batch_size=4,
    x=randn(22, 5),
    y=randn(22, 2),
    w1=param(5, 8, scale=0.5),
    b1=param(8, fill=0.0),
    w2=param(8, 2, scale=0.5),
)
def accumulated_gradients(op: Any, x: Any, y: Any, w1: Any, b1: Any, w2: Any) -> Any:
    """Gradient accumulation: one step for every three batches, as where a large batch does not fit into memory.

    The second step of an epoch has batches of 4, 4 and 2 rows. Each counts by its rows, so that the step is that of one
    batch of 10; the mean of the three means would count the rows of the last one twice. Exercises matmul, add, tanh and
    mean_squared_error.
    """
    h = op.tanh(op.matmul(x, w1) + b1)
    return op.mean_squared_error(op.matmul(h, w2), y)


@scenario(
    seed=5,
    epochs=10,
    optimizer=adam(lr=0.05),
    schedule=step_decay(every=3, factor=0.7),
    clipping=clip_by_norm(max_norm=1.0),
    decay=weight_decay(rate=0.01),
    accumulation=gradient_accumulation(batches=2),
    batch_size=6,
    x=randn(27, 5),
    y=randn(27, 2),
    w1=param(5, 8, scale=0.5),
    b1=param(8, fill=0.0),
    w2=param(8, 2, scale=0.5),
)
def accumulated_and_clipped(op: Any, x: Any, y: Any, w1: Any, b1: Any, w2: Any) -> Any:
    """Gradient accumulation with all that a step may do: clipping, a schedule, weight decay and Adam.

    All of them come once per step, on the gradients of two batches together: the schedule and Adam's t count steps, not
    batches, and the last step of an epoch has one batch of 3 rows. Exercises clip_by_norm, step_decay and weight_decay.
    """
    h = op.tanh(op.matmul(x, w1) + b1)
    return op.mean_squared_error(op.matmul(h, w2), y)


@scenario(
    seed=7,
    epochs=12,
    optimizer=adam(lr=0.02),
    groups=[group("encoder.*", trained_from=2), group("middle.*", trained_from=4, lr=0.005)],
    batch_size=8,
    x=randn(24, 6),
    y=randn(24, 2),
    **WEIGHTS_BY_LAYER,
)
def gradual_unfreezing(op: Any, x: Any, y: Any, **weights: Any) -> Any:
    """Gradual unfreezing: the last layer is trained first, the encoder from epoch 2 on, the middle from epoch 4.

    A weight that waits stays as it is, and so does its state: Adam counts its own steps of each weight (Howard and
    Ruder 2018, arXiv:1801.06146, unfreeze from the last layer down). Exercises linear, tanh and mean_squared_error.
    """
    h = op.tanh(op.linear(x, weights["encoder.w"], weights["encoder.b"]))
    h = op.tanh(op.linear(h, weights["middle.w"], weights["middle.b"]))
    return op.mean_squared_error(op.matmul(h, weights["head.w"]), y)


def _words() -> Any:
    """Three words for each of 16 examples, out of 12, the first ones much oftener, (16, 3)."""
    import numpy as np

    return np.minimum(np.random.RandomState(11).geometric(0.3, (16, 3)), 12) - 1


@scenario(
    seed=9,
    epochs=20,
    optimizer=momentum(lr=0.05, momentum=0.9),
    groups=[group("table", optimizer=adagrad(lr=0.1))],
    schedule=step_decay(every=8, factor=0.5, per="epoch"),
    batch_size=4,
    word=data(_words),
    y=randn(16, 2),
    table=param(12, 6, scale=0.3),
    w=param(18, 2, scale=0.3),
    b=param(2, fill=0.0),
)
def two_optimizers(op: Any, word: Any, y: Any, table: Any, w: Any, b: Any) -> Any:
    """An optimizer for the embedding and another for the layer above it, as recommenders are trained.

    A rare word has few gradients other than 0; AdaGrad makes its steps large, while the layer is trained with momentum.
    The schedule halves both learning rates after eight epochs. Exercises embedding, reshape, linear, adagrad and
    momentum.
    """
    vectors = op.reshape(op.embedding(word, table), shape=(-1, 18))
    return op.mean_squared_error(op.linear(vectors, w, b), y)
