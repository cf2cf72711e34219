"""A normalised network with smooth activations, trained by AdamW: formulas that frameworks write differently."""

from typing import Any

from scenarios import adamw, param, randn, scenario


@scenario(
    seed=1,
    epochs=100,
    optimizer=adamw(lr=0.01, weight_decay=0.1),
    x=randn(16, 8),
    y=randn(16, 4),
    w_in=param(8, 12, scale=0.5),
    b_in=param(12),
    gain=param(12),
    bias=param(12),
    w_gate=param(8, 12, scale=0.5),
    w_out=param(12, 4, scale=0.5),
)
def layer_norm_adamw(
    op: Any, x: Any, y: Any, w_in: Any, b_in: Any, gain: Any, bias: Any, w_gate: Any, w_out: Any
) -> Any:
    """Layer normalisation, tanh and sigmoid, mean squared error, AdamW.

    Frameworks write these formulas differently, so their last digits differ by more than either formula's rounding.
    Exercises matmul, add, layer_norm, tanh, sigmoid, mean_squared_error and adamw.
    """
    h = op.add(op.matmul(x, w_in), b_in)
    normal = op.tanh(op.layer_norm(h, gain, bias, eps=1e-5))
    gate = op.sigmoid(op.matmul(x, w_gate))
    y_p = op.matmul(op.add(normal, gate), w_out)
    return op.mean_squared_error(y_p, y)
