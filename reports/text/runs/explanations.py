"""Explanations of wrong elements, as lines of text."""

from harness.numerics.written.lines import DIGITS, with_index
from harness.results import ArithmeticStep, Explanation, Number
from reports.languages import width
from reports.languages.language import Language
from reports.languages.translation import translated, words_in

WIDTH = 100


def explanation_lines(explanation: Explanation, *, solution: bool = False, language: Language = "en") -> list[str]:
    """The explanation as plain lines; the hand-written source is the `solution`.

    They have at most about 100 columns, but for long formulas.
    """
    e = explanation
    said = words_in(language)
    lines = [said(f"{with_index(e.tensor, e.index)} of {e.op} {e.phase}, written out by the hand-written NumPy:")]
    lines += [f"  {line}" for line in e.source if solution]
    if e.names and solution:
        names = ", ".join(f"{name}{said(' is ')}{tensor}" for name, tensor in e.names.items())
        lines += wrapped(said(f"where {names}"), 2)
    if e.unknown:
        lines += wrapped(said(f"inputs at that element unknown: {e.unknown}"), 2)
    if e.leaves:
        lines.append(said("inputs at that element:"))
        longest = max(len(leaf.name) for leaf in e.leaves)
        lines += [f"  {leaf.name:{longest}}  {shown_number(leaf.value, e.dtype)}" for leaf in e.leaves]
    if e.steps:
        lines.append(said("arithmetic:"))
        for step in e.steps:
            lines += step_lines(step, e.dtype, language)
        if e.steps_left_out:
            lines.append(f"  {said(f'… and {e.steps_left_out:,} more steps')}")
    numbers = {said("want"): e.want, said("got"): e.got, said("difference"): e.difference}
    widest = max(map(width.columns, numbers))
    lines += [f"{width.padded(name, widest)}  {shown_number(value, e.dtype)}" for name, value in numbers.items()]
    return lines + wrapped(translated(e.diagnosis, language) or e.diagnosis, 0)


def explanation_text(explanation: Explanation, *, solution: bool = False) -> str:
    """The same as one text."""
    return "\n".join(explanation_lines(explanation, solution=solution)) + "\n"


def step_lines(step: ArithmeticStep, dtype: str, language: Language = "en") -> list[str]:
    """One step of the arithmetic, and its terms below it."""
    parts = [step.what, step.formula, step.numbers, shown_number(step.value, dtype)]
    distinct = [part for i, part in enumerate(parts) if part and (i == 0 or part != parts[i - 1])]
    lines = ["  " + " = ".join(distinct)]
    if len(lines[0]) > WIDTH:
        indent = " " * (2 + len(step.what))
        lines = [f"  {distinct[0]} = {distinct[1]}", *(f"{indent} = {part}" for part in distinct[2:])]
        lines = [piece for line in lines for piece in wrapped(line.lstrip(), len(line) - len(line.lstrip()))]
    lines += [f"    {term}" for term in step.terms]
    if step.more:
        rest = "" if step.rest is None else f" that sum to {shown_number(step.rest, dtype)}"
        lines.append(f"    {words_in(language)(f'… and {step.more:,} more{rest}')}")
    return lines


def shown_number(value: Number, dtype: str) -> str:
    """A number with the digits that tell it from all others of its dtype."""
    return f"{float(value):.{DIGITS[dtype]}g}"


def wrapped(text: str, indent: int) -> list[str]:
    """The lines of a text, of so many columns; those after the first stand two columns further in."""
    return width.wrapped(text, WIDTH, indents=(" " * indent, " " * (indent + 2)), break_long_words=False)
