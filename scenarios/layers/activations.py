"""One deep network with each activation in turn: what the activation is for, and what its gradient looks like."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from scenarios import adam, data, param, scenario

if TYPE_CHECKING:
    import numpy as np

    Array = np.ndarray[Any, np.dtype[Any]]

ROWS, WIDTH = 32, 10


def _points() -> Array:
    """Points (ROWS, 2) of the square from −2 to 2."""
    import numpy as np

    return np.random.RandomState(5).uniform(-2, 2, (ROWS, 2))


def _waves() -> Array:
    """The target: sin(2a)·b at every point (a, b)."""
    import numpy as np

    points = _points()
    return np.asarray(np.sin(2 * points[:, :1]) * points[:, 1:])


def _draws(*, scale: float = 0.4, pieces: int = 1) -> dict[str, Any]:
    """The points, their waves, and the weights of three hidden layers and of the output."""
    wide = WIDTH * pieces
    return {
        "x": data(_points),
        "y": data(_waves),
        "w1": param(2, wide, scale=2 * scale),
        "b1": param(wide, scale=scale),
        "w2": param(WIDTH, wide, scale=scale),
        "b2": param(wide, scale=scale),
        "w3": param(WIDTH, wide, scale=scale),
        "b3": param(wide, scale=scale),
        "w4": param(WIDTH, 1, scale=scale),
    }


def _mlp(op: Any, activation: Callable[[Any], Any], x: Any, y: Any, layers: list[tuple[Any, Any]], w4: Any) -> Any:
    """Three hidden layers with this activation, a linear output, mean squared error."""
    h = x
    for w, b in layers:
        h = activation(op.add(op.matmul(h, w), b))
    return op.mean_squared_error(op.matmul(h, w4), y)


@scenario(seed=1, epochs=25, optimizer=adam(lr=0.03), **_draws(scale=1.0))
def mlp_sigmoid(op: Any, x: Any, y: Any, w1: Any, b1: Any, w2: Any, b2: Any, w3: Any, b3: Any, w4: Any) -> Any:
    """A deep MLP of sigmoid units, the classic with vanishing gradients: a sigmoid's slope is at most ¼.

    Three sigmoids in a row leave the first layer 1/64 of the gradient at best: compare grad_w1 with grad_w3. Exercises
    sigmoid.
    """
    return _mlp(op, op.sigmoid, x, y, [(w1, b1), (w2, b2), (w3, b3)], w4)


@scenario(seed=1, epochs=25, optimizer=adam(lr=0.02), **_draws())
def mlp_tanh(op: Any, x: Any, y: Any, w1: Any, b1: Any, w2: Any, b2: Any, w3: Any, b3: Any, w4: Any) -> Any:
    """A deep MLP of tanh units, which are 0 at 0, so a layer's mean does not drift.

    The gradient 1 − y² needs only the output. Exercises tanh.
    """
    return _mlp(op, op.tanh, x, y, [(w1, b1), (w2, b2), (w3, b3)], w4)


@scenario(seed=1, epochs=25, optimizer=adam(lr=0.02), **_draws())
def mlp_leaky_relu(op: Any, x: Any, y: Any, w1: Any, b1: Any, w2: Any, b2: Any, w3: Any, b3: Any, w4: Any) -> Any:
    """A deep MLP of leaky ReLU units, which never die: below 0 an eighth of the gradient still passes.

    The only difference from relu is the other branch of the mask. Exercises leaky_relu.
    """
    return _mlp(op, lambda h: op.leaky_relu(h, slope=0.125), x, y, [(w1, b1), (w2, b2), (w3, b3)], w4)


@scenario(seed=1, epochs=25, optimizer=adam(lr=0.02), **_draws())
def mlp_elu(op: Any, x: Any, y: Any, w1: Any, b1: Any, w2: Any, b2: Any, w3: Any, b3: Any, w4: Any) -> Any:
    """A deep MLP of ELU units: linear above 0 and flat at −alpha far below, so a layer's mean is near 0.

    Unless alpha is 1, the gradient jumps at 0. Chainer computes it from the output, the others from the input; the
    report names the formula. Exercises elu.
    """
    return _mlp(op, lambda h: op.elu(h, alpha=1.5), x, y, [(w1, b1), (w2, b2), (w3, b3)], w4)


@scenario(seed=1, epochs=25, optimizer=adam(lr=0.02), **_draws())
def mlp_selu(op: Any, x: Any, y: Any, w1: Any, b1: Any, w2: Any, b2: Any, w3: Any, b3: Any, w4: Any) -> Any:
    """A deep MLP of SELU units, whose two constants keep a layer's mean at 0 and its variance at 1 without normalising.

    It is ELU times a constant, and so is its gradient. Exercises selu.
    """
    return _mlp(op, op.selu, x, y, [(w1, b1), (w2, b2), (w3, b3)], w4)


@scenario(seed=1, epochs=25, optimizer=adam(lr=0.02), **_draws())
def mlp_softplus(op: Any, x: Any, y: Any, w1: Any, b1: Any, w2: Any, b2: Any, w3: Any, b3: Any, w4: Any) -> Any:
    """A deep MLP of softplus units, a ReLU without a kink, whose gradient is the sigmoid.

    ln(1 + eˣ) overflows; max(x, 0) + ln(1 + e⁻ˡˣˡ) is equal and does not. Exercises softplus.
    """
    return _mlp(op, op.softplus, x, y, [(w1, b1), (w2, b2), (w3, b3)], w4)


@scenario(seed=1, epochs=25, optimizer=adam(lr=0.03), **_draws(scale=1.6))
def mlp_hard_sigmoid(op: Any, x: Any, y: Any, w1: Any, b1: Any, w2: Any, b2: Any, w3: Any, b3: Any, w4: Any) -> Any:
    """A deep MLP of hard sigmoids, three straight lines in place of an exponential, as used on small devices.

    Beyond ±2.5 a unit passes no gradient at all. PyTorch's hardsigmoid has another slope, so the formula is written out
    there. Exercises hard_sigmoid.
    """
    return _mlp(op, op.hard_sigmoid, x, y, [(w1, b1), (w2, b2), (w3, b3)], w4)


@scenario(seed=1, epochs=25, optimizer=adam(lr=0.02), **_draws(scale=0.8))
def mlp_clipped_relu(op: Any, x: Any, y: Any, w1: Any, b1: Any, w2: Any, b2: Any, w3: Any, b3: Any, w4: Any) -> Any:
    """A deep MLP of ReLU units with a ceiling, which keeps activations small enough for low precision.

    There are two kinks, at 0 and at the ceiling; below the ceiling it is ReLU. Exercises clipped_relu.
    """
    return _mlp(op, lambda h: op.clipped_relu(h, ceiling=1.5), x, y, [(w1, b1), (w2, b2), (w3, b3)], w4)


@scenario(seed=1, epochs=25, optimizer=adam(lr=0.02), **_draws())
def mlp_swish(op: Any, x: Any, y: Any, w1: Any, b1: Any, w2: Any, b2: Any, w3: Any, b3: Any, w4: Any) -> Any:
    """A deep MLP of swish units (SiLU), a smooth ReLU that dips below 0: the unit is its own gate.

    Its gradient is the product rule in one line: s + y·(1 − s). Exercises swish.
    """
    return _mlp(op, op.swish, x, y, [(w1, b1), (w2, b2), (w3, b3)], w4)


@scenario(seed=1, epochs=25, optimizer=adam(lr=0.02), **_draws(scale=0.5))
def mlp_hard_swish(op: Any, x: Any, y: Any, w1: Any, b1: Any, w2: Any, b2: Any, w3: Any, b3: Any, w4: Any) -> Any:
    """A deep MLP of hard swish units, as in MobileNetV3: swish without exponentials, for small devices.

    Its gate rises in a straight line from −3 to 3, and bends at both ends. Exercises hard_swish.
    """
    return _mlp(op, op.hard_swish, x, y, [(w1, b1), (w2, b2), (w3, b3)], w4)


@scenario(seed=1, epochs=25, optimizer=adam(lr=0.02), **_draws())
def mlp_mish(op: Any, x: Any, y: Any, w1: Any, b1: Any, w2: Any, b2: Any, w3: Any, b3: Any, w4: Any) -> Any:
    """A deep MLP of mish units, as in YOLOv4: x times the hyperbolic tangent of its softplus.

    A tanh of a softplus: the chain rule is needed twice for its gradient. Exercises mish.
    """
    return _mlp(op, op.mish, x, y, [(w1, b1), (w2, b2), (w3, b3)], w4)


@scenario(seed=1, epochs=25, optimizer=adam(lr=0.02), **_draws())
def mlp_gelu(op: Any, x: Any, y: Any, w1: Any, b1: Any, w2: Any, b2: Any, w3: Any, b3: Any, w4: Any) -> Any:
    """A deep MLP of GELU units, as in transformers: x times the probability that a standard normal is below x.

    NumPy has no erf, so it is written by hand (backends/special.py). Exercises gelu.
    """
    return _mlp(op, op.gelu, x, y, [(w1, b1), (w2, b2), (w3, b3)], w4)


@scenario(seed=1, epochs=25, optimizer=adam(lr=0.02), **_draws())
def mlp_gelu_tanh(op: Any, x: Any, y: Any, w1: Any, b1: Any, w2: Any, b2: Any, w3: Any, b3: Any, w4: Any) -> Any:
    """A deep MLP of GELU units in the tanh approximation, with which GPT-2 was trained.

    It is up to 5e-4 off the exact GELU, so run a model with the one it was trained with. Exercises gelu_tanh.
    """
    return _mlp(op, op.gelu_tanh, x, y, [(w1, b1), (w2, b2), (w3, b3)], w4)


@scenario(seed=1, epochs=25, optimizer=adam(lr=0.02), **_draws(pieces=2))
def mlp_maxout(op: Any, x: Any, y: Any, w1: Any, b1: Any, w2: Any, b2: Any, w3: Any, b3: Any, w4: Any) -> Any:
    """A deep MLP of maxout units: each is the larger of two linear functions, and so learns its own activation.

    Only the larger piece gets the gradient. Exercises maxout.
    """
    return _mlp(op, lambda h: op.maxout(h, pieces=2), x, y, [(w1, b1), (w2, b2), (w3, b3)], w4)


@scenario(
    seed=1,
    epochs=25,
    optimizer=adam(lr=0.02),
    slope1=param(WIDTH, fill=0.25),
    slope2=param(WIDTH, fill=0.25),
    **_draws(),
)
def mlp_prelu(
    op: Any, slope1: Any, slope2: Any, x: Any, y: Any, w1: Any, b1: Any, w2: Any, b2: Any, w3: Any, b3: Any, w4: Any
) -> Any:
    """A deep MLP of PReLU units: the slope below 0 is a weight, one per unit.

    A slope's gradient is summed over the rows whose input is below 0. The third layer shares the second's slopes, so
    their gradients add up over both layers. Exercises prelu.
    """
    slopes = iter((slope1, slope2, slope2))
    return _mlp(op, lambda h: op.prelu(h, next(slopes)), x, y, [(w1, b1), (w2, b2), (w3, b3)], w4)
