"""Draws rows as a table in any format; a text table that is too wide is drawn as several, one below the other."""

import csv
import html
import io
import json
import math
from collections.abc import Sequence
from itertools import groupby
from typing import Any, Literal

from tabulate import LATEX_ESCAPE_RULES, SEPARATING_LINE, DataRow, Line, TableFormat, tabulate

Format = Literal["text", "github", "latex", "html", "csv", "json"]
Row = dict[str, Any]

TABULATE_FORMATS = {"github": "github", "latex": "latex_booktabs", "html": "html"}
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


def draw_table(
    rows: Sequence[Row],
    table_format: Format,
    *,
    caption: str = "",
    left_aligned: bool = False,
    keys: int = 1,
    width: int | None = None,
) -> str:
    """Draw rows of texts; the first row's keys are the headers. Columns after the first `keys` align right.

    A header may have several lines; columns whose headers begin with the same line belong together. A text table that
    is wider than `width` is drawn as several, each with the first `keys` columns. The caption is for formats in which
    a table stands for itself: github, latex and html.
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
    drawn = tabulate(
        cells,
        headers=[header.replace("/\n", "/").replace("\n", " ") for header in headers],
        tablefmt=TABULATE_FORMATS[table_format],
        disable_numparse=True,
        colalign=alignment,
    )
    return f"{_captioned(drawn, caption, table_format)}\n"


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


def _text(headers: Sequence[str], cells: Sequence[Sequence[str]], alignment: Sequence[str], block: list[int]) -> str:
    # What columns have in common stands at the top, once; the rest right above the numbers.
    shared = ["" if "\n" not in headers[i] else headers[i].split("\n")[0] for i in block]
    top = [name if i == 0 or name != shared[i - 1] else "" for i, name in enumerate(shared)]
    own = [headers[i].split("\n")[1:] or [headers[i]] for i in block]
    height = max(map(len, own))
    above = [list(line) for line in zip(*[[""] * (height - len(lines)) + lines for lines in own], strict=True)]
    if any(top):
        above.insert(0, top)
    drawn = tabulate(
        [*above, SEPARATING_LINE, *([row[i] for i in block] for row in cells)],
        tablefmt=PLAIN_TEXT,
        disable_numparse=True,
        colalign=[alignment[i] for i in block],
    )
    return "".join(f"{line.rstrip()}\n" for line in drawn.split("\n"))


def _blocks(headers: Sequence[str], cells: Sequence[Sequence[str]], keys: int, width: int | None) -> list[list[int]]:
    """Which columns stand side by side: all that fit, columns that belong together kept so where they fit."""
    every = list(range(len(headers)))
    if width is None:
        return [every]
    widths = [
        max(len(text) for text in [*header.split("\n"), *(row[i] for row in cells)]) + len(GAP)
        for i, header in enumerate(headers)
    ]
    available = width + len(GAP)

    def fits(columns: Sequence[int]) -> bool:
        return sum(widths[i] for i in columns) <= available

    key = every[:keys]
    together = [list(group) for _, group in groupby(every[keys:], key=lambda i: headers[i].split("\n")[0])]
    blocks = [list(key)]
    for group in together:
        # What does not fit beside the columns before it begins a block of its own, and is parted only if it must be.
        parts = [group] if fits([*key, *group]) else [[i] for i in group]
        if len(blocks[-1]) > len(key) and not fits([*blocks[-1], *group]):
            blocks.append(list(key))
        for part in parts:
            if len(blocks[-1]) > len(key) and not fits([*blocks[-1], *part]):
                blocks.append(list(key))
            blocks[-1] += part
    return blocks


def _captioned(drawn: str, caption: str, table_format: Format) -> str:
    if not caption:
        return drawn
    if table_format == "html":
        return drawn.replace("<table>", f"<table>\n<caption>{html.escape(caption)}</caption>", 1)
    if table_format == "latex":
        escaped = "".join(LATEX_ESCAPE_RULES.get(character, character) for character in caption)
        return f"\\begin{{table}}\n\\centering\n\\caption{{{escaped}}}\n{drawn}\n\\end{{table}}"
    return f"### {caption}\n\n{drawn}"


def _finite(value: Any) -> Any:
    return None if isinstance(value, float) and not math.isfinite(value) else value
