"""What tells the positions of a sequence apart."""

from backends.chainer_autograd.framework import F, Variable
from backends.rotations import cosines_and_sines


def rotary_embedding(x: Variable, *, base: float = 10000.0, interleaved: bool = False) -> Variable:
    """y = x, each pair of features turned by the angle t·base^(−2i / D).  x (…, T, D) → y (…, T, D)."""
    cos, sin = (each.astype(x.dtype) for each in cosines_and_sines(x.shape[-2], x.shape[-1], base))
    a, b = (x[..., ::2], x[..., 1::2]) if interleaved else F.split_axis(x, 2, axis=x.ndim - 1)
    turned = [a * cos - b * sin, b * cos + a * sin]
    return F.reshape(F.stack(turned, axis=x.ndim), x.shape) if interleaved else F.concat(turned, axis=x.ndim - 1)
