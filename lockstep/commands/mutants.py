"""`lockstep mutants`: measures what lockstep finds."""

import sys
from contextlib import nullcontext
from pathlib import Path

import click

from backends.mutants import MUTANTS
from harness.studies.mutants.score import to_json
from lockstep.options.output import FORMAT_OPTION, destinations, spinner, terminal_width
from lockstep.options.workers import STORE_OPTION, WORKERS_OPTIONS, workers_for
from reports.text.studies.mutants import corpus_table, score_tables, summary
from reports.text.table import Format


@click.command("mutants")
@click.option("--list", "only_list", is_flag=True, help="List the mutants; run nothing.")
@click.option(
    "--correct-runs",
    type=click.IntRange(min=1),
    default=300,
    show_default=True,
    help="Random runs of correct backends.",
)
@click.option("--json", "json_path", metavar="FILE|-", help="Write the whole score as JSON; - for stdout, no tables.")
@FORMAT_OPTION
@STORE_OPTION
@WORKERS_OPTIONS
def command(
    only_list: bool,
    correct_runs: int,
    json_path: str | None,
    table_format: Format,
    store_path: Path | None,
    workers: int | None,
    scheduler: str | None,
) -> None:
    """Measure what lockstep finds: backends with one mistake each, and correct ones on random networks.

    Exit code: 0 all mutants are detected in float64, 97 % of them located exactly, and no false alarm; else 1.
    """
    to = destinations(None, json_path)
    if only_list:
        click.echo(corpus_table(MUTANTS, table_format, terminal_width()), nl=False)
        return
    from harness.studies.mutants.measurement import Measurement  # here, so that --list need not wait for what runs
    from harness.sweeping.store import Store

    # Workers start to import while this process does.
    makers = workers_for(len(MUTANTS) + correct_runs, workers, scheduler, unless_given=1)
    with nullcontext() if store_path is None else Store(store_path) as store, spinner("preparing") as progress:
        measurement = Measurement(MUTANTS, correct_runs)
        try:
            with makers as chosen:
                measurement.run(progress, chosen, store)
        finally:  # what was tried is kept if the user presses Ctrl-C
            score = measurement.score
            if score.trials:
                to.write_json(lambda: to_json(score))
                to.write_text(lambda: score_tables(score, table_format, terminal_width()))
            if measurement.missing:
                click.echo(f"lockstep: stopped early; {measurement.missing}", err=True)
    click.echo(f"lockstep: {summary(score)}", err=True)
    sys.exit(0 if score.meets_targets else 1)
