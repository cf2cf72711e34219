"""Checks a hand-written backward against numerical derivatives of its forward, at kinks and ties too."""

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from backends.contract import Array
from backends.deferred import computed, of_given
from harness.explaining.arbiter import NUDGE_FACTOR, NUDGES
from harness.numerics.differentiation import EPS, SAFETY, Derivative, Line, exact, forward_of, settle

DIRECTIONS = 4
ROUNDING = 2.0**-36


@dataclass(frozen=True)
class Discrepancy:
    """A hand-written gradient that is not the derivative of its forward."""

    position: int
    where: str
    """At which inputs: "as given", "at kinks" or "with ties"."""
    index: tuple[int, ...] | None
    """The first wrong element; None for what is wrong with a whole gradient."""
    got: float
    derivative: Derivative
    text: str


def gradient_check(
    op: Callable[..., Any],
    inputs: Sequence[Any],
    settings: Mapping[str, Any],
    random: np.random.RandomState,
    *,
    kinks: Sequence[float] = (0.0,),
) -> list[Discrepancy]:
    """Check a hand-written backward against the derivatives of its forward; an empty list where all is right.

    `op(*inputs, **settings)` returns (y, backward); inputs are arrays of any shape, taken as float64, labels as whole
    numbers. Towards every float input, `DIRECTIONS` random directions with random cotangents each at the inputs as
    given; where one differs, and where inputs were put at `kinks` and made equal to each other, element by element,
    which takes some 70 forwards each: meant for small inputs. None as a gradient says that it is zero. Inputs put at
    kinks for which the forward is not finite are left out.
    """
    given = [exact(x) for x in inputs]
    discrepancies: list[Discrepancy] = []
    with np.errstate(all="ignore"):
        for position, x in enumerate(given):
            if x.dtype.kind == "f":
                discrepancies += _check_directions(op, given, settings, random, position)
                for where, varied in _variants(given, random, kinks):
                    discrepancies += _check_elements(op, varied, settings, random, position, where)[0]
    return discrepancies


def _variants(
    given: Sequence[Array], random: np.random.RandomState, kinks: Sequence[float]
) -> Iterable[tuple[str, list[Array]]]:
    """The inputs with half of their elements at a kink, or the same as their neighbours or as another input's."""

    def some(x: Array, of: Any) -> Array:
        return np.where(random.uniform(size=x.shape) < 0.5, of, x) if x.dtype.kind == "f" else x

    for kink in kinks:
        yield "at kinks", [some(x, kink) for x in given]
    yield "with ties", [some(x, np.roll(x, 1, axis=-1) if x.ndim else x) for x in given]
    alike = {x.shape: x for x in given if x.dtype.kind == "f"}
    yield "with ties", [some(x, alike.get(x.shape)) for x in given]


def _check_directions(
    op: Callable[..., Any],
    inputs: list[Array],
    settings: Mapping[str, Any],
    random: np.random.RandomState,
    position: int,
) -> list[Discrepancy]:
    """Random directions; where one differs the elements decide, since subgradients of several kinks do not add up."""
    for _ in range(DIRECTIONS):
        direction = np.asarray(random.standard_normal(inputs[position].shape))
        wrong, _ = _check_along(op, inputs, settings, _cotangents(op, inputs, settings, random), position, direction)
        if wrong is None:
            continue
        elements, kinked = _check_elements(op, inputs, settings, random, position, "as given")
        if elements or not kinked:
            return elements or [Discrepancy(position, "as given", None, *wrong)]
    return []


def _check_elements(
    op: Callable[..., Any],
    inputs: list[Array],
    settings: Mapping[str, Any],
    random: np.random.RandomState,
    position: int,
    where: str,
) -> tuple[list[Discrepancy], bool]:
    """The first wrong element, if any, and whether an element was at a kink.

    With positive cotangents: subgradients of several outputs that share a tie, as overlapping windows do, add up to one
    where the outputs are convex and none is turned round (Clarke 1983, 2.3.3).
    """
    cotangents = [np.abs(cotangent) for cotangent in _cotangents(op, inputs, settings, random)]
    kinked = False
    for index in np.ndindex(inputs[position].shape):
        direction = np.zeros(inputs[position].shape)
        direction[index] = 1.0
        wrong, discrepancies = _check_along(op, inputs, settings, cotangents, position, direction)
        if wrong is not None and (where == "as given" or math.isfinite(discrepancies.value)):
            return [Discrepancy(position, where, index, *wrong)], kinked
        kinked = kinked or discrepancies.interval is not None
    return [], kinked


def _cotangents(
    op: Callable[..., Any], inputs: list[Array], settings: Mapping[str, Any], random: np.random.RandomState
) -> list[Array]:
    y = op(*[x.copy() for x in inputs], **settings)[0]
    return [np.asarray(random.standard_normal(np.shape(part))) for part in (y if isinstance(y, tuple) else (y,))]


def _check_along(
    op: Callable[..., Any],
    inputs: list[Array],
    settings: Mapping[str, Any],
    cotangents: list[Array],
    position: int,
    direction: Array,
) -> tuple[tuple[float, Derivative, str] | None, Derivative]:
    """What is wrong with ⟨gradient, direction⟩: its value, the derivative and a sentence; and the derivative."""
    line = Line(forward_of(op), inputs, settings, cotangents, (position,), direction)
    discrepancies = settle(line) if line.finite else Derivative(math.nan, math.inf)

    def wrong(got: float, text: str) -> tuple[tuple[float, Derivative, str], Derivative]:
        return (got, discrepancies, f"inputs[{position}]: {text}"), discrepancies

    gradient = _gradient(op, inputs, settings, cotangents, position)
    if isinstance(gradient, str):
        return wrong(math.nan, gradient)
    moved = direction != 0  # elsewhere a gradient may be infinite, as the square root's is at 0
    got = float(np.sum(gradient[moved] * direction[moved]))
    if not math.isfinite(discrepancies.value):
        return wrong(got, "numerical differentiation finds no finite derivative, so nothing was tested")
    low, high = discrepancies.interval or (discrepancies.value, discrepancies.value)
    # Rounding of the backward: what it adds up, what its cotangents may be off by, and outputs that it starts from.
    rounding = ROUNDING * float(np.sum(np.abs(gradient[moved] * direction[moved])))
    rounding += SAFETY * NUDGE_FACTOR * EPS * line.relative_size()
    nudges = np.random.RandomState(0)
    for _ in range(NUDGES):
        above = [c * (1 + EPS * nudges.uniform(-1, 1, c.shape)) for c in cotangents]
        other = _gradient(op, inputs, settings, above, position)
        if not isinstance(other, str) and np.isfinite(other[moved]).all():
            rounding += NUDGE_FACTOR * abs(float(np.sum(other[moved] * direction[moved])) - got)
    allowed = discrepancies.error - (high - low) / 2 + rounding
    if low - allowed <= got <= high + allowed:
        return None, discrepancies
    between = f"{discrepancies.value:.9g}" if discrepancies.interval is None else f"between {low:.9g} and {high:.9g}"
    return wrong(got, f"the backward has {got:.9g}, numerical differentiation {between} ± {allowed:.1g}")


def _gradient(
    op: Callable[..., Any], inputs: list[Array], settings: Mapping[str, Any], cotangents: list[Array], position: int
) -> Array | str:
    """The hand-written gradient towards one input, zeros for None; or what is wrong with it."""
    _, backward = op(*[x.copy() for x in inputs], **settings)
    gradients = of_given(backward(*[c.copy() for c in cotangents]), len(inputs))
    if len(gradients) != len(inputs):
        return f"backward hands back {len(gradients)} gradients for {len(inputs)} inputs"
    gradient = gradients[position]
    gradient = computed(gradient)
    if gradient is None:
        return np.zeros(inputs[position].shape)
    if np.shape(gradient) != inputs[position].shape:
        return f"its gradient is {np.shape(gradient)}, the input {inputs[position].shape}"
    return np.asarray(gradient)
