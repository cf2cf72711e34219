"""Losses whose targets come from the network itself, or from a copy of it, through which no gradient may pass."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from scenarios import adam, buffer, data, momentum, param, randn, scenario, sgd

if TYPE_CHECKING:
    import numpy as np

    Array = np.ndarray[Any, np.dtype[Any]]


@scenario(
    seed=6,
    epochs=30,
    optimizer=sgd(lr=0.05),
    batch_size=16,
    sizes={"N_S": 5, "N_H": 8},
    state=randn(40, "N_S"),
    reward=randn(40, 1),
    next_state=randn(40, "N_S"),
    w1=param("N_S", "N_H", scale=0.4),
    b1=param("N_H", fill=0.1),
    w2=param("N_H", 1, scale=0.4),
)
def temporal_difference(op: Any, state: Any, reward: Any, next_state: Any, w1: Any, b1: Any, w2: Any) -> Any:
    """Temporal differences: a value learns from the reward and from the value of the next state, which stays put.

    The target r + 0.9·V(s′) is computed by the network that is trained, and detached. Without that, the network would
    also change the value of the next state to suit that of the present one, which is another method. Exercises detach,
    tanh, matmul, add, multiply and mean_squared_error.
    """

    def value(of: Any) -> Any:
        return op.tanh(of @ w1 + b1) @ w2

    target = reward + 0.9 * op.detach(value(next_state))
    return op.mean_squared_error(value(state), target)


@scenario(
    seed=7,
    epochs=25,
    optimizer=momentum(lr=0.05, momentum=0.9),
    x=randn(24, 6),
    w_in=param(6, 4, scale=0.5),
    w_out=param(4, 6, scale=0.5),
)
def straight_through(op: Any, x: Any, w_in: Any, w_out: Any) -> Any:
    """A straight-through estimator: the code is cut off at ±0.5, its gradient passes as if it were not.

    h + detach(clip(h) − h) has the value of clip(h) and the gradient of h, so units beyond the limits still learn; a
    second term pulls them back. Exercises detach, clip, subtract, add, matmul and mean_squared_error.
    """
    h = x @ w_in
    clipped = op.clip(h, low=-0.5, high=0.5)
    code = h + op.detach(clipped - h)
    return op.mean_squared_error(code @ w_out, x) + 0.1 * op.mean_squared_error(h, op.detach(clipped))


STATES, FEATURES, UNITS, ACTIONS = 24, 4, 8, 3


def _first_weights(rows: int, columns: int) -> Array:
    """What a layer and its copy start from, (rows, columns)."""
    import numpy as np

    return np.random.RandomState(rows).standard_normal((rows, columns)) * 0.4


def _chosen() -> Array:
    """1 for the action that was taken in each state, else 0, (STATES, ACTIONS)."""
    import numpy as np

    return np.eye(ACTIONS)[np.random.RandomState(13).randint(0, ACTIONS, STATES)]


def _refreshed() -> Array:
    """For each of the three updates of an epoch, whether the copy is renewed: at the first, (3,)."""
    import numpy as np

    return np.array([1, 0, 0])


@scenario(
    seed=9,
    epochs=12,
    optimizer=adam(lr=0.01),
    batch_size=8,
    state=randn(STATES, FEATURES),
    action=data(_chosen),
    reward=randn(STATES),
    next_state=randn(STATES, FEATURES),
    refresh=data(_refreshed, per="update"),
    w1=param(load=lambda: _first_weights(FEATURES, UNITS)),
    w2=param(load=lambda: _first_weights(UNITS, ACTIONS)),
    target_w1=buffer(load=lambda: _first_weights(FEATURES, UNITS)),
    target_w2=buffer(load=lambda: _first_weights(UNITS, ACTIONS)),
)
def target_network(
    op: Any,
    state: Any,
    action: Any,
    reward: Any,
    next_state: Any,
    refresh: Any,
    w1: Any,
    w2: Any,
    target_w1: Any,
    target_w2: Any,
) -> Any:
    """Deep Q-learning: the values of the next states come from a copy of the network that is renewed now and then.

    Targets that change with every update make training unstable, so the copy keeps the weights of some updates ago
    (Mnih et al. 2015, Nature 518, 529). It is held in buffers, through which no gradient passes. At every third update,
    where the mask is 1, their next values are the weights with which this update began. Exercises buffers, where, tanh,
    matmul, reduce_max, reduce_sum, multiply and huber.
    """
    values = op.tanh(state @ w1) @ w2
    expected = reward + 0.9 * op.reduce_max(op.tanh(next_state @ target_w1) @ target_w2, axis=1)
    loss = op.huber(op.reduce_sum(values * action, axis=1), expected, delta=1.0)
    return loss, {
        "target_w1": op.where(refresh, w1, target_w1),
        "target_w2": op.where(refresh, w2, target_w2),
    }


@scenario(
    seed=9,
    epochs=12,
    optimizer=sgd(lr=0.1),
    batch_size=8,
    state=randn(STATES, FEATURES),
    reward=randn(STATES, 1),
    next_state=randn(STATES, FEATURES),
    w1=param(load=lambda: _first_weights(FEATURES, UNITS)),
    w2=param(load=lambda: _first_weights(UNITS, 1)),
    target_w1=buffer(load=lambda: _first_weights(FEATURES, UNITS)),
    target_w2=buffer(load=lambda: _first_weights(UNITS, 1)),
)
def averaged_target(
    op: Any, state: Any, reward: Any, next_state: Any, w1: Any, w2: Any, target_w1: Any, target_w2: Any
) -> Any:
    """Temporal differences with a target network that follows the trained one slowly: a moving average of its weights.

    At every update it goes a tenth of the way, which is often called Polyak averaging (Lillicrap et al. 2016,
    arXiv:1509.02971). Exercises buffers, tanh, matmul, add, multiply and mean_squared_error.
    """
    expected = reward + 0.9 * (op.tanh(next_state @ target_w1) @ target_w2)
    loss = op.mean_squared_error(op.tanh(state @ w1) @ w2, expected)
    return loss, {
        "target_w1": 0.9 * target_w1 + 0.1 * w1,
        "target_w2": 0.9 * target_w2 + 0.1 * w2,
    }
