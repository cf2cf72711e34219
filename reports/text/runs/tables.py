"""The tables of one run."""

from __future__ import annotations

from collections.abc import Sequence
from textwrap import wrap
from typing import TYPE_CHECKING

from harness.sentences import headline, message, normalisation
from reports.text.runs.rows import DEVIATION_COLUMNS, Deviation, RunRow, run_rows, shown
from reports.text.table import Format, Row, flat_table, render_table

if TYPE_CHECKING:
    from harness.results import Result


def run_tables(results: Sequence[Result], table_format: Format, width: int | None = None) -> str:
    """A table per result under its verdict, a row per backend; csv and json are one table of unrounded numbers.

    What is normalised in a run stands below its verdict, in csv and json in a column.
    """
    if table_format in ("csv", "json"):
        return flat_table([row for result in results for row in map(_unrounded, run_rows(result))], table_format)
    if table_format == "text":
        return "\n".join(f"{message(result)}\n\n{text_table(result, width)}" for result in results)
    return "\n".join(
        render_table(_rows(result, with_accuracy=True), table_format, caption=_caption(result)) for result in results
    )


def text_table(result: Result, width: int | None = None) -> str:
    """The table of one result under what it measures; the held-out accuracy stands in the verdict above it."""
    table = render_table(_rows(result, with_accuracy=False), "text", width=width)
    measured = (
        f"Largest deviations from {result.reference}, relative to its tensor's largest element, and what is allowed:"
    )
    return "\n".join([*wrap(measured, width or len(measured)), table])


def table_alone(result: Result, table_format: Format) -> str:
    """The table of one result without its verdict."""
    return render_table(_rows(result, with_accuracy=True), table_format)


def _caption(result: Result) -> str:
    """The verdict and what is normalised, on one line."""
    return ". ".join([headline(result), *map(normalisation, result.normalised)])


def _unrounded(row: RunRow) -> Row:
    """A row as csv and json have it."""
    return {
        "scenario": row.scenario,
        "dtype": row.dtype,
        "as_is": row.as_is,
        "verdict": row.verdict,
        "backend": row.backend,
        "normalised": row.normalised,
        "final_loss": row.final_loss,
        **_unrounded_deviation("loss", row.loss),
        **_unrounded_deviation("weights", row.weights),
        "weights_tensor": row.weights.tensor if row.weights else None,
        "ms_per_epoch": row.ms_per_epoch,
        "time_ratio": row.time_ratio,
        "held_out_accuracy": row.held_out_accuracy,
    }


def _unrounded_deviation(name: str, deviation: Deviation | None) -> Row:
    relative, ulps, epoch, allowed, _ = deviation or [None] * 5
    return {f"{name}_deviation": relative, f"{name}_ulps": ulps, f"{name}_epoch": epoch, f"{name}_allowed": allowed}


def _rows(result: Result, *, with_accuracy: bool) -> list[Row]:
    """The rows of a table for readers."""
    rows = []
    for row in map(shown, run_rows(result)):
        columns: Row = {"backend": row.backend, "final loss": row.final_loss}
        for name, texts in (("loss", row.loss), ("weights", row.weights)):
            columns |= {f"{name}\n{column}": text for column, text in zip(DEVIATION_COLUMNS, texts, strict=True)}
        columns |= {"ms/\nepoch": row.ms_per_epoch, "ratio": row.time_ratio}
        if result.accuracy and with_accuracy:
            columns["held-out accuracy"] = row.held_out_accuracy
        rows.append(columns)
    return rows
