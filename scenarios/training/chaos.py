"""A learning rate near divergence: rounding grows until runs have nothing in common, though every step is right."""

from typing import Any

from scenarios import param, randn, scenario, sgd


@scenario(
    seed=1,
    epochs=2000,
    optimizer=sgd(lr=1.3),
    x=randn(12, 3),
    y=randn(12, 2),
    w1=param(3, 6),
    w2=param(6, 2),
)
def chaos(op: Any, x: Any, y: Any, w1: Any, w2: Any) -> Any:
    """Gradient descent with far too large steps: two runs part, although every step of both is certified.

    Two runs may differ without either being wrong. Exercises matmul, tanh, mean_squared_error and sgd.
    """
    h = op.tanh(op.matmul(x, w1))
    y_p = op.matmul(h, w2)
    return op.mean_squared_error(y_p, y)
