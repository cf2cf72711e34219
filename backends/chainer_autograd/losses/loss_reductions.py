"""What becomes of the losses of all elements, rows or positions, where Chainer's own function does not say it."""

from backends.chainer_autograd.framework import F, Variable


def reduced(each: Variable, reduction: str, divisor: float | None = None) -> Variable:
    """The losses as they are, their sum, or their sum by what it is to be divided by: their number, if not given."""
    if reduction == "none":
        return each
    return F.sum(each) / (each.size if divisor is None else divisor) if reduction == "mean" else F.sum(each)
