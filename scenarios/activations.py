"""One deep network, once for each activation: what the activation is for, and what its gradient looks like in code."""

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
    """What is learned: sin(2a)·b at every point (a, b)."""
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
    """Three hidden layers with this activation, a straight output, mean squared error."""
    h = x
    for w, b in layers:
        h = activation(op.add(op.matmul(h, w), b))
    return op.mean_squared_error(op.matmul(h, w4), y)


@scenario(seed=1, epochs=25, optimizer=adam(lr=0.03), **_draws(scale=1.0))
def mlp_sigmoid(op: Any, x: Any, y: Any, w1: Any, b1: Any, w2: Any, b2: Any, w3: Any, b3: Any, w4: Any) -> Any:
    """A deep MLP of sigmoid units, the classic that forgets: its gradient is at most a quarter.

    Three sigmoids in a row leave the first layer 1/64 of the gradient at best: compare grad_w1 with grad_w3. Exercises
    sigmoid.
    """
    return _mlp(op, op.sigmoid, x, y, [(w1, b1), (w2, b2), (w3, b3)], w4)


@scenario(seed=1, epochs=25, optimizer=adam(lr=0.02), **_draws())
def mlp_tanh(op: Any, x: Any, y: Any, w1: Any, b1: Any, w2: Any, b2: Any, w3: Any, b3: Any, w4: Any) -> Any:
    """A deep MLP of tanh units, which are 0 at 0, so that a layer's mean does not drift.

    The gradient 1 − y² needs the output only. Exercises tanh.
    """
    return _mlp(op, op.tanh, x, y, [(w1, b1), (w2, b2), (w3, b3)], w4)


@scenario(seed=1, epochs=25, optimizer=adam(lr=0.02), **_draws())
def mlp_leaky_relu(op: Any, x: Any, y: Any, w1: Any, b1: Any, w2: Any, b2: Any, w3: Any, b3: Any, w4: Any) -> Any:
    """A deep MLP of leaky ReLU units, which never die: below 0 an eighth of the gradient still passes.

    The one difference from relu is the other branch of the mask. Exercises leaky_relu.
    """
    return _mlp(op, lambda h: op.leaky_relu(h, slope=0.125), x, y, [(w1, b1), (w2, b2), (w3, b3)], w4)


@scenario(seed=1, epochs=25, optimizer=adam(lr=0.02), **_draws())
def mlp_elu(op: Any, x: Any, y: Any, w1: Any, b1: Any, w2: Any, b2: Any, w3: Any, b3: Any, w4: Any) -> Any:
    """A deep MLP of ELU units: straight above 0, and flat at −alpha far below, so that a layer's mean is near 0.

    With an alpha other than 1 the gradient jumps at 0. Chainer computes it from the output, the others from the input:
    the report names the formula. Exercises elu.
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

    ln(1 + eˣ) overflows as it stands; max(x, 0) + ln(1 + e⁻ˡˣˡ) is the same and does not. Exercises softplus.
    """
    return _mlp(op, op.softplus, x, y, [(w1, b1), (w2, b2), (w3, b3)], w4)


@scenario(seed=1, epochs=25, optimizer=adam(lr=0.03), **_draws(scale=1.6))
def mlp_hard_sigmoid(op: Any, x: Any, y: Any, w1: Any, b1: Any, w2: Any, b2: Any, w3: Any, b3: Any, w4: Any) -> Any:
    """A deep MLP of hard sigmoids, three straight lines in place of an exponential, as on small devices.

    Beyond ±2.5 a unit passes no gradient at all. PyTorch's own has another slope, so that it is written out there.
    Exercises hard_sigmoid.
    """
    return _mlp(op, op.hard_sigmoid, x, y, [(w1, b1), (w2, b2), (w3, b3)], w4)


@scenario(seed=1, epochs=25, optimizer=adam(lr=0.02), **_draws(scale=0.8))
def mlp_clipped_relu(op: Any, x: Any, y: Any, w1: Any, b1: Any, w2: Any, b2: Any, w3: Any, b3: Any, w4: Any) -> Any:
    """A deep MLP of ReLU units with a ceiling, which keeps what is passed on small enough for few bits.

    Two kinks, at 0 and at the ceiling; between them it is ReLU. Exercises clipped_relu.
    """
    return _mlp(op, lambda h: op.clipped_relu(h, ceiling=1.5), x, y, [(w1, b1), (w2, b2), (w3, b3)], w4)


@scenario(seed=1, epochs=25, optimizer=adam(lr=0.02), **_draws())
def mlp_swish(op: Any, x: Any, y: Any, w1: Any, b1: Any, w2: Any, b2: Any, w3: Any, b3: Any, w4: Any) -> Any:
    """A deep MLP of swish units (SiLU), a smooth ReLU that dips below 0: the unit is its own gate.

    The product rule in one line: s + y·(1 − s). Exercises swish.
    """
    return _mlp(op, op.swish, x, y, [(w1, b1), (w2, b2), (w3, b3)], w4)


@scenario(seed=1, epochs=25, optimizer=adam(lr=0.02), **_draws())
def mlp_gelu(op: Any, x: Any, y: Any, w1: Any, b1: Any, w2: Any, b2: Any, w3: Any, b3: Any, w4: Any) -> Any:
    """A deep MLP of GELU units, as in transformers: x times the chance that a normal number is below x.

    NumPy has no erf, so that it is written by hand (backends/special.py). Exercises gelu.
    """
    return _mlp(op, op.gelu, x, y, [(w1, b1), (w2, b2), (w3, b3)], w4)


@scenario(seed=1, epochs=25, optimizer=adam(lr=0.02), **_draws())
def mlp_gelu_tanh(op: Any, x: Any, y: Any, w1: Any, b1: Any, w2: Any, b2: Any, w3: Any, b3: Any, w4: Any) -> Any:
    """A deep MLP of GELU units by the tanh approximation, which GPT-2 was trained with.

    Up to 5e-4 off the exact one: a model has to be run with the one that it was trained with. Exercises gelu_tanh.
    """
    return _mlp(op, op.gelu_tanh, x, y, [(w1, b1), (w2, b2), (w3, b3)], w4)


@scenario(seed=1, epochs=25, optimizer=adam(lr=0.02), **_draws(pieces=2))
def mlp_maxout(op: Any, x: Any, y: Any, w1: Any, b1: Any, w2: Any, b2: Any, w3: Any, b3: Any, w4: Any) -> Any:
    """A deep MLP of maxout units: each is the larger of two straight lines, and so learns its own activation.

    The gradient goes to the piece that was the largest, and to no other. Exercises maxout.
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
    """A deep MLP of PReLU units: the slope below 0 is learned, one for each unit, as weights are.

    Its gradient is what passed below 0, summed over the rows; the third layer shares the slopes of the second, so that
    theirs adds up over both. Exercises prelu.
    """
    slopes = iter((slope1, slope2, slope2))
    return _mlp(op, lambda h: op.prelu(h, next(slopes)), x, y, [(w1, b1), (w2, b2), (w3, b3)], w4)
