"""`lockstep compare`: compares the live trainings that a file defines."""

import sys
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import click

from harness.comparing.comparison import Comparison
from harness.comparing.document.outcome import Outcome, to_json
from harness.errors import Crashed
from harness.files import check_writable, write_file
from harness.recording.objects import find_objects
from lockstep.options.output import FORMAT_OPTION, OUTPUT_OPTION, deliver, spinner, terminal_width
from reports.text.comparing import outcome_table, outcomes_text
from reports.text.table import Format

EXAMPLE = "port = lockstep.Comparison(left, right, batches=[(x, t)])"


@click.command("compare")
@click.argument("file", metavar="FILE.py[:NAME]")
@FORMAT_OPTION
@OUTPUT_OPTION
@click.option("--json", "json_path", metavar="FILE|-", help="Write the outcomes as JSON; - for stdout, without text.")
@click.option("--no-certify", is_flag=True, help="Compare only; certify no call.")
def command(file: str, table_format: Format, output: Path | None, json_path: str | None, no_certify: bool) -> None:
    """Compare two trainings, update by update: every lockstep.Comparison that a file defines, or the one called NAME.

    Exit code: 0 all agree, or drift: float64 agrees, and a lower dtype parts after the first update; 1 a disagreement;
    2 wrong usage or input; 5 a model's code raised an error.
    """
    json_file = None if json_path in (None, "-") else Path(str(json_path))
    for path in (output, json_file):
        if path is not None:
            check_writable(path)
    comparisons = find_objects(file, Comparison, "comparison", EXAMPLE)
    outcomes: list[Outcome] = []
    try:
        with spinner("comparing") as progress:
            for name, comparison in comparisons.items():
                chosen = replace(comparison, certify=False) if no_certify else comparison
                outcomes.append(_outcome(chosen.named(name), name, progress))
    finally:  # finished comparisons are kept if a later one fails or the user presses Ctrl-C
        if outcomes:
            _deliver(outcomes, table_format, output, json_file, only_json=json_path == "-")
            if len(outcomes) < len(comparisons):
                finished = ", ".join(outcome.name for outcome in outcomes)
                click.echo(f"lockstep: stopped early; outcomes are those of {finished}", err=True)
    sys.exit(1 if any(outcome.verdict == "disagree" for outcome in outcomes) else 0)


def _outcome(comparison: Comparison, name: str, progress: Callable[[str], None]) -> Outcome:
    try:
        return comparison.run(lambda what: progress(f"{name}: {what}"))
    except Crashed as error:
        raise Crashed(f"{name}: {error}") from error


def _deliver(
    outcomes: Sequence[Outcome], table_format: Format, output: Path | None, json_file: Path | None, *, only_json: bool
) -> None:
    if json_file is not None:
        write_file(json_file, to_json(outcomes))
    if only_json:
        click.echo(to_json(outcomes), nl=False)
    elif table_format == "text":
        deliver(outcomes_text(outcomes), output)
    else:
        deliver(outcome_table(outcomes, table_format, terminal_width()), output)
