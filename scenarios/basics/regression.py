"""Regressions: straight lines, classes, and formulas written down term by term."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

from scenarios import adam, data, momentum, param, randn, scenario, sgd

if TYPE_CHECKING:
    import numpy as np

    Array = np.ndarray[Any, np.dtype[Any]]


@cache
def _line() -> tuple[Array, Array]:
    """Features (40, 3) and a linear function of them with noise (40, 1)."""
    import numpy as np

    random = np.random.RandomState(11)
    x = random.standard_normal((40, 3))
    return x, x @ np.array([[1.5], [-2.0], [0.5]]) + 0.7 + 0.1 * random.standard_normal((40, 1))


@scenario(
    seed=1,
    epochs=60,
    optimizer=sgd(lr=0.2),
    x=data(lambda: _line()[0]),
    y=data(lambda: _line()[1]),
    w=param(3, 1, fill=0.0),
    b=param(1, fill=0.0),
)
def linear_regression(op: Any, x: Any, y: Any, w: Any, b: Any) -> Any:
    """Linear regression: a straight line through noisy points, by gradient descent.

    The smallest network there is: no hidden layer, and a gradient that can be checked on paper, since
    ∂L/∂w = 2·xᵀ(x·w + b − y) / N. Exercises matmul, add and mean_squared_error.
    """
    y_p = op.add(op.matmul(x, w), b)
    return op.mean_squared_error(y_p, y)


@cache
def _clouds() -> tuple[Array, Array]:
    """Points (48, 2) of two clouds, and which cloud each point is from, 0 or 1, (48, 1)."""
    import numpy as np

    random = np.random.RandomState(12)
    label = np.arange(48)[:, None] % 2
    return random.standard_normal((48, 2)) + (2.0 * label - 1), label.astype(np.float64)


@scenario(
    seed=2,
    epochs=30,
    optimizer=sgd(lr=0.1),
    batch_size=16,
    x=data(lambda: _line()[0]),
    y=data(lambda: _line()[1]),
    w=param(3, 1, scale=0.5),
    b=param(1, fill=0.0),
)
def elastic_net(op: Any, x: Any, y: Any, w: Any, b: Any) -> Any:
    """Elastic net: linear regression whose loss also counts the sizes and the squares of the weights.

    A penalty is a term of the loss: its gradient is added to that of the data, and the optimizer needs no rule for it.
    The sizes (lasso) pull every weight towards 0 alike, the squares (ridge) pull large ones more. Written with Python's
    operators and numbers, which are recorded as ops and constants. Exercises matmul, add, absolute, power, multiply,
    reduce_sum and mean_squared_error.
    """
    error = op.mean_squared_error(x @ w + b, y)
    lasso = 0.02 * op.reduce_sum(abs(w))
    ridge = 0.01 * op.reduce_sum(w**2)
    return error + lasso + ridge


@scenario(
    seed=1,
    epochs=30,
    optimizer=momentum(lr=0.1, momentum=0.8),
    batch_size=24,
    x=data(lambda: _clouds()[0]),
    t=data(lambda: _clouds()[1]),
    w=param(2, 1, scale=0.5),
    b=param(1, fill=0.0),
)
def logistic_regression(op: Any, x: Any, t: Any, w: Any, b: Any) -> Any:
    """Logistic regression: which of two clouds a point is from, with the cross entropy written out.

    The loss is −mean(t·ln p + (1 − t)·ln(1 − p)) with p = sigmoid(x·w + b). A framework has one call for it; here it
    takes seven ops, whose gradients meet again in p. 1 − p is sigmoid(−(x·w + b)), which loses no digits. Exercises
    sigmoid, negative, log, multiply, add, subtract and reduce_mean.
    """
    z = op.add(op.matmul(x, w), b)
    p, q = op.sigmoid(z), op.sigmoid(op.negative(z))
    likely = op.add(op.multiply(t, op.log(p)), op.subtract(op.log(q), op.multiply(t, op.log(q))))
    return op.negative(op.reduce_mean(likely))


@cache
def _growth() -> tuple[Array, Array]:
    """The amounts of two substances (40, 2), and a growth rate that depends on them (40, 1)."""
    import numpy as np

    random = np.random.RandomState(13)
    x = random.uniform(0.2, 3, (40, 2))
    rate = 2 * x[:, :1] / (0.5 + x[:, :1]) * np.sqrt(x[:, 1:]) * np.exp(-0.3 * x[:, 1:] ** 2)
    return x, rate + 0.01 * random.standard_normal((40, 1))


@scenario(
    seed=1,
    epochs=40,
    optimizer=adam(lr=0.05),
    x=data(lambda: _growth()[0]),
    y=data(lambda: _growth()[1]),
    scale=param(1, fill=1.0),
    half=param(1, fill=1.0),
    fall=param(1, fill=0.1),
)
def growth_curve(op: Any, x: Any, y: Any, scale: Any, half: Any, fall: Any) -> Any:
    """A law of growth with three unknowns, fitted like any network: ratios, roots and exponentials, no layer at all.

    The rate is scale·a / (half + a)·√b·e^(−fall·b²) for the amounts a and b. The gradients are the rules of calculus
    for quotients, powers and exponentials. Exercises split, divide, sqrt, power, exp, multiply, negative, subtract and
    reduce_sum.
    """
    a, b = op.split(x, sections=2, axis=1)
    saturation = op.divide(op.multiply(scale, a), op.add(half, a))
    decay = op.exp(op.negative(op.multiply(fall, op.power(b, exponent=2.0))))
    rate = op.multiply(op.multiply(saturation, op.sqrt(b)), decay)
    return op.reduce_sum(op.power(op.subtract(rate, y), exponent=2.0))


@scenario(
    seed=1,
    epochs=40,
    optimizer=adam(lr=0.05),
    x=data(lambda: _growth()[0]),
    y=data(lambda: _growth()[1]),
    w=param(2, 6),
    gain=param(6, scale=0.5),
)
def largest_of_planes(op: Any, x: Any, y: Any, w: Any, gain: Any) -> Any:
    """A surface as the difference of two maxima over three planes each, all standardised over the rows by hand.

    A maximum passes its gradient to the largest element alone; a mean passes 1/N of it to each, so standardising
    couples all rows. There is no bias: subtracting the mean would cancel it, and its gradient would be 0. Exercises
    reduce_mean and reduce_max with their axes, power, sqrt, subtract, divide and split.
    """
    planes = op.matmul(x, w)
    centred = op.subtract(planes, op.reduce_mean(planes, axis=0))
    spread = op.sqrt(op.reduce_mean(op.power(centred, exponent=2.0), axis=0, keepdims=True))
    upper, lower = op.split(op.multiply(op.divide(centred, spread), gain), sections=2, axis=1)
    height = op.subtract(op.reduce_max(upper, axis=1, keepdims=True), op.reduce_max(lower, axis=1, keepdims=True))
    return op.mean_squared_error(height, y)


@scenario(
    seed=5,
    epochs=40,
    optimizer=adam(lr=0.03),
    x=randn(12, 5, 3),
    y=randn(12, 2),
    w1=param(3, 4, scale=0.5),
    b1=param(4, scale=0.3),
    w2=param(3, 4, scale=0.5),
    w3=param(3, 2, scale=0.5),
    b3=param(2, fill=0.0),
)
def summaries_of_sets(op: Any, x: Any, y: Any, w1: Any, b1: Any, w2: Any, w3: Any, b3: Any) -> Any:
    """A network on sets of points, which sees only what does not depend on their order: extremes and a variance.

    Each is over two axes at once, the points and their features. One element of a set gets the gradient of its maximum,
    one that of its minimum, and all of them that of its variance, whose mean depends on them, too. Exercises
    reduce_max, reduce_min and reduce_var over two axes, linear with sequences, tanh and stack.
    """
    h = op.tanh(op.linear(x, w1, b1))
    highest, lowest = op.reduce_max(h, axis=(1, 2)), op.reduce_min(h, axis=(1, 2))
    spread = op.reduce_var(op.linear(x, w2), axis=(1, 2))
    return op.mean_squared_error(op.linear(op.stack(highest, lowest, spread, axis=1), w3, b3), y)
