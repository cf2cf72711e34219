"""Draws the tables of one run, or of several runs side by side, in any format."""

from __future__ import annotations

import csv
import io
import json
import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Literal

from tabulate import tabulate

if TYPE_CHECKING:
    from lockstep.bench import Memory, Timing
    from lockstep.results import Document, Result, Worst

Format = Literal["text", "github", "latex", "html", "csv", "json"]
TABULATE_FORMATS = {"text": "simple", "github": "github", "latex": "latex_booktabs", "html": "html"}

Row = dict[str, Any]


def run_tables(results: Sequence[Result], table_format: Format) -> str:
    """One table per result, a row per backend; for csv and json one table of all rows, numbers unrounded."""
    if table_format in ("csv", "json"):
        return flat_table([row for result in results for row in _plain_rows(result)], table_format)
    return "\n".join(_run_table(result, table_format) for result in results)


def comparison_table(names: Sequence[str], documents: Sequence[Document], table_format: Format) -> str:
    """Several saved runs side by side: a row per scenario, dtype and backend, columns per run.

    The first run is the base: the others' final loss is compared with its final loss, and their time with its time.
    """
    rows: list[Row] = []
    found = [{(r.scenario, r.dtype, b): r for r in document.results for b in r.backends} for document in documents]
    keys = list(dict.fromkeys(key for results in found for key in results))
    for key in keys:
        scenario, dtype, backend = key
        row: Row = {"scenario": scenario, "dtype": dtype, "backend": backend}
        base = found[0].get(key)
        for name, results in zip(names, found, strict=True):
            result = results.get(key)
            row[f"{name}: verdict"] = result.verdict if result else None
            row[f"{name}: final loss"] = _final_loss(result, backend) if result else None
            row[f"{name}: ms/epoch"] = _milliseconds(result, backend) if result else None
            if result is not base and result and base:
                loss, base_loss = _final_loss(result, backend), _final_loss(base, backend)
                row[f"{name}: loss vs {names[0]}"] = (loss - base_loss) / abs(base_loss) if base_loss else math.nan
                time, base_time = _milliseconds(result, backend), _milliseconds(base, backend)
                row[f"{name}: time vs {names[0]}"] = time / base_time if base_time else math.nan
            elif result is not base or base is None:
                row |= {f"{name}: loss vs {names[0]}": None, f"{name}: time vs {names[0]}": None}
        rows.append(row)
    columns = list(dict.fromkeys(column for row in rows for column in row))
    rows = [{column: row.get(column) for column in columns} for row in rows]
    if table_format in ("csv", "json"):
        return flat_table(rows, table_format)
    shown = [{column: _shown(column, value) for column, value in row.items()} for row in rows]
    return draw_table(shown, table_format)


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
    """Peak memory by epochs, and how much more the last takes than the first."""
    rows = []
    for measured in memory:
        first, peak = memory[0].peak_bytes, measured.peak_bytes
        growth = None if peak is None or first is None else (peak - first) / 2**20
        rows.append(
            {
                "epochs": str(measured.epochs),
                "peak MiB": None if peak is None else f"{peak / 2**20:.2f}",
                "growth MiB": None if growth is None else f"{growth:.2f}",
                "target": "≤ 1" if measured is not memory[0] else None,
            }
        )
    return draw_table(rows, table_format)


def draw_table(rows: Sequence[Row], table_format: Format, *, left_aligned: bool = False) -> str:
    """Draw rows of texts with tabulate; the first row's keys are the headers. Columns after the first align right."""
    if table_format in ("csv", "json"):
        return flat_table(rows, table_format)
    headers = [header if table_format == "text" else header.replace("\n", " ") for header in rows[0]] if rows else []
    drawn = tabulate(
        [list(row.values()) for row in rows],
        headers=headers,
        tablefmt=TABULATE_FORMATS[table_format],
        disable_numparse=True,
        colalign=["left", *["left" if left_aligned else "right"] * (len(headers) - 1)] if rows else None,
        missingval="-",
    )
    return f"{drawn}\n"


def flat_table(rows: Sequence[Row], table_format: Format) -> str:
    """Rows as csv or as a JSON list of objects, numbers at full precision; NaN and None are empty or null."""
    clean = [{key: _finite(value) for key, value in row.items()} for row in rows]
    if table_format == "json":
        return json.dumps(clean, indent=1, ensure_ascii=False) + "\n"
    text = io.StringIO()
    writer = csv.DictWriter(text, fieldnames=list(rows[0]) if rows else [], lineterminator="\n")
    writer.writeheader()
    writer.writerows(clean)
    return text.getvalue()


def _run_table(result: Result, table_format: Format) -> str:
    return draw_table([_shown_row(result, row) for row in _plain_rows(result)], table_format)


def _plain_rows(result: Result) -> list[Row]:
    rows = []
    reference_time = _milliseconds(result, result.reference)
    for backend in result.backends:
        loss, weights = _worst(result, backend, "loss"), _worst(result, backend, "weight")
        time = _milliseconds(result, backend)
        row: Row = {
            "scenario": result.scenario,
            "dtype": result.dtype,
            "verdict": result.verdict,
            "backend": backend,
            "final_loss": _final_loss(result, backend),
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


def _shown_row(result: Result, row: Row) -> Row:
    shown: Row = {"backend": row["backend"], "final loss": f"{row['final_loss']:.9g}"}
    for name in ("loss", "weights"):
        deviation, at = row[f"{name}_deviation"], f"epoch {row[f'{name}_epoch']}"
        at = at if name == "loss" else f"{row['weights_tensor']}, {at}"
        columns = (f"{name}\ndeviation", f"{name}\nin ulp", f"{name}\nat", f"{name}\nallowed")
        cells: tuple[str | None, ...] = (None, None, None, None)
        if deviation is not None:
            ulps = _count(row[f"{name}_ulps"])
            cells = (f"{deviation:.1e}", ulps, at if deviation else None, f"{row[f'{name}_allowed']:.1e}")
        shown |= dict(zip(columns, cells, strict=True))
    shown |= {"ms/epoch": f"{row['ms_per_epoch']:.3f}", "ratio": f"{row['time_ratio']:.2f}"}
    if result.accuracy:
        accuracy = row["held_out_accuracy"]
        shown["held-out\naccuracy"] = "" if accuracy is None else f"{accuracy:.2%}"
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


def _final_loss(result: Result, backend: str) -> float:
    return float(result.losses[backend][-1])


def _milliseconds(result: Result, backend: str) -> float:
    return result.seconds[backend] / result.epochs * 1e3


def _count(ulps: float) -> str:
    if ulps < 10_000:
        return f"{ulps:.0f}" if ulps >= 10 or ulps == int(ulps) else f"{ulps:.1g}"
    return f"{ulps:.1e}"


def _shown(column: str, value: Any) -> str | None:
    if value is None or isinstance(value, str):
        return value
    if "final loss" in column:
        return f"{value:.9g}"
    return f"{value:+.1e}" if ": loss vs" in column else f"{value:.3g}"


def _finite(value: Any) -> Any:
    return None if isinstance(value, float) and not math.isfinite(value) else value
