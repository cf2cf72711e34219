"""Draws the tables of one run, and what `lockstep bench` measured."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

from harness.sentences import headline, message
from reports.text.table import Format, Row, draw_table, flat_table

if TYPE_CHECKING:
    from harness.results import Result, Worst
    from harness.studies.bench import Memory, Timing


def run_tables(results: Sequence[Result], table_format: Format, width: int | None = None) -> str:
    """One table per result under its verdict, a row per backend; csv and json are one table, its numbers unrounded."""
    if table_format in ("csv", "json"):
        return flat_table([row for result in results for row in plain_rows(result)], table_format)
    if table_format == "text":
        return "\n".join(f"{message(result)}\n\n{text_table(result, width)}" for result in results)
    return "\n".join(
        draw_table(_shown_rows(result, with_accuracy=True), table_format, caption=headline(result))
        for result in results
    )


def text_table(result: Result, width: int | None = None) -> str:
    """The table of one result, which is to stand below its verdict: that says the held-out accuracy."""
    return draw_table(_shown_rows(result, with_accuracy=False), "text", width=width)


def timing_table(timings: Sequence[Timing], table_format: Format) -> str:
    """What `lockstep bench` timed."""
    rows = [
        {
            "what": timing.what,
            "ms/epoch": f"{timing.milliseconds:.3f}",
            "ratio": None if timing.ratio is None else f"{timing.ratio:.2f}",
            "to": timing.against or None,
            "target": None if timing.target is None else f"≤ {timing.target:.2f}",
        }
        for timing in timings
    ]
    return draw_table(rows, table_format)


def memory_table(memory: Sequence[Memory], table_format: Format) -> str:
    """Peak memory by epochs, and how much more the longer run of a kind takes than the shorter."""
    rows = []
    shortest: dict[str, int | None] = {}
    for measured in memory:
        is_first = measured.what not in shortest
        first, peak = shortest.setdefault(measured.what, measured.peak_bytes), measured.peak_bytes
        growth = None if peak is None or first is None else (peak - first) / 2**20
        rows.append(
            {
                "what": measured.what,
                "epochs": f"{measured.epochs:,}",
                "peak MiB": None if peak is None else f"{peak / 2**20:.2f}",
                "growth MiB": None if growth is None else f"{growth:.2f}",
                "target": None if is_first else "≤ 1",
            }
        )
    return draw_table(rows, table_format)


def plain_rows(result: Result) -> list[Row]:
    """One row per backend, its numbers unrounded."""
    rows = []
    reference_time = milliseconds(result, result.reference)
    for backend in result.backends:
        loss, weights = _worst(result, backend, "loss"), _worst(result, backend, "weight")
        time = milliseconds(result, backend)
        row: Row = {
            "scenario": result.scenario,
            "dtype": result.dtype,
            "verdict": result.verdict,
            "backend": backend,
            "final_loss": final_loss(result, backend),
            **_deviation("loss", loss),
            **_deviation("weights", weights),
            "weights_tensor": weights.tensor if weights else None,
            "ms_per_epoch": time,
            "time_ratio": time / reference_time if reference_time else math.nan,
            "held_out_accuracy": result.accuracy.get(backend),
        }
        rows.append(row)
    return rows


def _deviation(name: str, worst: Worst | None) -> Row:
    if worst is None:
        return {f"{name}_{column}": None for column in ("deviation", "ulps", "epoch", "allowed")}
    size = float(worst.size)
    return {
        f"{name}_deviation": _relative(float(worst.error), size),
        f"{name}_ulps": float(worst.ulps),
        f"{name}_epoch": worst.epoch,
        f"{name}_allowed": _relative(float(worst.allowed), size),
    }


def _shown_rows(result: Result, *, with_accuracy: bool) -> list[Row]:
    return [_shown_row(result, row, with_accuracy) for row in plain_rows(result)]


def _shown_row(result: Result, row: Row, with_accuracy: bool) -> Row:
    shown: Row = {"backend": row["backend"], "final loss": f"{row['final_loss']:.9g}"}
    for name in ("loss", "weights"):
        deviation, at = row[f"{name}_deviation"], str(row[f"{name}_epoch"])
        at = at if name == "loss" else f"{at} ({row['weights_tensor']})"
        columns = (f"{name}\noff by", f"{name}\nulp", f"{name}\nepoch", f"{name}\nallowed")
        cells: tuple[str | None, ...] = (None, None, None, None)
        if deviation is not None:
            ulps = short_count(row[f"{name}_ulps"])
            cells = (f"{deviation:.1e}", ulps, at if deviation else None, f"{row[f'{name}_allowed']:.1e}")
        shown |= dict(zip(columns, cells, strict=True))
    shown |= {"ms/\nepoch": f"{row['ms_per_epoch']:.3f}", "ratio": f"{row['time_ratio']:.2f}"}
    if result.accuracy and with_accuracy:
        shown["held-out accuracy"] = f"{row['held_out_accuracy']:.2%}"
    return shown


def _worst(result: Result, backend: str, kind: str) -> Worst | None:
    """The largest relative deviation of this kind; a NaN counts as the largest."""
    found = [worst for worst in result.worst if worst.backend == backend and worst.kind == kind]
    return max(found, key=_relative_order, default=None)


def _relative_order(worst: Worst) -> float:
    relative = _relative(float(worst.error), float(worst.size))
    return math.inf if math.isnan(relative) else relative


def _relative(value: float, size: float) -> float:
    if size:
        return value / size
    return 0.0 if value == 0 else math.inf


def final_loss(result: Result, backend: str) -> float:
    """The loss of the last epoch, before its updates."""
    return float(result.losses[backend][-1])


def milliseconds(result: Result, backend: str) -> float:
    """Training time per epoch, comparison excluded."""
    return result.seconds[backend] / result.epochs * 1e3


def short_count(ulps: float) -> str:
    """A count of ulps in few digits."""
    if ulps < 10_000:
        return f"{ulps:.0f}" if ulps >= 10 or ulps == int(ulps) else f"{ulps:.1g}"
    return f"{ulps:.1e}"
