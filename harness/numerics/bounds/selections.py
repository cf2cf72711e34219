"""The rounding bounds of comparisons and of what they select: no rounding, but rounding may decide which element."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NoReturn

import numpy as np
from numpy.lib.mixins import NDArrayOperatorsMixin

from backends.contract import Array
from harness.numerics.bounds.bounds import ANY_SHARE, AnyBounds, Bounds, Unsupported, hull, interval, or_zero
from harness.numerics.rounding import SLACK
from harness.numerics.stacking.stacked import as_array


class Undecided(NDArrayOperatorsMixin):
    """A comparison that rounding may turn: true, false or either, element by element.

    true: whether it holds for the midpoints.
    decided: where rounding can't change that.
    """

    __slots__ = ("decided", "true")

    def __init__(self, true: Array, decided: Array) -> None:
        self.true = true
        self.decided = decided

    def __array_ufunc__(self, ufunc: np.ufunc, method: str, *inputs: Any, **_: Any) -> Any:
        if any(isinstance(x, Bounds) for x in inputs):
            return NotImplemented  # lets NumPy ask the Bounded
        raise Unsupported(f"np.{ufunc.__name__} of an undecided comparison has no rounding bound; select with np.where")

    def __array__(self, *_: Any, **__: Any) -> NoReturn:
        raise Unsupported("this comparison is undecided: rounding may turn it, so it is no mask; select with np.where")

    __bool__ = __array__

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):  # NumPy and other libraries probe for protocols
            raise AttributeError(name)
        raise Unsupported(f"an array's .{name} has no rounding bound")

    def __invert__(self) -> Undecided:
        return Undecided(~self.true, self.decided)


Mask = np.ndarray[Any, np.dtype[np.bool_]] | Undecided
"""A comparison of arrays, decided or not. Multiplying by it selects, and rounds nothing."""


def is_mask(value: Any) -> bool:
    """Whether a value is a comparison of arrays."""
    return isinstance(value, Undecided) or getattr(value, "dtype", None) == np.bool_


def comparison(compare: Callable[[Array, Array], Array]) -> Callable[[Bounds, Bounds], Mask]:
    """A comparison: a plain mask unless rounding may turn it somewhere."""

    def compared(x: Bounds, y: Bounds) -> Mask:
        true = compare(x.midpoint, y.midpoint)
        if x.exact and y.exact:
            return true
        (x_low, x_high), (y_low, y_high) = interval(x), interval(y)
        decided = (x_high < y_low) | (y_high < x_low)
        return true if np.all(decided) else Undecided(true, decided)

    return compared


def select(condition: Mask, x: AnyBounds, y: AnyBounds) -> AnyBounds:
    """np.where: x, y, or the hull of both where the condition is undecided."""
    x, y = x.settled(), y.settled()
    true = condition.true if isinstance(condition, Undecided) else condition
    midpoint = np.where(true, x.midpoint, y.midpoint)
    radius = None
    if x.inherited is not None or y.inherited is not None:
        radius = np.where(true, or_zero(x.inherited), or_zero(y.inherited))
    if isinstance(condition, Undecided):
        apart = np.abs(x.midpoint - y.midpoint) + or_zero(x.inherited) + or_zero(y.inherited)
        radius = np.where(condition.decided, or_zero(radius), apart * SLACK)
    radius = None if radius is None else np.broadcast_to(radius, midpoint.shape)
    return x.like(midpoint, radius, share=min(x.share, y.share))


def masked(x: Bounds | Mask, mask: Mask) -> Bounds:
    """x times a mask: x or 0, but NaN where x may be infinite."""
    if not isinstance(x, Bounds):
        raise Unsupported("np.multiply of two undecided comparisons has no rounding bound")
    x = x.settled()
    finite = np.isfinite(x.midpoint) & (or_zero(x.inherited) < np.inf)
    zero = x.like(np.zeros(()), None if finite.all() else np.where(finite, 0, np.inf), share=ANY_SHARE)
    return select(mask, x, zero)


def extreme(pick: Callable[..., Array], *operands: AnyBounds) -> AnyBounds:
    """The largest or smallest of several elements, by a `pick` that never decreases as an element increases."""
    like = operands[0]
    share = min(x.surely_allowed for x in operands)
    if all(x.exact for x in operands):
        return like.like(pick(*[x.midpoint for x in operands]), share=share)
    lows, highs = zip(*map(interval, operands), strict=True)
    return hull(as_array(pick(*lows)), as_array(pick(*highs)), like, share)


def sign(x: AnyBounds) -> AnyBounds:
    """np.sign: −1, 0 or 1, which has no rounding error, however x was rounded."""
    result = extreme(np.sign, x)
    return result.like(result.midpoint, result.inherited, share=0.0)
