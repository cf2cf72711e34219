"""Several saved runs side by side: what came out, how far it is from the first, and which settings differ."""

import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from harness.results import Document, Result
from reports.text.run import final_loss, milliseconds
from reports.text.table import Format, Row, draw_table, flat_table

KEYS = ("scenario", "dtype", "backend")
SETTINGS = ("seed", "epochs", "batch_size", "optimizer", "reference", "threads")


def comparison(
    names: Sequence[str], documents: Sequence[Document], table_format: Format, width: int | None = None
) -> str:
    """Draw a row per scenario, dtype and backend, columns per run; before it, what the runs were given differently.

    The first run is the base: the others' final loss is compared with its final loss, and their time with its time.
    With csv and json it is the table alone.
    """
    rows = _rows(names, documents)
    if table_format in ("csv", "json"):
        return flat_table([{_on_one_line(column): row[column] for column in row} for row in rows], table_format)
    shown = [{column: _shown(column, value) for column, value in row.items()} for row in rows]
    notes = differences(names, documents)
    table = draw_table(shown, table_format, caption="; ".join(notes), keys=len(KEYS), width=width)
    return "\n".join([*notes, "", table]) if table_format == "text" else table


def short_names(paths: Sequence[Path]) -> list[str]:
    """The end of each run's path that tells it from the others, without .json; a run that comes again is numbered."""
    endings = [_endings(path) for path in paths]
    names = []
    for i, own in enumerate(endings):
        others = {ending for other in endings if other != own for ending in other}
        name, before = next(ending for ending in own if ending not in others), endings[:i].count(own)
        names.append(f"{name} ({before + 1})" if before else name)
    return names


def _endings(path: Path) -> list[str]:
    """The ends of a path, from its name alone to all of it."""
    parts = (path.with_suffix("") if path.suffix == ".json" else path).absolute().parts
    return [str(Path(*parts[-count:])) for count in range(1, len(parts) + 1)]


def differences(names: Sequence[str], documents: Sequence[Document]) -> list[str]:
    """What differs between each run and the first in settings and versions, a line per run and scenario."""
    base, lines = documents[0], []
    for name, document in list(zip(names, documents, strict=True))[1:]:
        given, base_given = _given(document), _given(base)
        for scenario in dict.fromkeys([*base_given, *given]):
            if scenario not in base_given or scenario not in given:
                lines.append(f"{scenario}: only in {name if scenario in given else names[0]}")
            elif changes := _changes(base_given[scenario], given[scenario]):
                lines.append(f"{scenario}, {names[0]} → {name}: {changes}")
        if changes := _changes(base.versions, document.versions):
            lines.append(f"versions, {names[0]} → {name}: {changes}")
    return lines or ["all runs have the same settings and versions"]


def _given(document: Document) -> dict[str, dict[str, Any]]:
    """What every scenario of a run was given, its dtypes among it."""
    found: dict[str, dict[str, Any]] = {}
    for result in document.results:
        dtypes = [r.dtype for r in document.results if r.scenario == result.scenario]
        settings = {name: getattr(result, name) for name in SETTINGS}
        found[result.scenario] = {**result.settings, "dtype": " and ".join(dtypes), **settings}
    return found


def _changes(before: dict[str, Any], after: dict[str, Any]) -> str:
    return ", ".join(
        f"{name.replace('_', ' ')} {_written(before.get(name))} → {_written(after.get(name))}"
        for name in dict.fromkeys([*before, *after])
        if before.get(name) != after.get(name)
    )


def _written(value: Any) -> str:
    if value is None:
        return "none"
    return f"{value:g}" if isinstance(value, float) else str(value)


def _rows(names: Sequence[str], documents: Sequence[Document]) -> list[Row]:
    found = [{(r.scenario, r.dtype, b): r for r in document.results for b in r.backends} for document in documents]
    rows = []
    for key in dict.fromkeys(key for results in found for key in results):
        row: Row = dict(zip(KEYS, key, strict=True))
        base = found[0].get(key)
        for i, (name, results) in enumerate(zip(names, found, strict=True)):
            result = results.get(key)
            columns = _of_run(result, key[2]) | (_against(result, base, key[2], names[0]) if i else {})
            row |= {f"{name}\n{column}": value for column, value in columns.items()}
        rows.append(row)
    return rows


def _of_run(result: Result | None, backend: str) -> Row:
    return {
        "verdict": result.verdict if result else None,
        "final loss": final_loss(result, backend) if result else None,
        "ms/epoch": milliseconds(result, backend) if result else None,
    }


def _against(result: Result | None, base: Result | None, backend: str, base_name: str) -> Row:
    """The loss as a relative difference to the base's and the time as a ratio; None where one has no counterpart."""
    loss = time = None
    if result and base:
        base_loss, base_time = final_loss(base, backend), milliseconds(base, backend)
        loss = (final_loss(result, backend) - base_loss) / abs(base_loss) if base_loss else math.nan
        time = milliseconds(result, backend) / base_time if base_time else math.nan
    return {f"loss vs {base_name},\nrelative": loss, f"time vs {base_name},\nratio": time}


def _on_one_line(column: str) -> str:
    run, *rest = column.split("\n")
    return f"{run}: {' '.join(rest)}" if rest else run


def _shown(column: str, value: Any) -> str | None:
    if value is None or isinstance(value, str):
        return value
    if "final loss" in column:
        return f"{value:.9g}"
    return f"{value:+.1e}" if "\nloss vs" in column else f"{value:.3g}"
