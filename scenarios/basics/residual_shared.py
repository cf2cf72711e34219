"""Branches that join again: a weight that is used twice, and blocks that repeat with weights of their own."""

from typing import Any

from scenarios import momentum, param, randn, scenario, sgd, weight_decay


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


BLOCKS = 3
WEIGHTS_OF_BLOCKS: dict[str, Any] = {
    f"block_{number}.{name}": weight
    for number in range(1, BLOCKS + 1)
    for name, weight in {
        "w1": param("N_H", "N_H", scale=0.4),
        "b1": param("N_H", fill=0.1),
        "w2": param("N_H", "N_H", scale=0.2),
    }.items()
}


@scenario(
    seed=3,
    epochs=30,
    optimizer=momentum(lr=0.03, momentum=0.9),
    decay=weight_decay(rate=0.001),
    sizes={"N_H": 6},
    x=randn(20, "N_H"),
    y=randn(20, "N_H"),
    **WEIGHTS_OF_BLOCKS,
)
def residual_blocks(op: Any, x: Any, y: Any, **weights: Any) -> Any:
    """Three residual blocks, whose weights are called block_1.w1 and so on, as a framework's layers are.

    The function takes all of them by **weights, and a loop makes the blocks, however many there are. The way around
    each block passes its gradient on unchanged. Exercises matmul, add, relu, mean_squared_error.
    """
    h = x
    for number in range(1, BLOCKS + 1):
        w1, b1, w2 = (weights[f"block_{number}.{name}"] for name in ("w1", "b1", "w2"))
        h = h + op.relu(h @ w1 + b1) @ w2
    return op.mean_squared_error(h, y)
