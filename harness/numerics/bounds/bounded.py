"""The array type that carries rounding bounds through unchanged NumPy code."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import lru_cache, partial
from math import prod
from typing import Any, ClassVar, NoReturn

import numpy as np

from backends import special
from backends.contract import Array
from harness.numerics.bounds.arithmetic import absolute, divide, multiply, negative, reciprocal, square
from harness.numerics.bounds.bounds import ANY_SHARE, Bounds, Magnitude, Unsupported
from harness.numerics.bounds.functions import circular, erf, exp, increasing, log, power, sqrt
from harness.numerics.bounds.selections import Undecided, comparison, extreme, is_mask, select, sign
from harness.numerics.bounds.sums import accumulated, add, add_at, matmul, subtract, sum_of_products, total
from harness.numerics.dispatched import Contraction, Dispatched, plain_index
from harness.numerics.dispatched_functions import FUNCTIONS
from harness.numerics.rounding import DOUBLE, Arithmetic
from harness.numerics.stacking.numbers import Numbers
from harness.numerics.stacking.stacked import Stacked, as_array

COMPARISONS = (np.greater, np.greater_equal, np.less, np.less_equal, np.equal, np.not_equal)
UFUNCS: dict[Any, Callable[..., Any]] = {
    (np.add, "__call__"): add,
    (np.add, "at"): add_at,
    (np.subtract, "__call__"): subtract,
    (np.multiply, "__call__"): multiply,
    (np.divide, "__call__"): divide,
    (np.negative, "__call__"): negative,
    (np.absolute, "__call__"): absolute,
    (np.square, "__call__"): square,
    (np.reciprocal, "__call__"): reciprocal,
    (np.matmul, "__call__"): matmul,
    (np.maximum, "__call__"): partial(extreme, np.maximum),
    (np.minimum, "__call__"): partial(extreme, np.minimum),
    (np.sign, "__call__"): sign,
    (np.power, "__call__"): power,
    (np.exp, "__call__"): exp,
    (np.expm1, "__call__"): increasing(np.expm1, "expm1"),
    (np.tanh, "__call__"): increasing(np.tanh, "tanh"),
    (np.sqrt, "__call__"): sqrt,
    (np.log, "__call__"): log,
    (np.log1p, "__call__"): increasing(np.log1p, "log1p", -1),
    (np.sin, "__call__"): circular(np.sin, "sin"),
    (np.cos, "__call__"): circular(np.cos, "cos"),
    **{(compare, "__call__"): comparison(compare) for compare in COMPARISONS},
}
"""The bounds of ufuncs, by ufunc and method."""


class Bounded(Bounds, Dispatched):
    """An array of bounds that NumPy's functions compute with."""

    __slots__ = ()

    functions: ClassVar[dict[Any, Callable[..., Any]]] = {**FUNCTIONS, special.erf: erf}
    ufuncs: ClassVar[dict[Any, Callable[..., Any]]] = UFUNCS
    refusal = Unsupported
    unable = "has no rounding bound"
    carried = "the bound"

    @property
    def value(self) -> Array:
        """The midpoints."""
        return self.midpoint

    @property
    def dtype(self) -> np.dtype[np.floating]:
        """The dtype that the bounds are for."""
        return self.arithmetic.dtype

    def computed(self, ufunc: np.ufunc, method: str, inputs: Sequence[Any], settings: Mapping[str, Any]) -> Any:
        """The bounds of a ufunc in `ufuncs`."""
        implementation = self.ufuncs.get((ufunc, method))
        if implementation is None:
            return NotImplemented
        if method == "at":
            target, indices, values = inputs
            return implementation(target, indices, bounded(values, self.arithmetic))
        selects = ufunc is np.multiply
        operands = [x if selects and is_mask(x) else bounded(x, self.arithmetic) for x in inputs]
        return implementation(*operands, **settings)

    def become(self, other: Bounded) -> None:
        """Replace the bounds; the arrays that held them stay as they are."""
        self.midpoint, self._inherited = other.midpoint, other.unasked
        self.sizes, self.depth, self.share = other.sizes, other.depth, other.share

    def constant(self, array: Array) -> Bounded:
        """Exact numbers, in float64."""
        if array.dtype != np.float64:
            raise TypeError(f"its dtype is {array.dtype}")
        return self.like(array)

    def moved(self, move: Callable[[Array], Array]) -> Bounded:
        """The moved bounds, still those of a sum if this is one."""
        sizes = None
        if self.depth or self.sizes.is_computed:
            sizes = Magnitude(move, self.magnitude)
            sizes()  # now, since the code may later change a list that it indexed with
        inherited = None if self.inherited is None else move(self.inherited)
        return self.like(move(self.midpoint), inherited, sizes, self.depth, self.share)

    def joined(self, join: Callable[[Sequence[Array]], Array], arrays: Iterable[Any]) -> Bounded:
        """The bounds of all arrays."""
        parts = [bounded(array, self.arithmetic).settled() for array in arrays]
        midpoint = join([part.midpoint for part in parts])
        share = min(part.share for part in parts)
        if all(part.inherited is None for part in parts):
            return self.like(midpoint, share=share)
        return self.like(midpoint, join([_full_radius(part) for part in parts]), share=share)

    def padded(self, pad_width: Any, value: Any) -> Bounded:
        """The bounds with a border that is one number, rounded to the run's dtype."""
        x, border = self.settled(), bounded(float(value), self.arithmetic)
        rounding = 0.0 if border.inherited is None else float(border.inherited)
        inherited = None
        if x.inherited is not None or rounding:
            inherited = np.pad(_full_radius(x), pad_width, constant_values=rounding)
        midpoint = np.pad(x.midpoint, pad_width, constant_values=border.midpoint)
        return self.like(midpoint, inherited, share=min(x.share, border.share))

    def summed(self, axis: Any, keepdims: bool) -> Bounded:
        """The bounds of sums in any order."""
        return total(self, axis, keepdims)

    def accumulated(self, axis: int) -> Bounded:
        """The bounds of the sums so far, in any order."""
        return accumulated(self, axis)

    def extreme(self, pick: Callable[..., Array], axis: Any, keepdims: bool) -> Bounded:
        """The bounds of the largest or smallest elements."""
        return extreme(partial(pick, axis=axis, keepdims=keepdims), self)

    def selected(self, condition: Any, x: Any, y: Any) -> Bounded:
        """The bounds of np.where, whose condition may be undecided."""
        if isinstance(condition, Bounded):
            raise Unsupported("np.where takes a comparison here, as x > 0")
        return select(condition, bounded(x, self.arithmetic), bounded(y, self.arithmetic))

    def contracted(self, contraction: Contraction, operands: Sequence[Any]) -> Bounded:
        """The bounds of np.einsum of two arrays, or of one that has a letter of its own for each axis."""
        if len(operands) == 1 and contraction.output is not None and len(contraction.lengths) == self.ndim:
            return self._rearranged(contraction.inputs[0], contraction.output)
        if len(operands) != 2:
            raise Unsupported("np.einsum of more than two arrays, or of a diagonal, has no rounding bound")
        x, y = (bounded(operand, self.arithmetic) for operand in operands)
        terms = prod(n for letter, n in contraction.lengths.items() if letter not in (contraction.output or ""))
        return sum_of_products(partial(np.einsum, contraction.subscripts), x, y, terms)

    def _rearranged(self, letters: str, output: str) -> Bounded:
        """Summed over the axes whose letters are not in the output, and the others in its order."""
        summed = tuple(axis for axis, letter in enumerate(letters) if letter not in output)
        kept = [letter for letter in letters if letter in output]
        order = [kept.index(letter) for letter in output]
        return (self.summed(summed, keepdims=False) if summed else self).moved(lambda x: np.transpose(x, order))

    def __setitem__(self, key: Any, value: Any) -> None:
        index, new = plain_index(key), bounded(value, self.arithmetic).settled()
        settled = self.settled()
        midpoint = settled.midpoint.copy()
        midpoint[index] = new.midpoint
        inherited = None
        if settled.inherited is not None or new.inherited is not None:
            inherited = _full_radius(settled).copy()
            inherited[index] = 0.0 if new.inherited is None else new.inherited
        self.become(self.like(midpoint, inherited, share=min(settled.share, new.share)))

    def __repr__(self) -> str:
        return f"Bounded({self.midpoint!r} ± {self.radius!r})"

    def __bool__(self) -> NoReturn:
        raise Unsupported("a bounded array is neither true nor false; compare it, which may be undecided")


def bounded(value: Any, arithmetic: Arithmetic) -> Bounded:
    """Bounds of any operand: an array in the run's dtype is exact, other numbers are rounded to it.

    The integer 0 stands in the code, as in np.where(x > 0, x, 0); a float may be another one at another update.
    """
    if isinstance(value, Bounded):
        return value
    if isinstance(value, Undecided):
        raise Unsupported("an undecided comparison has no numbers to compute with; select with np.where")
    if isinstance(value, Numbers):
        midpoint, inherited = _rounded(Stacked(value.rounded(np.dtype(np.float64))), arithmetic.dtype)
    elif type(value) is int or (type(value) is float and value):  # 0.0 and -0.0 are one key
        midpoint, inherited = _number(value, arithmetic.dtype)
    else:
        midpoint, inherited = _rounded(value, arithmetic.dtype)
    return Bounded(midpoint, arithmetic, inherited, share=ANY_SHARE if type(value) is int and value == 0 else 0.0)


@lru_cache(maxsize=1024, typed=True)
def _number(number: float, dtype: np.dtype[Any]) -> tuple[Array, Array | None]:
    """A number of the code that is run, which comes again in every update."""
    rounded = _rounded(number, dtype)
    for array in rounded:
        if array is not None:
            array.flags.writeable = False
    return rounded


def _rounded(value: Any, dtype: np.dtype[Any]) -> tuple[Array, Array | None]:
    """Numbers in float64, and what rounding them to a dtype changes; None if nothing."""
    array = as_array(value)
    if array.dtype.kind not in "biuf" and not isinstance(value, int):
        raise Unsupported(f"{type(value).__name__} has no rounding bound; compute with numbers and arrays of them")
    midpoint = array.astype(np.float64, copy=False)
    if array.dtype == dtype or array.dtype.kind == "b":
        return midpoint, None
    with np.errstate(over="ignore", invalid="ignore"):
        rounded = midpoint.astype(dtype)
        changed = as_array(np.abs(midpoint - rounded))
        if array.dtype.itemsize > 4 and array.dtype != np.float64 and type(value) is not float:
            changed = changed + _lost_in_float64(value, midpoint)
    if not changed.any():
        return midpoint, None
    return midpoint, np.where((rounded == midpoint) & np.isnan(changed), 0.0, changed)


def _lost_in_float64(value: Any, midpoint: Array) -> Any:
    """What integers and longdouble may lose in the conversion to float64."""
    if type(value) is int and abs(value) < 2**53:
        return 0.0
    return np.where(np.abs(midpoint) < 2.0**53, 0.0, 2 * DOUBLE * np.abs(midpoint))


def _full_radius(settled: Bounds) -> Array:
    """The radius of settled bounds, in their shape."""
    return np.zeros_like(settled.midpoint) if settled.inherited is None else settled.inherited
