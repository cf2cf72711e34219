"""Draws the differences between Chainer and PyTorch: all as a table, or one with its code."""

from __future__ import annotations

import html
import textwrap
from collections.abc import Sequence
from typing import TYPE_CHECKING, Literal

from reports.text.console import PIPE_WIDTH, draw_op
from reports.text.table import GAP, Row, draw_table

if TYPE_CHECKING:
    from harness.results import Number
    from harness.studies.differences import Measured

PageFormat = Literal["text", "github", "html", "json"]
CAPTION = "Where Chainer and PyTorch differ"
NAME, SENTENCE = "difference", "what differs"
INEXPRESSIBLE = "can't be expressed"
NARROWEST = 40
"""In fewer columns than these the sentences don't stand beside the numbers, but in a table of their own."""
LEGEND = (
    "F is chainer.functions, L is chainer.links and nn is torch.nn. Differences are relative to the largest element of "
    "Chainer's array, in float64, over values and gradients, or over the weights of ten updates; a function that is "
    "returned beside an optimizer is called after each update."
)


def draw_differences(
    measured: Sequence[Measured], table_format: Literal["text", "github", "html"], width: int | None = None
) -> str:
    """One row per difference; in a text table the sentences are wrapped to what `width` leaves them."""
    rows = [_row(entry) for entry in measured]
    if table_format != "text":
        return draw_table(rows, table_format, caption=CAPTION, left_aligned=True)
    if width is None:
        return draw_table(rows, "text", left_aligned=True)
    beside = _wrapped(rows, width)
    if beside is not None:
        return draw_table(beside, "text", left_aligned=True)
    numbers = [{column: cell for column, cell in row.items() if column != SENTENCE} for row in rows]
    sentences = [{column: row[column] for column in (NAME, SENTENCE)} for row in rows]
    return "\n".join(
        [
            draw_table(numbers, "text", left_aligned=True, width=width),
            draw_table(_wrapped(sentences, width) or sentences, "text", left_aligned=True),
        ]
    )


def draw_difference(
    entry: Measured, page_format: Literal["text", "github", "html"], *, colour: bool = False, width: int | None = None
) -> str:
    """One difference: the sentence, what both frameworks say, and the code with what was measured."""
    if page_format == "github":
        return _markdown(entry)
    if page_format == "html":
        return _html(entry)
    width = width or PIPE_WIDTH
    head = [
        _filled(f"{entry.name} ({entry.kind})", width),
        _filled(entry.title, width),
        "",
        _filled(f"Chainer  {entry.chainer}", width, indent=9),
        _filled(f"PyTorch  {entry.torch}", width, indent=9),
        "",
        "",
    ]
    foot = [f"{_filled(text, min(width, 100))}\n" for text in [*_instead(entry), LEGEND]]
    return "\n".join(head) + draw_op(_parts(entry), colour=colour, width=width) + "\n".join(foot)


def _row(entry: Measured) -> Row:
    return {
        NAME: entry.name,
        "kind": entry.kind,
        "naive": _cell(entry.naive_difference, entry.naive_reason),
        "normalised": INEXPRESSIBLE
        if entry.normalised_difference is None
        else _cell(entry.normalised_difference, entry.normalised_reason),
        SENTENCE: entry.title,
    }


def _cell(difference: Number, reason: str | None) -> str:
    """The number, or the shortest of the reason: "ValueError", "another shape", "NaN", "3 values"."""
    if reason is None:
        return _short(difference)
    return "another shape" if reason.startswith("shape") else reason.removeprefix("raises ").partition(" for ")[0]


def _wrapped(rows: Sequence[Row], width: int) -> list[Row] | None:
    """The rows with their sentences in the columns that are left, on several lines; None where too few are."""
    others = [column for column in rows[0] if column != SENTENCE]
    taken = sum(max(len(str(cell)) for cell in [column, *(row[column] for row in rows)]) for column in others)
    left = width - taken - len(GAP) * len(others)
    if left < NARROWEST:
        return None
    lines: list[Row] = []
    for row in rows:
        first, *rest = textwrap.wrap(row[SENTENCE], left, break_on_hyphens=False)
        lines += [row | {SENTENCE: first}, *(dict.fromkeys(row, "") | {SENTENCE: line} for line in rest)]
    return lines


def _parts(entry: Measured) -> list[tuple[str, str]]:
    """The code, each part under a heading that says what it is and how far off."""
    naive = _measured(entry.naive_difference, entry.naive_place, entry.naive_reason)
    headings = {
        "in_chainer": "Chainer",
        "naive": f"PyTorch, translated naively: {naive}",
    }
    if entry.normalised_difference is not None:
        normalised = _measured(entry.normalised_difference, entry.normalised_place, entry.normalised_reason)
        headings |= {"normalised_chainer": "Chainer, normalised", "normalised": f"PyTorch, normalised: {normalised}"}
    return [(heading, entry.code[version]) for version, heading in headings.items() if version in entry.code]


def _instead(entry: Measured) -> list[str]:
    """What to use where nothing in PyTorch is the same, as no paragraph or one."""
    return [f"In PyTorch this {INEXPRESSIBLE}. {entry.instead}"] if entry.instead else []


def _measured(difference: Number, place: str | None, reason: str | None) -> str:
    where = f" ({'the ' if place != 'weights' else ''}{place})" if place and reason else ""
    if reason:
        return f"{reason}{where}"
    return f"off by {_short(difference)} in the {place}" if float(difference) else "off by 0"


def _short(difference: Number) -> str:
    return "0" if float(difference) == 0 else f"{float(difference):.2g}"


def _filled(text: str, width: int, indent: int = 0) -> str:
    return textwrap.fill(text, width, subsequent_indent=" " * indent, break_on_hyphens=False)


def _markdown(entry: Measured) -> str:
    lines = [f"### {entry.name} ({entry.kind})", "", entry.title, ""]
    lines += [f"- Chainer: `{entry.chainer}`", f"- PyTorch: `{entry.torch}`", ""]
    for heading, source in _parts(entry):
        lines += [f"**{heading}**", "", "```python", source.rstrip("\n"), "```", ""]
    return "\n".join([*lines, *(f"{text}\n" for text in _instead(entry)), LEGEND]) + "\n"


def _html(entry: Measured) -> str:
    lines = [
        "<section>",
        f"<h3>{html.escape(entry.name)} ({entry.kind})</h3>",
        f"<p>{html.escape(entry.title)}</p>",
        f"<dl><dt>Chainer</dt><dd><code>{html.escape(entry.chainer)}</code></dd>",
        f"<dt>PyTorch</dt><dd><code>{html.escape(entry.torch)}</code></dd></dl>",
    ]
    for heading, source in _parts(entry):
        lines.append(f"<h4>{html.escape(heading)}</h4>")
        lines.append(f'<pre><code class="language-python">{html.escape(source)}</code></pre>')
    lines += [f"<p>{html.escape(text)}</p>" for text in [*_instead(entry), LEGEND]]
    return "\n".join([*lines, "</section>"]) + "\n"
