"""What random programs draw: the text of a draw, from the plainest numbers to extreme ones."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from harness.fuzzing.choices import Choices

Shape = tuple[int, ...]
Sizes = tuple[int | str, ...]
Holds = Literal["numbers", "positive", "shares", "unit", "logarithms", "labels", "flags", "counts", "mask"]
"""What a tensor holds: any numbers, those above 0, rows that sum to 1, numbers between 0 and 1, logarithms of these.

Labels, flags and counts are whole numbers; a flag is 0 or 1, and a count is at least 1. A mask is 0.0 or 1.0.
"""
Near = tuple[float, ...]
"""Numbers at which the op that takes a tensor changes its behaviour: kinks, bounds, where it would overflow."""
FAR: Near = (100.0, 1000.0)
"""Exponentials of these overflow in float32, or in both dtypes."""
BESIDE_ZERO = 1e-7
ROWS = "{rows}"
"""Stands in a text for the number of rows that the whole data has."""

MOST_LISTED = 12
"""Arrays of so many elements are written down number by number."""
PLAIN = (1.0, 0.0, -1.0, 2.0, -2.0, 3.0, 0.5, -0.5)
SCALES = (0.1, 10.0, 0.01, 100.0)
SHIFTS = (10.0, 100.0, 1000.0)
"""Means of numbers that are far from 0 and near each other, so that digits cancel where a mean is taken off."""
EXTREME_SCALES = (1e6, 1e-6, 1e12, 1e-12, 1e19, 1e-19, 1e30)
SEEDS = 1000


@dataclass(frozen=True)
class Rows:
    """How data is dealt: so many rows in a batch, so many in all."""

    batch: int
    updates: int
    """The batches of an epoch."""

    def deals(self, shape: Shape) -> bool:
        """Whether data of this shape in a batch has one row per example."""
        return bool(shape) and shape[0] == self.batch


def draw_of(choose: Choices, role: str, shape: Shape, holds: Holds, rows: Rows | None, near: Near = ()) -> str:
    """The text that draws a new weight, frozen weight, buffer or data; a third of the time with numbers in `near`."""
    if role == "buffer":
        return f"buffer({_listed(shape)}fill={choose.of((0.0, 1.0))})"
    if holds != "numbers":
        return _loaded(role, shape, _formula(choose, holds, shape, role, rows), rows)
    if near and choose.one_in(3):
        return _loaded(role, shape, _choice(choose, _neighbours(near), shape, role, rows), rows)
    kind = choose.of(("listed", *["normal"] * 5, "constant", *["scaled", "whole", "shifted"] * 2, "extreme"))
    is_dealt = role == "data" and rows is not None
    if kind == "listed" and not is_dealt and 0 < math.prod(shape) <= MOST_LISTED:
        return _loaded(role, shape, _array([choose.of(PLAIN) for _ in range(math.prod(shape))], shape), rows)
    if kind == "whole":
        return _loaded(role, shape, _formula(choose, "numbers", shape, role, rows), rows)
    if kind == "shifted":
        sizes = _whole(shape, rows) if role == "data" else shape
        random = f"np.random.RandomState({choose.below(SEEDS)})"
        return _loaded(role, shape, f"{random}.normal({choose.of(SHIFTS)}, 1.0, {_tuple(sizes)})", rows)
    if kind == "constant" and role != "data":
        return _normal(choose, role, shape, f"fill={choose.of((1.0, 0.0))}", rows)
    scale = choose.of(EXTREME_SCALES) if kind == "extreme" else choose.of(SCALES) if kind == "scaled" else None
    return _normal(choose, role, shape, "" if scale is None else f"scale={scale}", rows)


def label_draw(choose: Choices, shape: Shape, classes: int, others: Sequence[int], rows: Rows | None) -> str:
    """The text that draws labels below the number of classes, the others among them."""
    allowed = (*range(classes), *range(classes), *others)  # fewer of the others, since not all may be ignored
    if rows is None and math.prod(shape) <= MOST_LISTED:
        # The first one is a class, since a loss of nothing but ignored labels is refused.
        flat = [choose.below(classes) if i == 0 else choose.of(allowed) for i in range(math.prod(shape))]
        return _loaded("data", shape, _array(flat, shape), rows)
    random = f"np.random.RandomState({choose.below(SEEDS)})"
    return _loaded("data", shape, f"{random}.choice({list(allowed)}, {_tuple(_whole(shape, rows))})", rows)


def attention_draw(choose: Choices, shape: Shape, rows: Rows | None) -> str:
    """The text that draws a mask of whole numbers that hides positions, but not the first one of a row."""
    sizes = _tuple(_whole(shape, rows))
    array = f"np.ones({sizes}, int)"
    if choose.one_in(2):
        random = f"np.random.RandomState({choose.below(SEEDS)})"
        array = f"{random}.randint(0, 2, {sizes}) | (np.arange({shape[1]}) == 0)"
    return _loaded("data", shape, array, rows)


def count_draw(choose: Choices, shape: Shape, most: int, rows: Rows | None) -> str:
    """The text that draws counts from 1 to the most: the most everywhere, or random ones."""
    sizes = _tuple(_whole(shape, rows))
    array = f"np.full({sizes}, {most})"
    if choose.one_in(2):
        array = f"np.random.RandomState({choose.below(SEEDS)}).randint(1, {most + 1}, {sizes})"
    return _loaded("data", shape, array, rows)


def mask_draw(choose: Choices, shape: Shape, keep: float | None, rows: Rows | None) -> str:
    """The text that draws a mask of ones and zeros: floats with a probability `keep`, else whole numbers."""
    if keep is None:
        return label_draw(choose, shape, 2, (), rows)
    per = choose.of(("run", "epoch", "update")) if rows is None or rows.deals(shape) else "update"
    sizes = shape if per == "update" else _whole(shape, rows)
    return f'bernoulli({_listed(sizes)}keep={keep}, per="{per}")'


def _normal(choose: Choices, role: str, shape: Shape, setting: str, rows: Rows | None) -> str:
    """A draw by the scenario's own random numbers."""
    if role != "data":
        settings = [setting] * bool(setting) + ["frozen=True"] * (role == "frozen")
        return f"param({', '.join([*map(str, shape), *settings])})"
    if rows is not None and not rows.deals(shape):
        per = "update"
    else:
        per = choose.of(("run", "run", "run", "run", "epoch", "update"))
    sizes = shape if per == "update" else _whole(shape, rows)
    settings = [setting] * bool(setting) + [f'per="{per}"'] * (per != "run")
    return f"randn({', '.join([*map(str, sizes), *settings])})"


def _formula(choose: Choices, holds: Holds, shape: Shape, role: str, rows: Rows | None) -> str:
    """An expression of an array of what a tensor holds, from a seed of its own."""
    sizes = _whole(shape, rows) if role == "data" else shape
    random = f"np.random.RandomState({choose.below(SEEDS)})"
    match holds:
        case "positive":
            return f"{random}.uniform({choose.of(('0.5, 2.0', '0.01, 1.0', '1.0, 100.0'))}, {_tuple(sizes)})"
        case "unit":
            return f"{random}.uniform(0.05, 0.95, {_tuple(sizes)})"
        case "logarithms":
            return f"np.log({random}.uniform(0.05, 0.95, {_tuple(sizes)}))"
        case "shares":
            return f"{random}.dirichlet([1.0] * {shape[-1]}, {_tuple(sizes[:-1])})"
    return f"{random}.randint(-1, 2, {_tuple(sizes)}) * 1.0"


def _choice(choose: Choices, numbers: Sequence[float], shape: Shape, role: str, rows: Rows | None) -> str:
    """An expression of an array of some of these numbers."""
    sizes = _whole(shape, rows) if role == "data" else shape
    return f"np.random.RandomState({choose.below(SEEDS)}).choice({list(numbers)}, {_tuple(sizes)})"


def _neighbours(near: Near) -> list[float]:
    """0, a number beside it, those in `near`, their halves and doubles, with both signs: differences come near, too."""
    sizes = {BESIDE_ZERO, *(size for number in near for size in (number / 2, number, number * 2))}
    return sorted({0.0, *sizes, *(-size for size in sizes)})


def _loaded(role: str, shape: Shape, array: str, rows: Rows | None) -> str:
    """A draw that loads an array."""
    if not shape and not array.startswith("np.array("):
        array = f"np.array({array})"
    if role != "data":
        return f"param(load=lambda: {array}{', frozen=True' if role == 'frozen' else ''})"
    if rows is None or rows.deals(shape):
        return f"data(lambda: {array})"
    return f'data(lambda: [{array}] * {rows.updates}, per="update")'


def _whole(shape: Shape, rows: Rows | None) -> Sizes:
    """The shape that data is drawn in: with all rows in place of those of a batch."""
    return (ROWS, *shape[1:]) if rows is not None and rows.deals(shape) else shape


def _array(flat: Sequence[float], shape: Shape) -> str:
    """An array written down number by number."""
    if not shape:
        return f"np.array({flat[0]})"

    def nested(start: int, sizes: Shape) -> str:
        if not sizes:
            return repr(flat[start])
        inside = math.prod(sizes[1:])
        return f"[{', '.join(nested(start + i * inside, sizes[1:]) for i in range(sizes[0]))}]"

    return f"np.array({nested(0, shape)})"


def _tuple(sizes: Sizes) -> str:
    return f"({', '.join(map(str, sizes))}{',' * (len(sizes) == 1)})"


def _listed(sizes: Sizes) -> str:
    """The sizes in front of further arguments."""
    return "".join(f"{size}, " for size in sizes)
