"""What a scenario is: the data and the weights it draws, a program over them, an optimizer, and how long to train.

Nothing here imports a framework or NumPy, so that listing scenarios is instant.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from scenarios.drawing import Draw, Loaded, Normal
from scenarios.errors import ScenarioError, did_you_mean, near_miss
from scenarios.kinds import (
    BY_NAME,
    COUNT,
    DTYPE,
    FINITE,
    FUNCTION,
    NAME,
    SEED,
    TWO_NAMES,
    Kind,
    check_fields,
    checked_by_name,
    instance_of,
    shown,
    written,
)

OPTIONS = ("seed", "epochs", "dtype", "batch_size")
"""What `lockstep run` has an option of its own for, so that no setting may be called that."""


@dataclass(frozen=True)
class Optimizer:
    """An optimizer's name, which the backends look up, and its settings."""

    name: str
    settings: Mapping[str, float]

    def __post_init__(self) -> None:
        check_fields(self, {"name": NAME, "settings": BY_NAME}, "Optimizer")
        object.__setattr__(self, "settings", checked_by_name(self.settings, FINITE, f"{self.name}(...)"))


@written("sgd(lr=0.1)")
def sgd(*, lr: float) -> Optimizer:
    """Plain gradient descent: w ← w − lr·∂L/∂w."""
    return Optimizer("sgd", {"lr": lr})


@written("momentum(lr=0.05, momentum=0.9)")
def momentum(*, lr: float, momentum: float) -> Optimizer:
    """Gradient descent with momentum: v ← momentum·v + ∂L/∂w, w ← w − lr·v."""
    return Optimizer("momentum", {"lr": lr, "momentum": momentum})


@written("adam(lr=0.001)")
def adam(*, lr: float, beta1: float = 0.9, beta2: float = 0.999, eps: float = 1e-8) -> Optimizer:
    """Adam: w ← w − lr·m̂ / (√v̂ + eps), with running means m of the gradient and v of its square."""
    return Optimizer("adam", {"lr": lr, "beta1": beta1, "beta2": beta2, "eps": eps})


@written("adamw(lr=0.001, weight_decay=0.01)")
def adamw(*, lr: float, weight_decay: float, beta1: float = 0.9, beta2: float = 0.999, eps: float = 1e-8) -> Optimizer:
    """Adam with decoupled weight decay: w ← w − lr·weight_decay·w before Adam's step."""
    settings = {"lr": lr, "beta1": beta1, "beta2": beta2, "eps": eps, "weight_decay": weight_decay}
    return Optimizer("adamw", settings)


SETTINGS: Mapping[str, Kind[Any]] = {
    "function": FUNCTION,
    "seed": SEED,
    "epochs": COUNT,
    "optimizer": instance_of("an optimizer, as sgd(lr=0.1) or momentum(lr=0.05, momentum=0.9)", Optimizer),
    "dtype": DTYPE,
    "batch_size": COUNT,
    "sizes": BY_NAME,
    "accuracy": TWO_NAMES,
}
"""What a scenario's settings have to be."""

DRAWN = "drawn with randn(...), param(...) or data(...)"


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
        where = f"scenario {self.name}"
        check_fields(self, SETTINGS, where)
        self._check_setting_names(where)
        self._check_draws(where)

    def _check_setting_names(self, where: str) -> None:
        """Check the sizes, and that `--set NAME` means one thing."""
        sizes = checked_by_name(self.sizes or {}, COUNT, where)
        object.__setattr__(self, "sizes", sizes or None)
        for name in sizes:
            if name in self.optimizer.settings:
                raise ScenarioError(f"{where}: sizes= defines {name}, which is a setting of {self.optimizer.name}")
        for name in self.settings:
            if name in OPTIONS:
                raise ScenarioError(f"{where}: {name} has a meaning of its own; the setting needs another name")

    def _check_draws(self, where: str) -> None:
        for name, draw in self.draws.items():
            if not isinstance(draw, Normal | Loaded):  # such as a misspelt setting
                in_optimizer = name in self.optimizer.settings
                hint = f"; it belongs to {self.optimizer.name}(...)" if in_optimizer else near_miss(name, SETTINGS)
                raise ScenarioError(f"{where}: {name} must be {DRAWN}, not {shown(draw)}{hint}")
            for size in draw.shape if isinstance(draw, Normal) else ():
                if isinstance(size, str) and size not in (self.sizes or {}):
                    what = f"{name} has a size named {size!r}, which sizes= does not define"
                    raise ScenarioError(f"{where}: {what}{did_you_mean(size, self.sizes or {})}")
        if not any(draw.trainable for draw in self.draws.values()):
            raise ScenarioError(f"{where}: nothing to train; draw at least one weight with param(...)")

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
        optimizer: dict[str, Any] = dict(self.optimizer.settings)
        sizes: dict[str, Any] = dict(self.sizes or {})
        for key, value in (settings or {}).items():
            if key in optimizer:
                optimizer[key] = value
            elif key in sizes:
                sizes[key] = value
            elif key in OPTIONS:
                option = f"--{key.replace('_', '-')}"
                raise ScenarioError(f"scenario {self.name}: {key} has an option of its own; use {option}, not --set")
            else:
                hint = did_you_mean(key, self.settings)
                raise ScenarioError(f"scenario {self.name} has no setting {key!r}{hint}")
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


@written("@scenario(seed=1, epochs=50, optimizer=sgd(lr=0.1), x=randn(20, 4), w=param(4, 2), ...)")
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
            name=getattr(function, "__name__", type(function).__name__),
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
