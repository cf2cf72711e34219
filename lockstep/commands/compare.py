"""`lockstep compare`: compares the live trainings that a file defines."""

import sys
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import click

from harness.comparing.comparison import Comparison
from harness.comparing.document.outcome import Outcome, to_json
from harness.errors import Crashed
from harness.recording.objects import find_objects
from lockstep.options.output import FORMAT_OPTION, OUTPUT_OPTION, destinations, spinner, terminal_width
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
    to = destinations(output, json_path)
    comparisons = find_objects(file, Comparison, "comparison", EXAMPLE)
    outcomes: list[Outcome] = []
    try:
        with spinner("comparing") as progress:
            for name, comparison in comparisons.items():
                chosen = replace(comparison, certify=False) if no_certify else comparison
                outcomes.append(_outcome(chosen.named(name), name, progress))
    finally:  # finished comparisons are kept if a later one fails or the user presses Ctrl-C
        if outcomes:
            to.write_json(lambda: to_json(outcomes))
            to.write_text(lambda: _text(outcomes, table_format))
            if len(outcomes) < len(comparisons):
                finished = ", ".join(outcome.name for outcome in outcomes)
                click.echo(f"lockstep: stopped early; outcomes are those of {finished}", err=True)
    sys.exit(1 if any(outcome.verdict == "disagree" for outcome in outcomes) else 0)


def _outcome(comparison: Comparison, name: str, progress: Callable[[str], None]) -> Outcome:
    try:
        return comparison.run(lambda what: progress(f"{name}: {what}"))
    except Crashed as error:
        raise Crashed(f"{name}: {error}") from error


def _text(outcomes: Sequence[Outcome], table_format: Format) -> str:
    if table_format == "text":
        return outcomes_text(outcomes)
    return outcome_table(outcomes, table_format, terminal_width())
