"""Explains a wrong tensor of a student's: its first wrong element by the student's own lines, the cause, and hints."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import CodeType
from typing import Any

import msgspec
import numpy as np

from backends.contract import Array, Phase, gradient_name
from backends.documentation import Derivation
from harness.explaining.causes import NO_CAUSE, Cause, Rank
from harness.explaining.explanation import explain_failure
from harness.explaining.uses import NamedUse, named_use, written
from harness.guarding.printing import off_stdout
from harness.numerics.written.lines import Writing, source_lines, with_index
from harness.numerics.written.nodes import Computed
from harness.results import ArithmeticStep, Ruling
from harness.studies.lab.complaints import first_overflow
from harness.studies.lab.document import WrongElement
from harness.studies.lab.judging import Judged
from harness.studies.lab.questions import Question, explanation_of
from harness.studies.lab.submission import Submission

HIDDEN = "none that can be said without the formula; hint 3 says more"
"""What stands for a cause that may name steps of the hand-written op."""
INDEXED = re.compile(r"\b([^\W\d]\w*)'?(?=\[)")
"""The arrays whose elements a sentence names."""
OPERATED = re.compile(r"\b([^\W\d]\w*)'?(?:\[[^]]*\])?\)* (?:[·+\-/]|\*\*) | (?:[·+\-/]|\*\*) [(-]*([^\W\d]\w*)")
"""The names that stand before or behind an operator."""
SUMS = re.compile(r"(sum|max|min)\d+")
MOST_LINES = 6
"""The most lines of a student's that are shown for one element."""
DIGITS = 9
"""The significant digits of numbers, in both dtypes."""
WITH_NAMES, WITH_INPUTS = 3, 2
"""The hints from which on the arithmetic has names, and from which on its inputs are listed."""


@dataclass(frozen=True)
class Explained:
    """What is said of one wrong tensor."""

    element: WrongElement
    cause: str
    line: int | None
    """The student's line that computes it; None if that is not known."""


def explained(
    question: Question,
    name: str,
    got: Array,
    judged: Judged,
    op: Callable[..., Any],
    submission: Submission,
    hints: int,
) -> Explained:
    """Explain the first wrong element of a tensor."""
    assert judged.mismatch is not None
    assert judged.failing is not None
    assert judged.allowed is not None
    expectation, mismatch = question.expectations[name], judged.mismatch
    node = expectation.node
    formula = _Formula(question, op)
    explanation = explain_failure(
        node,
        mismatch,
        expectation.uses,
        question.formulas,
        got=got,
        allowed=judged.allowed,
        dtype=question.dtype,
        position=question.position(node),
        digits=DIGITS,
        may_be_named=None if hints >= WITH_NAMES else formula.is_kept_by,
    )
    uses = [named_use(node, use, op, question.position(node)) for use in expectation.uses]
    steps, lines, line = _own_arithmetic(node.phase, uses, mismatch.index, name, question.dtype, submission)
    cause = explanation.diagnosis
    if not np.isfinite(float(mismatch.got)):
        overflow = _overflow(question, op, submission, node.phase)
        if overflow is not None:
            line, says = overflow
            cause = says if cause == NO_CAUSE else f"{cause}; {says}"
    if cause == NO_CAUSE and hints < WITH_NAMES:
        cause = HIDDEN
    element = WrongElement(
        index=mismatch.index,
        wrong=int(np.count_nonzero(judged.failing)),
        of=int(got.size),
        got=mismatch.got,
        want=mismatch.want,
        allowed=mismatch.allowed,
        arithmetic=steps,
        source=lines,
        want_arithmetic=explanation.steps if hints >= WITH_NAMES else [_nameless(s) for s in explanation.steps],
        inputs=explanation.leaves if hints >= WITH_INPUTS else [],
    )
    return Explained(element, cause, line)


class _Formula:
    """The formula of a hand-written op, and whether a cause keeps it to itself."""

    def __init__(self, question: Question, op: Callable[..., Any]) -> None:
        arriving = [gradient_name(output) for output in question.outputs]
        given = {*question.inputs, *question.case.settings, *arriving}
        variables = _variables(question.reference.__code__)
        self._own = variables - _variables(op.__code__) - given
        """The steps that the student's function has no name for."""
        self._names = variables | given

    def is_kept_by(self, cause: Cause) -> bool:
        """Whether a cause names none of its own steps and writes out none of its operations.

        A known variant is another formula, that of the student.
        """
        if cause.rank == Rank.VARIANT:
            return True
        sentence = cause.description
        operated = {name for pair in OPERATED.findall(sentence) for name in pair if name}
        written = {name for name in operated if name in self._names or SUMS.fullmatch(name)}
        return not written and not self._own & set(INDEXED.findall(sentence))


def _variables(code: CodeType) -> set[str]:
    """The names of the variables of a function, and of those inside it."""
    inside = [each for each in code.co_consts if isinstance(each, CodeType)]
    return {*code.co_varnames, *code.co_cellvars}.union(*map(_variables, inside))


def _own_arithmetic(
    phase: Phase,
    uses: Sequence[NamedUse],
    index: tuple[int, ...],
    name: str,
    dtype: str,
    submission: Submission,
) -> tuple[list[ArithmeticStep], list[str], int | None]:
    """The student's arithmetic of an element, its lines, and the last one; nothing where it can't be written out."""
    try:
        with off_stdout(), submission.guest.stay(), np.errstate(all="ignore"):
            result = written(phase, uses, dtype)
            writing = Writing(result.element(index), result.node, with_index(name, index), dtype, DIGITS)
    except Exception:  # NumPy's functions that can't be written out, or the student's own errors
        return [], [], None
    node = result.node
    is_own = isinstance(node, Computed) and node.frame is not None
    line = node.line if is_own and node.frame.f_code.co_filename == submission.file else None  # type: ignore[union-attr]
    own = "/".join(Path(submission.file).parts[-2:])
    return writing.steps, [text for text in source_lines(node) if text.startswith(f"{own}:")][-MOST_LINES:], line


def _nameless(step: ArithmeticStep) -> ArithmeticStep:
    """A step of the hand-written op in numbers alone, so that it shows what comes out and not how to write it."""
    terms = [term.partition(" = ")[2] or term for term in step.terms]
    named = step.formula if step.terms else ""
    return msgspec.structs.replace(step, what="", formula=named, terms=terms)


def _overflow(
    question: Question, op: Callable[..., Any], submission: Submission, phase: Phase
) -> tuple[int, str] | None:
    """The student's line where a number stops being finite, in words."""
    case = question.case.of_dtype(question.dtype)
    try:
        with off_stdout(), submission.guest.stay(), np.errstate(over="raise", invalid="raise", divide="raise"):
            _, backward = op(*case.inputs, **case.settings)
            if phase == "backward":
                backward(*case.above)
    except FloatingPointError as error:
        found = first_overflow(error, submission.file)
        return None if found is None else (found[0], f"{found[1]} here, and what follows is not finite")
    except Exception:
        return None
    return None


def hints_on(question: Question, name: str, phase: Phase, count: int, element: WrongElement | None) -> list[str]:
    """So many hints about a tensor, or about a whole pass if none is named, from a push to the formula."""
    said = explanation_of(question.reference)
    node = question.expectations[name].node if name in question.expectations else None
    if node is not None and node.kind == "gradient":
        of = node.of
        shape = np.shape(question.one.weights[of])
        above = " and ".join(gradient_name(output) for output in question.outputs)
        into = " and ".join(question.outputs)
        letters = "ijklmnop"[: len(shape)]
        one = with_index(of, tuple(letters)) if shape else of  # type: ignore[arg-type]
        push = (
            f"{name} has the shape of {of}, {shape}. Take one element, {one}: write down every element of {into} that "
            f"it goes into, the derivative of each by {one}, times the element of {above} at the same place, and add"
        )
        formula = "\n".join([said.gradient or said.equation, *_why(said.derivation, of)])
    elif phase == "backward":
        push = f"{question.op}: {said.shapes} A gradient has the shape of what it is the gradient of"
        formula = "\n".join([said.gradient or said.equation, *_why(said.derivation)])
    else:
        push, formula = f"{question.op}: {said.shapes}", said.equation
    inputs = ""
    if element is not None and element.inputs:
        read = ", ".join(leaf.name for leaf in element.inputs)
        inputs = f"{with_index(name, element.index)} depends on {read}, and on nothing else"
    second = inputs or f"what there is: {', '.join(question.inputs)}, and what the forward computed of them"
    return [push, second, formula][:count]


def _why(derivation: Derivation | None, name: str = "") -> list[str]:
    """Why the gradient of an input, or each, is what it is, without the lines of NumPy, which are the solution."""
    lines = () if derivation is None else derivation.of(name) if name else derivation.lines
    return [line.text for line in lines if line.kind != "matrix"]


def ruling_text(ruling: Ruling | None) -> str:
    """What numerical differentiation says of an element; nothing where it was not asked."""
    if ruling is None or ruling.right != "kink" or ruling.interval is None:
        return "" if ruling is None else ruling.text
    low, high = (f"{float(end):.9g}" for end in ruling.interval)
    takes = f"{float(ruling.want):.9g}"
    return f"there is a tie here, where any value from {low} to {high} is a subgradient; this op takes {takes}"
