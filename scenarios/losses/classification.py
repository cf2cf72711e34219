"""Classifiers that differ in their loss: smoothed, weighted, missing or multiple labels, and the hinge loss."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from scenarios import adam, data, momentum, param, scenario, sgd

if TYPE_CHECKING:
    import numpy as np

    Array = np.ndarray[Any, np.dtype[Any]]

PADDING = -1


def _clusters(labels: Array, seed: int) -> Array:
    """A point in five dimensions for each label, near the centre of its class but not always nearest to it."""
    import numpy as np

    random = np.random.RandomState(seed)
    centres = random.standard_normal((int(labels.max()) + 1, 5))
    return centres[labels] + 0.6 * random.standard_normal((len(labels), 5))


def _balanced() -> Array:
    import numpy as np

    return np.arange(20) % 4


@scenario(
    seed=1,
    epochs=25,
    optimizer=momentum(lr=0.2, momentum=0.9),
    x=data(lambda: _clusters(_balanced(), 1)),
    t=data(_balanced),
    w1=param(5, 8, scale=0.5),
    b1=param(8, fill=0.0),
    w2=param(8, 4, scale=0.5),
)
def label_smoothing(op: Any, x: Any, t: Any, w1: Any, b1: Any, w2: Any) -> Any:
    """Four classes with smoothed labels: a tenth of each label is spread over all four, so none becomes certain.

    The right class gets its share of that tenth and so keeps 0.925; libraries that spread it over the other three
    compute something else. Exercises smoothed_softmax_cross_entropy, tanh, matmul, add.
    """
    h = op.tanh(op.add(op.matmul(x, w1), b1))
    return op.smoothed_softmax_cross_entropy(op.matmul(h, w2), t, smoothing=0.1)


def _imbalanced() -> Array:
    import numpy as np

    return np.repeat([0, 1, 2], [18, 4, 2])


@scenario(
    seed=2,
    epochs=25,
    optimizer=sgd(lr=0.2),
    x=data(lambda: _clusters(_imbalanced(), 2)),
    t=data(_imbalanced),
    w1=param(5, 6, scale=0.5),
    b1=param(6, fill=0.0),
    w2=param(6, 3, scale=0.5),
)
def class_weights(op: Any, x: Any, t: Any, w1: Any, b1: Any, w2: Any) -> Any:
    """Eighteen, four and two examples of three classes, weighted so that each class counts the same.

    The mean is over rows, as in Chainer; PyTorch's own loss divides by the sum of their weights, which would make all
    steps 2.25 times smaller here. Exercises weighted_softmax_cross_entropy, tanh, matmul, add.
    """
    h = op.tanh(op.add(op.matmul(x, w1), b1))
    return op.weighted_softmax_cross_entropy(op.matmul(h, w2), t, class_weight=(1.0, 4.5, 9.0))


def _as_often(epoch: int, rows: int) -> Array:
    """Rows drawn with replacement, so that each of the three classes comes up as often as the others."""
    import numpy as np

    labels = _imbalanced()
    chances = 1 / np.bincount(labels)[labels]
    return np.random.RandomState(epoch).choice(rows, 26, p=chances / chances.sum())


@scenario(
    seed=2,
    epochs=20,
    optimizer=sgd(lr=0.2),
    batch_size=8,
    sampler=_as_often,
    drop_last=True,
    x=data(lambda: _clusters(_imbalanced(), 2)),
    t=data(_imbalanced),
    share=data(lambda: _number(0.01)),
    w1=param(5, 6, scale=0.5),
    b1=param(6, fill=0.0),
    w2=param(6, 3, scale=0.5),
)
def balanced_batches(op: Any, x: Any, t: Any, share: Any, w1: Any, b1: Any, w2: Any) -> Any:
    """The same imbalanced classes in batches of eight, drawn so that each class comes up as often as the others.

    A sampler says which rows an epoch has, and in which order; here the two examples of the rarest class come again and
    again. Two rows are left over in each epoch, and dropped. The weight of the penalty is data of shape (), which no
    batch divides. Exercises softmax_cross_entropy, tanh, matmul, add, power, reduce_sum and multiply.
    """
    h = op.tanh(x @ w1 + b1)
    return op.softmax_cross_entropy(h @ w2, t) + share * op.reduce_sum(w2**2)


def _number(value: float) -> Array:
    import numpy as np

    return np.array(value)


def _padded() -> Array:
    """The parts of speech of three sentences of up to six words, one after the other, the short ones padded."""
    import numpy as np

    tags = np.arange(18) * 5 % 3
    tags[[4, 5, 9, 10, 11]] = PADDING
    return tags


@scenario(
    seed=3,
    epochs=20,
    optimizer=adam(lr=0.03),
    x=data(lambda: _clusters(abs(_padded()), 3)),
    t=data(_padded),
    w1=param(5, 6, scale=0.5),
    b1=param(6, fill=0.0),
    w2=param(6, 3, scale=0.5),
)
def ignored_labels(op: Any, x: Any, t: Any, w1: Any, b1: Any, w2: Any) -> Any:
    """Three sentences of different lengths in one batch: the loss ignores the label of the padding.

    The loss is the mean over the 13 actual words, not over 18 rows, and the gradient of the padding is exactly 0.
    Exercises masked_softmax_cross_entropy, tanh, matmul, add.
    """
    h = op.tanh(op.add(op.matmul(x, w1), b1))
    return op.masked_softmax_cross_entropy(op.matmul(h, w2), t, ignore_label=PADDING)


def _pictures() -> Array:
    import numpy as np

    return np.random.RandomState(4).standard_normal((16, 6))


def _tags() -> Array:
    """Which of four things are in each picture: any number of them, each decided by a plane of its own."""
    import numpy as np

    planes = np.random.RandomState(5).standard_normal((6, 4))
    return (_pictures() @ planes > 0).astype(np.int64)


@scenario(
    seed=4,
    epochs=25,
    optimizer=sgd(lr=1.0),
    x=data(_pictures),
    t=data(_tags),
    w1=param(6, 8, scale=0.5),
    b1=param(8, fill=0.0),
    w2=param(8, 4, scale=0.5),
)
def multi_label(op: Any, x: Any, t: Any, w1: Any, b1: Any, w2: Any) -> Any:
    """Four tags, any number of which may apply at once: a yes or no for each.

    Sigmoid and cross entropy are one op on the scores, because separately they overflow. Each framework computes it by
    a formula of its own, and certificates say which. Exercises sigmoid_cross_entropy, tanh, matmul, add.
    """
    h = op.tanh(op.add(op.matmul(x, w1), b1))
    return op.sigmoid_cross_entropy(op.matmul(h, w2), t)


@scenario(
    seed=5,
    epochs=25,
    optimizer=sgd(lr=0.05),
    x=data(lambda: _clusters(_balanced(), 6)),
    t=data(_balanced),
    w=param(5, 4, scale=0.3),
    b=param(4, fill=0.0),
)
def hinge_classifier(op: Any, x: Any, t: Any, w: Any, b: Any) -> Any:
    """A linear support vector machine without its regulariser, one class versus the rest.

    A row on the right side by more than 1 has no gradient at all, so fewer and fewer rows count. Exercises hinge,
    matmul, add.
    """
    return op.hinge(op.add(op.matmul(x, w), b), t)


TEMPERATURE = 2.0


def _teachers_probabilities() -> Array:
    """The teacher's probabilities for each row: the softmax of random scores, divided by the temperature."""
    import numpy as np

    scores = np.random.RandomState(8).standard_normal((6, 4))
    raised = np.exp(_pictures() @ scores / TEMPERATURE)
    return np.asarray(raised / np.sum(raised, axis=1, keepdims=True))


@scenario(
    seed=6,
    epochs=25,
    optimizer=momentum(lr=0.2, momentum=0.9),
    x=data(_pictures),
    t=data(_teachers_probabilities),
    w1=param(6, 8, scale=0.5),
    b1=param(8, fill=0.0),
    w2=param(8, 4, scale=0.5),
)
def distillation(op: Any, x: Any, t: Any, w1: Any, b1: Any, w2: Any) -> Any:
    """A small network learns a teacher's probabilities, softened by a temperature, in place of labels.

    The divergence takes log-probabilities; through log_softmax its gradient is the difference of the two distributions.
    Its mean is over rows, not over all elements. Exercises kl_divergence, log_softmax, tanh, matmul, add.
    """
    h = op.tanh(op.add(op.matmul(x, w1), b1))
    return op.kl_divergence(op.log_softmax(op.matmul(h, w2)), t)


def _two_opinions() -> Array:
    """The labels that two annotators gave to each example, (20, 2); of every third example they disagree."""
    import numpy as np

    labels = _balanced()
    return np.stack([labels, np.where(np.arange(20) % 3 == 0, (labels + 1) % 4, labels)], axis=1)


@scenario(
    seed=7,
    epochs=25,
    optimizer=sgd(lr=0.5),
    x=data(lambda: _clusters(_balanced(), 9)),
    t=data(_two_opinions),
    w1=param(5, 8, scale=0.5),
    b1=param(8, fill=0.0),
    w2=param(8, 4, scale=0.5),
    w_trust=param(8, 1, scale=0.5),
)
def two_annotators(op: Any, x: Any, t: Any, w1: Any, b1: Any, w2: Any, w_trust: Any) -> Any:
    """Two labels for each example: their log-probabilities are picked out by hand and weighed by a learned trust.

    A log-probability is a score minus the logsumexp of its row. Where both labels are the same, gather reads one place
    twice, whose gradient is the sum of two. The logarithm keeps the trust, a number between 0 and 1 for each example,
    from vanishing. Exercises logsumexp, expand_dims, gather, squeeze, sigmoid, log.
    """
    h = op.tanh(op.linear(x, w1, b1))
    scores = op.matmul(h, w2)
    log_p = op.subtract(scores, op.expand_dims(op.logsumexp(scores), axis=1))
    agreement = op.reduce_mean(op.gather(log_p, t, axis=1), axis=1)
    trust = op.squeeze(op.sigmoid(op.matmul(h, w_trust)), axis=1)
    return op.negative(op.reduce_mean(op.add(op.multiply(trust, agreement), op.log(trust))))
