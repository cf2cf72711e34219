"""A random program while it is made: its tensors, what each of them holds, and its calls."""

import math
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import count
from typing import Any, Literal

import numpy as np

from backends.contract import Array
from backends.numpy_manual.gradients import DETACHED, Detached
from harness.fuzzing.choices import Choices
from harness.fuzzing.numbers import Holds, Near, Rows, Shape, attention_draw, count_draw, draw_of, label_draw, mask_draw

Role = Literal["weight", "frozen", "data", "buffer", "value"]
MOST_ELEMENTS = 256
"""Of a tensor; larger ones take longer and show no more."""
LENGTHS = (1, 2, 3, 4, 5, 7)
STAYING: tuple[Holds, ...] = ("shares", "unit")
"""What is no longer that after an update, so that no trained weight is made of it: losses refuse anything else."""
FindOp = Callable[[str], Callable[..., Any]]


@dataclass(frozen=True)
class Tensor:
    """A tensor of the program."""

    name: str
    shape: Shape
    role: Role
    holds: Holds = "numbers"
    moves: bool = False
    """Whether it is a weight or depends on one."""


@dataclass(frozen=True)
class DraftedCall:
    """A call of the program, as the scenario's function will make it."""

    op: str
    inputs: tuple[str, ...]
    settings: dict[str, Any]
    outputs: tuple[str, ...]


class Unfit(Exception):
    """A call can't be made of what was chosen; another one is."""


@dataclass
class Draft:
    """A program that grows call by call."""

    choose: Choices
    find_op: FindOp
    known: Collection[str]
    """The ops and rules that it may use."""
    rows: Rows | None
    """How data is dealt in mini-batches; None for all rows in every update."""
    lengths: Sequence[int]
    """The axis lengths that new tensors have, few, so that they fit each other."""
    draws: dict[str, str] = field(default_factory=dict)
    """The text behind the name of each tensor that the scenario draws."""
    tensors: dict[str, Tensor] = field(default_factory=dict)
    calls: list[DraftedCall] = field(default_factory=list)
    carried: dict[str, str] = field(default_factory=dict)
    """For each buffer, the tensor that is its next value."""
    _results: dict[str, Tensor] = field(default_factory=dict)
    """Every output, also those that are too large to be used again."""
    _numbers: dict[str, Iterator[int]] = field(default_factory=dict)

    def length(self) -> int:
        """The length of a new axis."""
        return self.choose.of(self.lengths)

    def shape(self, axes: int) -> Shape:
        """The shape of a new tensor of so many axes, the first of which has the rows of a batch now and then."""
        shape = tuple(self.length() for _ in range(axes))
        if shape and self.rows is not None and not self.choose.one_in(3):
            shape = (self.rows.batch, *shape[1:])
        return shape

    def any_shape(self, least: int = 0, most: int = 4) -> Shape:
        """The shape of a new tensor of any number of axes in these bounds, which is mostly 2."""
        return self.shape(self.choose.of([axes for axes in (2, 2, 2, 1, 3, 4, 0) if least <= axes <= most]))

    def some(
        self,
        fits: Callable[[Shape], bool],
        shape: Callable[[], Shape],
        holds: Holds = "numbers",
        near: Near = (),
    ) -> Tensor:
        """A tensor that fits: one of those that there are, or a new one of this shape, as `new` makes it."""
        there = [
            tensor
            for tensor in self.tensors.values()
            if fits(tensor.shape) and tensor.role != "buffer" and holds in (tensor.holds, "numbers") and is_real(tensor)
        ]
        if there and self.choose.below(3):
            return there[-1 - self.choose.below(len(there))]
        return self.new(shape(), holds, near)

    def like(self, shape: Shape, holds: Holds = "numbers", near: Near = ()) -> Tensor:
        """A tensor of this shape."""
        return self.some(lambda other: other == shape, lambda: shape, holds, near)

    def any(self, least: int = 0, most: int = 4, holds: Holds = "numbers", near: Near = ()) -> Tensor:
        """A tensor of any shape of so many axes."""
        return self.some(lambda shape: least <= len(shape) <= most, lambda: self.any_shape(least, most), holds, near)

    def new(self, shape: Shape, holds: Holds = "numbers", near: Near = ()) -> Tensor:
        """A new tensor: mostly a weight, else data, a frozen weight or, of plain numbers, a buffer.

        Where the op that takes it changes its behaviour at some numbers, it may hold these and their neighbours.
        """
        self._check_size(shape)
        roles: tuple[Role, ...] = ("weight", "weight", "weight", "weight", "data", "frozen")
        if holds == "numbers":
            roles = (*roles, "buffer")
        elif holds in STAYING:
            roles = ("data", "frozen")
        role = self.choose.of(roles)
        text = draw_of(self.choose, role, shape, holds, self.rows, near)
        return self._enter({"weight": "w", "frozen": "f", "data": "x", "buffer": "s"}[role], text, shape, role, holds)

    def weight(self, shape: Shape, holds: Holds = "numbers") -> Tensor:
        """A weight of this shape: a new one, or one that is used once more."""
        there = [tensor for tensor in self.tensors.values() if tensor.role == "weight" and tensor.shape == shape]
        if there and self.choose.one_in(3):
            return self.choose.of(there)
        self._check_size(shape)
        return self._enter("w", draw_of(self.choose, "weight", shape, holds, self.rows), shape, "weight", holds)

    def frozen(self, shape: Shape, holds: Holds = "numbers") -> Tensor:
        """A new weight that is not trained."""
        text = draw_of(self.choose, "frozen", shape, holds, self.rows)
        return self._enter("f", text, shape, "frozen", holds)

    def data(self, shape: Shape, holds: Holds = "numbers", near: Near = ()) -> Tensor:
        """New data of this shape."""
        return self._enter("x", draw_of(self.choose, "data", shape, holds, self.rows, near), shape, "data", holds)

    def buffer(self, shape: Shape, fill: float) -> Tensor:
        """A new buffer of this shape."""
        text = f"buffer({', '.join(map(str, (*shape, f'fill={fill}')))})"
        return self._enter("s", text, shape, "buffer", "numbers")

    def labels(self, shape: Shape, classes: int, *others: int) -> Tensor:
        """New labels below the number of classes, with other ones among them if given.

        Not where they are dealt in batches: a batch of which all labels are ignored is refused.
        """
        text = label_draw(self.choose, shape, classes, others if self.rows is None else (), self.rows)
        return self._enter("t", text, shape, "data", "labels")

    def flags(self, shape: Shape) -> Tensor:
        """New whole numbers, 0 or 1."""
        return self._enter("m", label_draw(self.choose, shape, 2, (), self.rows), shape, "data", "flags")

    def counts(self, shape: Shape, most: int) -> Tensor:
        """New whole numbers from 1 to the most."""
        return self._enter("n", count_draw(self.choose, shape, most, self.rows), shape, "data", "counts")

    def mask(self, shape: Shape, keep: float) -> Tensor:
        """A new mask of floats, 1 with the probability `keep` and else 0."""
        return self._enter("m", mask_draw(self.choose, shape, keep, self.rows), shape, "data", "mask")

    def attention_mask(self, queries: int, keys: int) -> Tensor:
        """A new mask that hides none of the positions, or some of them."""
        shape = (queries, keys)
        return self._enter("m", attention_draw(self.choose, shape, self.rows), shape, "data", "flags")

    def call(self, op: str, *inputs: Tensor, holds: Holds = "numbers", **settings: Any) -> tuple[Tensor, ...]:
        """Make a call; `holds` says what its outputs hold. Raises Unfit if the op is unknown or can't take these."""
        if op not in self.known:
            raise Unfit(f"{op} is not known")
        arrays = [_stand_in(tensor) for tensor in inputs]
        try:
            with np.errstate(all="ignore"):
                result, _ = self.find_op(op)(*arrays, **settings)
        except ValueError as error:
            raise Unfit(f"{op} of {[tensor.shape for tensor in inputs]} with {settings}: {error}") from error
        results = result if isinstance(result, tuple) else (result,)
        names = tuple(self._name("h") for _ in results)
        detached = DETACHED.get(op, Detached()).outputs
        moves = any(tensor.moves for tensor in inputs)
        outputs = tuple(
            Tensor(name, np.shape(array), "value", holds, moves and i not in detached)
            for i, (name, array) in enumerate(zip(names, results, strict=True))
        )
        self.calls.append(DraftedCall(op, tuple(tensor.name for tensor in inputs), settings, names))
        self._results |= {tensor.name: tensor for tensor in outputs}
        self.tensors |= {tensor.name: tensor for tensor in outputs if math.prod(tensor.shape) <= MOST_ELEMENTS}
        return outputs

    def results(self, call: DraftedCall) -> list[Tensor]:
        """The outputs of a call."""
        return [self._results[name] for name in call.outputs]

    def attempt(self, make: Callable[["Draft"], object], *, moving: bool = False) -> bool:
        """Let a maker add calls; take back what it added, and return False, if what it chose does not fit.

        With `moving`, results that depend on no weight don't fit either.
        """
        draws, tensors, carried = dict(self.draws), dict(self.tensors), dict(self.carried)
        calls = len(self.calls)
        with suppress(Unfit):
            make(self)
            if not moving or any(result.moves for call in self.calls[calls:] for result in self.results(call)):
                return True
        self.draws, self.tensors, self.carried = draws, tensors, carried
        del self.calls[calls:]
        return False

    def _enter(self, letter: str, text: str, shape: Shape, role: Role, holds: Holds) -> Tensor:
        tensor = Tensor(self._name(letter), shape, role, holds, moves=role == "weight")
        self.draws[tensor.name] = text
        self.tensors[tensor.name] = tensor
        return tensor

    def _name(self, letter: str) -> str:
        return f"{letter}{next(self._numbers.setdefault(letter, count(1)))}"

    def _check_size(self, shape: Shape) -> None:
        if math.prod(shape) > MOST_ELEMENTS:
            raise Unfit(f"a tensor of shape {shape} is too large")


def is_real(tensor: Tensor) -> bool:
    """Whether it holds real numbers that any op may take, and no labels or masks."""
    return tensor.holds not in ("labels", "flags", "counts", "mask")


def _stand_in(tensor: Tensor) -> Array:
    """An array of the tensor's shape and kind, to find the shapes of outputs."""
    if tensor.holds == "labels":
        return np.zeros(tensor.shape, np.int64)
    if tensor.holds in ("flags", "counts"):
        return np.ones(tensor.shape, np.int64)
    return np.full(tensor.shape, 0.5, np.float64)
