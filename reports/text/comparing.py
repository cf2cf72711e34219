"""Comparisons of live models as text, and as a table: one row per comparison."""

from collections.abc import Sequence

from harness.comparing.document.outcome import Outcome, entries_in_lines, lines
from reports.text.table import Format, render_table


def outcomes_text(outcomes: Sequence[Outcome]) -> str:
    """What each outcome says, with an empty line between them.

    The entries of `lockstep differences` that several share stand once, below them all.
    """
    is_alone = len(outcomes) == 1
    parts = [lines(outcome, with_entries=is_alone) for outcome in outcomes]
    if not is_alone and (shared := _shared_entries(outcomes)):
        parts.append(shared)
    return "\n".join("\n".join([*part, ""]) for part in parts)


def _shared_entries(outcomes: Sequence[Outcome]) -> list[str]:
    """Every entry once, with the comparisons that it is about."""
    owners: dict[str, list[str]] = {}
    for outcome in outcomes:
        for entry in outcome.differences:
            owners.setdefault(entry, []).append(outcome.name)
    by_owners: dict[tuple[str, ...], list[str]] = {}
    for entry, names in owners.items():
        by_owners.setdefault(tuple(names), []).append(entry)
    return [
        line
        for names, entries in by_owners.items()
        for line in entries_in_lines(entries, "all" if len(names) == len(outcomes) else ", ".join(names))
    ]


def outcome_table(outcomes: Sequence[Outcome], table_format: Format, width: int | None = None) -> str:
    """One row per comparison: both sides, the verdict, what was found first, and how much agrees."""
    rows = [
        {
            "comparison": outcome.name,
            "left": f"{outcome.left.model} ({outcome.left.framework})",
            "right": f"{outcome.right.model} ({outcome.right.framework})",
            "verdict": outcome.verdict,
            "results": f"{outcome.compared} of {outcome.results}" if outcome.results else None,
            "weights": f"{outcome.agreeing_weights} of {outcome.trained_weights}",
            "found first": outcome.first.text if outcome.first is not None else None,
        }
        for outcome in outcomes
    ]
    return render_table(rows, table_format, caption="Comparisons", left_aligned=True, width=width)
