"""What tells the positions of a sequence apart."""

import numpy as np

from backends.contract import Array
from backends.numpy_manual.gradients import Backward, Gradient
from backends.rotations import cosines_and_sines


def rotary_embedding(x: Array, *, base: float = 10000.0, interleaved: bool = False) -> tuple[Array, Backward]:
    """y = x, each pair of features turned by the angle t·base^(−2i / D): q·k then depends on how far apart they are.

    x (…, T, D), position t along T → y (…, T, D).  Pair i is feature i of each half, as in GPT-NeoX and LLaMA's
    checkpoints of Hugging Face; with `interleaved`, it is features 2i and 2i + 1, as in the paper and in GPT-J.  The
    cosines and sines are computed in float64 and rounded.  ∂L/∂x is ∂L/∂y, turned back by the same angles  (Su et al.
    2021, arXiv:2104.09864, 3.2.2).

    Why:
        a[t,d] = t / base^((2·d − [d ≥ D / 2]·D) / D)
        y[t,d] = x[t,d]·cos(a[t,d]) + Σ_e ([d = e + D / 2] − [e = d + D / 2])·x[t,e]·sin(a[t,d])
        ∂L/∂x[t,d] = Σ_e ∂L/∂y[t,e]·∂y[t,e]/∂x[t,d]
        = ∂L/∂y[t,d]·cos(a[t,d]) + Σ_e ([e = d + D / 2] − [d = e + D / 2])·∂L/∂y[t,e]·sin(a[t,e])
        (T, D) → (T, D)
        grad_x = grad_y * np.cos(a) + np.repeat([1, -1], D // 2) * np.roll(grad_y * np.sin(a), D // 2, axis=1)
    """
    if x.ndim < 2:
        raise ValueError("x must be (…, T, D), of an even width D")
    cos, sin = _rotation(x, base)

    def backward(grad_y: Array) -> tuple[Gradient, ...]:
        return (_turned(grad_y, cos, -sin, interleaved),)

    return _turned(x, cos, sin, interleaved), backward


def _rotation(x: Array, base: float) -> tuple[Array, Array]:
    """The cosines and sines for x (…, T, D), (T, D / 2) in its dtype."""
    if x.shape[-1] % 2 or not base > 0:
        raise ValueError("what is turned must have an even width, and the base must be above 0")
    cos, sin = cosines_and_sines(x.shape[-2], x.shape[-1], base)
    return cos.astype(x.dtype), sin.astype(x.dtype)


def _turned(x: Array, cos: Array, sin: Array, interleaved: bool = False) -> Array:
    """Every pair (a, b) of features as (a·cos − b·sin, b·cos + a·sin).  x (…, T, D), cos, sin (T, D / 2)."""
    half = x.shape[-1] // 2
    a, b = (x[..., ::2], x[..., 1::2]) if interleaved else (x[..., :half], x[..., half:])
    pairs = [a * cos - b * sin, b * cos + a * sin]
    return np.stack(pairs, axis=-1).reshape(x.shape) if interleaved else np.concatenate(pairs, axis=-1)
