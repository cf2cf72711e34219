"""Losses whose targets come from the network itself, through which no gradient may pass."""

from __future__ import annotations

from typing import Any

from scenarios import momentum, param, randn, scenario, sgd


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

    The target r + 0.9·V(s′) is computed by the network that is trained, and detached: without that, the network would
    also move its estimate of the next state to suit the present one, which is another method. Exercises detach, tanh,
    matmul, add, multiply and mean_squared_error.
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
