"""`lockstep fuzz`: random programs through all backends; what fails is shrunk to a file that stands alone."""

import re
import secrets
import shlex
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING

import click
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn
from rich.text import Text

from harness.files import check_writable, write_file
from harness.recording.loading import REFERENCE, load_backends
from lockstep.options.comparing import BACKENDS_OPTIONS
from lockstep.options.workers import STORE_OPTION, WORKERS_OPTIONS, workers_for

if TYPE_CHECKING:
    from harness.fuzzing.finding import Signature
    from harness.fuzzing.fuzz import Report
    from harness.fuzzing.search import Found

WRONG, CRASHED = 1, 5
DEFAULT_PROGRAMS = 300
SECONDS = {"s": 1.0, "m": 60.0, "h": 3600.0}
SEEDS = 2**32


def _duration(context: click.Context, parameter: click.Parameter, text: str | None) -> float | None:
    if text is None:
        return None
    match = re.fullmatch(r"(\d+(?:\.\d+)?)([smh])", text)
    if match is None or not float(match[1]):
        raise click.BadParameter(f"{text!r} is no time: write 90s, 10m or 2h")
    return float(match[1]) * SECONDS[match[2]]


@click.command("fuzz")
@click.option("--for", "seconds", metavar="TIME", callback=_duration, help="Search for so long: 90s, 10m or 2h.")
@click.option(
    "--programs",
    type=click.IntRange(min=1),
    metavar="N",
    help=f"Search so many programs; {DEFAULT_PROGRAMS} unless --for is given.",
)
@click.option(
    "--seed", type=click.IntRange(min=0), help="The same seed makes the same programs; another one each time."
)
@BACKENDS_OPTIONS
@click.option(
    "-o",
    "--output",
    "folder",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path(),
    help="Write the programs that fail into this folder; here unless given.",
)
@STORE_OPTION
@WORKERS_OPTIONS
def command(
    seconds: float | None,
    programs: int | None,
    seed: int | None,
    backends: tuple[str, ...],
    reference: str,
    folder: Path,
    store_path: Path | None,
    workers: int | None,
    scheduler: str | None,
) -> None:
    """Run random programs of all ops through the backends; shrink those that fail, and write each as a file.

    A program has up to eight calls before its losses are joined, an optimizer and rules around it, and three or four
    updates, all of them certified. Failures with one cause are reported once, by the smallest program.

    Exit code: 0 nothing was found; 1 a wrong backend, an accusation that is false or undecided, or an unexplained
    parting; 5 only errors of a backend, crashes, or programs that end every process that tries them; 2 wrong usage or
    input; 130 or 143 stopped by Ctrl-C or SIGTERM.
    """
    from harness.fuzzing.fuzz import PER_TASK, Fuzz  # here, so that --help need not wait for it
    from harness.fuzzing.search import Search
    from harness.sweeping.store import Store
    from reports.text.fuzzing import report_text

    if seconds is None and programs is None:
        programs = DEFAULT_PROGRAMS
    check_writable(folder / "fuzz.py")
    search = Search(load_backends(backends, reference), keeps_rows=store_path is not None)
    options = [option for backend in backends for option in ("--backend", backend)]
    options += ["--reference", reference] if reference != REFERENCE else []
    with nullcontext() if store_path is None else Store(store_path) as store:
        chosen_seed = secrets.randbelow(SEEDS) if seed is None else seed
        fuzz = Fuzz(search, chosen_seed, programs=programs, seconds=seconds, store=store)
        tasks = sys.maxsize if programs is None else -(-programs // PER_TASK)
        files = _Files(folder)
        with workers_for(tasks, workers, scheduler) as chosen, _shown(programs, seconds) as tell:

            def keep(report: "Report", new: "list[Found]") -> None:
                files.write(report.found)
                tell(report, new)

            fuzz.run(chosen, keep)
    report = fuzz.report
    click.echo(report_text(report, search, lambda found: _command(found, folder, options)), nl=False)
    sys.exit(128 + report.stopped if report.stopped else _exit_code(report))


class _Files:
    """The programs that fail, each written when it is found, and again where another task has a smaller one."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._written: dict[Signature, Path] = {}

    def write(self, found: "Sequence[Found]") -> None:
        """Write what is not written yet, and delete what a smaller program replaces."""
        for each in found:
            signature, source = each.finding.signature, each.source
            path = self._folder / f"{source.name}.py"
            before = self._written.get(signature)
            if path != before:
                write_file(path, source.file(f"Found by lockstep fuzz: {each.finding.sentence}"))
                self._written[signature] = path
                if before is not None:
                    before.unlink(missing_ok=True)


def _command(found: "Found", folder: Path, options: list[str]) -> str:
    """What shows a finding again."""
    path = folder / f"{found.source.name}.py"
    file = str(path) if path.is_absolute() else f"./{path}"
    return shlex.join(["lockstep", "run", file, *options])


@contextmanager
def _shown(programs: int | None, seconds: float | None) -> "Iterator[Callable[[Report, list[Found]], None]]":
    """Show on stderr how far the search is, if that is a terminal, and every new finding in any case."""
    console = Console(stderr=True, highlight=False, soft_wrap=True)
    columns = (TextColumn("fuzz"), BarColumn(), TextColumn("{task.description}"), TimeElapsedColumn())
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as bar:
        task = bar.add_task("0 programs", total=programs or seconds)

        def tell(report: "Report", new: "list[Found]") -> None:
            count = report.searched.programs
            bar.update(task, completed=count if programs else report.seconds, description=f"{count:,} programs")
            for found in new:
                console.print(Text(f"lockstep: found {found.finding.signature}"))

        yield tell


def _exit_code(report: "Report") -> int:
    kinds = {found.finding.signature.kind for found in report.found}
    if kinds - {"error of a backend", "crash of Lockstep"}:
        return WRONG
    return CRASHED if kinds or report.searched.ended else 0
