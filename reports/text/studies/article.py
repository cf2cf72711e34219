"""The replayed article: each thing typed, the number that the article prints and the numbers computed now."""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Literal

from harness.studies.article import EQUAL, Outcome, Replayed, rows_of
from harness.studies.article_session import SOURCE
from reports.languages.language import Language
from reports.languages.translation import Words, words_in
from reports.languages.width import columns, padded
from reports.text.console import PIPE_WIDTH, captured, highlighted, text_console
from reports.text.table import GAP, Row, render_table

if TYPE_CHECKING:
    from rich.console import Console

ArticleFormat = Literal["text", "github", "html"]
PROMPT = ">>> "
TITLES = {
    "prompt": "What is typed line by line",
    "program": "What the program prints",
    "mistakes": "Where the program ends with a mistake in it",
}
SAID_BY = {"article": "the article", "corrected": "should be", "mistake": "expected"}
LEGEND = (
    "Strict is float32 with matrix products that add up in order and round every product and every sum. "
    "Here is NumPy on this machine, whose BLAS may add up in another order and fuse a product with a sum."
)


def render_article(
    replayed: Sequence[Replayed],
    page_format: ArticleFormat,
    *,
    colour: bool = False,
    width: int = PIPE_WIDTH,
    language: Language = "en",
) -> str:
    """The whole article: as a session at the prompt, or as a table."""
    said = words_in(language)
    if page_format != "text":
        return "\n".join(
            render_table(
                [_row(piece, said) for piece in replayed if piece.part == part],
                page_format,
                caption=said(title),
                left_aligned=True,
            )
            for part, title in TITLES.items()
        )
    from rich.text import Text

    console = text_console(colour, width)
    console.print(Text(said(LEGEND)))
    for part, title in TITLES.items():
        console.print(Text(f"\n{said(title)}", style="bold"))
        if part == "program":
            console.print()
            _print_code(console, SOURCE.rstrip("\n").split("\n"), "")
        for piece in replayed:
            if piece.part == part:
                _print_piece(console, piece, said)
    console.print(Text(f"\n{said(summary(replayed))}"))
    return captured(console)


def summary(replayed: Sequence[Replayed]) -> str:
    """How many numbers are as expected, and how many are equal."""
    expected = sum(piece.as_expected for piece in replayed)
    strictly, here = (
        sum(outcome.equal in EQUAL for outcome in outcomes)
        for outcomes in ([piece.strict for piece in replayed], [piece.here for piece in replayed])
    )
    return (
        f"{expected} of {len(replayed)} as expected: {strictly} equal in strict arithmetic, {here} with this BLAS, "
        "the others a few ulp off"
    )


def verdict(piece: Replayed) -> str:
    """Whether a number is equal, and why not."""
    strict, here = _equal(piece.strict), _equal(piece.here)
    if strict == here:
        return strict
    fused = ": the number has the digits of a BLAS that fuses" if piece.fused and piece.strict.ulps else ""
    rounds = ": the BLAS here rounds otherwise" if piece.here.ulps else ""
    return f"strict {strict}{fused}; here {here}{rounds}"


def _equal(outcome: Outcome) -> str:
    if outcome.equal == "off":
        return f"off by up to {float(outcome.ulps):.3g} ulp"
    return {"otherwise": "another result"}.get(outcome.equal, outcome.equal)


def _print_piece(console: "Console", piece: Replayed, said: Words) -> None:
    from rich.text import Text

    console.print()
    for right, wrong in piece.changes:
        _print_code(console, [right], "- ")
        _print_code(console, [wrong], "+ ")
    _print_code(console, piece.typed, PROMPT)
    matrices: dict[str, list[str]] = {}
    for name, rows in ((SAID_BY[piece.source], piece.number), ("strict", piece.strict.rows), ("here", piece.here.rows)):
        matrices.setdefault(_joined(rows), []).append(said(name))
    for line in _below({said(", ").join(names): rows_of(text) for text, names in matrices.items()}):
        console.print(Text(line), soft_wrap=True)
    console.print(Text(f"# {said(verdict(piece))}", style="green" if piece.as_expected else "bold red"), soft_wrap=True)
    if piece.why:
        console.print(Text(f"# {said(piece.why)}", style="yellow"), soft_wrap=True)


def _print_code(console: "Console", lines: Sequence[str], before: str) -> None:
    for line in lines:
        console.print(before, highlighted(line), sep="", soft_wrap=True)


def _below(matrices: dict[str, list[list[str]]]) -> Iterator[str]:
    """Matrices under their names, one below the other, in columns."""
    every = [row for rows in matrices.values() for row in rows]
    widths = [max(len(row[i]) for row in every if i < len(row)) for i in range(max(map(len, every)))]
    label = max(map(columns, matrices))
    for name, rows in matrices.items():
        for i, row in enumerate(rows):
            cells = GAP.join(text.rjust(width) for text, width in zip(row, widths, strict=False))
            yield f"{padded(name if i == 0 else '', label)}{GAP}{cells}"


def _row(piece: Replayed, said: Words) -> Row:
    changed = [said(f"{wrong} for {right}") for right, wrong in piece.changes]
    row = {
        "typed": "; ".join([*changed, *piece.typed]),
        "number": _joined(piece.number),
        "whose": said(SAID_BY[piece.source]),
        "strict": _joined(piece.strict.rows),
        "here": _joined(piece.here.rows),
        "equal": said(verdict(piece)),
        "remark": said(piece.why),
    }
    return {said(header): cell for header, cell in row.items()}


def _joined(rows: Sequence[Sequence[str]]) -> str:
    return " / ".join(" ".join(row) for row in rows)
