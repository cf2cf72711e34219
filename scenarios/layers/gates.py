"""Networks whose units have a gate: other units say how much of each goes on."""

from __future__ import annotations

from typing import Any

from scenarios import adam, param, randn, scenario

ROWS, WIDTH = 24, 6


@scenario(
    seed=1,
    epochs=25,
    optimizer=adam(lr=0.02),
    x=randn(ROWS, 4),
    y=randn(ROWS, 2),
    w1=param(4, 2 * WIDTH, scale=0.5),
    b1=param(2 * WIDTH, fill=0.0),
    w2=param(WIDTH, 2 * WIDTH, scale=0.5),
    b2=param(2 * WIDTH, fill=0.0),
    w3=param(WIDTH, 2, scale=0.5),
)
def gated_linear_units(op: Any, x: Any, y: Any, w1: Any, b1: Any, w2: Any, b2: Any, w3: Any) -> Any:
    """Two layers of gated linear units: half of the units are linear, the other half says how much of each goes on.

    The linear half gives gradients a way down that no derivative of an activation shrinks. Exercises glu, linear,
    mean_squared_error.
    """
    h = op.glu(op.linear(x, w1, b1))
    h = op.glu(op.linear(h, w2, b2))
    return op.mean_squared_error(op.matmul(h, w3), y)


@scenario(
    seed=1,
    epochs=25,
    optimizer=adam(lr=0.02),
    x=randn(ROWS, WIDTH),
    y=randn(ROWS, 2),
    gain=param(WIDTH, fill=1.0),
    w_gate=param(WIDTH, 10, scale=0.4),
    w_up=param(WIDTH, 10, scale=0.4),
    w_down=param(10, WIDTH, scale=0.4),
    w_out=param(WIDTH, 2, scale=0.4),
)
def swiglu_residual(op: Any, x: Any, y: Any, gain: Any, w_gate: Any, w_up: Any, w_down: Any, w_out: Any) -> Any:
    """The feed-forward layer of LLaMA, added to its input: a swish of one product is the gate of another.

    Gate and input are both linear in x, so that a hidden unit multiplies two features, which a ReLU can't. LLaMA
    normalises in front by the root mean square; here it is layer_norm without a bias. Exercises swiglu, layer_norm,
    add, matmul.
    """
    h = op.add(x, op.swiglu(op.layer_norm(x, gain, eps=1e-5), w_gate, w_up, w_down))
    return op.mean_squared_error(op.matmul(h, w_out), y)
