"""The lines of a script that draw a scenario's data and weights as lockstep does."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from backends.contract import Array
from scenarios import Bernoulli, Loaded, Scenario
from scenarios.language.draws import Draw, Normal


@dataclass(frozen=True)
class DrawNames:
    """What the script calls its random numbers, the archive of loaded data, and the sizes."""

    random: str
    archive: str
    sizes: Mapping[str, str]


def drawn(name: str, rule: Draw, scenario: Scenario, dtype: str, names: DrawNames) -> str:
    """The expression that draws an array: rounded to the scenario's dtype, then converted to that of the run."""
    match rule:
        case Loaded():
            return f'{names.archive}["{name}"]'
        case Bernoulli():
            numbers = f"{names.random}.uniform(size={_shape(rule, names)})"
            return f"({numbers} < {float(rule.keep)!r}).astype(np.{dtype})"
        case Normal(fill=None):
            array = _numbers(rule, names)
            rounded = array if scenario.dtype == "float64" else f"{array}.astype(np.{scenario.dtype})"
        case Normal():
            rounded = f"np.full({_shape(rule, names)}, {float(rule.fill or 0)!r}, np.{scenario.dtype})"
    return rounded if scenario.dtype == dtype else f"{rounded}.astype(np.{dtype})"


def divided(arrays: Sequence[Array], loaded: str) -> str:
    """The expression that takes arrays of several updates out of the one that holds their rows one after the other."""
    ends = np.cumsum([len(array) for array in arrays]).tolist()
    return f"np.split({loaded}, {ends[:-1]})"


def _numbers(rule: Normal, names: DrawNames) -> str:
    if not rule.shape:  # a number: NumPy would make it one of Python's
        return f"np.asarray({names.random}.standard_normal(()) * {float(rule.scale)!r})"
    numbers = f"{names.random}.randn({', '.join(_sizes(rule, names))})"
    return numbers if rule.scale == 1 else f"({numbers} * {float(rule.scale)!r})"


def _shape(rule: Normal | Bernoulli, names: DrawNames) -> str:
    sizes = _sizes(rule, names)
    return sizes[0] if len(sizes) == 1 else f"({', '.join(sizes)})"


def _sizes(rule: Normal | Bernoulli, names: DrawNames) -> list[str]:
    return [names.sizes[size] if isinstance(size, str) else str(size) for size in rule.shape]
