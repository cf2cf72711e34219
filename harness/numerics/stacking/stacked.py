"""Several arrays of one shape as one, such as a tensor at several updates: NumPy code computes all of them at once.

What takes microseconds in Python for each small array then takes them once. Each array comes out as if it had been
computed alone, but for the last digits of a sum, which NumPy may add up in another order, and of a power. Code that
writes to an array of which it has taken a view is refused where NumPy's views are copies here.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, ClassVar

import numpy as np

from backends.contract import Array
from harness.numerics.dispatched import Contraction, Dispatched
from harness.numerics.stacking.functions import STACKED_FUNCTIONS, Unstackable, aligned, axis_of_stack
from harness.numerics.stacking.numbers import Numbers

BASIC = int | np.integer | slice | type(None) | type(Ellipsis)
"""What an index may consist of whose result is a view of the array."""


class Stacked(Dispatched):
    """Several arrays of one shape, along the first axis of `stack`; its own shape is that of each."""

    __slots__ = ("stack",)

    functions: ClassVar[dict[Any, Callable[..., Any]]] = STACKED_FUNCTIONS
    refusal = Unstackable
    unable = "is not computed of several arrays at once"
    carried = "all arrays but one"
    is_plain = True

    def __init__(self, stack: Array) -> None:
        self.stack = stack

    @property
    def value(self) -> Array:
        """The first of them."""
        return np.asarray(self.stack[0])

    @property
    def dtype(self) -> np.dtype[Any]:
        """That of each."""
        return self.stack.dtype

    @property
    def exact(self) -> bool:
        """Positions and truth values that are read off one array need not be those of another."""
        return False

    @property
    def shape(self) -> tuple[int, ...]:
        """That of each."""
        _, *lengths = self.stack.shape
        return tuple(lengths)

    @property
    def ndim(self) -> int:
        """That of each."""
        return self.stack.ndim - 1

    @property
    def size(self) -> int:
        """That of each."""
        return self.stack.size // len(self.stack)

    def __array_ufunc__(self, ufunc: np.ufunc, method: str, *inputs: Any, out: Any = None, **settings: Any) -> Any:
        if method == "__call__" and out is None and not settings and ufunc.signature is None and ufunc.nout == 1:
            stacks = _match(inputs)
            if stacks:
                return Stacked(ufunc(*stacks))
        if not all(map(is_plain, inputs)):
            return NotImplemented  # lets NumPy ask the other
        return super().__array_ufunc__(ufunc, method, *inputs, out=out, **settings)

    def __array_function__(self, function: Any, types: Any, arguments: Any, settings: Any) -> Any:
        if any(issubclass(each, Dispatched) and not each.is_plain for each in types):
            return NotImplemented
        return super().__array_function__(function, types, arguments, settings)

    def computed(self, ufunc: np.ufunc, method: str, inputs: Sequence[Any], settings: Mapping[str, Any]) -> Any:
        """What a ufunc makes of each; np.add.at changes each of its targets."""
        if method == "at":
            target, indices, values = inputs
            index, ndim = target.whole_index(indices)
            ufunc.at(target.writable(), index, aligned(values, ndim, target.dtype))
            return target
        if method != "__call__" or settings:
            return NotImplemented
        ndim = max(getattr(x, "ndim", 0) for x in inputs)
        dtype = next((x.dtype for x in inputs if isinstance(x, Stacked) and x.dtype.kind == "f"), None)
        if dtype is None and any(isinstance(x, Numbers) for x in inputs):
            return NotImplemented
        if ufunc is np.matmul:
            if min(x.ndim for x in inputs) < 2:
                return NotImplemented
        elif ufunc.signature is not None:
            return NotImplemented
        results = ufunc(*[aligned(x, ndim, dtype) for x in inputs])
        return tuple(map(Stacked, results)) if ufunc.nout > 1 else Stacked(results)

    def become(self, other: Stacked) -> None:
        """Take over the numbers of others, in the same memory."""
        if other.stack is not self.stack:
            np.copyto(self.writable(), other.stack, casting="same_kind")

    def writable(self) -> Array:
        """The arrays, to be written to. Raises Unstackable where NumPy might write to others, too."""
        if not self.stack.flags.writeable:
            raise Unstackable("writing to what was given, or to a view of it")
        return self.stack

    def constant(self, array: Array) -> Stacked:
        """The same array so many times."""
        return Stacked(np.repeat(array[np.newaxis], len(self.stack), axis=0))

    def moved(self, move: Callable[[Array], Array]) -> Stacked:
        """What `move` makes of each, which may put zeros between the elements.

        It may have been a view, and is a copy: so neither can be written to any more.
        """
        self.stack.flags.writeable = False
        return Stacked(read_only(self._taken(move)))

    def _taken(self, move: Callable[[Array], Array]) -> Array:
        places = move(np.arange(1, self.size + 1).reshape(self.shape))
        if not isinstance(places, np.ndarray | np.integer):
            raise Unstackable("a function that moves each array in its own way")
        rows = self.stack.reshape(len(self.stack), -1)
        moved = rows[:, np.maximum(places, 1) - 1]
        if not np.all(places):
            moved[:, places == 0] = 0
        return moved

    def of(self, stack: Array) -> Stacked:
        """Other arrays, as many of them: functions.py, which this module imports, has no other name for the type."""
        return Stacked(stack)

    def joined(self, join: Callable[[Sequence[Array]], Array], arrays: Iterable[Any]) -> Stacked:
        """Not known from the function alone; functions.py has those that join along an axis."""
        raise Unstackable("a function that puts arrays together")

    def padded(self, pad_width: Any, value: Any) -> Stacked:
        """Each with a border of a number."""
        widths = np.broadcast_to(np.asarray(pad_width), (self.ndim, 2))
        return Stacked(np.pad(self.stack, [(0, 0), *map(tuple, widths)], constant_values=value))

    def summed(self, axis: Any, keepdims: bool) -> Stacked:
        """The sum of each."""
        stack, axes = self.along(axis, keepdims)
        return Stacked(np.sum(stack, axes, keepdims=keepdims))

    def accumulated(self, axis: int) -> Stacked:
        """The sums so far of each."""
        return Stacked(np.cumsum(self.stack, axis=axis_of_stack(axis, self.ndim)))

    def extreme(self, pick: Callable[..., Array], axis: Any, keepdims: bool) -> Stacked:
        """The extreme elements of each."""
        stack, axes = self.along(axis, keepdims)
        return Stacked(pick(stack, axes, keepdims=keepdims))

    def along(self, axis: Any, keepdims: bool) -> tuple[Array, Any]:
        """The arrays, and the axes of `stack` that an axis of each stands for; None stands for all of them."""
        if axis is None and not keepdims:
            return self.stack.reshape(len(self.stack), self.size), 1
        axes = range(self.ndim) if axis is None else axis if isinstance(axis, tuple) else (axis,)
        return self.stack, tuple(axis_of_stack(each, self.ndim) for each in axes)

    def selected(self, condition: Any, x: Any, y: Any) -> Stacked:
        """np.where of each."""
        ndim = max(getattr(part, "ndim", 0) for part in (condition, x, y))
        dtype = next((part.dtype for part in (x, y) if isinstance(part, Stacked) and part.dtype.kind == "f"), None)
        return Stacked(np.where(*[aligned(part, ndim, dtype) for part in (condition, x, y)]))

    def contracted(self, contraction: Contraction, operands: Sequence[Any]) -> Stacked:
        """np.einsum of each."""
        if contraction.output is None:
            raise Unstackable("np.einsum without ->")
        letter = next(each for each in "zyxwvutsrqponmlkjihgfedcba" if each not in contraction.lengths)
        inputs = [
            (letter if isinstance(operand, Stacked) else "") + letters
            for operand, letters in zip(operands, contraction.inputs, strict=True)
        ]
        arrays = [operand.stack if isinstance(operand, Stacked) else operand for operand in operands]
        return Stacked(np.einsum(f"{','.join(inputs)}->{letter}{contraction.output}", *arrays))

    def __getitem__(self, key: Any) -> Stacked:
        parts = _parts_of(key)
        if all(isinstance(part, BASIC) for part in parts):
            stack = self.stack[(slice(None), *parts)]
            return Stacked(stack.copy() if stack.ndim == 1 else stack)  # NumPy's numbers are no views
        if any(isinstance(part, Stacked) for part in parts):
            return Stacked(self.stack[self.whole_index(key)[0]])
        return Stacked(self._taken(lambda array: array[key]))

    def __setitem__(self, key: Any, value: Any) -> None:
        index, ndim = self.whole_index(key)
        if getattr(value, "ndim", 0) > ndim:
            raise Unstackable("an assignment of an array with more axes")
        self.writable()[index] = aligned(value, ndim, self.dtype)

    def whole_index(self, key: Any) -> tuple[Any, int]:
        """The index of `stack` that an index of each stands for, and the number of axes of what it has of each."""
        parts = [np.asarray(each) if isinstance(each, list) else each for each in _parts_of(key)]
        if all(isinstance(part, BASIC) for part in parts):
            index = (slice(None), *parts)
            return index, self.stack[index].ndim - 1
        if not all(isinstance(part, Stacked | np.ndarray | int | np.integer) for part in parts):
            raise Unstackable("an index of arrays and slices")
        if any(getattr(part, "dtype", None) == np.bool_ for part in parts):
            raise Unstackable("an index of truth values")
        ndim = max(getattr(part, "ndim", 0) for part in parts)
        which = np.arange(len(self.stack)).reshape(-1, *[1] * ndim)
        return (which, *[aligned(part, ndim, self.dtype) for part in parts]), ndim + self.ndim - len(parts)

    def __iter__(self) -> Iterator[Stacked]:
        if not self.ndim:
            raise Unstackable("an iteration over a number")
        return (self[place] for place in range(len(self)))

    def __bool__(self) -> bool:
        return bool(self._common(self.stack.astype(bool)))

    def __float__(self) -> float:  # type: ignore[override]
        return float(self._common(self.stack))

    def _common(self, stack: Array) -> Any:
        """The one element that all arrays have. Raises Unstackable if there is none."""
        if self.size != 1 or not np.all(stack == stack.flat[0]):
            raise Unstackable("the arrays differ, so they are no one number, and neither true nor false")
        return stack.flat[0]

    def __repr__(self) -> str:
        return f"Stacked({self.stack!r})"

    def reshape(self, *shape: Any, **settings: Any) -> Stacked:
        """As np.ndarray's."""
        if settings:
            raise self.refused(f"reshape with {', '.join(settings)}")
        lengths = shape[0] if len(shape) == 1 and not isinstance(shape[0], int | np.integer) else shape
        return Stacked(self.stack.reshape(len(self.stack), *lengths))

    def transpose(self, *axes: Any) -> Stacked:
        """As np.ndarray's."""
        order = axes[0] if len(axes) == 1 and not isinstance(axes[0], int | np.integer) else axes
        chosen = range(self.ndim)[::-1] if len(order) == 0 else order
        return Stacked(self.stack.transpose(0, *[axis_of_stack(each, self.ndim) for each in chosen]))

    def astype(self, dtype: Any, *, copy: bool = True) -> Stacked:  # type: ignore[override]
        """As np.ndarray's."""
        return Stacked(self.stack.astype(dtype, copy=copy))


def _parts_of(key: Any) -> tuple[Any, ...]:
    return key if isinstance(key, tuple) else (key,)


def _match(operands: Sequence[Any]) -> Sequence[Any]:
    """The stacks of operands whose axes match as they are, and numbers; nothing where they have to be aligned."""
    stacks = []
    ndim = 0
    for operand in operands:
        kind = type(operand)
        if kind is Stacked:
            stack = operand.stack
            if stack.ndim != (ndim or stack.ndim):
                return ()
            ndim = stack.ndim
            stacks.append(stack)
        elif kind is float or kind is int:
            stacks.append(operand)
        else:
            return ()
    return stacks


def _operator(compute: Callable[[Any, Any], Any], ufunc: np.ufunc) -> Callable[[Stacked, Any], Any]:
    """An operator, which most often meets a number or what needs no alignment: NumPy's dispatch would take longer."""

    def computed(self: Stacked, other: Any) -> Any:
        kind = type(other)
        if kind is float or kind is int:
            return Stacked(compute(self.stack, other))
        if kind is Stacked and other.stack.ndim == self.stack.ndim:
            return Stacked(compute(self.stack, other.stack))
        if getattr(other, "__array_ufunc__", self) is None:
            return NotImplemented
        return ufunc(self, other)

    return computed


def _in_place(ufunc: np.ufunc) -> Callable[[Stacked, Any], Any]:
    """An operator that changes its first operand, unless that is a number, which can't be changed."""

    def computed(self: Stacked, other: Any) -> Any:
        if not self.ndim:
            return ufunc(self, other)
        stacks = _match((self, other))
        if not stacks:
            return ufunc(self, other, out=(self,))
        ufunc(*stacks, out=self.writable())
        return self

    return computed


_ARITHMETIC: dict[str, np.ufunc] = {"add": np.add, "sub": np.subtract, "mul": np.multiply, "truediv": np.divide}
_COMPARISONS: dict[str, np.ufunc] = {
    "lt": np.less,
    "le": np.less_equal,
    "gt": np.greater,
    "ge": np.greater_equal,
    "eq": np.equal,
    "ne": np.not_equal,
}
for _name, _ufunc in (_ARITHMETIC | _COMPARISONS).items():
    setattr(Stacked, f"__{_name}__", _operator(getattr(operator, _name), _ufunc))
for _name, _ufunc in _ARITHMETIC.items():
    setattr(Stacked, f"__i{_name}__", _in_place(_ufunc))


def is_plain(operand: Any) -> bool:
    """Whether an operand carries nothing but numbers."""
    if isinstance(operand, Dispatched):
        return operand.is_plain
    return not hasattr(operand, "__array_ufunc__") or isinstance(operand, np.ndarray | np.generic)


def as_array(value: Any) -> Array:
    """As np.asarray, but for what is stacked, which stays as it is."""
    return value if isinstance(value, Stacked) else np.asarray(value)  # type: ignore[return-value]


def read_only(array: Any) -> Any:
    """A view of an array, or of what is stacked, that can't be written to."""
    view = all_of(array).view()
    view.flags.writeable = False
    return Stacked(view) if isinstance(array, Stacked) else view


def all_of(array: Any) -> Array:
    """A plain array of all numbers: for a stack, those of all its arrays."""
    return array.stack if isinstance(array, Stacked) else array
