"""An array that carries what rounding may have done to each element, through NumPy code that knows nothing of it.

A `Bounded` stands for every array that somebody may compute by the same formula in the run's dtype, in whatever order
they sum: |computed − midpoint| ≤ radius, and so is the exact value. NumPy hands its functions over to it
(`__array_ufunc__`, `__array_function__`); the rules are in bounded_ufuncs.py and bounded_functions.py, and what has no
rule is refused by name.

A sum is one operation: `x @ w + b` may be summed with b first. So a Bounded keeps apart what its terms bring along
(`inherited`) and what summing them may add, for which it carries the sum of the terms' sizes (`magnitude`) and through
how many roundings a term may pass (`depth`):

    radius = inherited + γ(depth)·(magnitude + inherited)

When nothing but the last operation was rounded (depth 1) that is u·(|midpoint| + inherited), which is sharp even where
the terms cancel.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NoReturn

import numpy as np
from numpy.lib.mixins import NDArrayOperatorsMixin

from backends.contract import Array
from lockstep.rounding import Arithmetic


class Unsupported(TypeError):
    """A NumPy function that has no rounding bound."""


class Bounded(NDArrayOperatorsMixin):
    """Midpoints in float64, and bounds on how far a computation in `arithmetic.dtype` may end from them.

    midpoint: float64, any shape.
    inherited: the terms' own radii, the same shape; None where there are none (the value is exact).
    magnitude: Σ|terms|, the same shape, or how to compute it if it is asked for; None stands for |midpoint|.
    depth: how many roundings of the sum a term may pass through; 0 where this is no sum.
    """

    __slots__ = ("_magnitude", "arithmetic", "depth", "inherited", "midpoint")

    ufuncs: Mapping[Any, Callable[..., Any]] = {}
    functions: Mapping[Any, Callable[..., Any]] = {}

    def __init__(
        self,
        midpoint: Array,
        arithmetic: Arithmetic,
        inherited: Array | None = None,
        magnitude: Array | Callable[[], Array] | None = None,
        depth: float = 0,
    ) -> None:
        self.midpoint = np.asarray(midpoint)
        self.arithmetic = arithmetic
        self.inherited = inherited
        self._magnitude = magnitude
        self.depth = depth

    @property
    def magnitude(self) -> Array:
        """Σ|terms|, for what is no sum |midpoint|; kept, as an input's is asked for forward and backward."""
        if self._magnitude is None:
            self._magnitude = np.abs(self.midpoint)
        magnitude = self._magnitude() if callable(self._magnitude) else self._magnitude
        self._magnitude = magnitude
        return magnitude

    @property
    def radius(self) -> Array | None:
        """How far a computed value may be from the midpoint; None where it is exact."""
        return self._radius(self.arithmetic.gamma(self.depth))

    @property
    def likely_radius(self) -> Array | None:
        """How far it may be but once in ages: smaller than `radius` where many terms were summed."""
        return self._radius(self.arithmetic.likely(self.depth))

    def _radius(self, growth: float) -> Array | None:
        if self.depth == 0:
            return self.inherited
        # In place where possible: large temporaries are what certificates spend their time on.
        radius = np.asarray(np.abs(self.midpoint) if self.depth == 1 else self.magnitude)
        if self.inherited is None:
            return np.asarray(radius * growth)
        radius = radius + self.inherited if self.depth > 1 else np.add(radius, self.inherited, out=radius)
        radius *= growth
        radius += self.inherited
        return radius

    @property
    def exact(self) -> bool:
        """Whether there is nothing to bound: a value as it was recorded, or a selection of such."""
        return self.inherited is None and self.depth == 0

    def settled(self) -> Bounded:
        """The same bounds as a value that is no sum, for whatever is not additive."""
        return self if self.depth == 0 else Bounded(self.midpoint, self.arithmetic, self.radius)

    @property
    def shape(self) -> tuple[int, ...]:
        return self.midpoint.shape

    @property
    def ndim(self) -> int:
        return self.midpoint.ndim

    @property
    def size(self) -> int:
        return self.midpoint.size

    @property
    def dtype(self) -> np.dtype[np.floating]:
        return self.arithmetic.dtype

    @property
    def T(self) -> Bounded:  # noqa: N802  (NumPy's name)
        return rearranged(np.transpose, self)

    def __len__(self) -> int:
        return len(self.midpoint)

    def __repr__(self) -> str:
        return f"Bounded({self.midpoint!r} ± {self.radius!r})"

    def __bool__(self) -> NoReturn:
        raise Unsupported("a bounded array is neither true nor false; compare it, which may be undecided")

    def __float__(self) -> NoReturn:
        raise Unsupported("float() would lose the bound; keep the array")

    def __array__(self, *_: Any, **__: Any) -> NoReturn:
        raise Unsupported("NumPy would drop the bound here; make buffers with np.zeros_like, not np.zeros")

    def __getitem__(self, key: Any) -> Bounded:
        return rearranged(lambda array: array[key], self)

    def __setitem__(self, key: Any, value: Any) -> None:
        settled, new = self.settled(), bounded(value, self.arithmetic).settled()
        self.midpoint = settled.midpoint.copy()
        self.midpoint[key] = new.midpoint
        if settled.inherited is None and new.inherited is None:
            inherited = None
        else:
            inherited = np.zeros(self.shape) if settled.inherited is None else settled.inherited.copy()
            inherited[key] = 0.0 if new.inherited is None else new.inherited
        self.inherited, self._magnitude, self.depth = inherited, None, 0

    def __array_ufunc__(self, ufunc: np.ufunc, method: str, *inputs: Any, out: Any = None, **settings: Any) -> Any:
        rule = self.ufuncs.get((ufunc, method))
        if rule is None:
            name = ufunc.__name__ if method == "__call__" else f"{ufunc.__name__}.{method}"
            raise Unsupported(f"np.{name} has no rounding bound")
        if method == "at":
            return rule(*inputs, **settings)
        operands = [x if isinstance(x, Undecided) else bounded(x, self.arithmetic) for x in inputs]
        result = rule(*operands, **settings)
        if out is None:
            return result
        (target,) = out
        if not isinstance(target, Bounded) or not isinstance(result, Bounded) or target.shape != result.shape:
            raise Unsupported(f"np.{ufunc.__name__} with such an `out` has no rounding bound")
        target.midpoint, target.inherited = result.midpoint, result.inherited
        target._magnitude, target.depth = result._magnitude, result.depth
        return target

    def __array_function__(self, function: Any, types: Any, arguments: Any, settings: Any) -> Any:
        rule = self.functions.get(function)
        if rule is None:
            raise Unsupported(f"np.{function.__name__} has no rounding bound")
        return rule(*arguments, **settings)

    def sum(self, axis: Any = None, keepdims: bool = False) -> Bounded:
        return self.functions[np.sum](self, axis=axis, keepdims=keepdims)  # type: ignore[no-any-return]

    def mean(self, axis: Any = None, keepdims: bool = False) -> Bounded:
        return self.functions[np.mean](self, axis=axis, keepdims=keepdims)  # type: ignore[no-any-return]

    def max(self, axis: Any = None, keepdims: bool = False) -> Bounded:
        return self.functions[np.max](self, axis=axis, keepdims=keepdims)  # type: ignore[no-any-return]

    def min(self, axis: Any = None, keepdims: bool = False) -> Bounded:
        return self.functions[np.min](self, axis=axis, keepdims=keepdims)  # type: ignore[no-any-return]

    def reshape(self, *shape: Any) -> Bounded:
        wanted = shape[0] if len(shape) == 1 else shape
        return rearranged(lambda array: array.reshape(wanted), self)

    def transpose(self, *axes: Any) -> Bounded:
        return rearranged(lambda array: array.transpose(*axes), self)

    def copy(self) -> Bounded:
        return rearranged(np.copy, self)

    def astype(self, dtype: Any) -> Bounded:
        if np.dtype(dtype) != self.dtype:
            raise Unsupported(f"a conversion from {self.dtype} to {np.dtype(dtype)} has no rounding bound")
        return self


class Undecided:
    """A comparison that rounding may turn: true, false or either, element by element."""

    __slots__ = ("known", "true")

    def __init__(self, true: Array, known: Array) -> None:
        self.true = true
        self.known = known

    def __array_ufunc__(self, *_: Any, **__: Any) -> Any:
        return NotImplemented  # so that NumPy asks the Bounded beside it

    def __bool__(self) -> NoReturn:
        raise Unsupported("this comparison is undecided: rounding may turn it; select with np.where")

    def __invert__(self) -> Undecided:
        return Undecided(~self.true, self.known)


def bounded(value: Any, arithmetic: Arithmetic) -> Bounded:
    """Take a value into the computation: an array is exact in its own dtype, a number is rounded to the run's."""
    if isinstance(value, Bounded):
        return value
    if isinstance(value, Undecided):
        raise Unsupported("an undecided comparison has no numbers to compute with; select with np.where")
    array = np.asarray(value)
    midpoint = array.astype(np.float64, copy=False)
    if array.dtype == arithmetic.dtype or array.dtype.kind == "b":
        return Bounded(midpoint, arithmetic)
    with np.errstate(over="ignore"):
        changed = np.abs(midpoint - midpoint.astype(arithmetic.dtype))
    return Bounded(midpoint, arithmetic, changed if changed.any() else None)


def rearranged(function: Callable[..., Any], x: Bounded) -> Bounded:
    """Apply a function that only moves elements, to the midpoint and all that goes with it."""
    return Bounded(
        function(x.midpoint),
        x.arithmetic,
        None if x.inherited is None else function(x.inherited),
        None if x._magnitude is None else function(x.magnitude),
        x.depth,
    )


def hull(low: Array, high: Array, arithmetic: Arithmetic) -> Bounded:
    """The interval from low to high; the second term covers the rounding of its own middle."""
    middle = (low + high) / 2
    size = np.maximum(np.abs(low), np.abs(high))
    return Bounded(middle, arithmetic, (high - low) / 2 + 2.0**-51 * size)


def interval(x: Bounded) -> tuple[Array, Array]:
    """The lowest and the highest value that x may have."""
    radius = x.radius
    return (x.midpoint, x.midpoint) if radius is None else (x.midpoint - radius, x.midpoint + radius)
