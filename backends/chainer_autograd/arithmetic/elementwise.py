"""Arithmetic, element by element: of two arrays, one of which may be repeated, and with a number."""

from backends.chainer_autograd.framework import F, Variable


def add(x: Variable, b: Variable) -> Variable:
    """y = x + b, b (N, D) or (D,)."""
    return x + b


def subtract(a: Variable, b: Variable) -> Variable:
    """y = a − b."""
    return a - b


def multiply(a: Variable, b: Variable) -> Variable:
    """y = a·b."""
    return a * b


def divide(a: Variable, b: Variable) -> Variable:
    """y = a / b."""
    return a / b


def negative(x: Variable) -> Variable:
    """y = −x."""
    return -x


def power(x: Variable, *, exponent: float) -> Variable:
    """y = xᵖ, where p is a number."""
    return x**exponent


def maximum(a: Variable, b: Variable) -> Variable:
    """y = max(a, b); a gets the gradient where they are equal."""
    return F.maximum(a, b)


def minimum(a: Variable, b: Variable) -> Variable:
    """y = min(a, b); a gets the gradient where they are equal."""
    return F.minimum(a, b)


def where(mask: Variable, a: Variable, b: Variable) -> Variable:
    """y = a where the mask is not 0, else b."""
    return F.where(mask.array != 0, a, b)
