"""Rows as a table in any format; a text table that is too wide becomes several, one below the other."""

import csv
import html
import io
import json
import math
from collections.abc import Sequence
from itertools import groupby
from typing import Any, Literal

from tabulate import LATEX_ESCAPE_RULES, SEPARATING_LINE, DataRow, Line, TableFormat, tabulate

from reports.languages.width import columns, wrapped

Format = Literal["text", "github", "latex", "html", "csv", "json"]
Row = dict[str, Any]

TABULATE_FORMATS = {"github": "github", "latex": "latex_booktabs", "html": "html"}
FORMULA_SIGNS = ("=", "+", "-", "@", "\t", "\r")
"""What a cell begins with that a spreadsheet computes (OWASP, CSV Injection)."""
GAP = "  "
PLAIN_TEXT = TableFormat(
    lineabove=None,
    linebelowheader=Line("", "-", GAP, ""),
    linebetweenrows=None,
    linebelow=None,
    headerrow=DataRow("", GAP, ""),
    datarow=DataRow("", GAP, ""),
    padding=0,
    with_header_hide=None,
)


def render_table(
    rows: Sequence[Row],
    table_format: Format,
    *,
    caption: str = "",
    left_aligned: bool = False,
    keys: int = 1,
    width: int | None = None,
) -> str:
    """Render rows of texts; the first row's keys are the headers. Columns after the first `keys` align right.

    A header may have several lines; columns whose headers begin with the same line belong together. A text table that
    is wider than `width` becomes several, each with the first `keys` columns. The caption is left out of text, csv and
    json.
    """
    if table_format in ("csv", "json"):
        return flat_table(rows, table_format)
    if not rows:
        return ""
    headers = list(rows[0])
    cells = [["-" if cell is None else str(cell) for cell in row.values()] for row in rows]
    alignment = ["left" if left_aligned or i < keys else "right" for i in range(len(headers))]
    if table_format == "text":
        blocks = _blocks(headers, cells, keys, width)
        return "\n".join(_text(headers, cells, alignment, block) for block in blocks)
    if table_format == "github":
        cells = [[html.escape(cell, quote=False).replace("|", "\\|") for cell in row] for row in cells]
    table = tabulate(
        cells,
        headers=[header.replace("/\n", "/").replace("\n", " ") for header in headers],
        tablefmt=TABULATE_FORMATS[table_format],
        disable_numparse=True,
        colalign=alignment,
    )
    return f"{_captioned(table, caption, table_format)}\n"


def flat_table(rows: Sequence[Row], table_format: Format) -> str:
    """Rows as csv or as a JSON list of objects, numbers at full precision; NaN and None are empty or null.

    A text of a csv that a spreadsheet would take for a formula has a ' before it.
    """
    clean = [{key: _finite(value) for key, value in row.items()} for row in rows]
    if table_format == "json":
        return json.dumps(clean, indent=1, ensure_ascii=False) + "\n"
    text = io.StringIO()
    writer = csv.DictWriter(text, fieldnames=list(rows[0]) if rows else [], lineterminator="\n")
    writer.writeheader()
    writer.writerows({key: _no_formula(value) for key, value in row.items()} for row in clean)
    return text.getvalue()


def room_for(column: str, rows: Sequence[Row], width: int) -> int:
    """The width that the other columns of a text table leave to this one."""
    widths = {other: max(columns(str(row[other])) for row in [{other: other}, *rows]) for other in rows[0]}
    return width - sum(taken + len(GAP) for other, taken in widths.items() if other != column)


def wrapped_rows(rows: Sequence[Row], column: str, width: int) -> list[Row]:
    """The rows with the texts of one column wrapped; a further line is a row that is empty apart from it."""
    further: list[Row] = []
    for row in rows:
        first, *rest = wrapped(row[column], width)
        further += [row | {column: first}, *(dict.fromkeys(row, "") | {column: line} for line in rest)]
    return further


def _text(headers: Sequence[str], cells: Sequence[Sequence[str]], alignment: Sequence[str], block: list[int]) -> str:
    # The line that headers share stands at the top, once; the rest stands right above the numbers.
    shared = ["" if "\n" not in headers[i] else headers[i].split("\n")[0] for i in block]
    top = [name if i == 0 or name != shared[i - 1] else "" for i, name in enumerate(shared)]
    own = [headers[i].split("\n")[1:] or [headers[i]] for i in block]
    height = max(map(len, own))
    above = [list(line) for line in zip(*[[""] * (height - len(lines)) + lines for lines in own], strict=True)]
    if any(top):
        above.insert(0, top)
    table = tabulate(
        [*above, SEPARATING_LINE, *([row[i] for i in block] for row in cells)],
        tablefmt=PLAIN_TEXT,
        disable_numparse=True,
        colalign=[alignment[i] for i in block],
    )
    return "".join(f"{line.rstrip()}\n" for line in table.split("\n"))


def _blocks(headers: Sequence[str], cells: Sequence[Sequence[str]], keys: int, width: int | None) -> list[list[int]]:
    """The columns of each table: as many as fit, columns that belong together in one table where they fit."""
    every = list(range(len(headers)))
    if width is None:
        return [every]
    widths = [
        max(columns(text) for text in [*header.split("\n"), *(row[i] for row in cells)]) + len(GAP)
        for i, header in enumerate(headers)
    ]
    available = width + len(GAP)

    def fits(of_block: Sequence[int]) -> bool:
        return sum(widths[i] for i in of_block) <= available

    key = every[:keys]
    together = [list(group) for _, group in groupby(every[keys:], key=lambda i: headers[i].split("\n")[0])]
    blocks = [list(key)]
    for group in together:
        # A group that does not fit into the block begins a new one, and is split only if it does not fit there.
        parts = [group] if fits([*key, *group]) else [[i] for i in group]
        if len(blocks[-1]) > len(key) and not fits([*blocks[-1], *group]):
            blocks.append(list(key))
        for part in parts:
            if len(blocks[-1]) > len(key) and not fits([*blocks[-1], *part]):
                blocks.append(list(key))
            blocks[-1] += part
    return blocks


def _captioned(table: str, caption: str, table_format: Format) -> str:
    if not caption:
        return table
    if table_format == "html":
        return table.replace("<table>", f"<table>\n<caption>{html.escape(caption)}</caption>", 1)
    if table_format == "latex":
        escaped = "".join(LATEX_ESCAPE_RULES.get(character, character) for character in caption)
        return f"\\begin{{table}}\n\\centering\n\\caption{{{escaped}}}\n{table}\n\\end{{table}}"
    return f"### {caption}\n\n{table}"


def _no_formula(value: Any) -> Any:
    return (
        f"'{value}" if isinstance(value, str) and value.startswith(FORMULA_SIGNS) and not _is_number(value) else value
    )


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def _finite(value: Any) -> Any:
    return None if isinstance(value, float) and not math.isfinite(value) else value
