"""Tables of the runs of a store, a row for each group."""

from harness.sweeping.query import Groups
from harness.sweeping.rows import OUTCOMES
from reports.text.table import Format, flat_table, render_table

CAPTION = "Runs"


def groups_table(groups: Groups, table_format: Format, width: int | None = None) -> str:
    """One row per group: its values, how many runs ended in which outcome, checks, deviations and seconds.

    Where the outcome is one of the values, or no run of the store had it, it has no column of its own. csv and json
    have every column.
    """
    rows = [dict(zip((*groups.by, *groups.aggregates), row, strict=True)) for row in groups.rows]
    if table_format in ("csv", "json"):
        return flat_table(rows, table_format)
    never = [outcome for outcome in OUTCOMES if "verdict" in groups.by or not any(row[outcome] for row in rows)]
    shown = [{name: value for name, value in row.items() if name not in never} for row in rows]
    texts = [{_header(name): _text(name, value) for name, value in row.items()} for row in shown]
    return render_table(texts, table_format, caption=CAPTION, keys=len(groups.by), width=width)


def _header(name: str) -> str:
    return {"worst_weight": "weights\noff by", "seconds": "\nseconds"}.get(name, f"\n{name}")


def _text(name: str, value: object) -> str | None:
    if value is None:
        return None
    if name == "worst_weight":
        return f"{value:.1e}"
    if name == "seconds":
        return f"{value:,.1f}"
    return f"{value:,}" if isinstance(value, int) and name in COUNTED else f"{value}"


COUNTED = ("runs", *OUTCOMES, "checks", "failed")
"""What is counted, and so has its thousands set off; a seed or a setting has not."""
