"""`lockstep lab`: starters for ops by hand, and what a student's file comes to."""

import sys
from pathlib import Path
from typing import Literal

import click

from harness.errors import InputError
from harness.files import file_exists
from harness.studies.lab.document import LabDocument, to_json
from harness.studies.lab.grading import grade
from harness.studies.lab.submission import checked_ops, load_submission
from lockstep.options.language import LANGUAGE_OPTION
from lockstep.options.output import OUTPUT_OPTION, deliver, destinations
from lockstep.options.timeout import TIMEOUT_OPTION, limit_time
from reports.export.starters import starter
from reports.languages.language import Language
from reports.source.code_map import op_sources
from reports.text.lab import lab_text
from scenarios import DTYPES

WRONG = 1
MOST_HINTS = 3


@click.group("lab")
def command() -> None:
    """Write ops by hand, and have them graded, one by one, without a scenario.

    `lockstep lab new relu -o mine.py` writes a file with blanks; `lockstep lab check mine.py` grades it.
    """


@command.command("new")
@click.argument("ops", metavar="OP...", nargs=-1, required=True)
@click.option("--forward", "blank_forward", is_flag=True, help="Leave the forward blank, too.")
@click.option("--force", is_flag=True, help="Replace the file if there is one.")
@OUTPUT_OPTION
def new(ops: tuple[str, ...], blank_forward: bool, force: bool, output: Path | None) -> None:
    """Write starters for ops: the docstring with shapes and equation, the forward, and a blank backward.

    An OP is a name from `lockstep list ops`.

    Exit code: 0 written, 2 wrong usage or input, such as a file that is there already.
    """
    chosen = checked_ops(ops)
    if output is not None and file_exists(output) and not force:
        raise InputError(f"{output} is there already; name another file, or replace it with --force")
    deliver(starter(chosen, blank_forward=blank_forward), output)


@command.command("check")
@click.argument("file", metavar="FILE.py", type=click.Path(path_type=Path))
@click.option("--only", multiple=True, metavar="OP", help="Grade this op, even if the file lacks it; may be repeated.")
@click.option("--dtype", type=click.Choice((*DTYPES, "both")), default="both", show_default=True, help="Grade in it.")
@click.option(
    "--hint",
    "hints",
    type=click.IntRange(0, MOST_HINTS),
    default=0,
    metavar="1..3",
    help="With each mistake, 1 a push, 2 the numbers that it takes, 3 the formula and why it holds.",
)
@click.option("--solution", is_flag=True, help="Show the hand-written op below the mistakes.")
@TIMEOUT_OPTION
@click.option("--format", "shown_as", type=click.Choice(("text", "html")), default="text", show_default=True)
@LANGUAGE_OPTION
@OUTPUT_OPTION
@click.option("--json", "json_path", metavar="FILE|-", help="Write the points as JSON; - for stdout, without text.")
def check(
    file: Path,
    only: tuple[str, ...],
    dtype: str,
    hints: int,
    solution: bool,
    timeout: float | None,
    shown_as: Literal["text", "html"],
    language: Language,
    output: Path | None,
    json_path: str | None,
) -> None:
    """Grade the ops that a file defines, each by itself: outputs and gradients, in several cases and both dtypes.

    Every output and every gradient is a point in each case: odd shapes, other settings, a batch of one, ties and exact
    zeros, large values, values far from zero. Each mistake is shown in your own lines; the hand-written op stays hidden
    without --solution.

    Exit code: 0 all points, 1 something is wrong, 2 wrong usage or input, 5 the file raised an error when it was
    imported.
    """
    to = destinations(output, json_path)
    limit_time(timeout)
    chosen = checked_ops(only)
    submission = load_submission(file)
    if not (chosen or submission.ops):
        said = "; ".join(submission.misspelt.values()) or "`lockstep lab new` writes a file to begin with"
        raise InputError(f"{file} defines no op: {said}")
    document = grade(
        submission,
        chosen or tuple(submission.ops),
        dtypes=DTYPES if dtype == "both" else (dtype,),
        hints=hints,
        solution=_solution if solution else None,
    )
    to.write_json(lambda: to_json(document))
    to.write_text(
        lambda: _page(document, file, language) if shown_as == "html" else lab_text(document, language=language)
    )
    sys.exit(0 if document.points == document.of else WRONG)


def _page(document: LabDocument, file: Path, language: Language) -> str:
    from reports.page.lab import LabContent, render_lab  # here, so that text need not wait for what draws pages

    return render_lab(LabContent(document, f"lockstep lab check {file}"), language)


def _solution(op: str) -> str:
    """The hand-written op as it stands in its file."""
    return op_sources(op)[0][1]
