"""What a student's file came to as a page: one self-contained HTML file, which works offline."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from harness.results import ArithmeticStep
from harness.studies.lab.document import GradedOp, LabDocument
from reports.languages.language import LANGUAGES, Language
from reports.page.rendering import code_style, coloured, rendered, scripts
from reports.text.lab import DTYPE, first_wrong, last_steps, place
from reports.text.runs.explanations import step_lines

SCRIPTS = ("language", "printing", "lab")
"""The page's scripts."""


@dataclass(frozen=True)
class LabContent:
    """Everything that the page is rendered from."""

    document: LabDocument
    command: str

    @property
    def versions(self) -> Mapping[str, str]:
        """Of Python and the frameworks."""
        return self.document.versions


@dataclass(frozen=True)
class Mark:
    """What one tensor came to in one case."""

    right: int
    of: int

    @property
    def is_right(self) -> bool:
        """Whether it was right in every dtype."""
        return self.right == self.of


def render_lab(content: LabContent, language: Language) -> str:
    """The page as HTML."""
    document = content.document
    return rendered(
        "lab.html",
        language,
        styles=("page", "comparison", "lab"),
        title=document.file,
        content=content,
        document=document,
        index=None,
        marks={op.op: marks_of(op) for op in document.ops},
        cases={op.op: list(dict.fromkeys(cell.case for cell in op.cells)) for op in document.ops},
        place=place,
        first_wrong=first_wrong,
        arithmetic=_arithmetic,
        coloured=coloured,
        code_style=code_style(),
        scripts=scripts(SCRIPTS),
    )


def _arithmetic(steps: Sequence[ArithmeticStep]) -> dict[Language, str]:
    """The last steps of an element's arithmetic, by language."""
    shown = last_steps(steps)
    return {
        language: "\n".join(line.removeprefix("  ") for step in shown for line in step_lines(step, DTYPE, language))
        for language in LANGUAGES
    }


def marks_of(op: GradedOp) -> Mapping[str, Sequence[Mark | None]]:
    """By tensor: what it came to in each case; None where it is no part of the case."""
    cases = list(dict.fromkeys(cell.case for cell in op.cells))
    tensors = list(dict.fromkeys(cell.tensor for cell in op.cells))
    found: dict[str, list[Mark | None]] = {}
    for tensor in tensors:
        found[tensor] = []
        for case in cases:
            cells = [cell for cell in op.cells if (cell.tensor, cell.case) == (tensor, case)]
            found[tensor].append(Mark(sum(cell.right for cell in cells), len(cells)) if cells else None)
    return found
