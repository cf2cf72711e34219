"""Fragments of HTML for the output of a cell: light in any theme, with their own style, without scripts."""

import io
from collections.abc import Sequence

from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape
from markupsafe import Markup
from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexers import PythonLexer
from rich.console import Console
from rich.terminal_theme import TerminalTheme
from rich.text import Text

from harness.results import Result
from harness.sentences import certificate_failed, details, headline
from reports.source.code_map import MapRow
from reports.text.code_map import HEADERS
from reports.text.runs.certificates import certificate_findings
from reports.text.runs.tables import table_alone

COLOURS = {"agree": "#116329", "drift": "#7d4e00", "disagree": "#a40e26", "inconclusive": "#7d4e00"}
PRE = "<pre>{code}</pre>"
DARK_ON_WHITE = [
    *((31, 35, 40), (164, 14, 38), (17, 99, 41), (125, 78, 0), (5, 80, 174), (102, 57, 186), (27, 124, 131)),
    (87, 96, 106),
]
"""A terminal's eight colours, as they can be read on white."""
THEME = TerminalTheme((255, 255, 255), DARK_ON_WHITE[0], DARK_ON_WHITE, DARK_ON_WHITE)
WIDTH = 160
"""The columns of text that is laid out by itself; wider lines scroll."""


def run_fragment(result: Result) -> str:
    """The verdict of a run with what is known about it, its table, and what its certificates found."""
    verdict, _, rest = headline(result).partition(f": {result.verdict}")
    return _rendered(
        "run.html",
        name=verdict,
        verdict=result.verdict,
        colour=COLOURS[result.verdict],
        rest=rest,
        details="\n".join(details(result)),
        table=Markup(table_alone(result, "html")),
        certificates=certificate_findings(result, WIDTH) if result.certified else "",
        has_failed=certificate_failed(result),
    )


def map_fragment(maps: Sequence[tuple[str, Sequence[MapRow]]]) -> str:
    """Code maps, each a table under its title."""
    return _rendered("map.html", maps=maps, headers=HEADERS, coloured=_coloured)


def text_fragment(text: str) -> str:
    """Text with the colours of a terminal."""
    console = Console(record=True, file=io.StringIO(), width=WIDTH, force_jupyter=False)
    console.print(Text.from_ansi(text), soft_wrap=True)
    code = console.export_html(theme=THEME, inline_styles=True, code_format=PRE)
    return _rendered("text.html", code=Markup(code))


def _coloured(line: str) -> Markup:
    """A line of Python in colours that need no style sheet."""
    formatter = HtmlFormatter(nowrap=True, noclasses=True, style="default")
    return Markup(highlight(line, PythonLexer(stripnl=False), formatter).rstrip("\n"))


def _rendered(template: str, **given: object) -> str:
    environment = Environment(
        loader=PackageLoader("reports.notebook"),
        autoescape=select_autoescape(),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template(template).render(**given)
