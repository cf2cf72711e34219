"""Proves the lines of the table from Chainer's names to PyTorch by running them."""

from __future__ import annotations

import importlib
import importlib.util
import math
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import msgspec

from harness.errors import BackendMissing
from harness.results import Number, number
from harness.studies import differences
from harness.studies.differences import DIFFERS, MATCHES, Deviation, compare

if TYPE_CHECKING:
    from backends.names.correspondence import Correspondence

TABLE, PROVING = "backends.names", "backends.names.proving"


class Proof(msgspec.Struct, frozen=True, kw_only=True):
    """What running a line gave."""

    name: str
    kind: str
    status: str
    difference: Number | None
    """How far PyTorch's expression is from Chainer's, relative to the largest element; None if nothing was run."""
    naive_difference: Number | None
    """The same for the obvious expression; None if there is none."""
    problem: str | None
    """What is not as the line says; None if all is."""
    unproven: str | None
    """Why nothing was run; None if something was."""


def table() -> tuple[Correspondence, ...]:
    """All lines, by kind and name. Imports no framework."""
    lines: tuple[Correspondence, ...] = importlib.import_module(TABLE).LINES
    return lines


def prove(line: Correspondence) -> Proof:
    """Run a line: its expressions agree to 1e-12, and where it says so the obvious one is off by more than 1e-9.

    A line that differs without an obvious expression of its own is off as the difference is that it names; without
    inputs that entry's code is the whole proof. Raises BackendMissing if a framework can't be imported.
    """
    agreement, off, problem = None, None, None
    unproven = line.unproven
    if line.requires is not None and importlib.util.find_spec(line.requires) is None:
        unproven = f"Chainer computes it with {line.requires}, which is not installed: install it to run the proof"
    if unproven is None:
        run, entries = _runner(), {entry.name: entry for entry in differences.catalogue()}
        by_entry = line.is_proven_by_entry
        if not by_entry:
            agreement = _worst(run, line, "torch")
            if not agreement.size <= MATCHES:
                problem = f"{line.torch} is off: {_in_words(agreement)}"
        if line.naive is not None and not by_entry:
            off = _worst(run, line, "naive")
            if not (off.size > DIFFERS):
                problem = problem or f"{line.naive} computes the same"
        if line.difference is not None and line.difference not in entries:
            problem = problem or f"there is no difference {line.difference!r}"
        elif line.difference is not None and (by_entry or (line.status == "differs" and off is None)):
            if not differences.measure(entries[line.difference]).holds:
                problem = problem or f"the difference {line.difference} is not as stated"
        elif line.status == "differs" and off is None:
            problem = problem or "nothing shows a difference"
    return Proof(
        name=line.name,
        kind=line.kind,
        status=line.status,
        difference=agreement.difference if agreement else None,
        naive_difference=off.difference if off else None,
        problem=problem,
        unproven=unproven,
    )


def _worst(run: Callable[..., Mapping[str, Any]], line: Correspondence, version: str) -> Deviation:
    """The largest deviation from Chainer over all shapes."""
    return max((_deviation(run, line, version, variant) for variant in range(line.variants)), key=lambda one: one.size)


def _deviation(run: Callable[..., Mapping[str, Any]], line: Correspondence, version: str, variant: int) -> Deviation:
    try:
        want = run(line, "chainer", variant)
    except Exception as error:
        # Neither a translation that is right nor one that is wrong can be shown against nothing.
        size = math.inf if version == "torch" else 0.0
        return Deviation(difference=number(size), reason=f"Chainer raises {type(error).__name__}: {error}")
    try:
        got = run(line, version, variant)
    except Exception as error:
        return Deviation(difference="inf", reason=f"raises {type(error).__name__}: {error}")
    return compare(got, want)


def _in_words(deviation: Deviation) -> str:
    where = f" in the {deviation.place}" if deviation.place else ""
    return f"{deviation.reason or f'by {deviation.size:.2g}'}{where}"


def _runner() -> Callable[..., Mapping[str, Any]]:
    try:
        run: Callable[..., Mapping[str, Any]] = importlib.import_module(PROVING).run
    except ImportError as error:
        raise BackendMissing(f"the proofs need both frameworks: {error}; `lockstep doctor` says what to do") from error
    return run
