"""What a student's file came to, as text: points, and every mistake in the student's own lines."""

import textwrap
from collections.abc import Iterator, Sequence

import msgspec

from harness.numerics.written.lines import with_index
from harness.results import ArithmeticStep
from harness.sentences import counted
from harness.studies.lab.document import GradedOp, LabDocument, Mistake, WrongElement
from reports.languages.language import Language
from reports.languages.translation import Words, words_in
from reports.text.runs.explanations import shown_number, step_lines, wrapped
from reports.text.table import render_table

MOST_STEPS = 3
"""The most steps of an element's arithmetic: the last one, and those that it reads."""
DTYPE = "float32"
"""The dtype whose number of digits is shown."""
MOST_TERMS = 4
"""The most terms of a sum."""


MORE = "--hint 1, 2 or 3 says more; --solution shows the hand-written ops."
"""How to ask for more, on the command line."""


def lab_text(document: LabDocument, more: str = MORE, *, language: Language = "en") -> str:
    """The points of each op, and then what is wrong; `more` says how to ask for more."""
    said = words_in(language)
    lines = [said(f"{document.file}: {points(document.points, document.of)}")]
    lines += [f"  {said(note)}" for note in document.notes]
    parts = ["\n".join(lines) + "\n", points_table(document, said)]
    parts += ["\n".join(_op_lines(op, document.file, language)) + "\n" for op in document.ops if _says_something(op)]
    if any(mistake.element is not None and not mistake.hints for op in document.ops for mistake in op.mistakes):
        parts.append(f"{said(more)}\n")
    return "\n".join(parts)


def points(given: int, of: int) -> str:
    """`18 of 20 points`."""
    return f"{given} of {counted(of, 'point')}"


def points_table(document: LabDocument, said: Words = str) -> str:
    """One row per op: its points in the forward, in the backward and together."""
    rows = [
        {
            "op": op.op,
            "forward": said(points_of(op, "forward")),
            "backward": said(points_of(op, "backward")),
            "points": said(f"{op.points} of {op.of}"),
        }
        for op in document.ops
    ]
    return render_table(
        [{said(column): cell for column, cell in row.items()} for row in rows], "text", left_aligned=True
    )


def points_of(op: GradedOp, phase: str) -> str:
    """The points of one pass."""
    cells = [cell for cell in op.cells if cell.phase == phase]
    return f"{sum(cell.right for cell in cells)} of {len(cells)}"


def place(mistake: Mistake, file: str) -> str:
    """`mine.py:12`."""
    return f"{file}:{mistake.line}" if mistake.line is not None else file


def where(mistake: Mistake, op: GradedOp, said: Words = str) -> str:
    """In which cases and dtypes a mistake was seen."""
    cells = [cell for cell in op.cells if cell.phase == mistake.phase and mistake.tensor in ("", cell.tensor)]
    in_all = set(mistake.cases) == {cell.case for cell in cells}
    cases = "in every case" if in_all else f"with {said(', ').join(map(said, mistake.cases))}"
    is_of_one = len(mistake.dtypes) < len({cell.dtype for cell in cells})
    dtypes = f", in {mistake.dtypes[0]} alone" if is_of_one else ""
    return said(f"seen {cases}{dtypes}; it costs {counted(mistake.points, 'point')}")


def first_wrong(mistake: Mistake, element: WrongElement) -> str:
    """The first wrong element with both numbers."""
    name = with_index(mistake.tensor, element.index)
    got, want = (shown_number(value, DTYPE) for value in (element.got, element.want))
    return f"{name}: got {got}, want {want}"


def last_steps(steps: Sequence[ArithmeticStep]) -> list[ArithmeticStep]:
    """The last step of an arithmetic, and before it those that it reads; of long sums the first terms."""
    *before, last = steps
    text = " ".join([last.formula, *last.terms])
    read = [step for step in before if step.what and step.what in text]
    return [_shortened(step) for step in [*read[-MOST_STEPS + 1 :], last]]


def _shortened(step: ArithmeticStep) -> ArithmeticStep:
    """A sum with few of its terms."""
    more = len(step.terms) - MOST_TERMS
    if more <= 0:
        return step
    return msgspec.structs.replace(step, terms=step.terms[:MOST_TERMS], more=step.more + more, rest=None)


def _says_something(op: GradedOp) -> bool:
    return bool(op.mistakes or op.notes or op.solution)


def _op_lines(op: GradedOp, file: str, language: Language) -> Iterator[str]:
    said = words_in(language)
    yield said(f"{op.op}: {points(op.points, op.of)}")
    for mistake in op.mistakes:
        yield from _mistake_lines(mistake, op, file, language)
    for note in op.notes:
        yield from wrapped(said("note: {text}").format(text=said(note)), 2)
    if op.solution:
        yield f"  {said('the hand-written op:')}"
        yield from textwrap.indent(op.solution, "    ").splitlines()


def _mistake_lines(mistake: Mistake, op: GradedOp, file: str, language: Language) -> Iterator[str]:
    said = words_in(language)
    yield from wrapped(said(f"{mistake.phase}: {{text}}").format(text=said(mistake.text)), 2)
    if mistake.source:
        yield f"    {place(mistake, file)}  {mistake.source}"
    element = mistake.element
    if element is not None:
        yield from wrapped(said(first_wrong(mistake, element)), 4)
        if element.arithmetic:
            yield f"    {said('your arithmetic:')}"
            for step in last_steps(element.arithmetic):
                yield from (f"    {line}" for line in step_lines(step, DTYPE, language))
        if element.want_arithmetic:
            yield f"    {said('the right one:')}"
            for step in last_steps(element.want_arithmetic):
                yield from (f"    {line}" for line in step_lines(step, DTYPE, language))
    if mistake.cause:
        yield from wrapped(said("cause: {text}").format(text=said(mistake.cause)), 4)
    if mistake.ruling:
        yield from wrapped(said(mistake.ruling), 4)
    yield from wrapped(where(mistake, op, said), 4)
    for number, hint in enumerate(mistake.hints, 1):
        first, *derived = hint.split("\n")
        yield from wrapped(said("hint {n}: {text}").format(n=number, text=said(first)), 4)
        for line in derived:
            yield from wrapped(line, 6)
