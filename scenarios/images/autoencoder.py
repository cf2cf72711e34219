"""Handwritten digits, compressed to a few numbers and restored."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from scenarios import adam, data, param, scenario
from scenarios.images.digits import images

if TYPE_CHECKING:
    import numpy as np

    Array = np.ndarray[Any, np.dtype[Any]]


def _every_thirtieth() -> Array:
    """Every thirtieth digit, (60, 64)."""
    return images()[::30]


@scenario(
    seed=1,
    epochs=20,
    optimizer=adam(lr=0.01),
    batch_size=30,
    x=data(_every_thirtieth, picture=(8, 8)),
    w=param(64, 8, scale=0.2),
    b_code=param(8, fill=0.0),
    b_image=param(64, fill=0.0),
)
def autoencoder(op: Any, x: Any, w: Any, b_code: Any, b_image: Any) -> Any:
    """An autoencoder of handwritten digits: 64 pixels to 8 numbers and back, with one weight and its transpose.

    The tied weight is used twice, once transposed, so its gradient is a sum of two terms, one of them transposed back
    (Vincent et al. 2010). The input is also the target. Exercises matmul, transpose, sigmoid, tanh.
    """
    code = op.tanh(op.add(op.matmul(x, w), b_code))
    image = op.sigmoid(op.add(op.matmul(code, op.transpose(w, axes=(1, 0))), b_image))
    return op.mean_squared_error(image, x)
