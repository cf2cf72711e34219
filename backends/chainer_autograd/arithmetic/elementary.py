"""Elementary functions, element by element."""

from backends.chainer_autograd.framework import F, Variable


def exp(x: Variable) -> Variable:
    """y = eˣ."""
    return F.exp(x)


def log(x: Variable) -> Variable:
    """y = ln x."""
    return F.log(x)


def sqrt(x: Variable) -> Variable:
    """y = √x."""
    return F.sqrt(x)


def sin(x: Variable) -> Variable:
    """y = sin x."""
    return F.sin(x)


def cos(x: Variable) -> Variable:
    """y = cos x."""
    return F.cos(x)


def absolute(x: Variable) -> Variable:
    """y = |x|; the gradient at exactly 0 is 0."""
    return F.absolute(x)


def clip(x: Variable, *, low: float, high: float) -> Variable:
    """y = min(max(x, low), high); the gradient at the ends is that in between."""
    return F.clip(x, low, high)
