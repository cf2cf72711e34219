"""`lockstep run`: trains scenarios through all backends, prints the verdicts and renders the tables."""

import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click
from rich.console import Console
from rich.progress import Progress
from rich.text import Text

from backends.vocabulary import BUILT_IN
from harness.files import check_writable, write_file
from harness.recording.loading import DEFAULT_SCENARIOS, built_in_scenarios, find_scenarios, load_backends
from harness.recording.versions import versions
from harness.results import SCHEMA, Document, Result, to_json
from harness.sentences import details, headline, summary
from lockstep.options.comparing import (
    ACCEPT_UNTESTED_OPTION,
    BACKENDS_OPTIONS,
    CERTIFY_OPTIONS,
    DTYPE_OPTION,
    certified_every,
    run_dtypes,
)
from lockstep.options.output import FORMAT_OPTION, OUTPUT_OPTION, terminal_width
from lockstep.options.scenario import BATCH_SIZE_OPTION, EPOCHS_OPTION, SEED_OPTION, SETTINGS_OPTION
from lockstep.options.timeout import TIMEOUT_OPTION, limit_time
from lockstep.options.workers import STORE_OPTION, WORKERS_OPTIONS, workers_for
from reports.text.certificates import certificate_findings
from reports.text.run import run_tables, text_table
from reports.text.table import Format

if TYPE_CHECKING:
    from harness.running.experiment import Experiment
    from harness.sweeping.points import Point
    from harness.sweeping.work import Attempt, Work
    from harness.sweeping.workers import Workers

AGREE, DISAGREE, INCONCLUSIVE = 0, 1, 4
MOST_WITHOUT_SUMMARY = 3
COLOURS = {"agree": "green", "drift": "yellow", "disagree": "red", "inconclusive": "yellow"}


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
@ACCEPT_UNTESTED_OPTION
@STORE_OPTION
@WORKERS_OPTIONS
@click.option("--strict", is_flag=True, help="Exit 1 for drift, too.")
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
    accept_untested: bool,
    store_path: Path | None,
    workers: int | None,
    scheduler: str | None,
    strict: bool,
) -> None:
    """Train scenarios through all backends side by side and compare them at every epoch.

    SCENARIO is a name from `lockstep list`, ./file.py for every scenario in it, or ./file.py:name. Without one,
    two_layer, two_layer_tiny and digits are run.

    Exit code: 0 all agree, or drift: they part, but by rounding only (a warning); 1 a disagreement; 2 wrong usage or
    input; 3 a backend can't be imported; 4 inconclusive: nothing was tested, or nothing shown wrong; 5 a backend or a
    scenario crashed: it raised an error, would have ended the process, or took too long; 70 an error of Lockstep.
    """
    from harness.sweeping.points import Point  # here, so that --help need not wait for it
    from harness.sweeping.work import Options, Work
    from lockstep.assertion import tolerances

    if everything and names:
        raise click.UsageError("--all runs every built-in scenario; name none with it")
    allowance = tolerances(rtol, atol)
    certify = certified_every(certify, no_certify=no_certify, unless_given=None if allowance else 1)
    limit_time(timeout, in_this_process=workers in (None, 1) and scheduler is None)
    delivery = _Delivery(table_format, output, json_path, explained=explained)
    chosen = [
        scenario.vary(seed=seed, epochs=epochs, batch_size=batch_size, settings=settings)
        for scenario in (built_in_scenarios().values() if everything else find_scenarios(names or DEFAULT_SCENARIOS))
    ]
    options = Options(certify, allowance, threads, accept_untested, as_is)
    work = Work("run", chosen, load_backends(_with_others(backends, reference), reference), options)
    points = [
        Point(place, scenario.seed, (), run_dtype or scenario.dtype)
        for place, scenario in enumerate(chosen)
        for run_dtype in run_dtypes(dtype)
    ]
    # A mistake in the last scenario is reported before the first one trains.
    experiments = [work.prepared(point) for point in points]
    results: list[Result] = []
    try:
        with _appending(store_path, work) as append, workers_for(len(points), workers or 1, scheduler) as makers:
            for attempt in _attempts(work, points, experiments, makers):
                results.append(attempt.result)
                delivery.save(results)
                delivery.tell(attempt.result)
                append(attempt)
    finally:  # finished results are kept if a later scenario fails or the user presses Ctrl-C
        if results:
            delivery.write(results)
            if len(results) < len(experiments):
                finished = ", ".join(f"{result.scenario} {result.dtype}" for result in results)
                click.echo(f"lockstep: stopped early; results are those of {finished}", err=True)
    sys.exit(_exit_code(results, strict))


def _attempts(
    work: "Work", points: "Sequence[Point]", experiments: "Sequence[Experiment]", workers: "Workers"
) -> "Iterator[Attempt]":
    """The runs in their order; in this process one after the other, with a bar for each."""
    from harness.sweeping.work import Task
    from harness.sweeping.workers import ThisProcess, in_order

    if isinstance(workers, ThisProcess):
        for point, experiment in zip(points, experiments, strict=True):
            with _progress(experiment) as progress:
                yield work.run(Task(point), experiment, progress)
        return
    places = {point: place for place, point in enumerate(points)}
    tried = workers.map(work.attempt, map(Task, points), work.ended)
    yield from in_order((places[attempt.task.point], attempt) for attempt in tried)


@contextmanager
def _appending(path: Path | None, work: "Work") -> "Iterator[Callable[[Attempt], None]]":
    """A function that appends an attempt to a store, if there is one."""
    if path is None:
        yield lambda attempt: None
        return
    from harness.sweeping.store import Store
    from harness.sweeping.work import Identities

    identities = Identities(work)
    with Store(path) as store:
        yield lambda attempt: store.append(work.row(identities.identified(attempt)))


def _with_others(backends: Sequence[str], reference: str) -> list[str]:
    """Add the built-in backends if the only `--backend` says where the reference is, with none to compare it with."""
    if [backend.partition("=")[:2] for backend in backends] != [(reference, "=")]:
        return list(backends)
    return [*backends, *(name for name in BUILT_IN if name != reference)]


class _Delivery:
    """Delivers results: verdicts and tables to stdout as they come, or data to stdout and files at the end."""

    def __init__(self, table_format: Format, output: Path | None, json_path: str | None, *, explained: bool) -> None:
        self._table_format = table_format
        self._output = output
        self._json_on_stdout = json_path == "-"
        self._json_file = None if json_path in (None, "-") else Path(str(json_path))
        self._table_on_stdout = output is None and not self._json_on_stdout
        self._explained = explained
        self._told = False
        for path in (self._output, self._json_file):
            if path is not None:
                check_writable(path)
        if self._output and self._json_file and self._output.resolve() == self._json_file.resolve():
            raise click.UsageError(f"--output and --json both write {output}; give each a file of its own")

    def tell(self, result: Result) -> None:
        """Print a verdict at once, on stderr if stdout is only for data."""
        data_alone = self._json_on_stdout or (self._table_on_stdout and self._table_format != "text")
        with_table = self._table_on_stdout and not data_alone
        if with_table and self._told:
            click.echo()
        self._told = True
        _say(result, to_stderr=data_alone)
        if with_table:
            click.echo(f"\n{text_table(result, terminal_width())}", nl=False)
        if self._explained:
            click.echo(f"\n{certificate_findings(result, terminal_width())}", nl=False, err=data_alone)

    def save(self, results: Sequence[Result]) -> None:
        """Write the run so far to the JSON file, so that nothing that happens later can take it away."""
        if self._json_file is not None:
            write_file(self._json_file, to_json(_document(results)))

    def write(self, results: Sequence[Result]) -> None:
        """Write what covers all results: tables to a file, data to stdout."""
        if self._json_on_stdout:
            click.echo(to_json(_document(results)), nl=False)
        if self._table_on_stdout and self._table_format == "text" and len(results) > MOST_WITHOUT_SUMMARY:
            click.echo(f"\n{summary(results)}")
        if self._output is not None:
            write_file(self._output, run_tables(results, self._table_format))
        elif self._table_on_stdout and self._table_format != "text":
            click.echo(run_tables(results, self._table_format), nl=False)


def _document(results: Sequence[Result]) -> Document:
    return Document(schema=SCHEMA, versions=versions(), results=list(results))


def _exit_code(results: Sequence[Result], strict: bool) -> int:
    verdicts = {result.verdict for result in results}
    if "disagree" in verdicts or (strict and "drift" in verdicts):
        return DISAGREE
    return INCONCLUSIVE if "inconclusive" in verdicts else AGREE


def _say(result: Result, *, to_stderr: bool) -> None:
    console = Console(stderr=to_stderr, highlight=False, soft_wrap=True)
    line = Text(headline(result))
    if not console.no_color:  # without colours it would still be bold
        line.highlight_words([f": {result.verdict}"], f"bold {COLOURS[result.verdict]}")
    console.print(line)
    for detail in details(result):
        console.print(Text(f"  {detail}"))
    if result.verdict == "drift":
        sharper = "; --dtype float64 is the sharper comparison" if result.dtype != "float64" else ""
        click.echo(f"lockstep: warning: {result.scenario} drifts in {result.dtype}{sharper}", err=True)


@contextmanager
def _progress(experiment: "Experiment") -> Iterator[Callable[[int], None] | None]:
    """Show a bar of epochs on stderr while a scenario trains, if stderr is a terminal."""
    console = Console(stderr=True)
    if not console.is_terminal:
        yield None
        return
    with Progress(console=console, transient=True) as bar:
        task = bar.add_task(f"{experiment.scenario.name} {experiment.dtype}", total=experiment.epochs)
        shown = 0.0

        def progress(epoch: int) -> None:
            nonlocal shown
            if time.monotonic() - shown > 0.1:
                shown = time.monotonic()
                bar.update(task, completed=epoch)

        yield progress
