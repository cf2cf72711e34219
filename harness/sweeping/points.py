"""The points of a sweep: every scenario with every seed, setting and dtype, in an order that is always the same."""

import itertools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from harness.errors import InputError, did_you_mean
from scenarios import Scenario


@dataclass(frozen=True)
class Point:
    """One run of a sweep, as small as it can be: a worker has the scenarios already."""

    scenario: int
    """Its place among the scenarios of the sweep."""
    seed: int
    settings: tuple[tuple[str, float], ...]
    """Those that the sweep varies and the scenario has."""
    dtype: str

    def of(self, scenarios: Sequence[Scenario]) -> Scenario:
        """The scenario with this point's seed and settings. Raises ScenarioError for an invalid value."""
        return scenarios[self.scenario].vary(seed=self.seed, settings=dict(self.settings))


@dataclass(frozen=True)
class Grid:
    """What a sweep goes through."""

    scenarios: Sequence[Scenario]
    seeds: Sequence[int] | None
    """None: each scenario's own."""
    settings: Mapping[str, Sequence[float]]
    dtypes: Sequence[str | None]
    """None is each scenario's own."""

    def __post_init__(self) -> None:
        for name in self.settings:
            if not any(name in scenario.settings for scenario in self.scenarios):
                known = {setting for scenario in self.scenarios for setting in scenario.settings}
                raise InputError(f"no scenario of the sweep has a setting {name!r}{did_you_mean(name, known)}")

    def points(self) -> Iterator[Point]:
        """Every point, scenario by scenario."""
        for place, scenario in enumerate(self.scenarios):
            varied = {name: values for name, values in self.settings.items() if name in scenario.settings}
            for dtype, values, seed in itertools.product(
                [dtype or scenario.dtype for dtype in self.dtypes],
                itertools.product(*varied.values()),
                self.seeds if self.seeds is not None else (scenario.seed,),
            ):
                yield Point(place, seed, tuple(zip(varied, values, strict=True)), dtype)

    @property
    def left_out(self) -> dict[str, list[str]]:
        """For each setting that some scenarios do not have, the names of these."""
        return {
            name: lacking
            for name in self.settings
            if (lacking := [each.name for each in self.scenarios if name not in each.settings])
        }


def whole_numbers(text: str) -> list[int]:
    """`7`, `1,5,9`, `0:1000` or `0:1000:10`, which ends before its second number as Python's slices do.

    Raises ValueError for anything else, and for a slice that is empty.
    """
    found: list[int] = []
    for part in text.split(","):
        bounds = [int(number) for number in part.split(":")]
        if len(bounds) > 3 or (len(bounds) == 3 and bounds[2] < 1):
            raise ValueError(part)
        slice_or_one = range(*bounds) if len(bounds) > 1 else bounds
        if not slice_or_one:
            raise ValueError(part)
        found += slice_or_one
    return found


def numbers(text: str) -> list[float]:
    """`0.1`, `0.1,0.01` or whole numbers as `whole_numbers` reads them. Raises ValueError for anything else."""
    found: list[float] = []
    for part in text.split(","):
        try:
            found += whole_numbers(part)
        except ValueError:
            found.append(float(part))
    return found
