"""One hidden ReLU layer and no biases, in two sizes: the network that everyone writes first."""

from typing import Any

from scenarios import param, randn, scenario, sgd


@scenario(
    seed=1,
    epochs=300,
    dtype="float32",
    optimizer=sgd(lr=1e-4),
    sizes={"M": 64, "N_I": 1000, "N_H": 100, "N_O": 10},
    x=randn("M", "N_I"),
    y=randn("M", "N_O"),
    w1=param("N_I", "N_H"),
    w2=param("N_H", "N_O"),
)
def two_layer(op: Any, x: Any, y: Any, w1: Any, w2: Any) -> Any:
    """One hidden ReLU layer, no biases, mean squared error, plain gradient descent.

    The smallest network that needs a chain rule: every gradient is one line of NumPy. Exercises matmul, relu,
    mean_squared_error and sgd.
    """
    h = op.matmul(x, w1)
    h_r = op.relu(h)
    y_p = op.matmul(h_r, w2)
    return op.mean_squared_error(y_p, y)


two_layer_tiny = two_layer.vary(name="two_layer_tiny", settings={"M": 2, "N_I": 3, "N_H": 2, "N_O": 3})
