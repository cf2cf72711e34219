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
"""By more than this a naive translation has to be off, relative to the largest element, to be called different."""
MATCHES = 1e-12
"""By no more than this a normalised translation may be off: it is rounding in float64."""


class Deviation(msgspec.Struct, frozen=True, kw_only=True):
    """How far a translation is from Chainer where it is off the most."""

    difference: Number
    """Relative to the largest element of Chainer's array, or absolute if that is 0; "inf" where `reason` says why."""
    place: str | None = None
    """What is off: "value", "gradient of x", "weights"."""
    reason: str | None = None
    """Why there is nothing to compare: "raises ValueError", "shape (4, 3) for (2, 6)", "NaN for a number"."""

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
    """What Chainer says, as a call with the defaults that matter."""
    torch: str
    naive_difference: Number
    naive_place: str | None
    naive_reason: str | None
    normalised_difference: Number | None
    """None where PyTorch can't express it."""
    normalised_place: str | None
    normalised_reason: str | None
    instead: str | None
    """What to use where PyTorch can't express it."""
    holds: bool
    """Whether the naive translation is off, as the entry says, and the normalised one is not."""
    code: dict[str, str]
    """The source that was run: in_chainer, naive, normalised, normalised_chainer where there is one."""


def catalogue() -> tuple[Difference, ...]:
    """All entries. Raises BackendMissing where a framework can't be imported."""
    try:
        entries: tuple[Difference, ...] = importlib.import_module(CATALOGUE).DIFFERENCES
    except ImportError as error:
        raise BackendMissing(
            f"the differences need both frameworks: {error}; `lockstep doctor` says what to do"
        ) from error
    return entries


def measure(entry: Difference) -> Measured:
    """Run an entry's code, and compare its translations with what each is a translation of."""
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
    """How far off the naive and the normalised translation are; None for one that there isn't."""
    try:
        in_chainer = entry.run("in_chainer")
        wanted = in_chainer if entry.code.normalised_chainer is None else entry.run("normalised_chainer")
    except Exception as error:
        failed = Deviation(difference="inf", reason=f"{CHAINER_RAISES} {type(error).__name__}")
        return failed, failed
    naive = _deviation(entry, "naive", in_chainer)
    return naive, None if entry.code.normalised is None else _deviation(entry, "normalised", wanted)


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


def _deviation(entry: Difference, version: Version, wanted: Mapping[str, Array]) -> Deviation:
    try:
        got = entry.run(version)
    except Exception as error:
        return Deviation(difference="inf", reason=f"raises {type(error).__name__}")
    return compare(got, wanted)


def compare(got: Mapping[str, Array], wanted: Mapping[str, Array]) -> Deviation:
    """The largest deviation among arrays of the same name; other names are other results."""
    if got.keys() != wanted.keys():
        return Deviation(difference="inf", reason=f"{_values(got)} values for {_values(wanted)}")
    return max((_of_array(place, got[place], wanted[place]) for place in wanted), key=lambda found: found.size)


def _values(result: Mapping[str, Array]) -> int:
    return sum(place.startswith("value") for place in result)


def _of_array(place: str, got: Array, wanted: Array) -> Deviation:
    if got.shape != wanted.shape:
        return Deviation(difference="inf", place=place, reason=f"shape {got.shape} for {wanted.shape}")
    same = (got == wanted) | (np.isnan(got) & np.isnan(wanted))
    comparable = same | (np.isfinite(got) & np.isfinite(wanted))
    if not comparable.all():
        index = tuple(np.argwhere(~comparable)[0])
        return Deviation(difference="inf", place=place, reason=f"{_said(got[index])} for {_said(wanted[index])}")
    off = float(np.abs(np.where(same, 0, got) - np.where(same, 0, wanted)).max(initial=0))
    largest = float(np.abs(np.where(np.isfinite(wanted), wanted, 0)).max(initial=0))
    return Deviation(difference=number(off / largest if largest > 0 else off), place=place)


def _said(value: float) -> str:
    return (
        "a number" if np.isfinite(value) else {"nan": "NaN", "inf": "infinity", "-inf": "−infinity"}[str(float(value))]
    )


def to_json(measured: Sequence[Measured]) -> str:
    """The measured entries as a JSON list, indented, with a final newline."""
    return msgspec.json.format(msgspec.json.encode(list(measured)), indent=1).decode() + "\n"
