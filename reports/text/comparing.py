"""Comparisons of live models as a table: one row per comparison."""

from collections.abc import Sequence

from harness.comparing.document.outcome import Outcome
from reports.text.table import Format, render_table


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
