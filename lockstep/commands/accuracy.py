"""`lockstep accuracy`: how far off a backend's elementary functions are, beside what certificates charge for them."""

import sys

import click

from backends.vocabulary import BUILT_IN
from harness.recording.loading import checked_names, load_backend
from harness.studies.accuracy import measure_accuracy
from lockstep.options.output import FORMAT_OPTION, spinner, terminal_width
from reports.text.studies.accuracy import accuracy_findings, accuracy_table
from reports.text.table import Format
from scenarios import DTYPES

EXCEEDED = 1


@click.command("accuracy")
@click.option(
    "--backend",
    "backends",
    multiple=True,
    metavar="NAME[=FILE|=MODULE]",
    help="Measure this backend; may be repeated. All built-in ones unless given.",
)
@click.option("--dtype", type=click.Choice((*DTYPES, "both")), default="both", show_default=True, help="Measure in it.")
@FORMAT_OPTION
def command(backends: tuple[str, ...], dtype: str, table_format: Format) -> None:
    """Measure how far off each backend's elementary functions are, beside what certificates charge for them.

    Each function is computed by the backend's op on about a million inputs, and compared with a higher precision.
    Errors are in units of u, which is 2**-24 of the value in float32 and 2**-53 in float64. Where a backend exceeds a
    charge, the ACCURACY to declare in its module is printed.

    Exit code: 0 every function is as accurate as certificates take it to be, 1 one is not, 2 wrong usage or input, 3 a
    backend can't be imported.
    """
    checked_names(backends)
    loaded = [load_backend(backend) for backend in backends or BUILT_IN]
    dtypes = DTYPES if dtype == "both" else (dtype,)
    with spinner("preparing") as progress:
        measured = [one for backend in loaded for one in measure_accuracy(backend, tuple(dtypes), progress)]
    click.echo(accuracy_table(measured, table_format, terminal_width()), nl=False)
    for line in accuracy_findings(measured):
        click.echo(f"lockstep: {line}", err=table_format in ("csv", "json"))
    sys.exit(EXCEEDED if any(one.exceeds for one in measured) else 0)
