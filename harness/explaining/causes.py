"""Which causes explain a wrong tensor: those that predict what was recorded, at every element of it."""

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
"""Where an op refuses the other inputs, they don't tell its causes apart."""

NO_CAUSE = "no single cause explains the difference"
MOST_NAMED = 3


class Rank(IntEnum):
    """The kinds of causes, the likeliest first."""

    VARIANT = 0
    USES = 1
    SIGN = 2
    """The wrong sign, or nothing at all."""
    STRUCTURE = 3
    """An operation, an operand, a term or a branch that is missing or is another one."""
    UNCHANGED = 4
    SETTING = 5
    """A setting at a value that has a name, such as another setting's."""
    COUNT = 6
    """Divided by the number of something else."""
    FACTOR = 7
    """A factor that has a name: a count or a setting."""
    VALUE = 8
    """A setting at some value."""
    TWICE = 9
    MOVED = 10
    REPLACED = 11
    SHIFTED = 12
    ROUNDED = 13
    ODD = 14
    """What people seldom do, such as to divide where they should multiply."""
    FRACTION = 15
    """A factor that has no name."""
    ZERO = 16
    """A step that is 0."""


LAST_RESORT = Rank.SHIFTED
"""Kinds from here on are named only where nothing before fits."""


class Case:
    """Inputs of a computation: those that were recorded, or others that tell two causes apart."""

    def __init__(
        self, uses: Sequence[NamedUse], computation: Computation, inputs: Mapping[str, Array] | None = None
    ) -> None:
        self.uses = [use.with_arrays(inputs or {}) for use in uses]
        self._computation = computation
        self._inputs = inputs

    @cached_property
    def values(self) -> Values:
        """What every operation makes of these inputs."""
        return self._computation.recorded if self._inputs is None else self._computation.values(self._inputs)


@dataclass(frozen=True)
class Cause:
    """One possible mistake."""

    rank: Rank
    says: str
    predict: Callable[[Case], Array | None]
    """The tensor that it makes; None where it makes none."""


def diagnosis(causes: Iterable[Cause], observation: Observation, recorded: Case, other: Case) -> str:
    """Name the cause that explains every element, or the few that do; say so where none does.

    Two causes that would make the same of other inputs are one in other words: the likelier is named, or the first.
    """
    distinct: list[tuple[Cause, Array]] = []
    for cause in causes:
        if not _is_likely(cause, [known for known, _ in distinct]):
            continue
        prediction = cause.predict(recorded)
        if prediction is None or not observation.is_explained_by(prediction):
            continue
        elsewhere = cause.predict(other)
        elsewhere = UNKNOWN if elsewhere is None else elsewhere
        twin = next((i for i, (_, known) in enumerate(distinct) if _same(known, elsewhere)), None)
        if twin is None:
            distinct.append((cause, elsewhere))
        elif cause.rank < distinct[twin][0].rank:
            distinct[twin] = (cause, elsewhere)
    fitting = sorted((cause for cause, _ in distinct), key=lambda cause: cause.rank)
    named = [cause.says for cause in fitting if _is_likely(cause, fitting)]
    return _sentence(named, int(np.count_nonzero(observation.wrong)))


def _is_likely(cause: Cause, fitting: Sequence[Cause]) -> bool:
    """Whether it is more than a coincidence: beside a known variant only structure is, a last resort only alone."""
    first = min((other.rank for other in fitting), default=LAST_RESORT)
    if first == Rank.VARIANT:
        return cause.rank <= Rank.STRUCTURE
    return cause.rank < LAST_RESORT or first >= LAST_RESORT


def _same(one: Array, other: Array) -> bool:
    if one.shape != other.shape:
        return False
    size = float(np.max(np.abs(one[np.isfinite(one)]), initial=0))
    return bool(np.allclose(one, other, rtol=1e-9, atol=1e-9 * size, equal_nan=True))


def _sentence(named: Sequence[str], wrong: int) -> str:
    if not named:
        return NO_CAUSE
    if len(named) > 1:
        more = f"; or one of {len(named) - MOST_NAMED} more" if len(named) > MOST_NAMED else ""
        return f"several causes fit equally: {'; or '.join(named[:MOST_NAMED])}{more}"
    return named[0] + (f"; it fits all {wrong:,} wrong elements" if wrong > 1 else "")


def other_inputs(uses: Sequence[NamedUse]) -> dict[str, Array]:
    """Inputs of the same shapes, none of which is 0 or 1 everywhere; what has no negative element still has none."""
    random = np.random.RandomState(0)  # the same question has the same answer
    inputs: dict[str, Array] = {}
    for name, array in {name: array for use in uses for name, array in use.arrays.items()}.items():
        # The loss's own gradient is 1 whatever the inputs are.
        if array.dtype.kind == "f" and not (array.ndim == 0 and array == 1):
            size = float(np.max(np.abs(array), initial=0)) or 1.0
            lowest = -size if np.min(array, initial=0) < 0 else 0.1 * size
            inputs[name] = np.where(np.isfinite(array), array, 0) + random.uniform(lowest, size, array.shape)
    return inputs
