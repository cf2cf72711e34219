"""The backend for HIPS autograd with every gradient between two ops in the run's dtype.

HIPS autograd's derivatives of where, mean and of an index are float64 in a float32 run, too: the gradients that its ops
get would not be those that can be recorded, but more exact ones.
"""

from collections.abc import Callable
from typing import Any

import numpy as np
from autograd.extend import defvjp, primitive

from backends import hips_autograd


@primitive  # type: ignore[untyped-decorator]
def _unchanged(array: Any) -> Any:
    return array


defvjp(_unchanged, lambda answer, array: lambda gradient: np.asarray(gradient, array.dtype))


def _rounded(op: Callable[..., Any]) -> Callable[..., Any]:
    """An op whose inputs get their gradients in their own dtype."""
    return lambda *inputs, **settings: op(*map(_unchanged, inputs), **settings)


matmul = _rounded(hips_autograd.matmul)
add = _rounded(hips_autograd.add)
relu = _rounded(hips_autograd.relu)
sigmoid = _rounded(hips_autograd.sigmoid)
tanh = _rounded(hips_autograd.tanh)
layer_norm = _rounded(hips_autograd.layer_norm)
mean_squared_error = _rounded(hips_autograd.mean_squared_error)
softmax_cross_entropy = _rounded(hips_autograd.softmax_cross_entropy)

sgd, momentum, adamw = hips_autograd.sgd, hips_autograd.momentum, hips_autograd.adamw
train, FORMULAS = hips_autograd.train, hips_autograd.FORMULAS
