"""What a scenario is: the data and the weights it draws, a program over them, an optimizer, and how long to train.

Nothing here imports a framework, nor NumPy before something is drawn, so that listing scenarios is instant.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np

    Array = np.ndarray[Any, np.dtype[Any]]

DTYPES = ("float32", "float64")


class ScenarioError(Exception):
    """A scenario asks for something that can't be; the message says what and what would be right."""


@dataclass(frozen=True)
class Optimizer:
    """An optimizer's name, which the backends look up, and its settings."""

    name: str
    settings: Mapping[str, float]


def sgd(*, lr: float) -> Optimizer:
    """Plain gradient descent: w ← w − lr·∂L/∂w."""
    return Optimizer("sgd", {"lr": lr})


def momentum(*, lr: float, momentum: float) -> Optimizer:
    """Gradient descent with momentum: v ← momentum·v + ∂L/∂w, w ← w − lr·v."""
    return Optimizer("momentum", {"lr": lr, "momentum": momentum})


@dataclass(frozen=True)
class Normal:
    """Standard normal numbers times `scale`, drawn from the scenario's seed; constant `fill` if that is given.

    `shape` holds numbers or names of the scenario's `sizes`.
    """

    shape: tuple[int | str, ...]
    trainable: bool
    scale: float = 1.0
    fill: float | None = None

    def draw(self, random: np.random.RandomState, sizes: Mapping[str, int], dtype: str) -> Array:
        """Draw the next numbers of `random` as an array of `dtype`."""
        import numpy as np

        shape = tuple(sizes[size] if isinstance(size, str) else size for size in self.shape)
        if self.fill is not None:
            return np.full(shape, self.fill, dtype)
        return (random.standard_normal(shape) * self.scale).astype(dtype)


@dataclass(frozen=True)
class Loaded:
    """Real data: `load()` returns the array; `load_held_out()` the part that is kept from training."""

    load: Callable[[], Array]
    load_held_out: Callable[[], Array] | None = None
    trainable: bool = False

    def draw(self, random: np.random.RandomState, sizes: Mapping[str, int], dtype: str) -> Array:
        """Load the array; real numbers become `dtype`, labels stay integers."""
        return _as_dtype(self.load(), dtype)

    def held_out(self, dtype: str) -> Array | None:
        """The held-out part, converted like the rest; None if there is none."""
        return None if self.load_held_out is None else _as_dtype(self.load_held_out(), dtype)


Draw = Normal | Loaded


def _as_dtype(array: Array, dtype: str) -> Array:
    import numpy as np

    if not isinstance(array, np.ndarray):
        raise ScenarioError(f"data(...) must load a NumPy array, not {type(array).__name__}")
    return array.astype(dtype) if array.dtype.kind == "f" else array.copy()


def randn(*shape: int | str, scale: float = 1.0) -> Normal:
    """Data: standard normal numbers times `scale`."""
    return Normal(shape, trainable=False, scale=scale)


def param(*shape: int | str, scale: float = 1.0, fill: float | None = None) -> Normal:
    """A weight to train: standard normal numbers times `scale`, or every element `fill`."""
    return Normal(shape, trainable=True, scale=scale, fill=fill)


def data(load: Callable[[], Array], held_out: Callable[[], Array] | None = None) -> Loaded:
    """Real data, one row per example: functions that return the array to train on and the one to test on."""
    return Loaded(load, held_out)


@dataclass(frozen=True)
class Scenario:
    """One experiment, the same for every backend."""

    name: str
    function: Callable[..., Any]
    draws: Mapping[str, Draw]
    """Data and weights by name, in the order in which they are drawn."""
    seed: int
    epochs: int
    optimizer: Optimizer
    dtype: str = "float32"
    batch_size: int | None = None
    """Rows per update, shuffled anew every epoch; None: all rows at once, in order."""
    sizes: Mapping[str, int] | None = None
    """Sizes that the draws' shapes name, so that `--set` can vary them."""
    accuracy: tuple[str, str] | None = None
    """Names of the scores (N, C) and the labels (N,) whose held-out accuracy is to be reported."""

    def __post_init__(self) -> None:
        if not isinstance(self.epochs, int) or self.epochs < 1:
            raise ScenarioError(f"{self.name}: epochs must be a whole number of at least 1, not {self.epochs}")
        if not isinstance(self.seed, int) or not 0 <= self.seed < 2**32:
            raise ScenarioError(f"{self.name}: seed must be a whole number from 0 to 2**32 - 1, not {self.seed}")
        if self.dtype not in DTYPES:
            raise ScenarioError(f"{self.name}: dtype must be {' or '.join(DTYPES)}, not {self.dtype!r}")
        if self.batch_size is not None and self.batch_size < 1:
            raise ScenarioError(f"{self.name}: batch size must be at least 1, not {self.batch_size}")
        if not any(draw.trainable for draw in self.draws.values()):
            raise ScenarioError(f"{self.name}: nothing to train; draw at least one weight with param(...)")
        for name, draw in self.draws.items():
            for size in draw.shape if isinstance(draw, Normal) else ():
                if isinstance(size, str) and size not in (self.sizes or {}):
                    raise ScenarioError(f"{self.name}: {name} has a size named {size!r}, which sizes= does not define")

    @property
    def description(self) -> str:
        """The first line of the function's docstring."""
        return (self.function.__doc__ or "").strip().split("\n")[0]

    @property
    def settings(self) -> dict[str, float]:
        """Everything that `vary(settings=...)` can change: the optimizer's settings and the sizes."""
        return {**self.optimizer.settings, **(self.sizes or {})}

    def vary(
        self,
        *,
        name: str | None = None,
        seed: int | None = None,
        epochs: int | None = None,
        dtype: str | None = None,
        batch_size: int | None = None,
        settings: Mapping[str, float] | None = None,
    ) -> Scenario:
        """The same scenario with some things changed; what is None stays.

        `settings` are the optimizer's (`lr`) and the sizes by name. Raises ScenarioError for an unknown name or a
        value that can't be.
        """
        optimizer, sizes = dict(self.optimizer.settings), dict(self.sizes or {})
        for key, value in (settings or {}).items():
            if not math.isfinite(value):
                raise ScenarioError(f"{self.name}: {key} must be a finite number, not {value}")
            if key in optimizer:
                optimizer[key] = float(value)
            elif key in sizes:
                if value != int(value) or value < 1:
                    raise ScenarioError(f"{self.name}: {key} must be a whole number of at least 1, not {value:g}")
                sizes[key] = int(value)
            else:
                raise ScenarioError(f"{self.name} has no setting {key!r}; it has {_listed(self.settings)}")
        return replace(
            self,
            name=self.name if name is None else name,
            seed=self.seed if seed is None else seed,
            epochs=self.epochs if epochs is None else epochs,
            dtype=self.dtype if dtype is None else dtype,
            batch_size=self.batch_size if batch_size is None else batch_size,
            optimizer=Optimizer(self.optimizer.name, optimizer),
            sizes=sizes or None,
        )


def scenario(
    *,
    seed: int,
    epochs: int,
    optimizer: Optimizer,
    dtype: str = "float32",
    batch_size: int | None = None,
    sizes: Mapping[str, int] | None = None,
    accuracy: tuple[str, str] | None = None,
    **draws: Draw,
) -> Callable[[Callable[..., Any]], Scenario]:
    """Turn a function `(op, …one parameter per draw)` that returns the loss into a Scenario of the function's name."""

    def define(function: Callable[..., Any]) -> Scenario:
        return Scenario(
            name=function.__name__,
            function=function,
            draws=draws,
            seed=seed,
            epochs=epochs,
            optimizer=optimizer,
            dtype=dtype,
            batch_size=batch_size,
            sizes=sizes,
            accuracy=accuracy,
        )

    return define


def _listed(names: Mapping[str, Any] | Sequence[str]) -> str:
    return ", ".join(names)
