"""The differences between Chainer and PyTorch: all as a table, or one with its code."""

from __future__ import annotations

import html
import textwrap
from collections.abc import Sequence
from typing import TYPE_CHECKING, Literal

from reports.text.console import PIPE_WIDTH, render_op
from reports.text.table import Row, render_table, room_for, wrapped_rows

if TYPE_CHECKING:
    from harness.results import Number
    from harness.studies.differences import Measured

PageFormat = Literal["text", "github", "html", "json"]
CAPTION = "Where Chainer and PyTorch differ"
NAME, SENTENCE = "difference", "what differs"
INEXPRESSIBLE = "can't be expressed"
NARROWEST = 40
"""The least width of the sentences' column: with less room they get a table of their own."""
LEGEND = (
    "F is chainer.functions, L is chainer.links and nn is torch.nn. Differences are relative to the largest element of "
    "Chainer's array, in float64, over values and gradients, or over the weights of ten updates; a function that is "
    "returned beside an optimizer is called after each update."
)


def render_differences(
    measured: Sequence[Measured], table_format: Literal["text", "github", "html"], width: int | None = None
) -> str:
    """One row per difference. In a text table of `width` columns the sentences are wrapped."""
    rows = [_row(entry) for entry in measured]
    if table_format != "text":
        return render_table(rows, table_format, caption=CAPTION, left_aligned=True)
    if width is None:
        return render_table(rows, "text", left_aligned=True)
    room = room_for(SENTENCE, rows, width)
    if room >= NARROWEST:
        return render_table(wrapped_rows(rows, SENTENCE, room), "text", left_aligned=True)
    numbers = [{column: cell for column, cell in row.items() if column != SENTENCE} for row in rows]
    sentences = [{column: row[column] for column in (NAME, SENTENCE)} for row in rows]
    room = max(room_for(SENTENCE, sentences, width), NARROWEST)
    return "\n".join(
        [
            render_table(numbers, "text", left_aligned=True, width=width),
            render_table(wrapped_rows(sentences, SENTENCE, room), "text", left_aligned=True),
        ]
    )


def render_difference(
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
    return "\n".join(head) + render_op(_parts(entry), colour=colour, width=width) + "\n".join(foot)


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
    """The number, or its reason in a word or two: "ValueError", "another shape", "NaN", "3 values"."""
    if reason is None:
        return _short(difference)
    return "another shape" if reason.startswith("shape") else reason.removeprefix("raises ").partition(" for ")[0]


def _parts(entry: Measured) -> list[tuple[str, str]]:
    """The code in parts, each under a heading with its deviation."""
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
    """What to use instead where PyTorch has nothing like it: one paragraph or none."""
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
