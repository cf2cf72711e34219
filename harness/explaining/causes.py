"""Selects the causes of a wrong tensor: those that predict every recorded element of it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum
from functools import cached_property

import numpy as np

from backends.contract import Array
from harness.explaining.computation import Computation, Values
from harness.explaining.observation import Observation
from harness.explaining.uses import NamedUse

UNKNOWN = np.array(np.nan)
"""The prediction for other inputs if the op rejects them. All such predictions compare equal."""

NO_CAUSE = "no single cause explains the difference"
MOST_NAMED = 3
"""Further causes are only counted, unless they are known variants."""


class Rank(IntEnum):
    """The kinds of causes, the most likely first."""

    GROUP = 0
    """A rule has the settings that it has for weights of another group."""
    VARIANT = 1
    USES = 2
    SIGN = 3
    """The result has the wrong sign or is 0."""
    STRUCTURE = 4
    """An operation, an operand, a term or a branch is missing or replaced by another."""
    UNCHANGED = 5
    SETTING = 6
    """A setting has a value with a meaning, such as that of another setting."""
    COUNT = 7
    """The divisor counts the wrong thing."""
    FACTOR = 8
    """A factor with a meaning: a count or a setting."""
    VALUE = 9
    """A setting has a value without a meaning."""
    TWICE = 10
    MOVED = 11
    REPLACED = 12
    SHIFTED = 13
    ROUNDED = 14
    ODD = 15
    """A rare mistake, such as dividing instead of multiplying."""
    FRACTION = 16
    """A factor without a meaning."""
    ZERO = 17
    """A step of the computation is 0."""


LAST_RESORT = Rank.SHIFTED
"""This kind and those after it are named only if no earlier kind fits."""


class Case:
    """The inputs of a computation: the recorded ones, or others that tell two causes apart."""

    def __init__(
        self, uses: Iterable[NamedUse], computation: Computation, inputs: Mapping[str, Array] | None = None
    ) -> None:
        self.uses = [use.with_arrays(inputs or {}) for use in uses]
        self._computation = computation
        self._inputs = inputs

    @cached_property
    def values(self) -> Values:
        """The result of every operation on these inputs."""
        return self._computation.recorded if self._inputs is None else self._computation.values(self._inputs)


@dataclass(frozen=True)
class Cause:
    """One possible mistake."""

    rank: Rank
    description: str
    """The clause of the report that names it."""
    predict: Callable[[Case], Array | None]
    """The tensor that the mistake would produce; None if it would raise an error."""
    among: int = 0
    """How many causes of its kind are tried, where they are so many that one may fit a lone number by chance."""


def diagnosis(causes: Iterable[Cause], observation: Observation, recorded: Case, other: Case) -> str:
    """Name the cause that explains every element, or several if they fit equally; say so if none does.

    Two causes with the same prediction for other inputs are the same mistake in different words. Only the more likely
    of them is named, or the first if they are equally likely. Known variants are never the same mistake, nor one of
    them and another group's settings: if they don't differ for other inputs, they do for other settings or results.
    """
    distinct: list[tuple[Cause, Array]] = []
    for cause in causes:
        if not _is_likely(cause, [earlier for earlier, _ in distinct]):
            continue
        prediction = cause.predict(recorded)
        if prediction is None or not observation.is_explained_by(prediction, among=cause.among):
            continue
        other_prediction = cause.predict(other)
        other_prediction = UNKNOWN if other_prediction is None else other_prediction
        twin = next((i for i, earlier in enumerate(distinct) if _is_twin(earlier, (cause, other_prediction))), None)
        if twin is None:
            distinct.append((cause, other_prediction))
        elif cause.rank < distinct[twin][0].rank:
            distinct[twin] = (cause, other_prediction)
    fitting = sorted((cause for cause, _ in distinct), key=lambda cause: cause.rank)
    named = [cause.description for cause in fitting if _is_likely(cause, fitting)]
    # All variants are named, since the one that was used must be among them.
    most = max(MOST_NAMED, sum(cause.rank == Rank.VARIANT for cause in fitting))
    return _sentence(named, most, int(np.count_nonzero(observation.is_wrong)))


def _is_likely(cause: Cause, fitting: Sequence[Cause]) -> bool:
    """Whether a cause is likely beside the others that fit.

    If a known variant fits, only causes up to `Rank.STRUCTURE` are likely. If the settings of another group fit, only
    known variants are beside them. A last resort is likely only if nothing else fits.
    """
    first = min((other.rank for other in fitting), default=LAST_RESORT)
    if first == Rank.GROUP:
        return cause.rank <= Rank.VARIANT
    if first == Rank.VARIANT:
        return cause.rank <= Rank.STRUCTURE
    return cause.rank < LAST_RESORT or first >= LAST_RESORT


def _is_twin(one: tuple[Cause, Array], other: tuple[Cause, Array]) -> bool:
    both_known = max(one[0].rank, other[0].rank) <= Rank.VARIANT and Rank.VARIANT in (one[0].rank, other[0].rank)
    return not both_known and _same(one[1], other[1])


def _same(one: Array, other: Array) -> bool:
    if one.shape != other.shape:
        return False
    size = float(np.max(np.abs(one[np.isfinite(one)]), initial=0))
    return bool(np.allclose(one, other, rtol=1e-9, atol=1e-9 * size, equal_nan=True))


def _sentence(named: Sequence[str], most: int, wrong_count: int) -> str:
    if not named:
        return NO_CAUSE
    if len(named) > 1:
        more = f"; or one of {len(named) - most} more" if len(named) > most else ""
        return f"several causes fit equally: {'; or '.join(named[:most])}{more}"
    return named[0] + (f"; it fits all {wrong_count:,} wrong elements" if wrong_count > 1 else "")


def other_inputs(uses: Sequence[NamedUse]) -> dict[str, Array]:
    """Random inputs of the same shapes. No input is all 0 or all 1, and inputs without negative elements keep none."""
    random = np.random.RandomState(0)  # so that results are reproducible
    inputs: dict[str, Array] = {}
    for name, array in {name: array for use in uses for name, array in use.arrays.items()}.items():
        # The gradient of the loss towards itself is always 1.
        if array.dtype.kind == "f" and not (array.ndim == 0 and array == 1):
            size = float(np.max(np.abs(array), initial=0)) or 1.0
            lowest = -size if np.min(array, initial=0) < 0 else 0.1 * size
            inputs[name] = np.where(np.isfinite(array), array, 0) + random.uniform(lowest, size, array.shape)
    return inputs
