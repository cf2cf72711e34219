"""`lockstep run`: trains scenarios through all backends, prints the verdicts and renders the tables."""

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from backends.vocabulary import BUILT_IN
from harness.recording.catalogue import DEFAULT_SCENARIOS, built_in_scenarios, find_scenarios
from harness.recording.loading import load_backends
from harness.recording.users_files import file_and_name, is_file
from harness.results import Result
from lockstep.delivery import Delivery
from lockstep.options.comparing import (
    ACCEPT_UNTESTED_OPTION,
    BACKENDS_OPTIONS,
    CERTIFY_OPTIONS,
    DTYPE_OPTION,
    certified_every,
    run_dtypes,
)
from lockstep.options.output import FORMAT_OPTION, OUTPUT_OPTION
from lockstep.options.scenario import BATCH_SIZE_OPTION, EPOCHS_OPTION, SEED_OPTION, SETTINGS_OPTION
from lockstep.options.timeout import TIMEOUT_OPTION, limit_time
from lockstep.options.workers import STORE_OPTION, WORKERS_OPTIONS, processes_of_a_run, workers_for
from lockstep.progress import epochs_shown
from reports.text.table import Format

if TYPE_CHECKING:
    from harness.running.experiment import Experiment
    from harness.sweeping.points import Point
    from harness.sweeping.work import Attempt, Work
    from harness.sweeping.workers import Workers

AGREE, DISAGREE, INCONCLUSIVE = 0, 1, 4


@click.command("run")
@click.argument("names", metavar="[SCENARIO]...", nargs=-1)
@click.option("--all", "everything", is_flag=True, help="Run every built-in scenario.")
@BACKENDS_OPTIONS
@SEED_OPTION
@EPOCHS_OPTION
@DTYPE_OPTION
@BATCH_SIZE_OPTION
@SETTINGS_OPTION
@click.option("--rtol", type=float, help="Allow this relative deviation, in place of the measured effect of rounding.")
@click.option("--atol", type=float, help="Allow this absolute deviation, in place of the measured effect of rounding.")
@CERTIFY_OPTIONS
@click.option(
    "--as-is",
    is_flag=True,
    help="Run each framework's functions as they come, not as Lockstep makes them equal; see how far they part.",
)
@click.option("--threads", type=click.IntRange(min=1), default=1, show_default=True, help="Threads per framework.")
@TIMEOUT_OPTION
@FORMAT_OPTION
@OUTPUT_OPTION
@click.option(
    "--json", "json_path", metavar="FILE|-", help="Write the whole run as JSON; - for stdout, without tables."
)
@click.option(
    "--explain",
    "explained",
    is_flag=True,
    help="After each verdict, write out what its certificates found, as lockstep explain.",
)
@click.option("--solution", is_flag=True, help="Show the hand-written op where an op is wrong.")
@ACCEPT_UNTESTED_OPTION
@STORE_OPTION
@WORKERS_OPTIONS
@click.option("--strict", is_flag=True, help="Exit 1 for drift, too.")
@click.option("--watch", "watched", is_flag=True, help="Run again when a file is saved, or a setting is typed.")
def command(
    names: tuple[str, ...],
    everything: bool,
    backends: tuple[str, ...],
    reference: str,
    seed: int | None,
    epochs: int | None,
    dtype: str | None,
    batch_size: int | None,
    settings: dict[str, float],
    rtol: float | None,
    atol: float | None,
    certify: int | None,
    no_certify: bool,
    as_is: bool,
    threads: int,
    timeout: float | None,
    table_format: Format,
    output: Path | None,
    json_path: str | None,
    explained: bool,
    solution: bool,
    accept_untested: bool,
    store_path: Path | None,
    workers: int | None,
    scheduler: str | None,
    strict: bool,
    watched: bool,
) -> None:
    """Train scenarios through all backends side by side and compare them at every epoch.

    SCENARIO is a name from `lockstep list`, ./file.py for every scenario in it, or ./file.py:name. Without one,
    two_layer, two_layer_tiny and digits are run.

    A run that takes more than about a quarter of a second is shared among processes, one per core; every number comes
    out as in one. --workers 1 keeps everything in one process.

    Exit code: 0 all agree, or drift: they part, but by rounding only (a warning); 1 a disagreement; 2 wrong usage or
    input; 3 a backend can't be imported; 4 inconclusive: nothing was tested, or nothing shown wrong; 5 a backend or a
    scenario crashed: it raised an error, would have ended the process, or took too long; 70 an error of Lockstep.
    """
    from harness.sweeping.points import Point  # here, so that --help need not wait for it
    from harness.sweeping.work import Options, Work
    from lockstep.api.running import tolerances

    if everything and names:
        raise click.UsageError("--all runs every built-in scenario; name none with it")
    if watched:
        if everything or workers is not None or scheduler is not None:
            raise click.UsageError("--watch runs scenarios in one process; leave out --all, --workers and --scheduler")
        _watch(names, backends)
        return
    allowance = tolerances(rtol, atol)
    certify = certified_every(certify, no_certify=no_certify, unless_given=None if allowance else 1)
    limit_time(timeout, in_this_process=workers in (None, 1) and scheduler is None)
    delivery = Delivery(table_format, output, json_path, explained=explained, solution=solution)
    chosen = [
        scenario.vary(seed=seed, epochs=epochs, batch_size=batch_size, settings=settings)
        for scenario in (built_in_scenarios().values() if everything else find_scenarios(names or DEFAULT_SCENARIOS))
    ]
    options = Options(certify, allowance, threads, accept_untested, as_is)
    points = [
        Point(place, scenario.seed, (), run_dtype or scenario.dtype)
        for place, scenario in enumerate(chosen)
        for run_dtype in run_dtypes(dtype)
    ]
    # Workers start to import while this process does.
    makers = workers_for(len(points), workers, scheduler, unless_given=1)
    work = Work("run", chosen, load_backends(_with_others(backends, reference), reference), options)
    # A mistake in the last scenario is reported before the first one trains.
    processes = processes_of_a_run(workers, threads)
    experiments = [replace(work.prepared(point), processes=processes) for point in points]
    try:
        with _appending(store_path, work) as append, makers as chosen_workers:
            for place, attempt in _attempts(work, points, experiments, chosen_workers):
                append(attempt)
                delivery.take(place, attempt)
    finally:  # finished results are kept if a later scenario fails or the user presses Ctrl-C
        delivery.finish(len(points))
    sys.exit(_exit_code(delivery.results, strict))


def _watch(names: Sequence[str], backends: Sequence[str]) -> None:
    """Run this command, and again after every change of what it names."""
    from lockstep.watching import watch

    named = [*names, *(backend.partition("=")[2] for backend in backends)]
    files = [file_and_name(name)[0] for name in named if is_file(name)]
    watch([word for word in sys.argv[1:] if word != "--watch"], dict.fromkeys(files))


def _attempts(
    work: "Work", points: "Sequence[Point]", experiments: "Sequence[Experiment]", workers: "Workers"
) -> "Iterator[tuple[int, Attempt]]":
    """The runs with their places, each when it is finished; in this process one after the other, with a bar for each.

    Others begin with the longest, so that none of them is alone at the end.
    """
    from harness.sweeping.work import Task
    from harness.sweeping.workers import ThisProcess

    if isinstance(workers, ThisProcess):
        for place, (point, experiment) in enumerate(zip(points, experiments, strict=True)):
            with epochs_shown(f"{experiment.scenario.name} {experiment.dtype}", experiment.epochs) as progress:
                yield place, work.run(Task(point), experiment, progress)
        return
    places = {point: place for place, point in enumerate(points)}
    longest_first = sorted(points, key=lambda point: experiments[places[point]].expected_cost, reverse=True)
    for attempt in workers.map(work.attempt, map(Task, longest_first), work.ended):
        yield places[attempt.task.point], attempt


@contextmanager
def _appending(path: Path | None, work: "Work") -> "Iterator[Callable[[Attempt], None]]":
    """A function that appends an attempt to a store, if there is one and the attempt has a result."""
    if path is None:
        yield lambda attempt: None
        return
    from harness.sweeping.store import Store
    from harness.sweeping.work import Identities

    identities = Identities(work)
    with Store(path) as store:

        def append(attempt: "Attempt") -> None:
            if isinstance(attempt.outcome, Result):
                store.append(work.row(identities.identified(attempt)))

        yield append


def _with_others(backends: Sequence[str], reference: str) -> list[str]:
    """Add the built-in backends if the only `--backend` says where the reference is, with none to compare it with."""
    if [backend.partition("=")[:2] for backend in backends] != [(reference, "=")]:
        return list(backends)
    return [*backends, *(name for name in BUILT_IN if name != reference)]


def _exit_code(results: Sequence[Result], strict: bool) -> int:
    verdicts = {result.verdict for result in results}
    if "disagree" in verdicts or (strict and "drift" in verdicts):
        return DISAGREE
    return INCONCLUSIVE if "inconclusive" in verdicts else AGREE
