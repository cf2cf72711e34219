"""`lockstep run`: trains scenarios through all backends, tells what came out and draws the tables."""

import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from lockstep.options import FORMAT_OPTION, OUTPUT_OPTION
from scenarios import DTYPES, Scenario

if TYPE_CHECKING:
    from lockstep.results import Result
    from reports.tables import Format

AGREE, DISAGREE, INCONCLUSIVE = 0, 1, 4
COLOURS = {"agree": "green", "drift": "yellow", "disagree": "red", "inconclusive": "yellow"}


def _settings(context: click.Context, parameter: click.Parameter, given: tuple[str, ...]) -> dict[str, float]:
    settings = {}
    for text in given:
        name, equals, value = text.partition("=")
        try:
            settings[name] = float(value)
        except ValueError:
            what = f"{value!r} is not a number" if equals else "write NAME=VALUE"
            raise click.BadParameter(f"{text!r}: {what}, as in --set lr=0.01") from None
    return settings


@click.command()
@click.argument("names", metavar="[SCENARIO]...", nargs=-1)
@click.option("--backend", "backends", multiple=True, metavar="NAME[=FILE|=MODULE]", help="A backend; may be repeated.")
@click.option("--reference", default="numpy", show_default=True, help="The backend that the others are compared with.")
@click.option("--seed", type=int, help="Draw from this seed.")
@click.option("--epochs", type=int, help="Train for so many epochs.")
@click.option("--dtype", type=click.Choice((*DTYPES, "both")), help="The scenario's own unless given.")
@click.option("--batch-size", type=int, help="Examples per update.")
@click.option(
    "--set", "settings", multiple=True, metavar="NAME=VALUE", callback=_settings, help="A setting, such as lr=0.01."
)
@click.option("--rtol", type=float, help="Relative tolerance, in place of the measured allowance.")
@click.option("--atol", type=float, help="Absolute tolerance, in place of the measured allowance.")
@click.option("--threads", type=click.IntRange(min=1), default=1, show_default=True, help="Threads per framework.")
@FORMAT_OPTION
@OUTPUT_OPTION
@click.option(
    "--json", "json_path", metavar="FILE|-", help="Write the whole run as JSON; - for stdout, without tables."
)
@click.option("--strict", is_flag=True, help="Exit 1 for drift, too.")
def run(
    names: tuple[str, ...],
    backends: tuple[str, ...],
    reference: str,
    seed: int | None,
    epochs: int | None,
    dtype: str | None,
    batch_size: int | None,
    settings: dict[str, float],
    rtol: float | None,
    atol: float | None,
    threads: int,
    table_format: "Format",
    output: Path | None,
    json_path: str | None,
    strict: bool,
) -> None:
    """Train scenarios through all backends in lockstep and compare them at every epoch.

    SCENARIO is a name from `lockstep list`, ./file.py for every scenario in it, or ./file.py:name. Without one, the
    article's two networks and the digits are run.

    Exit code: 0 all agree (drift is a warning), 1 a disagreement, 2 wrong usage or input, 3 a backend can't be
    imported, 4 inconclusive: nothing was tested.
    """
    from lockstep.assertion import tolerances
    from lockstep.loading import DEFAULT_SCENARIOS, find_scenarios, load_backends
    from lockstep.results import SCHEMA, Document, check_writable, to_json, write_atomically
    from lockstep.verdict import run_scenario, versions
    from reports.tables import run_tables

    json_file = Path(json_path) if json_path not in (None, "-") else None
    for path in (output, json_file):
        if path is not None:
            check_writable(path)
    allowance = tolerances(rtol, atol)
    chosen = [
        scenario.vary(seed=seed, epochs=epochs, batch_size=batch_size, settings=settings)
        for scenario in find_scenarios(names or DEFAULT_SCENARIOS)
    ]
    loaded = load_backends(backends, reference)
    stdout_is_data = json_path == "-" or (table_format != "text" and output is None)
    results: list[Result] = []
    for scenario in chosen:
        for run_dtype in DTYPES if dtype == "both" else (dtype or scenario.dtype,):
            with _progress(scenario, run_dtype) as progress:
                result = run_scenario(
                    scenario, loaded, dtype=run_dtype, tolerances=allowance, threads=threads, progress=progress
                )
            results.append(result)
            _say(result, to_stderr=stdout_is_data)
            if output is None and not stdout_is_data:
                click.echo(f"\n{run_tables([result], table_format)}")
    if output is not None:
        write_atomically(output, run_tables(results, table_format))
    elif stdout_is_data and json_path != "-":
        click.echo(run_tables(results, table_format), nl=False)
    document = Document(schema=SCHEMA, versions=versions(), results=results)
    if json_file is not None:
        write_atomically(json_file, to_json(document))
    elif json_path == "-":
        click.echo(to_json(document), nl=False)
    sys.exit(_exit_code(results, strict))


def _exit_code(results: "Sequence[Result]", strict: bool) -> int:
    verdicts = {result.verdict for result in results}
    if "disagree" in verdicts or (strict and "drift" in verdicts):
        return DISAGREE
    return INCONCLUSIVE if "inconclusive" in verdicts else AGREE


def _say(result: "Result", *, to_stderr: bool) -> None:
    from rich.console import Console
    from rich.text import Text

    from reports.verdicts import details, headline

    console = Console(stderr=to_stderr, highlight=False, soft_wrap=True)
    line = Text(headline(result))
    if not console.no_color:  # which would leave it bold
        line.highlight_words([f": {result.verdict}"], f"bold {COLOURS[result.verdict]}")
    console.print(line)
    for detail in details(result):
        console.print(Text(f"  {detail}"))
    if result.verdict == "drift":
        click.echo(
            f"lockstep: warning: {result.scenario} drifts in {result.dtype}; --dtype float64 is sharper", err=True
        )


@contextmanager
def _progress(scenario: Scenario, dtype: str) -> Iterator[Callable[[int], None] | None]:
    """Show a bar of epochs on stderr while a scenario trains, if stderr is a terminal."""
    from rich.console import Console
    from rich.progress import Progress

    console = Console(stderr=True)
    if not console.is_terminal:
        yield None
        return
    with Progress(console=console, transient=True) as bar:
        task = bar.add_task(f"{scenario.name} {dtype}", total=scenario.epochs)
        shown = 0.0

        def progress(epoch: int) -> None:
            nonlocal shown
            if time.monotonic() - shown > 0.1:
                shown = time.monotonic()
                bar.update(task, completed=epoch)

        yield progress
