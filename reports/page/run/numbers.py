"""The tensors that a page keeps: every element of small ones; a summary and a corner of large ones."""

import math
from base64 import b64encode
from collections.abc import Collection, Mapping, Sequence
from dataclasses import InitVar, dataclass, field
from typing import Any

import numpy as np

from backends.contract import Array, Program, gradient_name
from harness.numerics.written.nodes import unraveled
from harness.running.deviations import in_ulps
from harness.running.traced import EARLIER, NEW, bits

MOST_ELEMENTS = 100
"""A tensor with more elements is large."""
CORNER = 5
"""Rows and columns that are kept of a large tensor."""
BINS = 24
MOST_PICTURES = 8
"""Of a tensor of pictures."""
GREYS = 255
FIRST_EPOCHS = 10
"""These many epochs are always kept."""
ROOM = 45_000
"""About how many numbers a page may keep."""
STRIDES = (1, 2, 5, 10, 20, 25, 50, 100, 200, 500, 1000)

Number = float | str
"""JSON has no NaN and no infinity; they are written as words."""


def kept_epochs(epochs: int, program: Program, backends: int, always: Collection[int] = ()) -> list[int]:
    """The first epochs, then every n-th and the last, with the smallest n of STRIDES that leaves enough room.

    Those that are `always` kept come on top.
    """
    per_tensor = {
        name: 3 + 2 * len(program.slots_of(name)) if name in program.weights else 2 for name in program.shapes
    }
    numbers = backends * sum(_kept_of(shape) * per_tensor[name] for name, shape in program.shapes.items())
    room = max(ROOM // numbers, 8)
    for stride in STRIDES:
        kept = sorted({*range(1, min(FIRST_EPOCHS, epochs) + 1), *range(stride, epochs + 1, stride), epochs})
        if len(kept) <= max(room, FIRST_EPOCHS + 2):
            return sorted({*kept, *always})
    return sorted({*range(1, min(FIRST_EPOCHS, epochs) + 1), *always, epochs})


def _kept_of(shape: Sequence[int]) -> int:
    return min(math.prod(shape), CORNER * CORNER + BINS + 6 if math.prod(shape) > MOST_ELEMENTS else MOST_ELEMENTS)


@dataclass
class PageNumbers:
    """Collects tensors, epoch by epoch, the reference first.

    The reference is delta-encoded against the epoch kept before, the other backends against the reference. Where a
    backend has the bits of one before it, that one's name takes the place of its numbers.
    """

    program: Program
    first: InitVar[Mapping[str, Array]]
    """All tensors of the first update, whose shapes the page shows and writes formulas for."""
    around: Mapping[str, Sequence[int]] = field(default_factory=dict)
    """By tensor: the index of an element that is to be in the part that is kept of it, if it is large."""
    pictures: Mapping[str, tuple[int, int]] = field(default_factory=dict)
    """By tensor: the rows and columns of the picture that each of its rows is."""
    tensors: dict[str, dict[str, Any]] = field(init=False)
    epochs: list[int] = field(default_factory=list)
    numbers: list[dict[str, dict[str, Any] | str]] = field(default_factory=list)
    _reference: dict[str, Array] = field(default_factory=dict)

    def __post_init__(self, first: Mapping[str, Array]) -> None:
        kinds = kinds_of(self.program)
        self.tensors = {name: self._described(name, np.asarray(value), kinds[name]) for name, value in first.items()}

    def keep(self, backend: str, epoch: int, tensors: Mapping[str, Array]) -> None:
        """Take in all tensors of one backend at one epoch; those that the first update lacks are left out."""
        is_reference = not self.epochs or self.epochs[-1] != epoch
        if is_reference:
            self.epochs.append(epoch)
            self.numbers.append({})
        changed = {}
        for name in (name for name in self.tensors if name in tensors):
            array = np.asarray(tensors[name])
            of_reference = self._reference.get(name)
            if of_reference is None or not _same_bits(array, of_reference):
                changed[name] = self._as_kept(name, array)
                if isinstance(changed[name], dict):
                    changed[name] |= self._of_large(name, array, None if is_reference else of_reference)
            if is_reference:
                self._reference[name] = array.copy()
        kept = changed | {name: None for name in self._reference if name not in tensors}
        others = list(self.numbers[-1].items())[1:]
        same = next((name for name, other in others if kept and other == kept), None)
        self.numbers[-1][backend] = kept if same is None else same

    def _as_kept(self, name: str, array: Array) -> Any:
        """A tensor in the form that it has in the first update, and its shape where that is another one."""
        described = self.tensors[name]
        if not described["large"]:
            return elements_of(array)
        other = {} if list(array.shape) == described["shape"] else {"shape": list(array.shape)}
        return summary(array, described["start"]) | other

    def _of_large(self, name: str, array: Array, reference: Array | None) -> dict[str, Any]:
        """What is kept of a large tensor beside its summary.

        This is its pictures, if it has some; of one that is not the reference's also how far it is off, and its
        pictures only where they are others.
        """
        size = self._picture(name, array.shape)
        pictures = greys(array, *size) if size else None
        if reference is not None and size and pictures == greys(reference, *size):
            pictures = None
        return ({} if reference is None else {"apart": _apart(array, reference)}) | (
            {} if pictures is None else {"greys": pictures}
        )

    def places(self, name: str, shape: tuple[int, ...]) -> list[tuple[int, ...]]:
        """The indices of the elements that are kept of a tensor."""
        if math.prod(shape) <= MOST_ELEMENTS:
            return list(np.ndindex(shape))
        (row, column), (rows, columns) = self._start(name, shape), _rows_of(shape)
        of_rows, of_columns = range(row, min(row + CORNER, rows)), range(column, min(column + CORNER, columns))
        return [unraveled(i * columns + j, shape) for i in of_rows for j in of_columns]

    def is_kept(self, name: str, shape: tuple[int, ...], index: tuple[int, ...]) -> bool:
        """Whether an element is among those that are kept of a tensor."""
        if math.prod(shape) <= MOST_ELEMENTS:
            return True
        start = self._start(name, shape)
        return all(0 <= at - first < CORNER for at, first in zip(_place_in(shape, index), start, strict=True))

    def _start(self, name: str, shape: tuple[int, ...]) -> tuple[int, int]:
        """The row and column where the part that is kept of a large tensor starts."""
        index = self.around.get(name)
        if index is None or len(index) != len(shape):
            return 0, 0
        row, column = (
            max(min(at, length - CORNER), 0)
            for at, length in zip(_place_in(shape, index), _rows_of(shape), strict=True)
        )
        return row, column

    def _picture(self, name: str, shape: Sequence[int]) -> tuple[int, int] | None:
        """The rows and columns of the pictures in a tensor: said of data, or the last axes of images and kernels."""
        if len(shape) == 4 and min(shape[2:]) > 1:
            return shape[2], shape[3]
        return self.pictures.get(name)

    def _described(self, name: str, array: Array, kind: str) -> dict[str, Any]:
        is_large = array.size > MOST_ELEMENTS
        picture = self._picture(name, array.shape)
        return {
            "shape": list(array.shape),
            "dtype": str(array.dtype),
            "kind": kind,
            "large": is_large,
            **({"start": self._start(name, array.shape)} if is_large else {}),
            **({"picture": picture} if picture else {}),
        }


def _rows_of(shape: Sequence[int]) -> tuple[int, int]:
    """Rows and columns of an array as it is drawn: a vector is one row, axes after the first are joined."""
    return (shape[0], math.prod(shape[1:])) if len(shape) > 1 else (1, math.prod(shape))


def _place_in(shape: Sequence[int], index: Sequence[int]) -> tuple[int, int]:
    """The row and column of an element as its array is drawn."""
    return divmod(int(np.ravel_multi_index(tuple(index), tuple(shape))), _rows_of(shape)[1])


def elements_of(array: Array) -> list[Number]:
    """Every element in order."""
    return [exact(x) for x in array.ravel()]


def summary(array: Array, start: tuple[int, int] = (0, 0)) -> dict[str, Any]:
    """Of a large array: its norm, its distribution and a part from a row and column on."""
    rows = array.reshape(_rows_of(array.shape))
    corner = rows[start[0] :, start[1] :][:CORNER, :CORNER]
    finite = array[np.isfinite(array)].astype(np.float64) if array.dtype.kind == "f" else array.ravel()
    low, high = (finite.min(), finite.max()) if finite.size else (0.0, 0.0)
    counts, _ = np.histogram(finite, BINS, (low, high if high > low else low + 1))
    return {
        "norm": _rounded(np.sqrt(np.sum(finite.astype(np.float64) ** 2))),
        "mean": _rounded(finite.mean() if finite.size else math.nan),
        "low": exact(low),
        "high": exact(high),
        "zeros": int(np.sum(array == 0)),
        "notFinite": int(array.size - finite.size),
        "counts": counts.tolist(),
        "columns": corner.shape[1],
        "corner": [exact(x) for x in corner.ravel()],
    }


def greys(array: Array, rows: int, columns: int) -> str:
    """The first pictures of a tensor as bytes in base64, from 0 for the smallest of their elements to 255.

    What is not finite is 0, and so is everything where all elements are the same.
    """
    pictures = array.reshape(-1, rows, columns)[:MOST_PICTURES].astype(np.float64)
    finite = pictures[np.isfinite(pictures)]
    low, high = (finite.min(), finite.max()) if finite.size else (0.0, 0.0)
    shares = np.where(np.isfinite(pictures), (pictures - low) / (high - low if high > low else 1), 0)
    return b64encode(np.rint(GREYS * shares).astype(np.uint8).tobytes()).decode()


def exact(value: Any) -> Number:
    """The shortest decimal that is this very number in its dtype."""
    if not np.isfinite(value):
        return "nan" if np.isnan(value) else "inf" if value > 0 else "-inf"
    return int(value) if value == int(value) and abs(value) < 1e6 and not _minus_zero(value) else float(str(value))


def _same_bits(array: Array, other: Array) -> bool:
    return array.shape == other.shape and array.dtype == other.dtype and bits(array) == bits(other)


def _apart(array: Array, reference: Array | None) -> Number:
    """The largest difference in ulps of the reference's largest element."""
    if reference is None or reference.shape != array.shape:
        return "nan"
    with np.errstate(all="ignore"):
        size = float(np.abs(reference).max())
        return _rounded(in_ulps(float(np.abs(array - reference).max()), size, str(array.dtype)))


def _minus_zero(value: Any) -> bool:
    return bool(value == 0 and np.signbit(value))


def _rounded(value: Any) -> Number:
    return float(f"{value:.6g}") if np.isfinite(value) else "nan"


def kinds_of(program: Program) -> dict[str, str]:
    """The kind of tensor behind each name: data, weight, state, value, gradient or new."""
    kinds = {
        **dict.fromkeys(program.data, "data"),
        **dict.fromkeys(program.weights, "weight"),
        **dict.fromkeys(program.buffers, "state"),
    }
    if program.epoch.accumulates:
        kinds |= {f"{EARLIER}{gradient_name(weight)}": "state" for weight in program.weights}
    for node in (*program.nodes(), program.loss_gradient):
        match node.kind:
            case "value" | "loss":
                kinds[str(node)] = "value"
            case "gradient" | "clipped" | "decayed":
                kinds[str(node)] = "gradient"
            case "scheduled":
                kinds[str(node)] = "state"
            case _:
                kinds.setdefault(str(node), "state")
                kinds[f"{NEW}{node}"] = "new"
    return kinds
