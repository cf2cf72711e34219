"""A starter loads, has the docstring and the forward, and nothing of the backward."""

import ast
import inspect
import re
from pathlib import Path

import pytest

from backends import numpy_manual
from harness.studies.lab.grading import grade
from harness.studies.lab.questions import explanation_of
from harness.studies.lab.submission import ALL_OPS, load_submission
from reports.export.starters import starter


def written(folder: Path, text: str) -> Path:
    path = folder / "mine.py"
    path.write_text(text, encoding="utf-8")
    return path


def backward_lines(op: str) -> set[str]:
    """The lines of the hand-written backward that say something."""
    (function,) = ast.parse(inspect.getsource(getattr(numpy_manual, op))).body
    assert isinstance(function, ast.FunctionDef)
    (backward,) = (each for each in function.body if isinstance(each, ast.FunctionDef))
    forward = {ast.unparse(statement) for statement in function.body}
    lines = {ast.unparse(statement) for statement in backward.body} - forward
    return {
        line for line in lines if re.search(r"[-+*/@\[]|\w\(", line.removeprefix("return (")) and "pair(" not in line
    }


@pytest.mark.parametrize("op", ALL_OPS)
def test_the_forward_is_right_and_the_backward_is_blank(op: str, tmp_path: Path) -> None:
    text = starter([op])
    assert not {line for line in backward_lines(op) if line in ast.unparse(ast.parse(text))}
    submission = load_submission(written(tmp_path, text))
    (graded,) = grade(submission, (op,), dtypes=("float32",)).ops
    assert all(cell.right == (cell.phase == "forward") for cell in graded.cells)
    assert {mistake.kind for mistake in graded.mistakes} <= {"not written", "array for a tuple"}


def test_all_ops_fit_into_one_file(tmp_path: Path) -> None:
    submission = load_submission(written(tmp_path, starter(ALL_OPS)))
    assert set(submission.ops) == set(ALL_OPS)


@pytest.mark.parametrize("op", ["relu", "batch_norm", "lstm", "split", "mean_squared_error"])
def test_the_forward_is_blank_if_asked_for(op: str, tmp_path: Path) -> None:
    text = starter([op], blank_forward=True)
    submission = load_submission(written(tmp_path, text))
    (graded,) = grade(submission, (op,), dtypes=("float32",)).ops
    assert graded.points == 0
    assert {mistake.kind for mistake in graded.mistakes} <= {"not written", "count"}


def test_the_docstring_has_the_equation_and_the_shapes_and_no_gradient() -> None:
    text = starter(["softmax"])
    assert '"""y = eˣ / Σ eˣ along an axis, the last one unless told otherwise.' in text
    assert "x (…, C) scores → y (…, C)" in text
    assert "∂" not in text
    assert "grad_x = ...  # the shape of x" in text


@pytest.mark.parametrize("op", ALL_OPS)
def test_no_docstring_gives_the_gradient_away_or_breaks_off(op: str) -> None:
    text = starter([op], blank_forward=True)
    docstring = text.split('"""')[3]
    assert "∂" not in docstring
    assert "et al" not in docstring
    assert docstring.count("(") - docstring.count(")") in (0, -1)  # an interval such as [0, V)
    documentation = explanation_of(getattr(numpy_manual, op))
    assert documentation.equation
    assert documentation.shapes.endswith(".")
    assert "∂" in documentation.gradient or "radient" in documentation.gradient


def test_inputs_without_a_gradient_have_none_and_optional_ones_say_so() -> None:
    assert "return grad_x, None\n" in starter(["softmax_cross_entropy"])
    assert "grad_b = ...  # the shape of b; None where it is left out" in starter(["linear"])
    assert "grad_xs = ...  # one for each of xs" in starter(["concatenate"])


def test_lines_are_no_longer_than_the_repositorys() -> None:
    assert max(map(len, starter(ALL_OPS).splitlines())) <= 120
