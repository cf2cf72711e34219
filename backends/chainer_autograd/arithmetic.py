"""Products, sums and what else is computed element by element."""

from backends.chainer_autograd.framework import F, Variable


def matmul(x: Variable, w: Variable) -> Variable:
    """y = x·w.  x (N, D), w (D, H) → y (N, H)."""
    return F.matmul(x, w)


def add(x: Variable, b: Variable) -> Variable:
    """y = x + b, b (N, D) or (D,)."""
    return x + b
