"""Runs every entry of the catalogue of differences and measures how far PyTorch is from Chainer in it."""

from __future__ import annotations

import importlib
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import msgspec
import numpy as np

from harness.errors import BackendMissing
from harness.results import Number, number

if TYPE_CHECKING:
    from backends.contract import Array
    from backends.differences.difference import Difference, Version

CATALOGUE = "backends.differences"
CHAINER_RAISES = "Chainer raises"
DIFFERS = 1e-9
"""A naive translation counts as different if it is off by more than this, relative to the largest element."""
MATCHES = 1e-12
"""A normalised translation may be off by this much: it is rounding in float64."""


class Deviation(msgspec.Struct, frozen=True, kw_only=True):
    """The largest deviation of a translation from Chainer."""

    difference: Number
    """Relative to the largest element of Chainer's array, or absolute if that is 0; "inf" where `reason` says why."""
    place: str | None = None
    """What is off: "value", "gradient of x", "weights"."""
    reason: str | None = None
    """Why the two can't be compared: "raises ValueError", "shape (4, 3) for (2, 6)", "NaN for a number"."""

    @property
    def size(self) -> float:
        """The difference as a number."""
        return float(self.difference)


class Measured(msgspec.Struct, frozen=True, kw_only=True):
    """One entry and what its code did: a row of the table, and of the JSON list."""

    name: str
    kind: str
    title: str
    chainer: str
    """Chainer's call with the defaults that matter."""
    torch: str
    naive_difference: Number
    naive_place: str | None
    naive_reason: str | None
    normalised_difference: Number | None
    """None if PyTorch can't express it."""
    normalised_place: str | None
    normalised_reason: str | None
    instead: str | None
    """What to use if PyTorch can't express it."""
    holds: bool
    """Whether the naive translation is off, as the entry says, and the normalised one is not."""
    code: dict[str, str]
    """The source that was run: in_chainer, naive, normalised, normalised_chainer where there is one."""


def catalogue() -> tuple[Difference, ...]:
    """All entries. Raises BackendMissing if a framework can't be imported."""
    try:
        entries: tuple[Difference, ...] = importlib.import_module(CATALOGUE).DIFFERENCES
    except ImportError as error:
        raise BackendMissing(
            f"the differences need both frameworks: {error}; `lockstep doctor` says what to do"
        ) from error
    return entries


def measure(entry: Difference) -> Measured:
    """Run an entry's code, and compare each translation with its original."""
    naive, normalised = _deviations(entry)
    return Measured(
        name=entry.name,
        kind=entry.kind,
        title=entry.title,
        chainer=entry.chainer,
        torch=entry.torch,
        naive_difference=naive.difference,
        naive_place=naive.place,
        naive_reason=naive.reason,
        normalised_difference=normalised.difference if normalised else None,
        normalised_place=normalised.place if normalised else None,
        normalised_reason=normalised.reason if normalised else None,
        instead=entry.instead,
        holds=_is_off(entry, naive) and _is_right(entry, normalised),
        code={str(version): source for version, source in entry.sources().items()},
    )


def _deviations(entry: Difference) -> tuple[Deviation, Deviation | None]:
    """How far off the naive and the normalised translation are; None if nothing is normalised."""
    try:
        in_chainer = entry.run("in_chainer")
        target = in_chainer if entry.code.normalised_chainer is None else entry.run("normalised_chainer")
    except Exception as error:
        failed = Deviation(difference="inf", reason=f"{CHAINER_RAISES} {type(error).__name__}")
        return failed, failed
    naive = _deviation(entry, "naive", in_chainer)
    return naive, None if entry.code.normalised is None else _deviation(entry, "normalised", target)


def _is_off(entry: Difference, naive: Deviation) -> bool:
    if naive.reason and naive.reason.startswith(CHAINER_RAISES):
        return False
    raised = naive.reason if naive.reason and naive.reason.startswith("raises") else None
    if entry.raises is not None or raised is not None:
        return entry.raises is not None and raised == f"raises {entry.raises.__name__}"
    return naive.size > DIFFERS


def _is_right(entry: Difference, normalised: Deviation | None) -> bool:
    if normalised is None:
        return bool(entry.instead)
    return entry.instead is None and normalised.size <= MATCHES


def _deviation(entry: Difference, version: Version, want: Mapping[str, Array]) -> Deviation:
    try:
        got = entry.run(version)
    except Exception as error:
        return Deviation(difference="inf", reason=f"raises {type(error).__name__}")
    return compare(got, want)


def compare(got: Mapping[str, Array], want: Mapping[str, Array]) -> Deviation:
    """The largest deviation among arrays of the same name; infinite if the names differ."""
    if got.keys() != want.keys():
        return Deviation(difference="inf", reason=f"{_values(got)} values for {_values(want)}")
    return max((_of_array(place, got[place], want[place]) for place in want), key=lambda deviation: deviation.size)


def _values(result: Mapping[str, Array]) -> int:
    return sum(place.startswith("value") for place in result)


def _of_array(place: str, got: Array, want: Array) -> Deviation:
    if got.shape != want.shape:
        return Deviation(difference="inf", place=place, reason=f"shape {got.shape} for {want.shape}")
    same = (got == want) | (np.isnan(got) & np.isnan(want))
    comparable = same | (np.isfinite(got) & np.isfinite(want))
    if not comparable.all():
        index = tuple(np.argwhere(~comparable)[0])
        return Deviation(difference="inf", place=place, reason=f"{_in_words(got[index])} for {_in_words(want[index])}")
    error = float(np.abs(np.where(same, 0, got) - np.where(same, 0, want)).max(initial=0))
    largest = float(np.abs(np.where(np.isfinite(want), want, 0)).max(initial=0))
    return Deviation(difference=number(error / largest if largest > 0 else error), place=place)


def _in_words(value: float) -> str:
    return (
        "a number" if np.isfinite(value) else {"nan": "NaN", "inf": "infinity", "-inf": "−infinity"}[str(float(value))]
    )


def to_json(measured: Sequence[Measured]) -> str:
    """The measured entries as a JSON list, indented, with a final newline."""
    return msgspec.json.format(msgspec.json.encode(list(measured)), indent=1).decode() + "\n"
