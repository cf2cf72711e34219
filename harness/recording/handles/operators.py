"""What Python's operators on a scenario's tensors stand for: `x @ w` for op.matmul(x, w), `x[:, 0]` for op.select."""

from collections.abc import Iterator, Sequence
from numbers import Integral, Real
from typing import Any, NamedTuple, TypeGuard

from harness.errors import InputError
from scenarios.language.values import shown

BINARY = {"add": "add", "sub": "subtract", "mul": "multiply", "truediv": "divide"}
"""The ops of Python's operators between two tensors, or a tensor and a number, by the names of their methods."""
UNARY = {"neg": "negative", "abs": "absolute"}
TAKES_NUMBERS = frozenset({*BINARY.values(), "maximum", "minimum", "where"})
"""The ops that take numbers in the place of tensors: those that repeat an input for each element of another."""


class Operation(NamedTuple):
    """An op of one tensor, with its settings."""

    op: str
    settings: dict[str, Any]


def is_number(value: object) -> bool:
    """Whether an operator takes it beside a tensor."""
    return isinstance(value, Real) and not isinstance(value, bool)


def constant_name(value: float) -> str:
    """What results call a number beside tensors: constant_2 for 2, constant_0_1 for 0.1, constant_minus_1e_05."""
    sign, size = "minus_" if value < 0 else "", repr(abs(value)).removesuffix(".0")
    return f"constant_{sign}{size.replace('.', '_').replace('-', '_').replace('+', '')}"


def product(shapes: Sequence[tuple[int, ...]]) -> str:
    """The op of `a @ b`: matmul for two matrices, batch_matmul for stacks of them. Raises InputError for a number."""
    if () in shapes:
        raise InputError("@ multiplies matrices; write * for a number")
    return "matmul" if all(len(shape) == 2 for shape in shapes) else "batch_matmul"


def exponent(value: object) -> Operation:
    """The op of `x ** value`. Raises InputError for a power that no op computes."""
    if not is_number(value):
        raise InputError("the exponent of ** must be a number: write x ** 2, or for x ** y op.exp(y * op.log(x))")
    return Operation("power", {"exponent": value})


def transposition(name: str, shape: tuple[int, ...]) -> Operation:
    """The op of `x.T`. Raises InputError for what is no matrix."""
    if len(shape) != 2:
        axes = f"axes={tuple(reversed(range(len(shape))))}"
        raise InputError(f"{name}.T is for matrices, and {name} has shape {shape}; write op.transpose({name}, {axes})")
    return Operation("transpose", {"axes": (1, 0)})


def indexing(name: str, shape: tuple[int, ...], index: object) -> Iterator[Operation]:
    """The ops of `x[index]`, in their order; none if it takes all of x. Raises InputError for an index with no op."""
    parts = list(index) if isinstance(index, tuple) else [index]
    if sum(part is Ellipsis for part in parts) > 1:
        raise InputError(f"{name}[...] can have one ... at most")
    counted = sum(part is not None and part is not Ellipsis for part in parts)
    if counted > len(shape):
        raise InputError(f"{name} has shape {shape}; {counted} indices are too many")
    whole = [slice(None)] * (len(shape) - counted)
    place = next((i for i, part in enumerate(parts) if part is Ellipsis), None)
    parts = [*parts, *whole] if place is None else [*parts[:place], *whole, *parts[place + 1 :]]
    # From the last axis on, so that an axis that goes or comes moves none of those that are still to be cut.
    axis = len(shape)
    for part in reversed(parts):
        if part is None:
            yield Operation("expand_dims", {"axis": axis})
            continue
        axis -= 1
        operation = _along(name, axis, shape[axis], part)
        if operation is not None:
            yield operation


def _along(name: str, axis: int, size: int, part: object) -> Operation | None:
    """The op that takes a part of an axis; None for all of it."""
    if isinstance(part, slice):
        if not all(end is None or _is_whole(end) for end in (part.start, part.stop, part.step)):
            raise InputError(f"{name}[…]: the ends of a slice must be whole numbers, not those of {_text(part)}")
        if part.step not in (None, 1):
            instead = f"; op.flip({name}, axis={axis}) turns it around" if part.step == -1 else ""
            raise InputError(f"{name}[…]: a slice can't have a step, {part.step}{instead}")
        start, stop, _ = part.indices(size)
        if start >= stop:
            raise InputError(f"{name} has size {size} along axis {axis}, so the slice {_text(part)} holds nothing")
        return None if (start, stop) == (0, size) else Operation("slice_axis", _sliced(start, stop, axis))
    if _is_whole(part):
        if not -size <= part < size:
            raise InputError(f"{name} has size {size} along axis {axis}, so there is no index {part}")
        return Operation("select", {"index": int(part), "axis": axis})
    advice = "; op.embedding takes rows by their ids" if hasattr(part, "__len__") and not isinstance(part, str) else ""
    raise InputError(f"{name}[…] takes whole numbers, slices, None and ..., not {shown(part)}{advice}")


def _is_whole(value: Any) -> TypeGuard[int]:
    """Whether it is a whole number of Python or NumPy."""
    return isinstance(value, Integral) and not isinstance(value, bool)


def _sliced(start: int, stop: int, axis: int) -> dict[str, int]:
    return {"start": start, "stop": stop, "axis": axis}


def _text(part: slice) -> str:
    return ":".join("" if end is None else str(end) for end in (part.start, part.stop))
