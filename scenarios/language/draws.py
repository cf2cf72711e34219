"""What a scenario draws: random numbers from its seed, and real data.

NumPy is imported when something is drawn, so listing scenarios is instant.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, TypeAlias, cast

from scenarios.language.errors import ScenarioError
from scenarios.language.files import ArrayFile
from scenarios.language.values import FINITE, LOAD, PROBABILITY, SIZE, check_fields, with_example

if TYPE_CHECKING:
    import numpy as np

    Array = np.ndarray[Any, np.dtype[Any]]

Load: TypeAlias = "Callable[[], Array] | str | Path"
"""A function that returns an array, or the file that holds it."""

Role = Literal["data", "weight", "buffer"]
"""A weight is trained; a buffer, such as running statistics, is carried from update to update; the rest is data."""


@dataclass(frozen=True)
class Normal:
    """Standard normal numbers times `scale`, drawn from the scenario's seed; or the constant `fill`, if set.

    `shape` holds numbers or names of the scenario's `sizes`.
    """

    shape: tuple[int | str, ...]
    role: Role
    scale: float = 1.0
    fill: float | None = None

    def __post_init__(self) -> None:
        maker = {"data": "randn", "weight": "param", "buffer": "buffer"}[self.role]
        check_fields(self, {"scale": FINITE, "fill": FINITE}, f"{maker}(...)")
        object.__setattr__(self, "shape", _checked_shape(self.shape, maker))

    def draw(self, random: np.random.RandomState, sizes: Mapping[str, int], dtype: str) -> Array:
        """Draw the next numbers of `random` as an array of `dtype`."""
        import numpy as np

        shape = sized(self.shape, sizes)
        if self.fill is not None:
            return np.full(shape, self.fill, dtype)
        with np.errstate(over="ignore"):  # the harness refuses infinity and names the tensor
            return np.asarray(random.standard_normal(shape) * self.scale).astype(dtype)


@dataclass(frozen=True)
class Bernoulli:
    """A dropout mask: ones with probability `keep`, else zeros, drawn anew for every epoch."""

    shape: tuple[int | str, ...]
    keep: float
    role: Role = "data"

    def __post_init__(self) -> None:
        check_fields(self, {"keep": PROBABILITY}, "bernoulli(...)")
        object.__setattr__(self, "shape", _checked_shape(self.shape, "bernoulli"))

    def draw(self, random: np.random.RandomState, sizes: Mapping[str, int], dtype: str) -> Array:
        """Draw the next numbers of `random` as an array of `dtype`."""
        return (random.uniform(size=sized(self.shape, sizes)) < self.keep).astype(dtype)

    def expected(self, rows: int, sizes: Mapping[str, int], dtype: str) -> Array:
        """The mean of the mask, for this many rows, which replaces the mask when the trained network is evaluated."""
        import numpy as np

        return np.full((rows, *sized(self.shape, sizes)[1:]), self.keep, dtype)


MAKERS: dict[Role, str] = {"data": "data", "weight": "param", "buffer": "buffer"}
"""The functions that make draws of arrays that are loaded."""


@dataclass(frozen=True)
class Loaded:
    """Real data: `load()` returns the array to train on, `load_held_out()` the part to test on.

    Or a weight or a buffer that starts as an array: of a network that was trained before, for instance.
    """

    load: Callable[[], Array]
    load_held_out: Callable[[], Array] | None = None
    role: Role = "data"
    shape: tuple[int | str, ...] = ()
    """Empty: the shape is only known once the data is loaded."""

    def __post_init__(self) -> None:
        check_fields(self, {"load": LOAD, "load_held_out": LOAD}, f"{MAKERS[self.role]}(...)")

    def beside(self, folder: Path) -> Loaded:
        """The same arrays, where the relative path of a file starts from `folder`."""
        files: dict[str, Any] = {
            name: each.beside(folder) for name, each in vars(self).items() if isinstance(each, ArrayFile)
        }
        return replace(self, **files)

    def draw(self, random: np.random.RandomState, sizes: Mapping[str, int], dtype: str) -> Array:
        """Load the array; real numbers become `dtype`, labels stay integers."""
        return _as_dtype(self.load(), dtype, self.role)

    def held_out(self, dtype: str) -> Array | None:
        """The held-out part, converted like the rest; None if there is none."""
        return None if self.load_held_out is None else _as_dtype(self.load_held_out(), dtype, self.role)


Draw = Normal | Bernoulli | Loaded
DRAWS = (Normal, Bernoulli, Loaded)


def _checked_shape(shape: tuple[Any, ...], maker: str) -> tuple[int | str, ...]:
    """Check every size of a shape. Raises ScenarioError for an invalid one."""
    if len(shape) == 1 and isinstance(shape[0], tuple | list):
        listed = ", ".join(map(repr, shape[0]))
        raise ScenarioError(f"{maker}(...) takes its sizes one by one: write {maker}({listed})")
    return tuple(SIZE.checked(size, f"{maker}(...): a size") for size in shape)


def sized(shape: tuple[int | str, ...], sizes: Mapping[str, int]) -> tuple[int, ...]:
    """Replace the names in a shape by their sizes."""
    return tuple(sizes[size] if isinstance(size, str) else size for size in shape)


def _as_dtype(array: Array, dtype: str, role: Role) -> Array:
    import numpy as np

    kinds, words = ("fiu", "floats, or integers for labels") if role == "data" else ("f", "floats")
    if not isinstance(array, np.ndarray) or isinstance(array, np.ma.MaskedArray):
        raise ScenarioError(f"{MAKERS[role]}(...) must load a NumPy array, not {type(array).__name__}")
    if array.dtype.kind not in kinds:
        raise ScenarioError(f"{MAKERS[role]}(...) must load {words}, not {array.dtype}")
    with np.errstate(over="ignore"):  # the harness refuses infinity and names the tensor
        return np.array(array, dtype if array.dtype.kind == "f" else np.int64)


@with_example("randn(20, 4)")
def randn(*shape: int | str, scale: float = 1.0) -> Normal:
    """Data: standard normal numbers times `scale`."""
    return Normal(shape, "data", scale=scale)


@with_example("bernoulli(20, 4, keep=0.5)")
def bernoulli(*shape: int | str, keep: float) -> Bernoulli:
    """Data: ones with probability `keep`, else zeros, one row per example, drawn anew for every epoch."""
    return Bernoulli(shape, keep)


@with_example('param(4, 2, scale=0.5), param(2, fill=0.0) or param(load="weights.npz:l1/W")')
def param(
    *shape: int | str, scale: float | None = None, fill: float | None = None, load: Load | None = None
) -> Normal | Loaded:
    """A weight to train: standard normal numbers times `scale` (default 1), the constant `fill`, or an array.

    `load` is a function that returns the array, or names a file, `weights.npy` or `weights.npz:KEY`, whose path starts
    from the folder of the scenario.
    """
    if load is not None:
        return _loaded("weight", load, shape, scale=scale, fill=fill)
    if scale is not None and fill is not None:
        raise ScenarioError("param(...): scale is for random numbers and fill for a constant; give one of them")
    return Normal(shape, "weight", scale=1.0 if scale is None else scale, fill=fill)


@with_example('buffer(4, fill=0.0) or buffer(load="weights.npz:bn/avg_mean")')
def buffer(*shape: int | str, fill: float | None = None, load: Load | None = None) -> Normal | Loaded:
    """State that is carried from update to update and not trained, such as running statistics.

    It starts as the constant `fill`, or as an array that is loaded as in `param`.

    The scenario's function returns its next value beside the loss: `return loss, {"mean": new_mean}`.
    """
    if load is not None:
        return _loaded("buffer", load, shape, fill=fill)
    if fill is None:
        raise ScenarioError("buffer(...): it must start as something; write buffer(4, fill=0.0) or buffer(load=...)")
    return Normal(shape, "buffer", fill=fill)


def _loaded(role: Role, load: Load, shape: tuple[int | str, ...], **others: float | None) -> Loaded:
    """A weight or a buffer that is loaded. Raises ScenarioError if it is said in another way, too, what it is."""
    given = ["a shape"] * bool(shape) + [name for name, value in others.items() if value is not None]
    if given:
        what = f"{MAKERS[role]}(load=...)"
        raise ScenarioError(f"{what} starts as the array that is loaded; leave out {' and '.join(given)}")
    return Loaded(cast("Callable[[], Array]", load), role=role)


@with_example("data(load) or data(load, held_out=load_others)")
def data(load: Load, held_out: Load | None = None) -> Loaded:
    """Real data, one row per example: functions that return the array to train on and the one to test on, or files."""
    return Loaded(cast("Callable[[], Array]", load), cast("Callable[[], Array] | None", held_out))
