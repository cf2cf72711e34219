"""One finished run as the store has it: what it was, its verdict and its numbers, and the whole run behind them."""

import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

import msgspec

from harness.recording.versions import versions
from harness.results import SCHEMA, Document, Kind, Result, Verdict
from harness.sentences import headline
from scenarios import Scenario

Outcome = Verdict | Literal["crashed"]
"""What became of a run: its verdict, or that there is none, since a backend or a scenario raised an error."""
OUTCOMES: tuple[Outcome, ...] = ("agree", "drift", "disagree", "inconclusive", "crashed")


@dataclass(frozen=True)
class Row:
    """One finished run. A deviation is relative to its tensor's largest element; the worst is that of any backend."""

    run: str
    """The hash of its content."""
    program: str
    """The hash of its program alone."""
    command: str
    """Which command made it: run, sweep, fuzz or mutants."""
    origin: str
    """What it was made of, where that is no scenario of its own: a mutant's name, or the text of a random program."""
    scenario: str
    dtype: str
    seed: int
    epochs: int
    batch_size: int | None
    optimizer: str
    settings: Mapping[str, float]
    backends: tuple[str, ...]
    """The reference first."""
    versions: Mapping[str, str]
    verdict: Outcome
    headline: str
    """One line: the verdict, and for a failure what, where and by how much."""
    loss: float | None = None
    """The reference's at the last epoch."""
    worst: Mapping[Kind, float] = field(default_factory=dict)
    """The largest deviation of each kind of tensor."""
    checks: int = 0
    failed: int = 0
    suspect: int = 0
    unchecked: int = 0
    culprits: tuple[str, ...] = ()
    """The ops that are wrong, as `mine: relu backward`."""
    seconds: float = 0.0
    """Wall time of the whole run with its certificates."""
    document: bytes | None = None
    """The run as JSON, compressed by zlib; None if it crashed."""


def row_of(
    result: Result,
    *,
    run: str,
    program: str,
    command: str,
    versions: Mapping[str, str],
    seconds: float,
    origin: str = "",
) -> Row:
    """The row of a run that reached a verdict."""
    counts = result.certified.values()
    worst: dict[Kind, float] = {}
    for each in result.worst:
        worst[each.kind] = max(worst.get(each.kind, 0.0), _relative(float(each.error), float(each.size)))
    document = Document(schema=SCHEMA, versions=dict(versions), results=[result])
    return Row(
        run=run,
        program=program,
        command=command,
        origin=origin,
        scenario=result.scenario,
        dtype=result.dtype,
        seed=result.seed,
        epochs=result.epochs,
        batch_size=result.batch_size,
        optimizer=result.optimizer,
        settings=result.settings,
        backends=tuple(result.backends),
        versions=versions,
        verdict=result.verdict,
        headline=headline(result),
        loss=float(result.losses[result.reference][-1]),
        worst=worst,
        checks=sum(each["checks"] for each in counts),
        failed=sum(each["failed"] for each in counts),
        suspect=sum(each["suspect"] for each in counts),
        unchecked=sum(each["unchecked"] for each in counts),
        culprits=tuple(f"{each.backend}: {each.op} {each.phase}" for each in result.culprits),
        seconds=seconds,
        document=zlib.compress(msgspec.json.encode(document)),
    )


def row_of_crash(
    scenario: Scenario,
    dtype: str,
    seed: int,
    *,
    run: str,
    command: str,
    backends: Sequence[str],
    why: str,
    program: str = "",
    origin: str = "",
    settings: Mapping[str, float] | None = None,
) -> Row:
    """The row of a run that reached no verdict; `settings` are those that differ from the scenario's."""
    return Row(
        run=run,
        program=program,
        command=command,
        origin=origin,
        scenario=scenario.name,
        dtype=dtype,
        seed=seed,
        epochs=scenario.epochs,
        batch_size=scenario.batch_size,
        optimizer=scenario.optimizer.name,
        settings=scenario.settings | dict(settings or {}),
        backends=tuple(backends),
        versions=versions(),
        verdict="crashed",
        headline=why,
    )


def _relative(error: float, size: float) -> float:
    if error != error or size != size:  # NaN on one side is no small deviation
        return float("inf")
    return error / size if size else (0.0 if error == 0 else float("inf"))
