"""What is right gets every point: the hand-written ops, other right formulas, and a student's file of many ops."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from backends import numpy_manual
from backends.equivalent_formulas.catalogue import OTHER_FORMULAS
from harness.guarding.guest import Guest
from harness.studies.lab.answers import answer_to
from harness.studies.lab.document import LabDocument
from harness.studies.lab.grading import grade
from harness.studies.lab.judging import judge_tensor
from harness.studies.lab.questions import question_of, questions_on
from harness.studies.lab.submission import ALL_OPS, Submission, load_submission
from scenarios import DTYPES

FEWEST = 20
STUDENT = load_submission(Path(__file__).parent / "correct_ops.py")
LOSE_DIGITS = ("softplus_by_difference", "mish_by_difference", "log_sigmoid_by_difference")
"""1 − 1/(1 + eˣ), or the difference of another from 1, is 0 for a large x, where the gradient is a number."""


def with_function(op: str, function: Callable[..., Any]) -> LabDocument:
    """What one function comes to as an op."""
    code = function.__code__
    return grade(Submission(Path(code.co_filename), code.co_filename, {op: function}, {}, Guest(), ""), (op,))


def lost(document: LabDocument) -> list[tuple[str, str, str]]:
    """Where points were lost."""
    return [(cell.case, cell.dtype, cell.tensor) for op in document.ops for cell in op.cells if not cell.right]


@pytest.mark.parametrize("op", ALL_OPS)
def test_a_hand_written_op_gets_every_point(op: str) -> None:
    document = with_function(op, getattr(numpy_manual, op))
    assert lost(document) == []
    assert document.of == document.points > 0
    (graded,) = document.ops
    assert (graded.mistakes, graded.notes) == ([], [])


@pytest.mark.parametrize("op", ALL_OPS)
def test_every_output_and_gradient_of_every_case_is_a_point(op: str) -> None:
    """None is left out because it has no bound."""
    for dtype in DTYPES:
        for question in questions_on(op, dtype):
            assert len(question.expectations) == len(question.outputs) + len(question.one.weights)


@pytest.mark.parametrize("op", STUDENT.ops)
def test_a_students_right_op_gets_every_point(op: str) -> None:
    document = grade(STUDENT, (op,))
    assert lost(document) == []
    assert document.ops[0].mistakes == []


def test_the_students_file_has_many_ops() -> None:
    assert len(STUDENT.ops) >= FEWEST


@pytest.mark.parametrize(
    ("op", "function"),
    [
        pytest.param(op, function, id=function.__name__)
        for op, functions in OTHER_FORMULAS.items()
        if op in ALL_OPS
        for function in functions
    ],
)
def test_another_right_formula_gets_every_point_and_a_note_if_it_rounds_more(
    op: str, function: Callable[..., Any]
) -> None:
    document = with_function(op, function)
    if function.__name__ in LOSE_DIGITS:
        assert {case for case, _, _ in lost(document)} == {"large values"}
        return
    assert lost(document) == []


def relu_without_mask(x: Any) -> Any:
    def backward(grad_y: Any) -> Any:
        return (grad_y,)

    return np.maximum(x, 0), backward


def test_where_the_hand_written_op_is_wrong_the_student_gets_the_point(monkeypatch: pytest.MonkeyPatch) -> None:
    right = questions_on("relu", "float64")[0]
    monkeypatch.setattr(numpy_manual, "relu", relu_without_mask)
    wrong = question_of("relu", right.case, "float64")
    relu = STUDENT.ops["relu"]
    got = answer_to(right, relu, STUDENT).tensors["grad_x"]
    judged = judge_tensor(wrong, "grad_x", got, "mine.py")
    assert judged.is_right
    assert "the hand-written op is wrong: numerical differentiation gives 0" in judged.note
    forgotten = answer_to(right, relu_without_mask, STUDENT).tensors["grad_x"]
    assert not judge_tensor(right, "grad_x", forgotten, "mine.py").is_right
