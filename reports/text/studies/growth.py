"""The table of `lockstep bench --growth`."""

from collections.abc import Iterator, Sequence

from harness.studies.growth import Growth
from reports.text.table import Format, Row, flat_table, render_table

TARGET = 1.2
"""How many times the time of one epoch, call or element may grow from one size to the next."""


def growth_table(measured: Sequence[Growth], table_format: Format) -> str:
    """A row for each size; as csv and json with plain numbers."""
    rows = list(_rows(measured))
    if table_format in ("csv", "json"):
        return flat_table(rows, table_format)
    return render_table([_shown(row) for row in rows], table_format)


def _rows(measured: Sequence[Growth]) -> Iterator[Row]:
    before: Growth | None = None
    for growth in measured:
        follows = before is not None and before.of == growth.of
        ratio = growth.microseconds_each / before.microseconds_each if follows and before is not None else None
        yield {
            "of": growth.of,
            "size": growth.size,
            "seconds": growth.seconds,
            "microseconds_each": growth.microseconds_each,
            "each_to_that_before": ratio,
            "target": TARGET if follows else None,
        }
        before = growth


def _shown(row: Row) -> Row:
    ratio, target = row["each_to_that_before"], row["target"]
    return {
        "of": row["of"],
        "size": f"{row['size']:,}",
        "seconds": f"{row['seconds']:.3g}",
        "µs each": f"{row['microseconds_each']:.3g}",
        "to that before": None if ratio is None else f"{ratio:.2f}",
        "target": None if target is None else f"≤ {target:.2f}",
    }
