"""What the certificates of a run came to: each failure written out, and how much every op's checks can see."""

from typing import NamedTuple

from harness.results import Phase, Result, Sharpness
from harness.sentences import certificate_failed, certificates, failure, headline, normalisation, own_lines
from reports.text.runs.explanations import explanation_lines
from reports.text.table import Row, render_table


def certificate_report(result: Result, width: int | None = None, *, solution: bool = False) -> str:
    """The failures and the table of the ops, under the verdict and the number of checks."""
    lines = [headline(result), *(f"  {normalisation(used)}" for used in result.normalised)]
    if result.certified:
        lines.append(f"  {certificates(result)}")
    return "\n".join(lines) + f"\n\n{certificate_findings(result, width, solution=solution)}"


def certificate_findings(result: Result, width: int | None = None, *, solution: bool = False) -> str:
    """The failures with their arithmetic, then a table of the ops; for a run without certificates, that it has none.

    The hand-written lines that compute it are the `solution`.
    """
    if not result.certified:
        return "no op was certified in this run\n"
    parts = []
    failures = result.culprits if certificate_failed(result) else []
    for culprit, ruling, explanation in zip(failures, result.rulings, result.explanations, strict=True):
        lines = [failure(culprit, result), *([f"  {ruling.text}"] if ruling else [])]
        lines += [f"  {line}".rstrip() for line in own_lines(culprit)]
        arithmetic = explanation_lines(explanation, solution=solution)
        parts.append("\n".join([*lines, *(f"  {line}".rstrip() for line in arithmetic)]))
    return "\n\n".join([*parts, sharpness_table(result, width)])


class SharpnessRow(NamedTuple):
    """How much the checks of an op and phase can see, over all backends, as texts."""

    op: str
    phase: Phase
    sees: str | None
    """The relative error from which on a check is sure to fail; None where it fails for any error."""
    used: str
    """The largest error as a share of what was allowed there, or how many checks failed."""
    backend: str | None
    """Where that was; None where there was no error."""
    failed: int = 0
    """How many checks failed."""


def sharpness_rows(result: Result) -> list[SharpnessRow]:
    """One row per op and phase; errors are relative to the largest element of their tensor."""
    merged: dict[tuple[str, Phase], list[Sharpness]] = {}
    for sharp in result.sharpness:
        merged.setdefault((sharp.op, sharp.phase), []).append(sharp)
    rows = []
    for (op, phase), measured in merged.items():
        closest = max(measured, key=lambda sharp: sharp.used)
        sees = max(sharp.sharpness for sharp in measured)
        used, backend = f"{closest.used:.0%}", closest.backend if closest.used else None
        failed = [sharp for sharp in measured if sharp.failed]
        if failed:
            used = f"{sum(sharp.failed for sharp in failed):,} failed"
            backend = ", ".join(sharp.backend for sharp in failed)
        count = sum(sharp.failed for sharp in failed)
        rows.append(SharpnessRow(op, phase, f"{sees:.1e}" if sees else None, used, backend, count))
    return rows


def sharpness_table(result: Result, width: int | None = None) -> str:
    """The same as a table."""
    rows: list[Row] = [
        {
            "op": row.op,
            "phase": row.phase,
            "sees errors\nfrom, relative": row.sees or "any",
            "largest error\nof its bound": row.used,
            "largest error\nin": row.backend,
        }
        for row in sharpness_rows(result)
    ]
    return render_table(rows, "text", width=width)
