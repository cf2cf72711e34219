"""What a scenario draws: random numbers from its seed, and real data.

NumPy is imported when something is drawn, so listing scenarios is instant.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, TypeAlias, cast

from scenarios.language.errors import ScenarioError
from scenarios.language.files import ArrayFile
from scenarios.language.values import (
    FINITE,
    LOAD,
    PER,
    PER_OF_LOADED,
    PICTURE,
    PROBABILITY,
    SIZE,
    YES_OR_NO,
    Kind,
    check_fields,
    shown,
    with_example,
)

if TYPE_CHECKING:
    import numpy as np

    Array = np.ndarray[Any, np.dtype[Any]]

Load: TypeAlias = "Callable[[], Array | Sequence[Array]] | str | Path"
"""A function that returns an array, or one for each update, or the file that holds it."""

Per = Literal["run", "epoch", "update"]
"""How often data is drawn anew. What is drawn per update has its whole shape in each; else it has a row per example."""

Role = Literal["data", "weight", "frozen", "buffer"]
"""A weight is trained, unless it is frozen; a buffer, such as running statistics, is carried from update to update."""

MAKERS: dict[Role, str] = {"data": "data", "weight": "param", "frozen": "param", "buffer": "buffer"}
"""The functions that make draws of arrays that are loaded."""


@dataclass(frozen=True)
class Normal:
    """Standard normal numbers times `scale`, drawn from the scenario's seed; or the constant `fill`, if set.

    `shape` holds numbers or names of the scenario's `sizes`.
    """

    shape: tuple[int | str, ...]
    role: Role
    scale: float = 1.0
    fill: float | None = None
    per: Per = "run"

    def __post_init__(self) -> None:
        maker = "randn" if self.role == "data" else MAKERS[self.role]
        check_fields(self, {"scale": FINITE, "fill": FINITE, "per": PER}, f"{maker}(...)")
        object.__setattr__(self, "shape", _checked_shape(self.shape, maker))

    def draw(self, random: np.random.RandomState, sizes: Mapping[str, int], dtype: str) -> Array:
        """Draw the next numbers of `random` as an array of `dtype`."""
        import numpy as np

        shape = sized(self.shape, sizes)
        if self.fill is not None:
            return np.full(shape, self.fill, dtype)
        with np.errstate(over="ignore"):  # the harness refuses infinity and names the tensor
            return np.asarray(random.standard_normal(shape) * self.scale).astype(dtype)

    @property
    def mean(self) -> float:
        """The mean of what is drawn."""
        return self.fill or 0.0


@dataclass(frozen=True)
class Bernoulli:
    """A dropout mask: ones with probability `keep`, else zeros, drawn anew for every epoch or every update."""

    shape: tuple[int | str, ...]
    keep: float
    role: Role = "data"
    per: Per = "epoch"

    def __post_init__(self) -> None:
        check_fields(self, {"keep": PROBABILITY, "per": PER}, "bernoulli(...)")
        object.__setattr__(self, "shape", _checked_shape(self.shape, "bernoulli"))

    def draw(self, random: np.random.RandomState, sizes: Mapping[str, int], dtype: str) -> Array:
        """Draw the next numbers of `random` as an array of `dtype`."""
        return (random.uniform(size=sized(self.shape, sizes)) < self.keep).astype(dtype)

    @property
    def mean(self) -> float:
        """The mean of what is drawn."""
        return self.keep


@dataclass(frozen=True)
class Loaded:
    """Real data: `load()` returns the array to train on, `load_held_out()` the part to test on.

    Or a weight or a buffer that starts as an array: of a network that was trained before, for instance.
    """

    load: Callable[[], Any]
    load_held_out: Callable[[], Array] | None = None
    role: Role = "data"
    shape: tuple[int | str, ...] = ()
    """Empty: the shape is only known once the data is loaded."""
    per: Per = "run"
    """With `"update"`, `load()` returns one array for each update of an epoch: a list, or an array of one more axis."""
    picture: tuple[int, int] | None = None
    """The rows and columns of the picture that each row of the data is; pages draw it."""

    def __post_init__(self) -> None:
        kinds: dict[str, Kind[Any]] = {"load": LOAD, "load_held_out": LOAD, "per": PER_OF_LOADED, "picture": PICTURE}
        check_fields(self, kinds, f"{MAKERS[self.role]}(...)")

    def beside(self, folder: Path) -> Loaded:
        """The same arrays, where the relative path of a file starts from `folder`."""
        files: dict[str, Any] = {
            name: each.beside(folder) for name, each in vars(self).items() if isinstance(each, ArrayFile)
        }
        return replace(self, **files)

    def draw(self, random: np.random.RandomState, sizes: Mapping[str, int], dtype: str) -> Array:
        """Load the array; real numbers become `dtype`, labels stay integers."""
        return self._with_its_pictures(_as_dtype(self.load(), dtype, self.role))

    def _with_its_pictures(self, array: Array) -> Array:
        """The array. Raises ScenarioError if its rows are no pictures as they should be."""
        if self.picture is not None:
            rows, columns = self.picture
            if array.ndim != 2 or array.shape[1] != rows * columns:
                one = f"{rows}·{columns} = {rows * columns} numbers"
                raise ScenarioError(f"its shape is {array.shape}; with picture={self.picture} each row must be {one}")
        return array

    def updates(self, dtype: str) -> list[Array]:
        """Load the arrays of an epoch's updates, converted like the rest.

        They may differ in their number of rows. Raises ScenarioError if they differ in anything else.
        """
        import numpy as np

        loaded = self.load()
        is_several = isinstance(loaded, list | tuple) or (isinstance(loaded, np.ndarray) and loaded.ndim > 0)
        if not is_several or len(loaded) == 0:
            raise ScenarioError(f'data(..., per="update") must load one array for each update, not {shown(loaded)}')
        # The elements of a vector are NumPy's numbers and no arrays.
        each = [np.asarray(array) if isinstance(loaded, np.ndarray) else array for array in loaded]
        arrays = [self._with_its_pictures(_as_dtype(array, dtype, self.role)) for array in each]
        for number, array in enumerate(arrays, 1):
            if (array.dtype, array.ndim, array.shape[1:]) != (arrays[0].dtype, arrays[0].ndim, arrays[0].shape[1:]):
                raise ScenarioError(
                    f"the array of update {number} is {array.dtype} of shape {array.shape}, that of update 1 "
                    f"{arrays[0].dtype} of shape {arrays[0].shape}; they may differ in their number of rows only"
                )
        return arrays

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


def expected(rule: Normal | Bernoulli, rows: int, sizes: Mapping[str, int], dtype: str) -> Array:
    """The mean of what is drawn, which replaces it when the trained network is evaluated on this many rows."""
    import numpy as np

    shape = sized(rule.shape, sizes)
    return np.full(shape if rule.per == "update" else (rows, *shape[1:]), rule.mean, dtype)


def sized(shape: tuple[int | str, ...], sizes: Mapping[str, int]) -> tuple[int, ...]:
    """Replace the names in a shape by their sizes."""
    return tuple(sizes[size] if isinstance(size, str) else size for size in shape)


def _as_dtype(array: Array, dtype: str, role: Role) -> Array:
    import numpy as np

    kinds, words = ("fiu", "floats, or integers for labels") if role == "data" else ("f", "floats")
    if not isinstance(array, np.ndarray) or isinstance(array, np.ma.MaskedArray):
        raise ScenarioError(f"{MAKERS[role]}(...) must load a NumPy array, not {type(array).__name__}")
    if array.dtype.kind not in kinds:
        advice = "; a mask is load(…).astype(int)" if array.dtype.kind == "b" and role == "data" else ""
        raise ScenarioError(f"{MAKERS[role]}(...) must load {words}, not {array.dtype}{advice}")
    with np.errstate(over="ignore"):  # the harness refuses infinity and names the tensor
        return np.array(array, dtype if array.dtype.kind == "f" else np.int64)


@with_example('randn(20, 4) or randn(4, 2, per="update")')
def randn(*shape: int | str, scale: float = 1.0, per: Per = "run") -> Normal:
    """Data: standard normal numbers times `scale`, one row per example, drawn once; or anew, as noise.

    With `per="epoch"` they are drawn anew for every epoch, with `per="update"` for every update, in their whole shape.
    """
    return Normal(shape, "data", scale=scale, per=per)


@with_example("bernoulli(20, 4, keep=0.5)")
def bernoulli(*shape: int | str, keep: float, per: Per = "epoch") -> Bernoulli:
    """Data: ones with probability `keep`, else zeros, one row per example, drawn anew for every epoch.

    With `per="update"` they are drawn anew for every update, in their whole shape; with `per="run"` once.
    """
    return Bernoulli(shape, keep, per=per)


@with_example('param(4, 2, scale=0.5), param(2, fill=0.0) or param(load="weights.npz:l1/W")')
def param(
    *shape: int | str,
    scale: float | None = None,
    fill: float | None = None,
    load: Load | None = None,
    frozen: bool = False,
) -> Normal | Loaded:
    """A weight to train: standard normal numbers times `scale` (default 1), the constant `fill`, or an array.

    `load` is a function that returns the array, or names a file, `weights.npy` or `weights.npz:KEY`, whose path starts
    from the folder of the scenario. A frozen weight is not trained: it has no gradient and stays as it is.
    """
    role: Role = "frozen" if YES_OR_NO.checked(frozen, "param(...): frozen") else "weight"
    if load is not None:
        return _loaded(role, load, shape, scale=scale, fill=fill)
    if scale is not None and fill is not None:
        raise ScenarioError("param(...): scale is for random numbers and fill for a constant; give one of them")
    return Normal(shape, role, scale=1.0 if scale is None else scale, fill=fill)


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
    return Loaded(cast("Callable[[], Any]", load), role=role)


@with_example('data(load), data(load, held_out=load_others) or data(load, per="update")')
def data(
    load: Load, held_out: Load | None = None, *, per: Per = "run", picture: tuple[int, int] | None = None
) -> Loaded:
    """Real data, one row per example: functions that return the array to train on and the one to test on, or files.

    With `per="update"`, `load` gives one array for each update of an epoch, in their order. Pages draw each row as a
    picture if `picture` says how many rows and columns that has.
    """
    loaders = cast("Callable[[], Any]", load), cast("Callable[[], Array] | None", held_out)
    return Loaded(*loaders, per=per, picture=picture)
