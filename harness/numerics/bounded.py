"""An array that carries what rounding may have done to each element, through NumPy code that knows nothing of it.

A `Bounded` stands for every array that somebody may compute by the same formula in the run's dtype, in whatever order
they sum: |computed − midpoint| ≤ radius, and so is the exact value. NumPy hands its functions over to it
(`__array_ufunc__`, `__array_function__`); the rules are in bounded_ufuncs.py and bounded_functions.py, and what has no
rule is refused by name.

A sum is one operation: `x @ w + b` may be summed with b first. So a Bounded keeps apart what its terms bring along
(`inherited`) and what summing them may add, for which it carries the sum of the terms' sizes (`magnitude`) and through
how many roundings a term may pass (`depth`):

    radius = inherited + γ(depth)·(magnitude + 2·inherited)

(twice, for magnitudes are computed in the run's dtype, from midpoints that may have underflowed there). When nothing
but the last operation was rounded (depth 1), |midpoint| takes the magnitude's place, which is sharp even where terms
cancel. An infinite radius, or NaN, says that there is no bound: the value may overflow, or be anything.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, NoReturn

import numpy as np
from numpy.lib.mixins import NDArrayOperatorsMixin

from backends.contract import Array
from harness.numerics.rounding import DOUBLE, SLACK, Arithmetic


class Unsupported(TypeError):
    """A NumPy function that has no rounding bound."""


class Magnitude:
    """Σ|terms| of a value, computed when it is asked for, once: an input's is asked for forward and backward.

    Later ones keep this rather than the array that it belongs to, which may be assigned into meanwhile.
    """

    __slots__ = ("_array", "_compute")

    def __init__(self, compute: Callable[[], Array]) -> None:
        self._compute = compute
        self._array: Array | None = None

    def __call__(self) -> Array:
        if self._array is None:
            self._array = self._compute()
        return self._array

    @property
    def known(self) -> bool:
        return self._array is not None


class Bounded(NDArrayOperatorsMixin):
    """Midpoints in float64, and bounds on how far a computation in `arithmetic.dtype` may end from them.

    midpoint: float64, any shape.
    inherited: the terms' own radii, the same shape; None where there are none (the value is exact).
    sizes: Σ|terms|, the same shape; None stands for |midpoint|.
    depth: how many roundings of the sum a term may pass through; 0 where this is no sum.
    """

    __slots__ = ("arithmetic", "depth", "inherited", "midpoint", "sizes")

    ufuncs: Mapping[Any, Callable[..., Any]] = {}
    functions: Mapping[Any, Callable[..., Any]] = {}

    def __init__(
        self,
        midpoint: Array,
        arithmetic: Arithmetic,
        inherited: Array | None = None,
        sizes: Magnitude | None = None,
        depth: float = 0,
    ) -> None:
        self.midpoint = np.asarray(midpoint)
        self.arithmetic = arithmetic
        self.inherited = None if inherited is None else np.asarray(inherited)
        self.sizes = Magnitude(partial(np.abs, self.midpoint)) if sizes is None else sizes
        self.depth = depth

    @property
    def magnitude(self) -> Array:
        """Σ|terms|, for what is no sum |midpoint|."""
        return self.sizes()

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
        passed_on = SLACK + 2 * growth
        share = growth if self.inherited is None else growth / passed_on
        # In place where possible: large temporaries are what certificates spend their time on.
        radius = np.asarray(np.abs(self.midpoint) if self.depth == 1 else self.magnitude * share)
        if self.depth == 1:
            radius *= share
        if self.inherited is not None:
            radius += self.inherited
            radius *= passed_on
        return self.arithmetic.bounding(radius, growth)

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
        raise Unsupported("float() or a function of math would lose the bound; keep the array, use NumPy's functions")

    def __int__(self) -> NoReturn:
        raise Unsupported("int() would lose the bound; keep the array")

    def __array__(self, *_: Any, **__: Any) -> NoReturn:
        raise Unsupported(
            "np.asarray, or NumPy itself, would drop the bound here: make buffers with np.zeros_like, not np.zeros; "
            "np.stack a list before np.sum and the like"
        )

    def __getattr__(self, name: str) -> Any:
        raise _missing(name)

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
        self.inherited, self.sizes, self.depth = inherited, Magnitude(partial(np.abs, self.midpoint)), 0

    def __array_ufunc__(self, ufunc: np.ufunc, method: str, *inputs: Any, out: Any = None, **settings: Any) -> Any:
        rule = self.ufuncs.get((ufunc, method))
        if rule is None:
            name = ufunc.__name__ if method == "__call__" else f"{ufunc.__name__}.{method}"
            raise Unsupported(f"np.{name} has no rounding bound")
        if method == "at":
            if not isinstance(inputs[0], Bounded):
                raise Unsupported(f"np.{ufunc.__name__}.at into a plain array has no rounding bound; use np.zeros_like")
            return rule(*inputs, **settings)
        selects = ufunc is np.multiply
        operands = [x if selects and _is_mask(x) else bounded(x, self.arithmetic) for x in inputs]
        try:
            result = rule(*operands, **settings)
        except TypeError as error:
            raise _unsupported(f"np.{ufunc.__name__}", error) from error
        if out is None:
            return result
        (target,) = out
        if not isinstance(target, Bounded) or not isinstance(result, Bounded) or target.shape != result.shape:
            raise Unsupported(f"np.{ufunc.__name__} with such an `out` has no rounding bound")
        target.midpoint, target.inherited = result.midpoint, result.inherited
        target.sizes, target.depth = result.sizes, result.depth
        return target

    def __array_function__(self, function: Any, types: Any, arguments: Any, settings: Any) -> Any:
        rule = self.functions.get(function)
        name = f"{function.__module__}.{function.__name__}".replace("numpy", "np", 1)
        if rule is None:
            raise Unsupported(f"{name} has no rounding bound")
        if settings.get("out") is not None:
            raise Unsupported(f"{name} with `out` has no rounding bound")
        try:
            return rule(*arguments, **settings)
        except TypeError as error:
            raise _unsupported(name, error) from error

    def sum(self, axis: Any = None, *, keepdims: bool = False) -> Bounded:
        return self.functions[np.sum](self, axis=axis, keepdims=keepdims)  # type: ignore[no-any-return]

    def mean(self, axis: Any = None, *, keepdims: bool = False) -> Bounded:
        return self.functions[np.mean](self, axis=axis, keepdims=keepdims)  # type: ignore[no-any-return]

    def max(self, axis: Any = None, *, keepdims: bool = False) -> Bounded:
        return self.functions[np.max](self, axis=axis, keepdims=keepdims)  # type: ignore[no-any-return]

    def min(self, axis: Any = None, *, keepdims: bool = False) -> Bounded:
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


def _missing(name: str) -> Exception:
    # NumPy and others ask for what begins with an underscore to learn what they deal with.
    return AttributeError(name) if name.startswith("_") else Unsupported(f"an array's .{name} has no rounding bound")


def _unsupported(name: str, error: TypeError) -> Unsupported:
    """What to raise where a rule refuses its arguments."""
    return error if isinstance(error, Unsupported) else Unsupported(f"{name} has no rounding bound for this: {error}")


class Undecided(NDArrayOperatorsMixin):
    """A comparison that rounding may turn: true, false or either, element by element."""

    __slots__ = ("known", "true")

    def __init__(self, true: Array, known: Array) -> None:
        self.true = true
        self.known = known

    def __array_ufunc__(self, ufunc: np.ufunc, method: str, *inputs: Any, **_: Any) -> Any:
        if any(isinstance(x, Bounded) for x in inputs):
            return NotImplemented  # so that NumPy asks the Bounded
        raise Unsupported(f"np.{ufunc.__name__} of an undecided comparison has no rounding bound; select with np.where")

    def __array__(self, *_: Any, **__: Any) -> NoReturn:
        raise Unsupported("this comparison is undecided: rounding may turn it, so it is no mask; select with np.where")

    __bool__ = __array__

    def __getattr__(self, name: str) -> Any:
        raise _missing(name)

    def __invert__(self) -> Undecided:
        return Undecided(~self.true, self.known)


Mask = np.ndarray[Any, np.dtype[np.bool_]] | Undecided
"""A comparison of arrays, decided or not: a product with it selects, and rounds nothing."""


def _is_mask(value: Any) -> bool:
    return isinstance(value, Undecided) or getattr(value, "dtype", None) == np.bool_


def bounded(value: Any, arithmetic: Arithmetic) -> Bounded:
    """Take a value into the computation: an array is exact in its own dtype, a number is rounded to the run's."""
    if isinstance(value, Bounded):
        return value
    if isinstance(value, Undecided):
        raise Unsupported("an undecided comparison has no numbers to compute with; select with np.where")
    array = np.asarray(value)
    if array.dtype.kind not in "biuf" and not isinstance(value, int):
        raise Unsupported(f"{type(value).__name__} has no rounding bound; compute with numbers and arrays of them")
    midpoint = array.astype(np.float64, copy=False)
    if array.dtype == arithmetic.dtype or array.dtype.kind == "b":
        return Bounded(midpoint, arithmetic)
    with np.errstate(over="ignore", invalid="ignore"):
        rounded = midpoint.astype(arithmetic.dtype)
        changed = np.abs(midpoint - rounded)
        if array.dtype.itemsize > 4 and array.dtype != np.float64 and type(value) is not float:
            changed += _taken_as_double(value, midpoint)
    if not changed.any():
        return Bounded(midpoint, arithmetic)
    return Bounded(midpoint, arithmetic, np.where(rounded == midpoint, np.nan_to_num(changed), changed))


def _taken_as_double(value: Any, midpoint: Array) -> Any:
    """What whole numbers and longdouble lose as float64."""
    if type(value) is int and abs(value) < 2**53:
        return 0.0
    return np.where(np.abs(midpoint) < 2.0**53, 0.0, 2 * DOUBLE * np.abs(midpoint))


def rearranged(function: Callable[..., Any], x: Bounded) -> Bounded:
    """Apply a function that only moves elements, to the midpoint and all that goes with it."""
    if not isinstance(x, Bounded):
        raise Unsupported("moving the elements of a plain array by a bounded one has no rounding bound")
    sizes = None
    if x.depth or x.sizes.known:
        sizes = Magnitude(partial(function, x.magnitude))
        sizes()  # now, as an index may be assigned into
    inherited = None if x.inherited is None else function(x.inherited)
    return Bounded(function(x.midpoint), x.arithmetic, inherited, sizes, x.depth)


def hull(low: Array, high: Array, arithmetic: Arithmetic) -> Bounded:
    """The interval from low to high, about its rounded middle; infinite ones have none."""
    middle = low + (high - low) / 2
    return Bounded(middle, arithmetic, np.nextafter(np.maximum(high - middle, middle - low), np.inf))


def interval(x: Bounded) -> tuple[Array, Array]:
    """The lowest and the highest value that x may have, rounded outward."""
    radius = x.radius
    if radius is None:
        return x.midpoint, x.midpoint
    return np.nextafter(x.midpoint - radius, -np.inf), np.nextafter(x.midpoint + radius, np.inf)
