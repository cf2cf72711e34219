"""The base of array types that NumPy code computes with unchanged: how they answer NumPy's ufuncs and functions.

NumPy passes ufuncs to `__array_ufunc__` and other functions to `__array_function__`. A subclass implements a few
primitives (the abstract methods); dispatched_functions.py builds other functions from them. Whatever has no
implementation is refused by name.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, ClassVar, NamedTuple, NoReturn, Self

import numpy as np
from numpy.lib.mixins import NDArrayOperatorsMixin

from backends.contract import Array


class Contraction(NamedTuple):
    """The subscripts of np.einsum."""

    subscripts: str
    inputs: tuple[str, ...]
    """Those of each operand."""
    output: str | None
    """Those of the result; None if there is no `->`."""
    lengths: dict[str, int]
    """The length of the axis that a letter stands for."""


class Dispatched(NDArrayOperatorsMixin):
    """An array that NumPy dispatches its functions to."""

    __slots__ = ()

    functions: ClassVar[Mapping[Any, Callable[..., Any]]]
    """Implementations by the function that `__array_function__` receives."""
    refusal: ClassVar[type[TypeError]]
    """The error raised for a function without an implementation."""
    unable: ClassVar[str]
    """What the error says of the function, such as `has no rounding bound`."""
    carried: ClassVar[str]
    """What the array carries besides its numbers, such as `the bound`."""
    is_plain: ClassVar[bool] = False
    """Whether it carries nothing but numbers, so that it may stand for them in arrays of another type."""

    @property
    @abstractmethod
    def value(self) -> Array:
        """The numbers as a plain array."""

    @property
    @abstractmethod
    def dtype(self) -> np.dtype[Any]:
        """The dtype that the array stands for; that of `value` may be wider."""

    @property
    def exact(self) -> bool:
        """Whether every computation agrees on the numbers, so that positions and truth values can be read off them."""
        return True

    @abstractmethod
    def computed(self, ufunc: np.ufunc, method: str, inputs: Sequence[Any], settings: Mapping[str, Any]) -> Any:
        """The result of a ufunc's method, for `at` the changed first input; NotImplemented if it is not supported."""

    @abstractmethod
    def become(self, other: Any) -> None:
        """Replace the content by that of `other`, an array of the same type and shape."""

    @abstractmethod
    def constant(self, array: Array) -> Self:
        """Numbers that the code makes up itself. Raises TypeError for an unsupported dtype."""

    @abstractmethod
    def moved(self, move: Callable[[Array], Array]) -> Self:
        """The result of `move`, which moves, repeats or leaves out elements of any array of this shape."""

    @abstractmethod
    def joined(self, join: Callable[[Sequence[Array]], Array], arrays: Iterable[Any]) -> Self:
        """The result of `join`, which only puts several arrays together; this is one of them."""

    @abstractmethod
    def padded(self, pad_width: Any, value: Any) -> Self:
        """np.pad with a constant other than 0."""

    @abstractmethod
    def summed(self, axis: Any, keepdims: bool) -> Self:
        """np.sum."""

    @abstractmethod
    def accumulated(self, axis: int) -> Self:
        """np.cumsum along an axis."""

    @abstractmethod
    def extreme(self, pick: Callable[..., Array], axis: Any, keepdims: bool) -> Self:
        """`pick`, which is np.max or np.min."""

    @abstractmethod
    def selected(self, condition: Any, x: Any, y: Any) -> Self:
        """np.where; this is one of the operands."""

    @abstractmethod
    def contracted(self, contraction: Contraction, operands: Sequence[Any]) -> Self:
        """np.einsum; this is one of the operands."""

    @abstractmethod
    def __setitem__(self, key: Any, value: Any) -> None: ...

    @classmethod
    def refused(cls, name: str, error: TypeError | None = None) -> TypeError:
        """The error to raise where `name` is not supported, or where its implementation raised `error`."""
        if isinstance(error, cls.refusal):
            return error
        return cls.refusal(f"{name} {cls.unable}" + (f" for this: {error}" if error else ""))

    def __array_ufunc__(self, ufunc: np.ufunc, method: str, *inputs: Any, out: Any = None, **settings: Any) -> Any:
        target = inputs[0] if method == "at" else out[0] if out else None
        if target is not None and not isinstance(target, Dispatched):
            raise self.refusal(f"{_ufunc_name(ufunc, method)} into a plain array {self.unable}; use np.zeros_like")
        if settings and method == "__call__":
            raise self.refused(f"{_ufunc_name(ufunc, method)} with {', '.join(settings)}")
        try:
            result = self.computed(ufunc, method, inputs, settings)
        except TypeError as error:
            raise self.refused(_ufunc_name(ufunc, method), error) from error
        if result is NotImplemented:
            raise self.refused(_ufunc_name(ufunc, method))
        if target is None:
            return result
        if not isinstance(result, Dispatched) or target.shape != result.shape:
            raise self.refused(f"{_ufunc_name(ufunc, method)} with such an `out`")
        target.become(result)
        return target if out else None

    def __array_function__(self, function: Any, types: Any, arguments: Any, settings: Any) -> Any:
        implementation = self.functions.get(function)
        if implementation is None:
            raise self.refused(_function_name(function))
        if settings.get("out") is not None:
            raise self.refused(f"{_function_name(function)} with `out`")
        try:
            return implementation(*arguments, **settings)
        except TypeError as error:
            raise self.refused(_function_name(function), error) from error

    def __getattr__(self, name: str) -> Any:
        """A method of np.ndarray that is a function of NumPy, too."""
        if name.startswith("_"):  # NumPy and other libraries probe for protocols
            raise AttributeError(name)
        function = getattr(np, name, None)
        if function not in self.functions or not hasattr(np.ndarray, name):
            raise self.refused(f"an array's .{name}")
        return lambda *arguments, **settings: self.__array_function__(function, (), (self, *arguments), settings)

    def __getitem__(self, key: Any) -> Self:
        index = plain_index(key)
        return self.moved(lambda array: array[index])

    def __array__(self, *_: Any, **__: Any) -> Array:
        raise self.refusal(
            f"np.asarray, or NumPy itself, would drop {self.carried} here: make buffers with np.zeros_like, not "
            "np.zeros; np.stack a list before np.sum and the like"
        )

    def __float__(self) -> NoReturn:
        raise self.refusal(
            f"float() or a function of math would lose {self.carried}; keep the array, use NumPy's functions"
        )

    def __int__(self) -> NoReturn:
        raise self.refusal(f"int() would lose {self.carried}; keep the array")

    def __len__(self) -> int:
        return len(self.value)

    @property
    def shape(self) -> tuple[int, ...]:
        """As np.ndarray's."""
        shape: tuple[int, ...] = self.value.shape
        return shape

    @property
    def ndim(self) -> int:
        """As np.ndarray's."""
        return self.value.ndim

    @property
    def size(self) -> int:
        """As np.ndarray's."""
        return self.value.size

    @property
    def T(self) -> Self:  # noqa: N802  (NumPy's name)
        """As np.ndarray's."""
        return self.transpose()

    def reshape(self, *shape: Any, **settings: Any) -> Self:
        """As np.ndarray's, which unlike np.reshape also takes the lengths one by one."""
        return self.moved(lambda array: array.reshape(*shape, **settings))

    def transpose(self, *axes: Any) -> Self:
        """As np.ndarray's, which unlike np.transpose also takes the axes one by one."""
        return self.moved(lambda array: array.transpose(*axes))

    def astype(self, dtype: Any, **_: Any) -> Self:
        """As np.ndarray's, where nothing is converted."""
        if np.dtype(dtype) != self.dtype:
            raise self.refused(f"a conversion from {self.dtype} to {np.dtype(dtype)}")
        return self


def _ufunc_name(ufunc: np.ufunc, method: str) -> str:
    return f"np.{ufunc.__name__}" if method == "__call__" else f"np.{ufunc.__name__}.{method}"


def _function_name(function: Any) -> str:
    return f"{function.__module__}.{function.__name__}".replace("numpy", "np", 1)


def plain_index(key: Any) -> Any:
    """An index with plain arrays in place of dispatched ones, copied, since the code may change its own later."""
    if isinstance(key, tuple):
        return tuple(map(plain_index, key))
    if isinstance(key, Dispatched):
        return key if key.is_plain else np.asarray(key)
    return key.copy() if isinstance(key, np.ndarray) else key


def first(operands: Iterable[Any]) -> Dispatched:
    """The first dispatched operand that is not plain, or else the first; NumPy dispatches only where there is one."""
    dispatched = [x for x in operands if isinstance(x, Dispatched)]
    return next((x for x in dispatched if not x.is_plain), dispatched[0])
