"""What a backend changes in its framework's functions, so that they mean what the other backends' functions mean."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

Matters = Callable[[Mapping[str, Any], Sequence[tuple[int, ...]]], bool]
"""Whether a call with these settings, and inputs of these shapes, is another one than the framework's own.

For a rule, which has no inputs: with the settings that the scenario does not leave at their defaults.
"""


def always(settings: Mapping[str, Any], shapes: Sequence[tuple[int, ...]]) -> bool:
    """Whatever the settings and the shapes are."""
    return True


def has(setting: str) -> Matters:
    """Whether a setting is given."""
    return lambda given, _: setting in given


def leaves(setting: str) -> Matters:
    """Whether a setting is left at its default."""
    return lambda given, _: setting not in given


@dataclass(frozen=True, kw_only=True)
class Normalisation:
    """One op or rule of a backend that is not what its framework's users get under that name.

    Weights that are only laid out in another way, such as transposed, make no entry.
    """

    function: Callable[..., Any]
    """The backend's own function: a run uses the entry if it looks up this very function."""
    how: str
    """What it does otherwise, as words that follow the name: "with a slope of 1/5"."""
    differences: tuple[str, ...] = ()
    """The entries of `backends.differences` that show it."""
    as_it_comes: Callable[..., Any] | None = None
    """The framework's own function under the same signature; None if the framework has none to take in its place."""
    matters: Matters = always
    """Whether a call is changed at all. Defaults can be given, and axes can be the same one."""
