"""Grades a student's file: every op by itself, in every case and both dtypes."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from backends.contract import Array, Phase
from harness.recording.versions import versions
from harness.studies.lab.answers import Answer, answer_to
from harness.studies.lab.complaints import Complaint, Kind
from harness.studies.lab.document import SCHEMA, Cell, GradedOp, LabDocument, Mistake
from harness.studies.lab.explaining import explained, hints_on, ruling_text
from harness.studies.lab.judging import Judged, judge_tensor
from harness.studies.lab.questions import Question, questions_on
from harness.studies.lab.submission import Submission
from scenarios import DTYPES


@dataclass
class _Seen:
    """One mistake as it was seen first, and where it came up again."""

    question: Question
    tensor: str
    complaint: Complaint | None = None
    got: Array | None = None
    judged: Judged | None = None
    answer: Answer | None = None
    cells: list[Cell] = field(default_factory=list)


def grade(
    submission: Submission,
    ops: Sequence[str],
    *,
    dtypes: Sequence[str] = DTYPES,
    hints: int = 0,
    solution: Callable[[str], str] | None = None,
    ask: Callable[[str, str], Sequence[Question]] = questions_on,
) -> LabDocument:
    """Grade these ops of a file, in their order; one that it does not define gets no point.

    `hints` from 0 to 3 are added to each mistake, and what `solution` gives for an op to that op. `ask` gives what an
    op is asked in a dtype.
    """
    graded = [_grade_op(submission, op, dtypes, hints, "" if solution is None else solution(op), ask) for op in ops]
    return LabDocument(
        schema=SCHEMA,
        versions=versions(),
        file=str(submission.path),
        points=sum(each.points for each in graded),
        of=sum(each.of for each in graded),
        ops=graded,
        notes=list(submission.misspelt.values()),
    )


def _grade_op(
    submission: Submission,
    op: str,
    dtypes: Sequence[str],
    hints: int,
    solution: str,
    ask: Callable[[str, str], Sequence[Question]],
) -> GradedOp:
    function = submission.ops.get(op)
    cells: list[Cell] = []
    seen: dict[tuple[Any, ...], _Seen] = {}
    notes: dict[str, None] = {}
    # float64 shows mistakes most sharply, so that it comes first where one is explained.
    for dtype in sorted(dtypes, reverse=True):
        for question in ask(op, dtype):
            answer = Answer(complaints=[_missing(submission, op)])
            if function is not None:
                answer = answer_to(question, function, submission)
            cells += _judge_answer(question, answer, seen, notes, submission)
    mistakes = [_mistake(each, submission, function, hints) for each in _worth_saying(seen)]
    return GradedOp(
        op=op,
        line=None if function is None else function.__code__.co_firstlineno,
        points=sum(cell.right for cell in cells),
        of=len(cells),
        cells=cells,
        mistakes=mistakes,
        notes=list(notes),
        solution=solution,
    )


def _missing(submission: Submission, op: str) -> Complaint:
    return Complaint("not written", f"{submission.path.name} defines no {op}")


def _judge_answer(
    question: Question,
    answer: Answer,
    seen: dict[tuple[Any, ...], _Seen],
    notes: dict[str, None],
    submission: Submission,
) -> list[Cell]:
    """A point or none for each tensor, with what is wrong added to what was seen."""
    for name in answer.wrote_over:
        notes[f"it writes into {name}, which others may still need; work on a copy"] = None
    whole = [complaint for complaint in answer.complaints if not complaint.tensor]
    of_tensor = {complaint.tensor: complaint for complaint in answer.complaints if complaint.tensor}
    cells = []
    for name, expectation in question.expectations.items():
        complaint, judged = of_tensor.get(name), None
        if complaint is None and name not in answer.tensors:
            complaint = whole[0]
        if complaint is None:
            judged = judge_tensor(question, name, answer.tensors[name], submission.path.name)
            if judged.note:
                notes[judged.note] = None
        right = judged is not None and judged.is_right
        phase: Phase = "backward" if expectation.node.kind == "gradient" else "forward"
        cell = Cell(case=question.case.name, dtype=question.dtype, tensor=name, phase=phase, right=right)
        cells.append(cell)
        if not right:
            tensor = name if complaint is None else complaint.tensor
            key = (name, "value") if complaint is None else _key(complaint, phase)
            first = _Seen(question, tensor, complaint, answer.tensors.get(name), judged, answer)
            seen.setdefault(key, first).cells.append(cell)
    return cells


def _key(complaint: Complaint, phase: Phase) -> tuple[Any, ...]:
    """What complaints of one mistake have in common; all blanks of a phase are said together."""
    if complaint.kind == "not written":
        return phase, complaint.kind
    return complaint.tensor, complaint.kind, complaint.phase, complaint.line


def _worth_saying(seen: dict[tuple[Any, ...], _Seen]) -> list[_Seen]:
    """What was seen, the forward before the backward."""
    return sorted(seen.values(), key=lambda each: each.cells[0].phase == "backward")


def _mistake(
    seen: _Seen,
    submission: Submission,
    function: Callable[..., Any] | None,
    hints: int,
) -> Mistake:
    """One mistake in words."""
    question, complaint, answer = seen.question, seen.complaint, seen.answer
    assert answer is not None
    phase = seen.cells[0].phase
    line = (answer.backward_line if phase == "backward" else None) or answer.line
    kind: Kind | Literal["value"]
    element, cause, ruling, shape = None, "", "", None
    if complaint is not None:
        kind, text = complaint.kind, complaint.text
        tensors = list(dict.fromkeys(cell.tensor for cell in seen.cells))
        if kind == "not written" and seen.tensor and len(tensors) > 1:
            text = f"{', '.join(tensors[:-1])} and {tensors[-1]} are not written yet"
        line = complaint.line or line
    else:
        assert seen.judged is not None
        assert seen.got is not None
        assert function is not None
        kind, shape = "value", seen.got.shape
        found = explained(question, seen.tensor, seen.got, seen.judged, function, submission, hints)
        element, cause = found.element, found.cause
        line = found.line or line
        ruling = ruling_text(seen.judged.ruling)
        share = f"{element.wrong} of its {element.of} elements are" if element.of > 1 else "it is"
        text = f"{seen.tensor} has the right shape, {shape}, but {share} wrong"
    return Mistake(
        tensor=seen.tensor,
        phase=phase,
        kind=kind,
        text=text,
        line=line,
        source=submission.text_of(line),
        shape_expected=shape if complaint is None else complaint.expected,
        shape_got=shape if complaint is None else complaint.got,
        case=question.case.name,
        dtype=question.dtype,
        cases=list(dict.fromkeys(cell.case for cell in seen.cells)),
        dtypes=list(dict.fromkeys(cell.dtype for cell in seen.cells)),
        points=len(seen.cells),
        element=element,
        cause=cause,
        ruling=ruling,
        hints=hints_on(question, seen.tensor, phase, hints, element) if hints else [],
    )
