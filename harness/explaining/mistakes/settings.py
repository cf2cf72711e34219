"""A setting differs from the scenario's."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from backends.contract import Array
from harness.explaining.causes import Case, Cause, Rank
from harness.explaining.observation import Observation
from harness.explaining.solving import shortest, solution
from harness.explaining.uses import NamedUse, computed_or_none, counts
from harness.results import Phase

LARGEST_INPUTS = 1_000_000
"""If an op has more input elements than this, it is not run again with other settings."""

LARGEST_WHOLE = 16
"""The largest count that a whole-number setting may be mistaken for."""

Settings = Mapping[str, Any]


def wrong_settings(phase: Phase, recorded: Case, observation: Observation) -> Iterator[Cause]:
    """Try each setting at the values that it may be mistaken for, and at the short value that gives `got`."""
    if sum(array.size for use in recorded.uses for array in use.arrays.values()) > LARGEST_INPUTS:
        return
    settings: Settings = {name: value for use in recorded.uses for name, value in use.settings.items()}
    names = {name: use.setting_name(name) for use in recorded.uses for name in use.settings}
    for name, value in settings.items():
        if isinstance(value, bool):
            values: dict[Any, str] = {not value: ""}
        elif isinstance(value, int):
            values = _near_and_counted(name, settings, recorded.uses)
        elif isinstance(value, float):
            values = {1 - value: f"1 - {names[name]}", **_others(name, settings, float)}
            solved = _solved(lambda v, name=name: _run(phase, recorded, {name: v}), value, observation)  # type: ignore[misc]
            values |= {solved: ""} if solved is not None and solved not in values else {}
        else:
            continue
        for other, what in values.items():
            if other != value:
                yield _cause(_with(phase, {name: other}), names[name], value, other, what)


def settings_of_another_group(phase: Phase, recorded: Case) -> Iterator[Cause]:
    """A rule has the settings that it has for other weights: all of them, or one of several."""
    for use in recorded.uses:
        for whose, settings in use.of_other_groups:
            single = [{name: value} for name, value in settings.items()] if len(settings) > 1 else []
            for changed in (settings, *single):
                instead = " and ".join(
                    f"{use.setting_name(name)} is {_shown(value)}" for name, value in changed.items()
                )
                own = " and ".join(_shown(use.settings[name]) for name in changed)
                description = f"got comes out if {instead}, {whose}, not {own}"
                yield Cause(Rank.GROUP, description, _with(phase, changed))


def wrong_first_state(phase: Phase, recorded: Case) -> Iterator[Cause]:
    """An optimizer's state starts at 0 or at 1 in place of the number that the rule or the scenario says."""
    for use in recorded.uses:
        for name, number in use.starting.items():
            for other in (0.0, 1.0):
                if other != number:
                    description = f"got comes out if {name} starts at {_shown(other)}, not at {_shown(number)}"
                    yield Cause(Rank.VARIANT, description, _starting(phase, name, other))


def _starting(phase: Phase, name: str, number: float) -> Callable[[Case], Array | None]:
    def predict(case: Case) -> Array | None:
        uses = [use.with_arrays({name: np.full_like(use.arrays[name], number)}) for use in case.uses]
        return computed_or_none(phase, uses)

    return predict


def _cause(predict: Callable[[Case], Array | None], name: str, value: Any, other: Any, what: str) -> Cause:
    same = f", {what}" if what else ""
    description = f"got comes out if {name} is {_shown(other)}{same}, not {_shown(value)}"
    return Cause(Rank.SETTING if what else Rank.VALUE, description, predict)


def _with(phase: Phase, changed: Settings) -> Callable[[Case], Array | None]:
    """What a cause predicts that changes some settings."""
    return lambda case: _run(phase, case, changed)


def _run(phase: Phase, case: Case, changed: Settings) -> Array | None:
    """The tensor with other settings; None if the op rejects them."""
    return computed_or_none(phase, [replace(use, settings={**use.settings, **changed}) for use in case.uses])


def _shown(value: Any) -> str:
    return f"{value:.9g}" if isinstance(value, float) else f"{value}"


def _near_and_counted(name: str, settings: Settings, uses: Sequence[NamedUse]) -> dict[Any, str]:
    """Whole numbers that a setting may be mistaken for: its neighbours, 1, 2, another setting, a count."""
    lengths = {count: what for count, what in counts(uses).items() if count <= LARGEST_WHOLE}
    value = settings[name]
    return {1: "", 2: "", value - 1: "", value + 1: "", **lengths, **_others(name, settings, int)}


def _others(name: str, settings: Settings, kind: type) -> dict[Any, str]:
    return {value: other for other, value in settings.items() if type(value) is kind and other != name}


def _solved(run: Callable[[float], Array | None], value: float, observation: Observation) -> float | None:
    """The value of a setting that gives `got` at the most wrong element; None if it would need many digits."""
    difference = np.abs(observation.got - observation.want)
    index = np.unravel_index(int(np.argmax(np.where(np.isfinite(difference), difference, -1))), difference.shape)

    def residual(value: float) -> float:
        made = run(value)
        return float("nan") if made is None else float(made[index] - observation.got[index])

    room = float(observation.tolerance(observation.got)[index])
    solved = solution(residual, value, value * 1.001 if value else 1e-3, room)
    return None if solved is None else shortest(solved[0], value, solved[1])
