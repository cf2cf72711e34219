"""The hand-written ops once more on what a backend recorded, without bounds: in the run's dtype, or in float64."""

import operator
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from backends.contract import Array
from harness.certifying.expectations import Evaluation
from harness.numerics.stacking.stacked import as_array, read_only


class Replay(Evaluation):
    """Evaluates updates of one program with arrays of one dtype in place of bounds."""

    def of_terms(self, total: Any, count: int) -> Any:
        """The sum itself."""
        return total

    def array_of(self, bound: Any) -> Array:
        """The array itself."""
        return as_array(bound)

    def piece(self, bound: Any, cut: Callable[[Array], Array]) -> Any:
        """Some of the elements of an array."""
        return cut(as_array(bound))

    def constant(self, value: Any, radius: Array | None = None) -> Any:
        """A number in this dtype."""
        return as_array(value).astype(self.dtype, copy=False)

    def exact_datum(self, name: str, array: Array) -> Any:
        """An array of the batch in this dtype, which no op may write to."""
        is_widened = array.dtype.kind == "f" and array.dtype != self.dtype
        return self.widened.of(name, array)[0] if is_widened else self.exact_array(array)

    def exact_array(self, array: Array) -> Any:
        """A recorded array in this dtype, which no op may write to."""
        return read_only(array.astype(self.dtype, copy=False) if array.dtype.kind == "f" else array)


class WideReplay(Replay):
    """A replay of a float32 run in float64, with settings that meet arrays as they do in float32."""

    def settings(self, settings: Mapping[str, Any]) -> Mapping[str, Any]:
        """Settings with rounded numbers."""
        return {name: Rounded(value) if type(value) is float else value for name, value in settings.items()}


class Rounded(float):
    """A number that is rounded to float32 where it meets an array; what it makes with other numbers is, too."""

    __array_ufunc__ = None  # has NumPy leave the operators to this class


def _operators(compute: Callable[[Any, Any], Any]) -> tuple[Callable[[Any, Any], Any], Callable[[Any, Any], Any]]:
    def of(number: Rounded, other: Any) -> Any:
        if isinstance(other, np.ndarray | np.generic):
            return compute(float(np.float32(number)), other)
        return Rounded(compute(float(number), other))

    def reflected(number: Rounded, other: Any) -> Any:
        if isinstance(other, np.ndarray | np.generic):
            return compute(other, float(np.float32(number)))
        return Rounded(compute(other, float(number)))

    return of, reflected


for _name in ("add", "sub", "mul", "truediv", "pow"):
    for _prefix, _method in zip(("", "r"), _operators(getattr(operator, _name)), strict=True):
        setattr(Rounded, f"__{_prefix}{_name}__", _method)
