"""Tables of what `lockstep bench` measured."""

from collections.abc import Iterator, Sequence

from harness.studies.bench import Memory, Timing
from reports.text.table import Format, Row, flat_table, render_table

MIB = 2**20
GROWTH_TARGET = 1
"""MiB that a run of more epochs may take beyond one of fewer."""


def bench_tables(timings: Sequence[Sequence[Timing]], memory: Sequence[Memory], table_format: Format) -> str:
    """A table of times for each scenario, then one of memory; as csv and json all in one, as numbers."""
    if table_format in ("csv", "json"):
        times = [_time_row(timing) for measured in timings for timing in measured]
        return flat_table([*times, *_memory_rows(memory)], table_format)
    tables = [render_table([_shown_time(timing) for timing in measured], table_format) for measured in timings]
    if memory:
        tables.append(render_table([_shown_memory(row) for row in _memory_rows(memory)], table_format))
    return "\n".join(tables)


def _time_row(timing: Timing) -> Row:
    return {
        "what": timing.what,
        "ms_per_epoch": timing.milliseconds,
        "time_ratio": timing.ratio,
        "to": timing.against or None,
        "target_time_ratio": timing.target,
        "epochs": None,
        "peak_mib": None,
        "growth_mib": None,
        "target_growth_mib": None,
    }


def _memory_rows(memory: Sequence[Memory]) -> Iterator[Row]:
    """Peak memory by epochs, and how much more the longer run of a kind takes than the shorter."""
    shortest: dict[str, int | None] = {}
    for measured in memory:
        is_first = measured.what not in shortest
        first, peak = shortest.setdefault(measured.what, measured.peak_bytes), measured.peak_bytes
        yield {
            "what": measured.what,
            "ms_per_epoch": None,
            "time_ratio": None,
            "to": None,
            "target_time_ratio": None,
            "epochs": measured.epochs,
            "peak_mib": None if peak is None else peak / MIB,
            "growth_mib": None if peak is None or first is None else (peak - first) / MIB,
            "target_growth_mib": None if is_first else GROWTH_TARGET,
        }


def _shown_time(timing: Timing) -> Row:
    return {
        "what": timing.what,
        "ms/epoch": f"{timing.milliseconds:.3f}",
        "ratio": None if timing.ratio is None else f"{timing.ratio:.2f}",
        "to": timing.against or None,
        "target": None if timing.target is None else f"≤ {timing.target:.2f}",
    }


def _shown_memory(row: Row) -> Row:
    peak, growth, target = (row[f"{what}_mib"] for what in ("peak", "growth", "target_growth"))
    return {
        "what": row["what"],
        "epochs": f"{row['epochs']:,}",
        "peak MiB": None if peak is None else f"{peak:.2f}",
        "growth MiB": None if growth is None else f"{growth:.2f}",
        "target": None if target is None else f"≤ {target}",
    }
