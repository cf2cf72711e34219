"""`lockstep table`: renders the tables of saved runs."""

from pathlib import Path

import click

from harness.reading import read_document
from lockstep.commands.output import FORMAT_OPTION, OUTPUT_OPTION, deliver, terminal_width
from reports.text.run import run_tables
from reports.text.runs_side_by_side import comparison, short_names
from reports.text.table import Format


@click.command("table")
@click.argument("runs", metavar="RUN.json...", nargs=-1, required=True, type=click.Path(path_type=Path))
@FORMAT_OPTION
@OUTPUT_OPTION
def command(runs: tuple[Path, ...], table_format: Format, output: Path | None) -> None:
    """Draw the tables of a run saved with --json again, or of several runs side by side."""
    if output is not None and output.resolve() in [path.resolve() for path in runs]:
        raise click.UsageError(f"--output {output} would overwrite the run that the table is drawn from")
    documents = [read_document(path) for path in runs]
    width = None if output else terminal_width()
    if len(documents) == 1:
        deliver(run_tables(documents[0].results, table_format, width), output)
        return
    deliver(comparison(short_names(runs), documents, table_format, width), output)
