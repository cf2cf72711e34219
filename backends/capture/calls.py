"""What is captured of a live model while it computes a loss and its gradients."""

import sys
import sysconfig
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from types import FrameType
from typing import Any

import numpy as np

from backends.contract import Array

CLONE = Path(__file__).parents[2]
NOT_USERS = (CLONE / "backends", CLONE / "harness", CLONE / "lockstep", Path(sysconfig.get_path("stdlib")))


@dataclass(frozen=True)
class Given:
    """Stands for a tensor among the arguments of a call."""

    number: int
    """In the pass."""


@dataclass(frozen=True)
class Arguments:
    """What a call was given, as the framework's function takes it, with a Given in place of each tensor."""

    positional: tuple[Any, ...] = ()
    named: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class LiveCall:
    """One call of a framework's function, as a model made it."""

    function: str
    """As the framework names it, such as `batch_norm` or `BatchNormalization`."""
    kind: str
    """The same name for both frameworks' functions of one meaning; the function's own name where it has none."""
    inputs: tuple[int, ...]
    """The tensors it was given, by their numbers in the pass."""
    outputs: tuple[int, ...]
    settings: Mapping[str, Any]
    """What it was told besides, under names that both frameworks share."""
    layer: str
    """The path of the link or the module that made the call, such as `block1.bn`; empty if none did."""
    place: str
    """The user's `file:line`, the innermost one."""
    arguments: Arguments = field(default=Arguments(), compare=False, repr=False)
    names: tuple[str, ...] = field(default=(), compare=False)
    """What the user called for it, by full names such as `chainer.links.Linear` and `chainer.functions.linear`.

    Empty where the framework has no other names for its functions than `function`.
    """
    stops_gradient: bool = field(default=False, compare=False)
    """Whether its inputs need a gradient and get none from it, as those of `detach` or of calls under `no_grad`."""

    def __str__(self) -> str:
        layer = f"{self.layer}: " if self.layer else ""
        return f"{layer}{self.function} ({self.place})"


@dataclass
class Pass:
    """One computation of a loss and its gradients, before any update."""

    calls: list[LiveCall] = field(default_factory=list)
    arrays: dict[int, Array] = field(default_factory=dict)
    """The value of every tensor, by its number, as it was when it was made."""
    gradients: dict[int, Array] = field(default_factory=dict)
    """The loss's gradients, as they arrived; a tensor without one has no entry."""
    weights: dict[str, int] = field(default_factory=dict)
    """The number of each weight that was used, in the order of first use."""
    buffers: dict[str, int] = field(default_factory=dict)
    """The number of each buffer that was used; its array is what it was before the first use."""
    batch: dict[int, str] = field(default_factory=dict)
    """The tensors that the batch consists of, by their numbers: what the loss calls them."""
    loss: int = -1
    notes: list[str] = field(default_factory=list)
    """What stands in the way of a comparison, such as random numbers that can't be given to the other model."""

    def makers(self) -> dict[int, LiveCall]:
        """The call that computed each tensor."""
        return {number: call for call in self.calls for number in call.outputs}


class Draws:
    """Random numbers for one update: the same for every model that draws as many of the same shapes, in order."""

    def __init__(self, seed: int, update: int) -> None:
        self._start = (seed, update)
        self.seed = (seed + update) % 2**32
        """For a framework's own random numbers, where a model draws some by a function that is not watched."""
        self.drawn: list[tuple[str, tuple[int, ...]]] = []
        """What was drawn: the distribution and the shape."""

    def uniform(self, shape: Sequence[int]) -> Array:
        """Numbers of float64 in [0, 1)."""
        return np.asarray(self._next("uniform", shape).uniform(size=tuple(shape)))

    def normal(self, shape: Sequence[int]) -> Array:
        """Standard normal numbers of float64."""
        return np.asarray(self._next("normal", shape).standard_normal(tuple(shape)))

    def _next(self, distribution: str, shape: Sequence[int]) -> np.random.RandomState:
        count = sum(name == distribution for name, _ in self.drawn)
        self.drawn.append((distribution, tuple(shape)))
        return np.random.RandomState([*self._start, len(distribution), count])


def users_place() -> str:
    """The innermost line that is being executed and is the user's, as `file:line`; empty if none is."""
    frame: FrameType | None = sys._getframe(1)
    while frame is not None:
        file = Path(frame.f_code.co_filename)
        if is_users(file):
            return f"{shown(file)}:{frame.f_lineno}"
        frame = frame.f_back
    return ""


def users_place_in(error: BaseException) -> str:
    """The innermost line in an error's traceback that is the user's, as `users_place` gives it."""
    place, traceback = "", error.__traceback__
    while traceback is not None:
        file = Path(traceback.tb_frame.f_code.co_filename)
        if is_users(file):
            place = f"{shown(file)}:{traceback.tb_lineno}"
        traceback = traceback.tb_next
    return place


@cache
def is_users(file: Path) -> bool:
    """Whether a file is a user's: no installed package, not Python's own, and not Lockstep."""
    installed = {"site-packages", "dist-packages"} & {*file.parts}
    return not (installed or any(file.is_relative_to(folder) for folder in NOT_USERS)) and file.exists()


def shown(file: Path) -> str:
    """A file as messages name it: relative to the working directory if it is below it."""
    return str(file.relative_to(Path.cwd())) if file.is_relative_to(Path.cwd()) else str(file)
