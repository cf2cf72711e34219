"""`lockstep trace`: every number of one epoch, after the line that computes it."""

from pathlib import Path

import click

from harness.files import check_writable
from lockstep.api.tracing import trace
from lockstep.options.language import LANGUAGE_OPTION
from lockstep.options.output import OUTPUT_OPTION, deliver, rendering_width, wants_colour
from lockstep.options.scenario import BATCH_SIZE_OPTION, SEED_OPTION, SETTINGS_OPTION
from lockstep.options.timeout import TIMEOUT_OPTION, limit_time
from reports.languages.language import Language
from scenarios import DTYPES


@click.command("trace")
@click.argument("scenario_name", metavar="SCENARIO")
@click.option("--epoch", type=int, default=1, show_default=True, help="The epoch to show, counted from 1.")
@click.option("--update", type=int, default=1, show_default=True, help="The update in it, where there are several.")
@click.option("--tensor", metavar="NAME", help="Show this tensor only, such as h or grad_w1.")
@click.option(
    "--backend",
    "backends",
    multiple=True,
    metavar="NAME[=FILE|=MODULE]",
    help="Show this backend; may be repeated. All built-in ones unless given.",
)
@SEED_OPTION
@click.option("--dtype", type=click.Choice(DTYPES), help="The scenario's own unless given.")
@BATCH_SIZE_OPTION
@SETTINGS_OPTION
@TIMEOUT_OPTION
@LANGUAGE_OPTION
@OUTPUT_OPTION
def command(
    scenario_name: str,
    epoch: int,
    update: int,
    tensor: str | None,
    backends: tuple[str, ...],
    seed: int | None,
    dtype: str | None,
    batch_size: int | None,
    settings: dict[str, float],
    timeout: float | None,
    language: Language,
    output: Path | None,
) -> None:
    """Print the matrix at every line of one epoch, in each backend.

    Each line of NumPy, forward and backward, is followed by its result: once if all backends have the same bits, else
    for each backend, with the difference in ulps. SCENARIO is a name from `lockstep list`, or ./file.py:name.

    Exit code: 0; 2 wrong usage or input; 3 a backend can't be imported; 5 a backend or a scenario crashed.
    """
    limit_time(timeout)
    if output is not None:
        check_writable(output)
    found = trace(
        scenario_name,
        backends,
        dtype,
        epoch=epoch,
        update=update,
        tensor=tensor,
        seed=seed,
        batch_size=batch_size,
        settings=settings,
    )
    deliver(found.render(colour=wants_colour(output), width=rendering_width(output), language=language), output)
