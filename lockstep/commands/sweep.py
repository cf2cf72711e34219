"""`lockstep sweep`: runs scenarios with every seed, setting and dtype, and stores each run as it finishes."""

import sys
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, ProgressColumn, Task, TextColumn, TimeRemainingColumn
from rich.text import Text

from harness.recording.catalogue import find_scenarios
from harness.recording.loading import load_backends
from harness.sentences import counted
from lockstep.options.comparing import (
    ACCEPT_UNTESTED_OPTION,
    BACKENDS_OPTIONS,
    CERTIFY_OPTIONS,
    DTYPE_OPTION,
    certified_every,
    run_dtypes,
)
from lockstep.options.scenario import BATCH_SIZE_OPTION, EPOCHS_OPTION
from lockstep.options.workers import STORE_OPTION, WORKERS_OPTIONS, workers_for

if TYPE_CHECKING:
    from harness.sweeping.rows import Row

DISAGREE, INCONCLUSIVE, CRASHED = 1, 4, 5
MOST_TOLD = 10
"""Failures that are told one by one; the store has them all."""


def _listed(read: Callable[[str], Sequence[float]], text: str, what: str) -> Sequence[float]:
    try:
        return read(text)
    except ValueError:
        raise click.BadParameter(f"{text!r} is no list of numbers, as {what}") from None


def _seeds(context: click.Context, parameter: click.Parameter, text: str | None) -> Sequence[float] | None:
    from harness.sweeping.points import whole_numbers

    return None if text is None else _listed(whole_numbers, text, "0:1000 or 1,5,9")


def _settings(context: click.Context, parameter: click.Parameter, texts: tuple[str, ...]) -> dict[str, Sequence[float]]:
    from harness.sweeping.points import numbers

    settings = {}
    for text in texts:
        name, equals, values = text.partition("=")
        if not equals:
            raise click.BadParameter(f"{text!r}: write NAME=VALUES, as in --set lr=0.1,0.01")
        if name in settings:
            raise click.BadParameter(f"{name} stands twice; give all its values at once, as in --set lr=0.1,0.01")
        settings[name] = _listed(numbers, values, "in --set lr=0.1,0.01 or --set N_H=10:100:10")
    return settings


@click.command("sweep")
@click.argument("names", metavar="SCENARIO...", nargs=-1, required=True)
@STORE_OPTION
@click.option("--seeds", metavar="A:B|A,B", callback=_seeds, help="Seeds: 0:1000 is 0 to 999; each scenario's own.")
@click.option(
    "--set",
    "settings",
    multiple=True,
    metavar="NAME=VALUES",
    callback=_settings,
    help="Values of a setting, as lr=0.1,0.01 or N_H=10:100:10; may be repeated.",
)
@DTYPE_OPTION
@EPOCHS_OPTION
@BATCH_SIZE_OPTION
@BACKENDS_OPTIONS
@CERTIFY_OPTIONS
@ACCEPT_UNTESTED_OPTION
@WORKERS_OPTIONS
@click.option("--again", is_flag=True, help="Run the points that crashed once more.")
@click.option("--dry-run", is_flag=True, help="Only count the points, and those that are done.")
def command(
    names: tuple[str, ...],
    store_path: Path | None,
    seeds: Sequence[int] | None,
    settings: Mapping[str, Sequence[float]],
    dtype: str | None,
    epochs: int | None,
    batch_size: int | None,
    backends: tuple[str, ...],
    reference: str,
    certify: int | None,
    no_certify: bool,
    accept_untested: bool,
    workers: int | None,
    scheduler: str | None,
    again: bool,
    dry_run: bool,
) -> None:
    """Run scenarios with every combination of seeds, settings and dtypes, and store each run as it finishes.

    A setting is varied in the scenarios that have it. The same command goes on where it was stopped: a run that is in
    the store, by whichever command, is not made again. Look at the store with `lockstep table FILE.db --by ...`.

    Ctrl-C and SIGTERM finish what is in flight; a second one stops at once.

    Exit code, over all points of the sweep: 0 all agree, or drift; 1 a disagreement; 4 inconclusive; 5 a run crashed; 2
    wrong usage or input; 130 or 143 stopped by Ctrl-C or SIGTERM.
    """
    from harness.sweeping.points import Grid  # here, so that --help need not wait for it
    from harness.sweeping.store import Store
    from harness.sweeping.sweep import Sweep
    from harness.sweeping.work import Options, Work

    if store_path is None:
        raise click.UsageError("--store FILE.db says where the runs go; the same command goes on from there")
    scenarios = [scenario.vary(epochs=epochs, batch_size=batch_size) for scenario in find_scenarios(names)]
    grid = Grid(scenarios, seeds, settings, run_dtypes(dtype))
    for name, lacking in grid.left_out.items():
        click.echo(f"lockstep: {', '.join(lacking)} has no setting {name}, which is varied in the others", err=True)
    options = Options(certify=certified_every(certify, no_certify=no_certify), accept_untested=accept_untested)
    work = Work("sweep", scenarios, load_backends(backends, reference), options)
    with Store(store_path) as store:
        sweep = Sweep(grid, work, store, again=again)
        progress = sweep.progress()
        click.echo(f"lockstep: {counted(progress.points, 'point')}, {progress.left:,} to run", err=True)
        if dry_run:
            return
        if progress.left:
            with workers_for(progress.left, workers, scheduler) as chosen, _shown(progress.left) as tell:
                sweep.run(chosen, progress, tell)
    click.echo(f"{counted(progress.points, 'point')}: {_counts(progress.outcomes)}")
    if progress.stopped is not None:
        click.echo(
            f"lockstep: stopped; {counted(progress.left, 'point')} left, and the same command goes on from here",
            err=True,
        )
        sys.exit(128 + progress.stopped)
    sys.exit(_exit_code(progress.outcomes))


class _Rate(ProgressColumn):
    """Runs per second."""

    def render(self, task: Task) -> Text:
        return Text("" if task.speed is None else f"{task.speed:.2g}/s")


@contextmanager
def _shown(points: int) -> "Iterator[Callable[[Row], None]]":
    """Show on stderr how far the sweep is, if that is a terminal, and the first failures in any case."""
    console = Console(stderr=True, highlight=False, soft_wrap=True)
    columns = (TextColumn("sweep"), BarColumn(), MofNCompleteColumn(), _Rate(), TimeRemainingColumn())
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as bar:
        task = bar.add_task("sweep", total=points)
        told = 0

        def tell(row: "Row") -> None:
            nonlocal told
            bar.advance(task)
            if row.verdict in ("disagree", "crashed"):
                told += 1
                if told <= MOST_TOLD:
                    console.print(Text(f"{_named(row)}{row.headline}"))
                elif told == MOST_TOLD + 1:
                    console.print(Text("further failures are in the store"))

        yield tell


def _named(row: "Row") -> str:
    """Which point it was, for what the headline does not say."""
    settings = "".join(f", {name}={value:g}" for name, value in row.settings.items())
    crashed = f"{row.scenario} {row.dtype}: crashed" if row.verdict == "crashed" else ""
    return f"seed {row.seed}{settings}: {crashed}{': ' if crashed else ''}"


def _counts(outcomes: Counter[str]) -> str:
    return ", ".join(f"{count:,} {outcome}" for outcome, count in outcomes.most_common()) or "none is done"


def _exit_code(outcomes: Counter[str]) -> int:
    if outcomes["disagree"]:
        return DISAGREE
    if outcomes["crashed"]:
        return CRASHED
    return INCONCLUSIVE if outcomes["inconclusive"] else 0
