"""The code map for a terminal, as a Markdown table, as a LaTeX table and as an HTML page."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Literal

from jinja2 import Environment, PackageLoader, select_autoescape
from markupsafe import Markup
from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexers import PythonLexer
from rich.console import Console
from rich.table import Table
from rich.text import Text
from tabulate import LATEX_ESCAPE_RULES

from reports.languages.language import Language
from reports.languages.translation import Words, words_in
from reports.languages.width import padded
from reports.source.code_map import COLUMNS, MapRow
from reports.text.console import PIPE_WIDTH, captured, highlighted, text_console

MapFormat = Literal["text", "github", "latex", "html"]
HEADERS = (COLUMNS[0], f"{COLUMNS[1]} (read upwards)", *COLUMNS[2:])
LABEL_WIDTH = 16
"""The columns of the names of backends, in the narrow form."""
NEW_LINE = r" \\"
"""Ends a row of a LaTeX table."""
JAPANESE_LATEX = r"\usepackage{luatexja} (with LuaLaTeX)"
TABLE_WIDTH = 140
"""Below this width the columns of a row stand under each other."""


def render_map(
    title: str,
    rows: Sequence[MapRow],
    map_format: MapFormat,
    *,
    colour: bool = False,
    width: int = PIPE_WIDTH,
    language: Language = "en",
) -> str:
    """The whole map. As text it is a table, or one block per row where `width` is less than TABLE_WIDTH."""
    rows = [_with_comments_in(row, words_in(language)) for row in rows]
    if map_format == "github":
        return _markdown(title, rows, words_in(language))
    if map_format == "latex":
        return _latex(title, rows, language)
    if map_format == "html":
        return _page(title, rows, language)
    return _terminal_text(title, rows, words_in(language), colour=colour, width=width)


def comments_in(lines: Sequence[str], said: Words) -> list[str]:
    """Lines of code, of which those that are comments are translated."""
    return [said(line) if line.startswith("# ") else line for line in lines]


def _with_comments_in(row: MapRow, said: Words) -> MapRow:
    forward, backward, chainer, torch = (comments_in(lines, said) for lines in row.cells)
    return replace(row, cells=(forward, backward, chainer, torch))


def _terminal_text(title: str, rows: Sequence[MapRow], said: Words, *, colour: bool, width: int) -> str:
    console = text_console(colour, width)
    console.print(Text(title, style="bold"))
    console.print()
    if width < TABLE_WIDTH:
        _print_blocks(console, rows, said)
        return captured(console)
    table = Table(show_lines=True)
    for header in ("", *map(said, HEADERS)):
        table.add_column(header, overflow="fold")
    for row in rows:
        table.add_row(said(row.title), *(highlighted("\n".join(lines)) for lines in row.cells))
    console.print(table)
    return captured(console)


def _print_blocks(console: Console, rows: Sequence[MapRow], said: Words) -> None:
    """The narrow form: the columns of a row under each other."""
    for row in rows:
        console.print(Text(said(row.title), style="bold"))
        for column, lines in zip(COLUMNS, row.cells, strict=True):
            for i, line in enumerate(lines):
                label = padded(said(column) if i == 0 else "", LABEL_WIDTH)
                console.print(f"  {label}", end="")
                console.print(highlighted(line), soft_wrap=True)
        console.print()


def _markdown(title: str, rows: Sequence[MapRow], said: Words) -> str:
    lines = [f"### {title}", "", f"| | {' | '.join(map(said, HEADERS))} |", "|---" * (len(HEADERS) + 1) + "|"]
    for row in rows:
        cells = ["<br>".join(f"`{_indented(line)}`" for line in cell) for cell in row.cells]
        lines.append(f"| {said(row.title)} | {' | '.join(cells)} |".replace("|  |", "| |"))
    return "\n".join(lines) + "\n"


def _indented(line: str) -> str:
    """A line for a Markdown table, which drops leading spaces and takes every bare `|` for the end of a cell."""
    stripped = line.lstrip()
    return "\u00a0" * (len(line) - len(stripped)) + stripped.replace("|", "\\|")


def coloured(code: str) -> Markup:
    """Python with its colours, which `light_and_dark` has."""
    formatter = HtmlFormatter(nowrap=True, style="default")
    return Markup(highlight(code, PythonLexer(stripnl=False), formatter).rstrip("\n"))


def light_and_dark() -> tuple[Markup, Markup]:
    """The colours of code within `code` elements, in both themes."""
    light, dark = (HtmlFormatter(style=style).get_style_defs("code") for style in ("default", "github-dark"))  # type: ignore[no-untyped-call]
    return Markup(light), Markup(dark)


def _latex(title: str, rows: Sequence[MapRow], language: Language) -> str:
    """A table for the package booktabs; of a cell with several lines, each line is a row of a table inside."""
    said = words_in(language)
    packages = [r"\usepackage{booktabs}", *([JAPANESE_LATEX] if language == "ja" else [])]
    cells = [[_escaped(said(row.title)), *map(_latex_cell, row.cells)] for row in rows]
    lines = [
        f"% {title}; needs {' and '.join(packages)}",
        rf"\begin{{tabular}}{{{'l' * (len(HEADERS) + 1)}}}",
        r"\toprule",
        f"{' & '.join(['', *map(said, HEADERS)])}{NEW_LINE}",
        r"\midrule",
        *(f"{' & '.join(row)}{NEW_LINE}" for row in cells),
        r"\bottomrule",
        r"\end{tabular}",
    ]
    return "\n".join(lines) + "\n"


def _latex_cell(lines: Sequence[str]) -> str:
    written = [
        rf"\texttt{{{'~' * (len(line) - len(line.lstrip()))}{_escaped(line.lstrip())}}}" for line in lines if line
    ]
    if len(written) < 2:
        return "".join(written)
    return rf"\begin{{tabular}}[t]{{@{{}}l@{{}}}}{f'{NEW_LINE} '.join(written)}\end{{tabular}}"


def _escaped(text: str) -> str:
    return "".join(LATEX_ESCAPE_RULES.get(letter, letter) for letter in text)


def _page(title: str, rows: Sequence[MapRow], language: Language) -> str:
    light, dark = light_and_dark()
    environment = Environment(loader=PackageLoader("reports.text"), autoescape=select_autoescape())
    return environment.get_template("code_map.html").render(
        title=title,
        language=language,
        said=words_in(language),
        headers=HEADERS,
        rows=rows,
        coloured=coloured,
        light_style=light,
        dark_style=dark,
    )
