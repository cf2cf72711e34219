"""`lockstep table`: renders the tables of saved runs, and of what a store holds."""

from pathlib import Path

import click

from harness.sweeping.addresses import run_at
from harness.sweeping.query import grouped
from harness.sweeping.store import is_store
from lockstep.options.output import FORMAT_OPTION, OUTPUT_OPTION, deliver, terminal_width
from reports.text.runs.side_by_side import comparison, short_names
from reports.text.runs.stored import groups_table
from reports.text.runs.tables import run_tables
from reports.text.table import Format

COLUMNS = "scenario,dtype,verdict"


@click.command("table")
@click.argument("runs", metavar="RUN.json|FILE.db[:ID]...", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--by", metavar="COLUMN,...", help=f"Of a store: group its runs by columns or settings.  [{COLUMNS}]")
@click.option("--where", metavar="SQL", help='Of a store: only runs of which this holds, as "lr > 0.01".')
@FORMAT_OPTION
@OUTPUT_OPTION
def command(
    runs: tuple[Path, ...], by: str | None, where: str | None, table_format: Format, output: Path | None
) -> None:
    """Draw the tables of a run saved with --json again, or of several runs side by side.

    Of a store, count its runs in groups. A column is one of the store's, or a setting of the scenarios.
    """
    if output is not None and output.resolve() in [path.resolve() for path in runs]:
        raise click.UsageError(f"--output {output} would overwrite the run that the table is drawn from")
    width = None if output else terminal_width()
    if len(runs) == 1 and is_store(runs[0]):
        deliver(_of_store(runs[0], by, where, table_format, width), output)
        return
    if by is not None or where is not None:
        raise click.UsageError("--by and --where are for one store, as FILE.db")
    documents = [run_at(path) for path in runs]
    if len(documents) == 1:
        deliver(run_tables(documents[0].results, table_format, width), output)
        return
    deliver(comparison(short_names(runs), documents, table_format, width), output)


def _of_store(path: Path, by: str | None, where: str | None, table_format: Format, width: int | None) -> str:
    columns = [name.strip() for name in (by or COLUMNS).split(",")]
    groups = grouped(path, columns, where or "")
    if not groups.rows:
        click.echo(f"lockstep: {path} has no such run" if where else f"lockstep: {path} is empty", err=True)
    return groups_table(groups, table_format, width)
