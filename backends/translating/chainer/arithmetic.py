"""Operators, elementwise functions, products and reductions."""

from collections.abc import Mapping
from typing import Any

from backends.translating import parts
from backends.translating.axes import Tensor, Translation, swapped
from backends.translating.untranslatable import Untranslatable, refuse


def add(op: Any, *xs: Tensor, **attributes: Any) -> Tensor:
    """The sum of two tensors or more."""
    total = xs[0]
    for x in xs[1:]:
        total = op.add(total, x)
    return total


def add_constant(op: Any, x: Tensor, *, value: Any, **attributes: Any) -> Tensor:
    """x plus a number."""
    return x if parts.is_number(value, 0) else op.add(x, value)


def sub(op: Any, a: Tensor, b: Tensor, **attributes: Any) -> Tensor:
    """a − b."""
    return op.subtract(a, b)


def sub_from_constant(op: Any, x: Tensor, *, value: Any, **attributes: Any) -> Tensor:
    """A number minus x."""
    return op.subtract(value, x)


def mul(op: Any, a: Tensor, b: Tensor, **attributes: Any) -> Tensor:
    """a·b."""
    return op.multiply(a, b)


def mul_constant(op: Any, x: Tensor, *, value: Any, **attributes: Any) -> Tensor:
    """x times a number."""
    return op.multiply(x, value)


def div(op: Any, a: Tensor, b: Tensor, **attributes: Any) -> Tensor:
    """a / b."""
    return op.divide(a, b)


def div_from_constant(op: Any, x: Tensor, *, value: Any, **attributes: Any) -> Tensor:
    """A number divided by x."""
    return op.divide(value, x)


def pow_var_const(op: Any, x: Tensor, *, value: Any, **attributes: Any) -> Tensor:
    """x to the power of a number."""
    if not isinstance(value, int | float):
        raise Untranslatable("an exponent that is an array")
    return op.power(x, exponent=value)


def square(op: Any, x: Tensor, **attributes: Any) -> Tensor:
    """x²."""
    return op.power(x, exponent=2)


def squared_error(op: Any, a: Tensor, b: Tensor, **attributes: Any) -> Tensor:
    """(a − b)²."""
    return op.power(op.subtract(a, b), exponent=2)


def absolute_error(op: Any, a: Tensor, b: Tensor, **attributes: Any) -> Tensor:
    """|a − b|."""
    return op.absolute(op.subtract(a, b))


def neg(op: Any, x: Tensor, **attributes: Any) -> Tensor:
    """−x."""
    return op.negative(x)


def exp(op: Any, x: Tensor, **attributes: Any) -> Tensor:
    """e to the power of x."""
    return op.exp(x)


def log(op: Any, x: Tensor, **attributes: Any) -> Tensor:
    """The natural logarithm."""
    return op.log(x)


def sqrt(op: Any, x: Tensor, **attributes: Any) -> Tensor:
    """The root."""
    return op.sqrt(x)


def sin(op: Any, x: Tensor, **attributes: Any) -> Tensor:
    """The sine."""
    return op.sin(x)


def cos(op: Any, x: Tensor, **attributes: Any) -> Tensor:
    """The cosine."""
    return op.cos(x)


def absolute(op: Any, x: Tensor, **attributes: Any) -> Tensor:
    """|x|."""
    return op.absolute(x)


def clip(op: Any, x: Tensor, *, x_min: float | None, x_max: float | None, **attributes: Any) -> Tensor:
    """x, cut off at two numbers, or at one of them, where x gets the gradient."""
    if x_min is not None and x_max is not None:
        return op.clip(x, low=x_min, high=x_max)
    return op.maximum(x, x_min) if x_max is None else op.minimum(x, x_max)


def maximum(op: Any, a: Tensor, b: Tensor, **attributes: Any) -> Tensor:
    """The larger one, element by element."""
    return op.maximum(a, b)


def minimum(op: Any, a: Tensor, b: Tensor, **attributes: Any) -> Tensor:
    """The smaller one, element by element."""
    return op.minimum(a, b)


def where(op: Any, a: Tensor, b: Tensor, *, condition: Tensor, **attributes: Any) -> Tensor:
    """a where the condition holds, else b."""
    return op.where(condition, a, b)


def linear_interpolate(op: Any, p: Tensor, x: Tensor, y: Tensor, **attributes: Any) -> Tensor:
    """p·x + (1 − p)·y."""
    return op.add(op.multiply(p, x), op.multiply(op.subtract(1.0, p), y))


def matmul(
    op: Any,
    a: Tensor,
    b: Tensor,
    *,
    transa: bool = False,
    transb: bool = False,
    transc: bool = False,
    **attributes: Any,
) -> Tensor:
    """The product of matrices or stacks of matrices, either of them transposed."""
    turned = [
        op.transpose(x, axes=swapped(x, -2, -1)) if is_turned and len(x.shape) > 1 else x
        for x, is_turned in ((a, transa), (b, transb))
    ]
    y = parts.matmul(op, *turned)
    return op.transpose(y, axes=swapped(y, -2, -1)) if transc else y


def sum(op: Any, x: Tensor, *, axis: Any, keepdims: bool = False, **attributes: Any) -> Tensor:
    """The sum along axes."""
    return op.reduce_sum(x, axis=axis, keepdims=keepdims)


def mean(op: Any, x: Tensor, *, axis: Any, keepdims: bool = False, **attributes: Any) -> Tensor:
    """The mean along axes."""
    return op.reduce_mean(x, axis=axis, keepdims=keepdims)


def max(op: Any, x: Tensor, *, axis: Any, keepdims: bool = False, **attributes: Any) -> Tensor:
    """The largest element along axes. Chainer gives the whole gradient to each of equal ones, so ties differ."""
    return op.reduce_max(x, axis=_one_or_several(axis), keepdims=keepdims)


def min(op: Any, x: Tensor, *, axis: Any, keepdims: bool = False, **attributes: Any) -> Tensor:
    """The smallest element along axes. Chainer gives the whole gradient to each of equal ones, so ties differ."""
    return op.reduce_min(x, axis=_one_or_several(axis), keepdims=keepdims)


def _one_or_several(axis: tuple[int, ...] | None) -> int | tuple[int, ...] | None:
    return axis[0] if axis is not None and len(axis) == 1 else axis


def einsum(op: Any, *xs: Tensor, in_subs: str, out_sub: str, **attributes: Any) -> Tensor:
    """Sums of products that are written with letters."""
    refuse(len(xs) > 2, "einsum of more than two arrays")
    refuse("@" in in_subs, "einsum with an ellipsis")
    return op.einsum(*xs, equation=f"{in_subs}->{out_sub}")


def cumsum(op: Any, x: Tensor, *, axis: int | None, **attributes: Any) -> Tensor:
    """Sums so far along an axis, or over all elements."""
    return op.cumsum(op.reshape(x, shape=(-1,)) if axis is None else x, axis=axis or 0)


def logsumexp(op: Any, x: Tensor, *, axis: Any, **attributes: Any) -> Tensor:
    """log Σ eˣ along axes."""
    return op.logsumexp(x, axis=tuple(range(len(x.shape))) if axis is None else _one_or_several(axis))


def cast(op: Any, x: Tensor, **attributes: Any) -> Tensor:
    """The tensor itself: in a capture everything has one dtype."""
    return x


def broadcast(op: Any, *xs: Tensor, **attributes: Any) -> tuple[Tensor, ...]:
    """Tensors repeated to a common shape."""
    shape = parts.common_shape(*(x.shape for x in xs))
    return tuple(parts.broadcast_to(op, x, shape) for x in xs)


def identity(op: Any, *xs: Tensor, **attributes: Any) -> tuple[Tensor, ...]:
    """The tensors themselves."""
    refuse(not xs, "an identity of nothing")
    return xs


TRANSLATIONS: Mapping[str, Translation] = {
    "Add": add,
    "MultiAdd": add,
    "AddConstant": add_constant,
    "Sub": sub,
    "SubFromConstant": sub_from_constant,
    "Mul": mul,
    "MulConstant": mul_constant,
    "Div": div,
    "DivFromConstant": div_from_constant,
    "PowVarConst": pow_var_const,
    "Square": square,
    "SquaredError": squared_error,
    "AbsoluteError": absolute_error,
    "Neg": neg,
    "Exp": exp,
    "Log": log,
    "Sqrt": sqrt,
    "Sin": sin,
    "Cos": cos,
    "Absolute": absolute,
    "Clip": clip,
    "Maximum": maximum,
    "Minimum": minimum,
    "Where": where,
    "LinearInterpolate": linear_interpolate,
    "MatMul": matmul,
    "Sum": sum,
    "Mean": mean,
    "Max": max,
    "Min": min,
    "LogSumExp": logsumexp,
    "EinSum": einsum,
    "Cumsum": cumsum,
    "Cast": cast,
    "Broadcast": broadcast,
    "Identity": identity,
}
"""By the class of the FunctionNode."""
