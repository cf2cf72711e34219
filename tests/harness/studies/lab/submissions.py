"""Files as students write them, and how they are graded."""

from pathlib import Path
from textwrap import dedent

from harness.studies.lab.document import GradedOp, LabDocument, Mistake
from harness.studies.lab.grading import grade
from harness.studies.lab.submission import load_submission

HEAD = "import numpy as np\n\n\n"


def graded(folder: Path, source: str, *only: str, hints: int = 0) -> LabDocument:
    """What a file with this source comes to: all its ops, or those that are named."""
    path = folder / "mine.py"
    path.write_text(HEAD + dedent(source).lstrip(), encoding="utf-8")
    submission = load_submission(path)
    return grade(submission, only or tuple(submission.ops), hints=hints)


def graded_op(folder: Path, source: str, hints: int = 0) -> GradedOp:
    """What the one op of a file comes to."""
    (op,) = graded(folder, source, hints=hints).ops
    return op


def mistake(folder: Path, source: str) -> Mistake:
    """The one mistake of a file with one op."""
    (only,) = graded_op(folder, source).mistakes
    return only
