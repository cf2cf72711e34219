"""`lockstep explain`: writes out what the certificates of saved runs found."""

from pathlib import Path

import click

from harness.sweeping.addresses import run_at
from lockstep.options.output import OUTPUT_OPTION, deliver, terminal_width
from reports.text.runs.certificates import certificate_report


@click.command("explain")
@click.argument("runs", metavar="RUN.json|FILE.db:ID...", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--solution", is_flag=True, help="Show the hand-written lines that compute it, too.")
@OUTPUT_OPTION
def command(runs: tuple[Path, ...], solution: bool, output: Path | None) -> None:
    """Write out what the certificates of a run found, one saved with --json or one of a store.

    Every failure comes with the inputs of the op at the wrong element, the arithmetic with its numbers, and the mistake
    that would give the wrong number, if one fits. Then a table shows, op by op, how small an error is still detected.
    """
    documents = [run_at(path) for path in runs]
    width = None if output else terminal_width()
    reports = [
        certificate_report(result, width, solution=solution) for document in documents for result in document.results
    ]
    deliver("\n".join(reports), output)
