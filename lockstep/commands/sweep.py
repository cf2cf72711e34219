"""`lockstep sweep`: runs scenarios with every seed, setting and dtype, and stores each run as it finishes."""

import os
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, ProgressColumn, Task, TextColumn, TimeRemainingColumn
from rich.text import Text

from harness.recording.loading import find_scenarios, load_backends
from lockstep.commands.output import BATCH_SIZE_OPTION, EPOCHS_OPTION
from scenarios import DTYPES

if TYPE_CHECKING:
    from harness.sweeping.rows import Row
    from harness.sweeping.workers import Workers

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
        settings[name] = _listed(numbers, values, "in --set lr=0.1,0.01 or --set N_H=10:100:10")
    return settings


@click.command("sweep")
@click.argument("names", metavar="SCENARIO...", nargs=-1, required=True)
@click.option(
    "--store", "path", required=True, metavar="FILE.db", type=click.Path(path_type=Path), help="Where runs go."
)
@click.option("--seeds", metavar="A:B|A,B", callback=_seeds, help="Seeds: 0:1000 is 0 to 999; each scenario's own.")
@click.option(
    "--set",
    "settings",
    multiple=True,
    metavar="NAME=VALUES",
    callback=_settings,
    help="Values of a setting, as lr=0.1,0.01 or N_H=10:100:10; may be repeated.",
)
@click.option("--dtype", type=click.Choice((*DTYPES, "both")), help="Each scenario's own unless given.")
@EPOCHS_OPTION
@BATCH_SIZE_OPTION
@click.option(
    "--backend",
    "backends",
    multiple=True,
    metavar="NAME[=FILE|=MODULE]",
    help="Compare this backend with the reference; may be repeated. All built-in ones unless given.",
)
@click.option(
    "--reference", default="numpy", show_default=True, metavar="NAME", help="What the others are compared with."
)
@click.option(
    "--certify", type=click.IntRange(min=1), metavar="K", help="Certify every K-th update; every one unless given."
)
@click.option("--no-certify", is_flag=True, help="Compare runs only; certify no op.")
@click.option("--accept-untested", is_flag=True, help="Agree although a unit or a gradient was never exercised.")
@click.option("--workers", type=click.IntRange(min=1), help="Processes of this machine; one per core unless given.")
@click.option("--scheduler", metavar="tcp://HOST:PORT", help="A scheduler of Dask that runs, in place of --workers.")
@click.option("--again", is_flag=True, help="Run the points that crashed once more.")
@click.option("--dry-run", is_flag=True, help="Only count the points, and those that are done.")
def command(
    names: tuple[str, ...],
    path: Path,
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

    if certify is not None and no_certify:
        raise click.UsageError("--certify and --no-certify contradict each other")
    if workers is not None and scheduler is not None:
        raise click.UsageError("--workers are processes of this machine, --scheduler has its own; give one of them")
    scenarios = [scenario.vary(epochs=epochs, batch_size=batch_size) for scenario in find_scenarios(names)]
    grid = Grid(scenarios, seeds, settings, DTYPES if dtype == "both" else None if dtype is None else (dtype,))
    for name, lacking in grid.left_out.items():
        click.echo(f"lockstep: {', '.join(lacking)} has no setting {name}, which is varied in the others", err=True)
    options = Options(certify=None if no_certify else certify or 1, accept_untested=accept_untested)
    work = Work("sweep", scenarios, load_backends(backends, reference), options)
    with Store(path) as store:
        sweep = Sweep(grid, work, store, again=again)
        progress = sweep.progress()
        click.echo(f"lockstep: {progress.points:,} points, {progress.left:,} to run", err=True)
        if dry_run:
            return
        if progress.left:
            with _workers(workers, scheduler, progress.left) as chosen, _shown(progress.left) as tell:
                sweep.run(chosen, progress, tell)
    click.echo(f"{progress.points:,} points: {_counts(progress.outcomes)}")
    if progress.stopped is not None:
        click.echo(
            f"lockstep: stopped; {progress.left:,} points are left, and the same command goes on with them", err=True
        )
        sys.exit(128 + progress.stopped)
    sys.exit(_exit_code(progress.outcomes))


def _workers(workers: int | None, scheduler: str | None, points: int) -> "AbstractContextManager[Workers]":
    """This process for one worker or one point; else Dask's."""
    wanted = min(workers or os.cpu_count() or 1, points)
    if scheduler is None and wanted == 1:
        from harness.sweeping.workers import ThisProcess

        return nullcontext(ThisProcess())
    from harness.sweeping.cluster import Cluster

    return Cluster(wanted, scheduler)


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
