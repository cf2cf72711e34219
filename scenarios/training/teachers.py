"""A small network that learns from the answers of a large one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from scenarios import adam, data, param, scenario

if TYPE_CHECKING:
    import numpy as np

    Array = np.ndarray[Any, np.dtype[Any]]

ROWS, FEATURES, CLASSES = 48, 6, 4
TEACHER_UNITS, STUDENT_UNITS = 16, 5
TEMPERATURE = 3.0


def _examples() -> Array:
    """What is to be classified, (ROWS, FEATURES)."""
    import numpy as np

    return np.random.RandomState(1).standard_normal((ROWS, FEATURES))


def _teacher() -> tuple[Array, Array]:
    """The layers of the large network, which was trained before."""
    import numpy as np

    random = np.random.RandomState(2)
    return random.standard_normal((FEATURES, TEACHER_UNITS)), random.standard_normal((TEACHER_UNITS, CLASSES))


def _labels() -> Array:
    """The teacher's best class for each example; every eighth is another one, (ROWS,)."""
    import numpy as np

    w1, w2 = _teacher()
    best: Array = np.argmax(np.tanh(_examples() @ w1) @ w2, axis=1)
    best[::8] = (best[::8] + 1) % CLASSES
    return best


@scenario(
    seed=6,
    epochs=15,
    optimizer=adam(lr=0.02),
    batch_size=16,
    x=data(_examples),
    t=data(_labels),
    teacher_w1=param(load=lambda: _teacher()[0], frozen=True),
    teacher_w2=param(load=lambda: _teacher()[1], frozen=True),
    w1=param(FEATURES, STUDENT_UNITS, scale=0.4),
    b1=param(STUDENT_UNITS, fill=0.0),
    w2=param(STUDENT_UNITS, CLASSES, scale=0.4),
    b2=param(CLASSES, fill=0.0),
)
def frozen_teacher(
    op: Any, x: Any, t: Any, teacher_w1: Any, teacher_w2: Any, w1: Any, b1: Any, w2: Any, b2: Any
) -> Any:
    """Distillation in full: a small network learns from the softer answers of a frozen, large one, and from the labels.

    Divided by a temperature, the teacher's scores also say how likely it thinks the other classes. That makes the
    gradient of this term smaller by the temperature's square, which a factor makes up for (Hinton et al. 2015,
    arXiv:1503.02531). Exercises frozen weights, kl_divergence, log_softmax, softmax, linear, tanh and cross_entropy.
    """
    taught = op.softmax(op.tanh(x @ teacher_w1) @ teacher_w2 / TEMPERATURE)
    scores = op.linear(op.tanh(op.linear(x, w1, b1)), w2, b2)
    apart = op.kl_divergence(op.log_softmax(scores / TEMPERATURE), taught)
    return 0.7 * TEMPERATURE**2 * apart + 0.3 * op.cross_entropy(scores, t)
