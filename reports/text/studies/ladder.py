"""The ladder: all rungs as a table, or one rung beside the one before."""

import difflib
from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import TYPE_CHECKING, Literal, NamedTuple

from harness.results import Worst
from harness.sentences import counted, headline
from harness.studies.ladder import PACKAGE, Climbed, Rung, checks_by_outcome, largest_deviation
from reports.languages.language import Language
from reports.languages.translation import Words, words_in
from reports.languages.width import wrapped as wrapped_lines
from reports.text.console import PIPE_WIDTH, captured, highlighted, text_console
from reports.text.table import Format, Row, render_table, room_for, wrapped_rows

if TYPE_CHECKING:
    from rich.console import Console
    from rich.text import Text

RungFormat = Literal["text", "github"]
SIDE_BY_SIDE = 160
"""The least width at which two programs stand side by side."""
RUNG, REPLACED = "rung", "what it replaced"
NARROWEST = 30
"""Sentences are not wrapped to fewer columns than these."""
COLOURS = {"-": "bold red", "+": "bold green"}


def ladder_table(
    climbed: Sequence[Climbed], table_format: Format, width: int | None = None, *, language: Language = "en"
) -> str:
    """One row per rung: its length, its largest deviation in a loss or a weight, and what it replaced.

    What programs read, csv and json, is in English.
    """
    said = words_in("en" if table_format in ("csv", "json") else language)
    rows, first = [_row(rung, said) for rung in climbed], climbed[0]
    of_rung, of_replaced = said(RUNG), said(REPLACED)
    run = f"{first.result.scenario} {first.result.dtype}, {counted(first.result.epochs, 'epoch')}"
    caption = said(f"{run}: every rung against {first.rung.name}, and that against the suite's {first.backend}")
    if table_format != "text":
        return render_table(rows, table_format, caption=caption, left_aligned=True)
    if width is None:
        return f"{caption}\n\n{render_table(rows, 'text', left_aligned=True)}"
    measured = [{column: cell for column, cell in row.items() if column != of_replaced} for row in rows]
    sentences = [{column: row[column] for column in (of_rung, of_replaced)} for row in rows]
    further = wrapped_rows(sentences, of_replaced, max(room_for(of_replaced, sentences, width), NARROWEST))
    tables = [render_table(part, "text", left_aligned=True, width=width) for part in (measured, further)]
    return "\n".join([*wrapped_lines(caption, width), "", *tables])


def ladder_verdicts(climbed: Sequence[Climbed]) -> str:
    """The verdict on every rung that does not agree, one line each."""
    return "\n".join(f"{rung.backend}: {headline(rung.result)}" for rung in climbed if rung.result.verdict != "agree")


def _row(climbed: Climbed, said: Words) -> Row:
    rung, result = climbed.rung, climbed.result
    worst = largest_deviation(climbed)
    checks = checks_by_outcome(climbed)
    failed = checks.get("failed", 0)
    row = {
        RUNG: rung.name,
        "lines": str(rung.lines),
        "verdict": said(result.verdict),
        "off by": _relative(worst),
        "ulp": "-" if worst is None else f"{float(worst.ulps):.2g}",
        "where": "-" if worst is None else said(f"{worst.tensor}, epoch {worst.epoch}"),
        "certified": f"{checks.get('checks', 0):,}" + (said(f", {failed:,} failed") if failed else ""),
        REPLACED: said(rung.replaces),
    }
    return {said(column): cell for column, cell in row.items()}


def _relative(worst: Worst | None) -> str:
    if worst is None:
        return "-"
    error, size = float(worst.error), float(worst.size)
    return "0" if error == 0 else f"{error / size if size else error:.1e}"


class Line(NamedTuple):
    """A line of the rung before and the line that stands there now; None where there is none."""

    before: str | None
    after: str | None

    @property
    def same(self) -> bool:
        """Whether nothing changed."""
        return self.before == self.after


def beside(before: Sequence[str], after: Sequence[str]) -> list[Line]:
    """Two programs line by line."""
    lines = []
    for _, i, i_end, j, j_end in difflib.SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        height = max(i_end - i, j_end - j)
        olds, news = ([*part, *[None] * (height - len(part))] for part in (before[i:i_end], after[j:j_end]))
        lines += [Line(old, new) for old, new in zip(olds, news, strict=True)]
    return lines


def render_rung(
    rung: Rung,
    before: Rung | None,
    page_format: RungFormat,
    *,
    colour: bool = False,
    width: int = PIPE_WIDTH,
    language: Language = "en",
) -> str:
    """One rung beside the one before with changed lines marked, and what the framework now does for you."""
    lines = beside((before or rung).code.splitlines(), rung.code.splitlines())
    if page_format == "github":
        return "\n".join([f"### {rung.name}", "", *_said(rung, language), "```diff", *_marked(lines), "```", ""])
    from rich.text import Text

    console = text_console(colour, width)
    console.print(Text(rung.name if before is None else f"{before.name} → {rung.name}", style="bold"))
    console.print(Text(f"python -m {PACKAGE}.{rung.name}"))
    for text in ("", *_said(rung, language)):
        console.print(Text(text))
    if before is not None and width >= SIDE_BY_SIDE:
        _print_side_by_side(console, (before.name, rung.name), lines)
    else:
        for marked in _marked(lines):
            console.print(_mark(marked[:1]), highlighted(marked[1:]), sep="", soft_wrap=True)
    text = captured(console)
    return text if colour else "".join(f"{line.rstrip()}\n" for line in text.splitlines())


def _said(rung: Rung, language: Language) -> list[str]:
    said = words_in(language)
    return [said(rung.replaces), "", said(rung.now), ""]


def _marked(lines: Sequence[Line]) -> Iterator[str]:
    """Both programs as one: removed lines begin with -, added ones with +."""
    for same, block in groupby(lines, key=lambda line: line.same):
        pairs = list(block)
        if same:
            yield from (f" {line.after}" for line in pairs)
            continue
        yield from (f"-{line.before}" for line in pairs if line.before is not None)
        yield from (f"+{line.after}" for line in pairs if line.after is not None)


def _print_side_by_side(console: "Console", names: tuple[str, str], lines: Sequence[Line]) -> None:
    from rich.table import Table

    table = Table(box=None, pad_edge=False, padding=(0, 1, 0, 0))
    for name in names:
        table.add_column("")
        table.add_column(name, overflow="fold", ratio=1)
    for line in lines:
        marks = (
            ("", "") if line.same else ("-" if line.before is not None else "", "+" if line.after is not None else "")
        )
        old, new = (highlighted(code or "") for code in line)
        table.add_row(_mark(marks[0]), old, _mark(marks[1]), new)
    console.print(table)


def _mark(mark: str) -> "Text":
    from rich.text import Text

    return Text(mark, style=COLOURS.get(mark.strip(), ""))
