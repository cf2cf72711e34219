"""The hand-written backend with less accurate functions, as another framework may have them, and declared as such."""

from typing import Any

import numpy as np

from backends.contract import Array
from backends.equivalent_formulas.activations import tanh_by_factors
from backends.numpy_manual import *

ACCURACY = {"tanh": {"float32": 16, "float64": 16}}
FORMULAS = {"tanh": tanh_by_factors}


def tanh(x: Array) -> Any:
    """The hyperbolic tangent by that of x/2, with JAX's gradient: (∂L/∂y + ∂L/∂y·y)·(1 − y)."""
    e = np.expm1(np.minimum(x, 40))
    half = e / (e + 2)
    y = 2 * half / (1 + half * half)
    return y, lambda grad_y: ((grad_y + grad_y * y) * (1 - y),)
