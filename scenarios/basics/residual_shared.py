"""A branch that joins again and a weight used twice: gradients add up over uses."""

from typing import Any

from scenarios import param, randn, scenario, sgd


@scenario(
    seed=1,
    epochs=100,
    optimizer=sgd(lr=0.05),
    x=randn(16, 8),
    y=randn(16, 4),
    w=param(8, 8, scale=0.3),
    b=param(8, fill=0.0),
    w_out=param(8, 4, scale=0.3),
)
def residual_shared(op: Any, x: Any, y: Any, w: Any, b: Any, w_out: Any) -> Any:
    """Two residual steps through one shared weight: gradients add up over branches and over uses.

    A backward pass that writes = for += fails here. Exercises matmul, add, relu, mean_squared_error and sgd.
    """
    h = x
    for _ in range(2):
        h_r = op.relu(op.add(op.matmul(h, w), b))
        h = op.add(h, h_r)
    y_p = op.matmul(h, w_out)
    return op.mean_squared_error(y_p, y)
