"""Several saved runs side by side: their results beside the first run's, and the settings that differ."""

import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

from harness.results import Document, Result
from reports.text.runs.rows import final_loss, milliseconds
from reports.text.table import Format, flat_table, render_table

KEYS = ("scenario", "dtype", "backend")
SETTINGS = ("seed", "epochs", "batch_size", "optimizer", "reference", "threads")


class Cell(NamedTuple):
    """A cell of the table: its value for csv and json, and its text for readers."""

    value: str | float | None
    text: str | None


def comparison(
    names: Sequence[str], documents: Sequence[Document], table_format: Format, width: int | None = None
) -> str:
    """A table with a row per scenario, dtype and backend and columns per run, below the settings that differ.

    The first run is the base: the others' final losses and times are compared with its own. csv and json are the table
    alone.
    """
    rows = _rows(names, documents)
    if table_format in ("csv", "json"):
        values = [{_on_one_line(column): cell.value for column, cell in row.items()} for row in rows]
        return flat_table(values, table_format)
    texts = [{column: cell.text for column, cell in row.items()} for row in rows]
    notes = differences(names, documents)
    table = render_table(texts, table_format, caption="; ".join(notes), keys=len(KEYS), width=width)
    return "\n".join([*notes, "", table]) if table_format == "text" else table


def short_names(paths: Sequence[Path]) -> list[str]:
    """The shortest end of each run's path that no other has, without .json; a run that is named again is numbered."""
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
        settings, base_settings = _settings_of(document), _settings_of(base)
        for scenario in dict.fromkeys([*base_settings, *settings]):
            if scenario not in base_settings or scenario not in settings:
                lines.append(f"{scenario}: only in {name if scenario in settings else names[0]}")
            elif changes := _changes(base_settings[scenario], settings[scenario]):
                lines.append(f"{scenario}, {names[0]} → {name}: {changes}")
        if changes := _changes(base.versions, document.versions):
            lines.append(f"versions, {names[0]} → {name}: {changes}")
    return lines or ["all runs have the same settings and versions"]


def _settings_of(document: Document) -> dict[str, dict[str, Any]]:
    """The settings of every scenario of a run, its dtypes among them."""
    by_scenario: dict[str, dict[str, Any]] = {}
    for result in document.results:
        dtypes = [r.dtype for r in document.results if r.scenario == result.scenario]
        settings = {name: getattr(result, name) for name in SETTINGS}
        by_scenario[result.scenario] = {**result.settings, "dtype": " and ".join(dtypes), **settings}
    return by_scenario


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


def _rows(names: Sequence[str], documents: Sequence[Document]) -> list[dict[str, Cell]]:
    runs = [{(r.scenario, r.dtype, b): r for r in document.results for b in r.backends} for document in documents]
    rows = []
    for key in dict.fromkeys(key for results in runs for key in results):
        row = {column: _cell(value) for column, value in zip(KEYS, key, strict=True)}
        base = runs[0].get(key)
        for i, (name, results) in enumerate(zip(names, runs, strict=True)):
            result = results.get(key)
            cells = _of_run(result, key[2]) | (_against(result, base, key[2], names[0]) if i else {})
            row |= {f"{name}\n{column}": cell for column, cell in cells.items()}
        rows.append(row)
    return rows


def _of_run(result: Result | None, backend: str) -> dict[str, Cell]:
    return {
        "verdict": _cell(result.verdict if result else None),
        "final loss": _cell(final_loss(result, backend) if result else None, ".9g"),
        "ms/epoch": _cell(milliseconds(result, backend) if result else None, ".3g"),
    }


def _against(result: Result | None, base: Result | None, backend: str, base_name: str) -> dict[str, Cell]:
    """The loss as a relative difference to the base's and the time as a ratio; None where a run has no such result."""
    loss = time = None
    if result and base:
        base_loss, base_time = final_loss(base, backend), milliseconds(base, backend)
        loss = (final_loss(result, backend) - base_loss) / abs(base_loss) if base_loss else math.nan
        time = milliseconds(result, backend) / base_time if base_time else math.nan
    return {
        f"loss vs {base_name},\nrelative": _cell(loss, "+.1e"),
        f"time vs {base_name},\nratio": _cell(time, ".3g"),
    }


def _cell(value: str | float | None, format_specification: str = "") -> Cell:
    return Cell(value, None if value is None else format(value, format_specification))


def _on_one_line(column: str) -> str:
    run, *rest = column.split("\n")
    return f"{run}: {' '.join(rest)}" if rest else run
