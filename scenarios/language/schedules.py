"""Schedules: how the learning rate, or another setting, changes from step to step, or from epoch to epoch."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Self

from scenarios.language.errors import ScenarioError
from scenarios.language.rules import Rule
from scenarios.language.values import COUNT, Kind, check_fields, shown, with_example

IN_SEQUENCE = "in_sequence(warm_up(updates=10), cosine_decay(updates=90), after=[10])"
PER = Kind(
    '"update" or "epoch"', lambda value: value if isinstance(value, str) and value in ("update", "epoch") else None
)


SCHEDULED = ("lr", "momentum", "dampening", "alpha", "rho", "beta1", "beta2", "rate")
"""The settings that a schedule may change: those of optimizers, and the rate of a weight decay."""
OF = Kind(
    f"a setting such as {', '.join(SCHEDULED[:-1])} or {SCHEDULED[-1]}",
    lambda value: value if isinstance(value, str) and value in SCHEDULED else None,
)


@dataclass(frozen=True, repr=False)
class Schedule(Rule):
    """How the learning rate, or another setting, changes."""

    per: str = "update"
    """After what it moves on: "update", every step of the optimizer, or "epoch"."""
    of: str = "lr"
    """The setting that it changes."""
    parts: tuple[Schedule, ...] = ()
    """Of schedules in sequence: each of them, in order."""
    after: tuple[int, ...] = ()
    """Of schedules in sequence: after how many steps of the run each of them but the last ends."""

    def __post_init__(self) -> None:
        super().__post_init__()
        check_fields(self, {"per": PER, "of": OF}, f"{self.name}(...)")
        if self.parts:
            object.__setattr__(self, "after", _checked_ends(self.after, self.parts))

    @property
    def names(self) -> tuple[str, ...]:
        """The functions that a backend needs for it, its own first."""
        return (self.name, *(name for part in self.parts for name in part.names))

    @property
    def by_key(self) -> dict[str, float]:
        """Its settings, by what `--set` calls them: those of a part by its name, `warm_up.updates`."""
        if not self.parts:
            return super().by_key
        of_parts = {
            f"{name}.{key}": value
            for name, part in zip(self._part_names(), self.parts, strict=True)
            for key, value in part.by_key.items()
        }
        return {**of_parts, **dict(zip(self._after_names(), self.after, strict=True))}

    def vary(self, changed: Mapping[str, float]) -> Self:
        """A copy with the values that `changed` has for its settings."""
        if not self.parts:
            return super().vary(changed)
        own = self.by_key | {key: value for key, value in changed.items() if key in self.by_key}
        parts = [
            part.vary({key: own[f"{name}.{key}"] for key in part.by_key})
            for name, part in zip(self._part_names(), self.parts, strict=True)
        ]
        after = [own[key] for key in self._after_names()]
        return replace(self, parts=tuple(parts), after=after)  # type: ignore[arg-type]

    def _part_names(self) -> Iterator[str]:
        """What the parts are called: the second step_decay is step_decay_2."""
        for place, part in enumerate(self.parts):
            before = sum(other.name == part.name for other in self.parts[:place])
            yield f"{part.name}_{before + 1}" if before else part.name

    def _after_names(self) -> list[str]:
        """What the ends are called: `after`, or if there are several, `after_1` and so on."""
        return ["after"] if len(self.after) == 1 else [f"after_{number}" for number in range(1, len(self.after) + 1)]


def _checked_ends(after: Sequence[int], parts: Sequence[Schedule]) -> tuple[int, ...]:
    """The ends of schedules in sequence. Raises ScenarioError for ones that can't be."""
    for part in parts:
        if not isinstance(part, Schedule):
            raise ScenarioError(f"in_sequence(...): {shown(part)} is no schedule; write it as {IN_SEQUENCE}")
        if part.parts:
            raise ScenarioError("in_sequence(...) can't be a part of another; name all schedules in one")
        if part.of != "lr":
            raise ScenarioError(f'in_sequence(...): give of="{part.of}" to in_sequence, not to {part.name}')
        if part.per != "update":
            raise ScenarioError(f'in_sequence(...): give per="{part.per}" to in_sequence, not to {part.name}')
    is_sequence = isinstance(after, Sequence) and not isinstance(after, str)
    if not is_sequence or len(after) != len(parts) - 1:
        ends = f"a list of {len(parts) - 1} number{'s' * (len(parts) > 2)}"
        problem = f"after= says when each schedule but the last ends, so it must be {ends}, not {shown(after)}"
        raise ScenarioError(f"in_sequence(...): {problem}")
    ends_checked = tuple(COUNT.checked(end, "in_sequence(...): a number of after=") for end in after)
    if any(end <= before for before, end in pairwise(ends_checked)):
        raise ScenarioError(f"in_sequence(...): the numbers of after= must increase, not {shown(after)}")
    return ends_checked


@with_example("step_decay(every=10, factor=0.5)")
def step_decay(*, every: int, factor: float, per: str = "update", of: str = "lr") -> Schedule:
    """The learning rate is multiplied by `factor` once every `every` steps, or epochs with `per="epoch"`.

    With `of` it is another setting, here and in the schedules below: `of="momentum"`, or `of="rate"` of a weight decay.
    """
    return Schedule("step_decay", {"every": every, "factor": factor}, per=per, of=of)


@with_example("exponential_decay(factor=0.99)")
def exponential_decay(*, factor: float, per: str = "update", of: str = "lr") -> Schedule:
    """The learning rate is multiplied by `factor` after every step, or epoch with `per="epoch"`."""
    return Schedule("exponential_decay", {"factor": factor}, per=per, of=of)


@with_example("cosine_decay(updates=100)")
def cosine_decay(*, updates: int, per: str = "update", of: str = "lr") -> Schedule:
    """The learning rate falls along half a cosine to 0 over `updates` steps, and then rises again.

    With `per="epoch"` these are epochs.
    """
    return Schedule("cosine_decay", {"updates": updates}, per=per, of=of)


@with_example("warm_up(updates=10)")
def warm_up(*, updates: int, per: str = "update", of: str = "lr") -> Schedule:
    """The learning rate rises evenly and reaches its full value at step number `updates`.

    With `per="epoch"` these are epochs.
    """
    return Schedule("warm_up", {"updates": updates}, per=per, of=of)


@with_example(IN_SEQUENCE)
def in_sequence(*schedules: Schedule, after: Sequence[int], per: str = "update", of: str = "lr") -> Schedule:
    """One schedule after the other: each but the last ends after so many steps of the run, as `after` says.

    Each starts from the optimizer's learning rate and counts its own steps from 1. With `per="epoch"` all of them,
    and `after`, count epochs.
    """
    if len(schedules) < 2:
        raise ScenarioError(f"in_sequence(...) takes two schedules or more; write it as {IN_SEQUENCE}")
    return Schedule("in_sequence", {}, per=per, of=of, parts=schedules, after=after)  # type: ignore[arg-type]
