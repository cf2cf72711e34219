"""Products of matrices and stacks of them, and sums of products that are written with letters."""

from backends.chainer_autograd.framework import F, Variable


def matmul(x: Variable, w: Variable) -> Variable:
    """y = x·w.  x (N, D), w (D, H) → y (N, H)."""
    return F.matmul(x, w)


def batch_matmul(x: Variable, w: Variable) -> Variable:
    """y = x·w, matrix by matrix.  x (…, N, D), w (…, D, H) or (D, H) → y (…, N, H)."""
    return F.matmul(x, w)


def einsum(x: Variable, w: Variable | None = None, *, equation: str) -> Variable:
    """y = Σ of products over every letter that the result lacks."""
    return F.einsum(equation, x) if w is None else F.einsum(equation, x, w)
