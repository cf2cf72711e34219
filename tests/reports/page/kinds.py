"""Every kind of page once, in one folder, as the commands write them."""

from dataclasses import replace
from pathlib import Path

from harness.files import write_file
from harness.studies.lab.grading import grade
from harness.studies.lab.submission import load_submission
from lockstep.commands.ladder import command as ladder
from lockstep.pages.contents import contents_of
from lockstep.pages.writing import rendered, write_pages
from reports.languages.language import Language
from reports.page.comparison import ComparisonContent
from reports.page.lab import LabContent, render_lab
from tests.reports.page.comparisons import agreeing, detached, parting

WRONG_BACKEND = """
from backends.numpy_manual import *


def relu(x):
    return np.maximum(x, 0), lambda grad_y: (grad_y,)
"""
STUDENTS_FILE = """
import numpy as np


def relu(x):
    return np.maximum(x, 0), lambda grad_y: (np.where(x >= 0, grad_y, 0),)


def matmul(x, w):
    return x @ w, lambda grad_y: (grad_y @ w.T, x @ grad_y)


def sigmoid(x):
    y = 1 / (1 + np.exp(-x))
    return y, lambda grad_y: (grad_y * y,)
"""
KINDS = ("index", "two_layer_tiny", "wrong", "trained_by_adam", "agreeing", "parting", "detached", "ladder", "lab")
"""The pages, by the names of their files."""


def write_every_kind(folder: Path, language: Language) -> None:
    """Write the pages of `KINDS`: of runs, one of them wrong, of comparisons, the ladder and the lab's."""
    broken = folder / "broken.py"
    broken.write_text(WRONG_BACKEND, encoding="utf-8")
    contents = [
        *contents_of("two_layer_tiny", ()),
        *contents_of("trained_by_adam", ()),
        *(
            ComparisonContent(outcome, {}, "lockstep report port.json")
            for outcome in (agreeing(), parting(), detached())
        ),
    ]
    write_pages(contents, folder, language)
    (wrong,) = contents_of("two_layer_tiny", (f"broken={broken}",))
    write_file(folder / "wrong.html", rendered(replace(wrong, command="lockstep report"), language))
    ladder.main(["--html", "--lang", language, "-o", str(folder / "ladder.html")], standalone_mode=False)
    students = folder / "mine.py"
    students.write_text(STUDENTS_FILE, encoding="utf-8")
    graded = grade(load_submission(students), ("relu", "matmul", "sigmoid"), hints=3)
    page = render_lab(LabContent(graded, "lockstep lab check mine.py"), language)
    write_file(folder / "lab.html", page)
