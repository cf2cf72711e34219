"""What a scenario's function is given for its tensors while it is recorded."""

import sys
from collections.abc import Callable, Mapping, Sequence
from types import FrameType
from typing import Any, NoReturn

from harness.errors import InputError
from harness.recording.handles.operators import (
    BINARY,
    UNARY,
    Operation,
    exponent,
    indexing,
    is_number,
    product,
    transposition,
)
from harness.recording.handles.refusals import NO_VALUE, ONLY_OPS, REFUSED, beside, instead_of_attribute

Operate = Callable[[str, Sequence[Any], Mapping[str, Any], FrameType, bool], "Handle"]
"""Records an op of an operator: its name, its tensors and numbers, its settings, the frame in which the operator
stands, and whether the op gives the operator's value: that of a part, as of x[:, 1] in x[:, 1, 2], has no name."""


class Handle:
    """Stands for a tensor while a scenario's function is recorded: a name and a shape, no numbers."""

    __array_ufunc__ = None
    """NumPy leaves an operator between an array and a tensor to the tensor."""

    def __init__(
        self, name: str, shape: tuple[int, ...], made_by: str | None = None, operate: Operate | None = None
    ) -> None:
        self.name = name
        self.shape = shape
        self.made_by = made_by
        """The op whose only output this is."""
        self._operate = operate
        """None for a tensor of a model, on which nobody writes operators."""

    def __repr__(self) -> str:
        return f"{self.name} {self.shape}"

    def __bool__(self) -> bool:
        raise InputError(f"{self.name} {NO_VALUE}")

    def __len__(self) -> int:
        raise InputError(f"{self.name} has shape {self.shape}; its length is {self.name}.shape[0]")

    def __iter__(self) -> NoReturn:
        one = f"op.{self.made_by} gives one tensor, {self!r}" if self.made_by else f"{self!r} is one tensor"
        rows = f": its rows are {self.name}[0], {self.name}[1], …" if self.shape else ""
        raise InputError(f"{one}; it can't be unpacked or looped over{rows}")

    def __getattr__(self, name: str) -> NoReturn:
        if name.startswith("__"):
            raise AttributeError(name)
        raise InputError(f"{self.name}.{name}: {instead_of_attribute(self.name, name)}")

    __hash__ = object.__hash__

    def __matmul__(self, other: object) -> "Handle":
        return self._with(product, self, other, sys._getframe(1))

    def __rmatmul__(self, other: object) -> "Handle":
        return self._with(product, other, self, sys._getframe(1))

    def __pow__(self, other: object) -> "Handle":
        return self._through([exponent(other)], sys._getframe(1))

    def __pos__(self) -> "Handle":
        return self

    def __getitem__(self, index: object) -> "Handle":
        return self._through(list(indexing(self.name, self.shape, index)), sys._getframe(1))

    @property
    def T(self) -> "Handle":  # noqa: N802 - as NumPy, Chainer and PyTorch call it
        """The transposed matrix. Raises InputError for a tensor with other than two axes."""
        return self._through([transposition(self.name, self.shape)], sys._getframe(1))

    def _with(
        self, op: str | Callable[[Sequence[tuple[int, ...]]], str], first: object, second: object, frame: FrameType
    ) -> "Handle":
        """Record an operator between two tensors, or a tensor and a number."""
        for item in (first, second):
            if not isinstance(item, Handle) and not is_number(item):
                raise InputError(f"an operator takes tensors and numbers, {beside(item)}")
        shapes = [item.shape if isinstance(item, Handle) else () for item in (first, second)]
        return self._recorded(op if isinstance(op, str) else op(shapes), (first, second), {}, frame, is_last=True)

    def _through(self, operations: Sequence[Operation], frame: FrameType) -> "Handle":
        """Record one op after the other; what the last one gives is the value of the operator."""
        result = self
        for number, operation in enumerate(operations, 1):
            is_last = number == len(operations)
            result = result._recorded(operation.op, (result,), operation.settings, frame, is_last=is_last)
        return result

    def _recorded(
        self, op: str, inputs: Sequence[Any], settings: Mapping[str, Any], frame: FrameType, *, is_last: bool
    ) -> "Handle":
        if self._operate is None:
            raise InputError(ONLY_OPS)
        return self._operate(op, inputs, settings, frame, is_last)


def _binary(op: str, *, is_reflected: bool) -> Callable[[Handle, object], Handle]:
    def operate(self: Handle, other: object) -> Handle:
        first, second = (other, self) if is_reflected else (self, other)
        return self._with(op, first, second, sys._getframe(1))

    return operate


def _unary(op: str) -> Callable[[Handle], Handle]:
    def operate(self: Handle) -> Handle:
        return self._through([Operation(op, {})], sys._getframe(1))

    return operate


def _refused(reason: str) -> Callable[..., NoReturn]:
    def refuse(self: Handle, *others: object, **settings: object) -> NoReturn:
        raise InputError(reason.format(self.name))

    return refuse


for _name, _op in BINARY.items():
    setattr(Handle, f"__{_name}__", _binary(_op, is_reflected=False))
    setattr(Handle, f"__r{_name}__", _binary(_op, is_reflected=True))
for _name, _op in UNARY.items():
    setattr(Handle, f"__{_name}__", _unary(_op))
for _name, _reason in REFUSED.items():
    setattr(Handle, f"__{_name}__", _refused(_reason))
