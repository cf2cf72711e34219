"""Operators, elementwise functions, products and reductions."""

from collections.abc import Mapping
from typing import Any

from backends.translating import parts
from backends.translating.axes import Tensor, Translation
from backends.translating.untranslatable import Untranslatable, refuse

Operand = Any
"""A tensor or a number."""


def add(op: Any, input: Operand, other: Operand, *, alpha: float = 1) -> Tensor:
    """input + alpha·other."""
    if parts.is_number(other, 0):
        return input  # as sum() starts with
    return op.add(input, other if alpha == 1 else op.multiply(other, alpha))


def sub(op: Any, input: Operand, other: Operand, *, alpha: float = 1) -> Tensor:
    """input − alpha·other."""
    return op.subtract(input, other if alpha == 1 else op.multiply(other, alpha))


def rsub(op: Any, input: Operand, other: Operand) -> Tensor:
    """other − input."""
    return op.subtract(other, input)


def mul(op: Any, input: Operand, other: Operand) -> Tensor:
    """input·other."""
    return op.multiply(input, other)


def div(op: Any, input: Operand, other: Operand, *, rounding_mode: str | None = None) -> Tensor:
    """input / other."""
    refuse(rounding_mode, f"a division that is rounded by {rounding_mode!r}")
    return op.divide(input, other)


def rdiv(op: Any, input: Operand, other: Operand) -> Tensor:
    """other / input."""
    return op.divide(other, input)


def pow(op: Any, input: Operand, exponent: Operand) -> Tensor:
    """input to the power of a number."""
    if not isinstance(exponent, int | float):
        raise Untranslatable("an exponent that is a tensor")
    return op.power(input, exponent=exponent)


def square(op: Any, input: Tensor) -> Tensor:
    """input²."""
    return op.power(input, exponent=2)


def rsqrt(op: Any, input: Tensor) -> Tensor:
    """1 / √input."""
    return op.divide(1.0, op.sqrt(input))


def reciprocal(op: Any, input: Tensor) -> Tensor:
    """1 / input."""
    return op.divide(1.0, input)


def neg(op: Any, input: Tensor) -> Tensor:
    """−input."""
    return op.negative(input)


def exp(op: Any, input: Tensor) -> Tensor:
    """e to the power of input."""
    return op.exp(input)


def log(op: Any, input: Tensor) -> Tensor:
    """The natural logarithm."""
    return op.log(input)


def sqrt(op: Any, input: Tensor) -> Tensor:
    """The root."""
    return op.sqrt(input)


def sin(op: Any, input: Tensor) -> Tensor:
    """The sine."""
    return op.sin(input)


def cos(op: Any, input: Tensor) -> Tensor:
    """The cosine."""
    return op.cos(input)


def abs(op: Any, input: Tensor) -> Tensor:
    """The absolute value."""
    return op.absolute(input)


def clamp(op: Any, input: Tensor, min: float | None = None, max: float | None = None) -> Tensor:
    """input, cut off at two numbers, at one of them, or at tensors. At a limit itself input gets the gradient."""
    if isinstance(min, int | float) and isinstance(max, int | float):
        return op.clip(input, low=float(min), high=float(max))
    above = input if min is None else op.maximum(input, min)
    return above if max is None else op.minimum(above, max)


def clamp_min(op: Any, input: Tensor, min: float) -> Tensor:
    """input, cut off at the lower end."""
    return clamp(op, input, min)


def clamp_max(op: Any, input: Tensor, max: float) -> Tensor:
    """input, cut off at the upper end."""
    return clamp(op, input, None, max)


def maximum(op: Any, input: Tensor, other: Tensor) -> Tensor:
    """The larger one, element by element."""
    return op.maximum(input, other)


def minimum(op: Any, input: Tensor, other: Tensor) -> Tensor:
    """The smaller one, element by element."""
    return op.minimum(input, other)


def where(op: Any, condition: Tensor, input: Operand, other: Operand) -> Tensor:
    """input where the condition holds, else other."""
    return op.where(condition, input, other)


def matmul(op: Any, input: Tensor, other: Tensor) -> Tensor:
    """The product of matrices, stacks of matrices or vectors."""
    return parts.matmul(op, input, other)


def rmatmul(op: Any, input: Tensor, other: Tensor) -> Tensor:
    """other @ input."""
    return parts.matmul(op, other, input)


def addmm(op: Any, input: Tensor, mat1: Tensor, mat2: Tensor, *, beta: float = 1, alpha: float = 1) -> Tensor:
    """input + mat1·mat2."""
    refuse((beta, alpha) != (1, 1), "addmm with beta or alpha")
    return op.add(parts.matmul(op, mat1, mat2), input)


def sum(op: Any, input: Tensor, dim: Any = None, keepdim: bool = False, *, dtype: Any = None) -> Tensor:
    """The sum along axes."""
    refuse(dtype, "a sum in another dtype")
    return op.reduce_sum(input, axis=_axes(dim), keepdims=keepdim)


def mean(op: Any, input: Tensor, dim: Any = None, keepdim: bool = False, *, dtype: Any = None) -> Tensor:
    """The mean along axes."""
    refuse(dtype, "a mean in another dtype")
    return op.reduce_mean(input, axis=_axes(dim), keepdims=keepdim)


def var(
    op: Any,
    input: Tensor,
    dim: Any = None,
    unbiased: bool = True,
    keepdim: bool = False,
    *,
    correction: float | None = None,
) -> Tensor:
    """The variance along axes; of a sample, unless told otherwise."""
    if isinstance(dim, bool):
        dim, unbiased = None, dim
    return op.reduce_var(
        input, axis=_axes(dim), keepdims=keepdim, correction=int(unbiased) if correction is None else correction
    )


def std(op: Any, input: Tensor, *arguments: Any, **named: Any) -> Tensor:
    """The root of the variance."""
    return op.sqrt(var(op, input, *arguments, **named))


def amax(op: Any, input: Tensor, dim: Any = None, keepdim: bool = False) -> Tensor:
    """The largest element along axes. PyTorch gives equal ones a share of the gradient each, so ties differ."""
    return op.reduce_max(input, axis=_axes(dim) if dim != () else None, keepdims=keepdim)


def amin(op: Any, input: Tensor, dim: Any = None, keepdim: bool = False) -> Tensor:
    """The smallest element along axes. PyTorch gives equal ones a share of the gradient each, so ties differ."""
    return op.reduce_min(input, axis=_axes(dim) if dim != () else None, keepdims=keepdim)


def max(op: Any, input: Tensor, dim: Any = None, keepdim: bool = False) -> tuple[Tensor | None, ...] | Tensor:
    """The larger of two tensors; or the largest element of all, or along an axis with its position.

    The position has no translation.
    """
    if dim is None:
        return op.reduce_max(input)
    if not isinstance(dim, int):
        return op.maximum(input, dim)
    return op.reduce_max(input, axis=dim, keepdims=keepdim), None


def min(op: Any, input: Tensor, dim: Any = None, keepdim: bool = False) -> tuple[Tensor | None, ...] | Tensor:
    """As max, of the smaller and the smallest."""
    if dim is None:
        return op.reduce_min(input)
    if not isinstance(dim, int):
        return op.minimum(input, dim)
    return op.reduce_min(input, axis=dim, keepdims=keepdim), None


def einsum(op: Any, equation: str, *operands: Any) -> Tensor:
    """Sums of products that are written with letters."""
    xs = operands[0] if len(operands) == 1 and isinstance(operands[0], tuple | list) else operands
    refuse(not isinstance(equation, str), "einsum without an equation")
    refuse(len(xs) > 2, "einsum of more than two tensors")
    return op.einsum(*xs, equation=equation)


def cumsum(op: Any, input: Tensor, dim: int, dtype: Any = None) -> Tensor:
    """Sums so far."""
    return op.cumsum(input, axis=dim)


def logsumexp(op: Any, input: Tensor, dim: Any, keepdim: bool = False) -> Tensor:
    """log Σ eˣ along axes."""
    return op.logsumexp(input, axis=_axes(dim), keepdims=keepdim)


def _axes(dim: Any) -> Any:
    return tuple(dim) if isinstance(dim, list | tuple) else dim


TRANSLATIONS: Mapping[str, Translation] = {
    "add": add,
    **dict.fromkeys(("sub", "subtract"), sub),
    "rsub": rsub,
    **dict.fromkeys(("mul", "multiply"), mul),
    **dict.fromkeys(("div", "divide", "true_divide"), div),
    "rdiv": rdiv,
    "pow": pow,
    "square": square,
    "rsqrt": rsqrt,
    "reciprocal": reciprocal,
    **dict.fromkeys(("neg", "negative"), neg),
    "exp": exp,
    "log": log,
    "sqrt": sqrt,
    "sin": sin,
    "cos": cos,
    **dict.fromkeys(("abs", "absolute"), abs),
    **dict.fromkeys(("clamp", "clip"), clamp),
    "clamp_min": clamp_min,
    "clamp_max": clamp_max,
    "maximum": maximum,
    "minimum": minimum,
    "where": where,
    **dict.fromkeys(("matmul", "mm", "bmm"), matmul),
    "rmatmul": rmatmul,
    "addmm": addmm,
    "sum": sum,
    "mean": mean,
    "var": var,
    "std": std,
    "amax": amax,
    "amin": amin,
    "max": max,
    "min": min,
    "logsumexp": logsumexp,
    "einsum": einsum,
    "cumsum": cumsum,
}
"""By the function's name without underscores, as a capture has it."""
