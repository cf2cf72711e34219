"""`lockstep report`: a page per run or comparison, and one that lists them, of saved ones or of those that it makes."""

import re
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import click
from rich.console import Console

from backends.vocabulary import BUILT_IN
from harness.comparing.document import comparison_document
from harness.comparing.outcome import SCHEMA as COMPARISON_SCHEMA
from harness.documents import read_json, schema_of
from harness.errors import InputError
from harness.files import check_writable, write_file
from harness.guarding.printing import off_stdout
from harness.reading import run_document
from harness.recording.arrays import draw_arrays
from harness.recording.loading import (
    LoadedBackend,
    built_in_scenarios,
    find_scenarios,
    hand_written_ops,
    is_file,
    load_backends,
)
from harness.recording.objects import find_scenarios_and_objects
from harness.recording.recorder import record_program
from harness.recording.versions import versions
from harness.results import SCHEMA, Document, Result
from lockstep.commands.output import TIMEOUT_OPTION, limit_time, spinner
from reports.page.comparison import ComparisonContent, render_comparison
from reports.page.index import Content, render_index
from reports.page.numbers import MOST_ELEMENTS, PageNumbers, kept_epochs
from reports.page.page import Numbers, PageContent, render_page
from scenarios import Scenario, ScenarioError

LANGUAGES = ("en", "ja")
MOST_CHARACTERS = 200_000
"""The most arithmetic, about, that a page writes out."""
LONGEST_STEM = 50
"""Characters of a page's file name, without dtype and number; a file system takes 255 bytes."""


@click.command("report")
@click.argument("names", metavar="SAVED.json|SCENARIO|FILE.py...", nargs=-1, required=True)
@click.option(
    "-o",
    "--output",
    required=True,
    metavar="DIR|FILE.html",
    type=click.Path(path_type=Path),
    help="The folder for the pages, which is created, or a file for a single page.",
)
@click.option(
    "--lang",
    "language",
    type=click.Choice(LANGUAGES),
    default="en",
    show_default=True,
    help="The language in which pages open; every page can switch.",
)
@click.option(
    "--backend",
    "backends",
    multiple=True,
    metavar="NAME[=FILE|=MODULE]",
    help="As in lockstep run; for a saved run, where to find a backend of your own.",
)
@TIMEOUT_OPTION
def command(
    names: tuple[str, ...], output: Path, language: Any, backends: tuple[str, ...], timeout: float | None
) -> None:
    """Draw runs as pages: verdict, curves, certificates, the code map with every number in it, and a playground.

    Each page is one self-contained file that works offline. A SCENARIO is run first, as by `lockstep run`. For what
    `lockstep run --json` saved, the page's matrices are recomputed.

    Comparisons of live models have pages, too: both programs side by side, weights and settings, and the losses of
    both. They are made as by `lockstep compare`, or drawn from what `lockstep compare --json` saved.

    Exit code: 0 pages are written, whatever the verdicts; 2 wrong usage or input; 3 a backend can't be imported; 5 a
    backend or a scenario crashed.
    """
    limit_time(timeout)
    one_file = output.suffix in (".html", ".htm")
    if one_file:
        check_writable(output)
    else:
        _make_folder(output)
    contents: list[Content] = []
    try:
        for name in names:
            for content in _contents(name, backends):
                if one_file and contents:
                    raise InputError(f"{output} is one file, and there is more than one page to draw; name a folder")
                contents.append(replace(content, command=f"lockstep report {' '.join(names)}"))
    except BaseException:  # pages of what is finished are kept if a later run fails or the user presses Ctrl-C
        if contents and not one_file:
            _write_pages(contents, output, language)
            click.echo(f"lockstep: stopped early; pages are those of {_listed(contents)}", err=True)
        raise
    if one_file:
        write_file(output, _rendered(contents[0], language))
        click.echo(output)
    else:
        _write_pages(contents, output, language)


def _write_pages(contents: Sequence[Content], folder: Path, language: Any) -> None:
    """Write a page for each and one that lists them, and print their paths."""
    pages = list(zip(_file_names(contents), contents, strict=True))
    for name, content in pages:
        write_file(folder / name, _rendered(content, language, index="index.html"))
        click.echo(folder / name)
    write_file(folder / "index.html", render_index(pages, language))
    click.echo(folder / "index.html")


def _listed(contents: Sequence[Content]) -> str:
    return ", ".join(_title(content) for content in contents)


def _rendered(content: Content, language: Any, index: str | None = None) -> str:
    if isinstance(content, ComparisonContent):
        return render_comparison(content, language, index=index)
    return render_page(content, language, index=index)


def _make_folder(path: Path) -> None:
    try:
        path.mkdir(parents=True, exist_ok=True)
    except FileExistsError as error:
        raise InputError(f"{path} is a file; -o takes a folder, or for one scenario FILE.html") from error
    except OSError as error:
        raise InputError(f"can't make the folder {path}: {error.strerror}") from error
    check_writable(path / "index.html")


def _file_names(contents: Sequence[Content]) -> list[str]:
    """A file for each page: the name of what it draws, with the dtype where a name comes twice, then with a number."""
    taken: list[str] = []
    stems = [_stem(content) for content in contents]
    for content, stem in zip(contents, stems, strict=True):
        if isinstance(content, PageContent) and stems.count(stem) > 1:
            stem = f"{stem}_{content.result.dtype}"
        name, number = f"{stem}.html", 2
        while name in taken or name == "index.html":
            name, number = f"{stem}_{number}.html", number + 1
        taken.append(name)
    return taken


def _stem(content: Content) -> str:
    """What a file can be called for the name of a run or comparison: letters, digits, _ and -, and not too many."""
    stem = re.sub(r"[^\w-]+", "_", _title(content)).strip("_")[:LONGEST_STEM]
    return stem or ("run" if isinstance(content, PageContent) else "comparison")


def _title(content: Content) -> str:
    return content.result.scenario if isinstance(content, PageContent) else content.outcome.name


def _contents(name: str, backends: Sequence[str]) -> Iterator[Content]:
    """What the pages of one argument are rendered from."""
    if name.endswith(".json"):
        yield from _of_document(Path(name), backends)
    elif is_file(name):
        from harness.comparing.comparison import Comparison  # here, as what compares takes a third of the start

        found = find_scenarios_and_objects(name, Comparison, "comparison")
        yield from _of_scenarios([each for each in found.values() if isinstance(each, Scenario)], backends)
        for key, each in found.items():
            if isinstance(each, Comparison):
                with spinner("comparing") as progress:
                    outcome = each.named(key).run(lambda what, key=key: progress(f"{key}: {what}"))  # type: ignore[misc]
                yield ComparisonContent(outcome, versions(), "")
    else:
        yield from _of_scenarios(find_scenarios([name]), backends)


def _of_document(path: Path, backends: Sequence[str]) -> Iterator[Content]:
    """The pages of a file that holds runs or comparisons. Raises InputError for anything else."""
    decoded = read_json(path)
    schema = schema_of(decoded)
    if schema == COMPARISON_SCHEMA:
        document = comparison_document(decoded, path)
        yield from (ComparisonContent(outcome, document.versions, "") for outcome in document.outcomes)
    elif schema == SCHEMA:
        yield from _of_run(run_document(decoded, path), backends)
    else:
        known = f"{SCHEMA!r} or {COMPARISON_SCHEMA!r}"
        raise InputError(f"{path} is no run and no comparison of lockstep: its schema is {schema!r}, not {known}")


def _of_scenarios(scenarios: Sequence[Scenario], specifications: Sequence[str]) -> Iterator[PageContent]:
    from harness.run import run_scenario  # here, so that --help need not wait for it

    loaded = load_backends(specifications) if scenarios else []
    for scenario in scenarios:
        with _telling(f"running {scenario.name}", scenario.epochs) as progress:
            result = run_scenario(scenario, loaded, progress=progress)
        yield page_content(scenario, result, loaded)


def page_content(scenario: Scenario, result: Result, backends: Sequence[LoadedBackend]) -> PageContent:
    """What the page of a run that was just made is rendered from."""
    numbers = _numbers(scenario, result, backends)
    return PageContent(result, versions(), scenario.description, numbers.trace.program, numbers, None, "")


def _of_run(document: Document, specifications: Sequence[str]) -> Iterator[PageContent]:
    by_name = {text.partition("=")[0]: text for text in specifications}
    for result in document.results:
        scenario, missing = _scenario_of(result)
        missing = missing or _unknown_backend(result, by_name)
        program, numbers = None, None
        if scenario is not None and missing is None:
            loaded = load_backends([by_name.get(name, name) for name in result.backends], result.reference)
            numbers = _numbers(scenario, result, loaded)
        if scenario is not None:
            program = numbers.trace.program if numbers else _program(scenario)
        description = scenario.description if scenario else ""
        yield PageContent(result, document.versions, description, program, numbers, missing, "")


Missing = tuple[str, dict[str, str]] | None
"""Why a page has no matrices: the key of a text, and the values that fill it in."""


def _scenario_of(result: Result) -> tuple[Scenario | None, Missing]:
    """The built-in scenario of a result, with the settings of that run; or why there is none."""
    built_in = built_in_scenarios()
    if result.scenario not in built_in:
        return None, ("missing.scenario", {"name": result.scenario})
    settings = built_in[result.scenario].settings
    changed = {name: value for name, value in result.settings.items() if settings.get(name) != value}
    try:
        scenario = built_in[result.scenario].vary(
            seed=result.seed, epochs=result.epochs, batch_size=result.batch_size, settings=changed
        )
    except ScenarioError:
        return None, ("missing.changed", {"name": result.scenario})
    if scenario.settings != result.settings or scenario.optimizer.name != result.optimizer:
        return None, ("missing.changed", {"name": result.scenario})
    return scenario, None


def _unknown_backend(result: Result, specifications: Mapping[str, str]) -> Missing:
    unknown = [name for name in result.backends if name not in BUILT_IN and name not in specifications]
    return ("missing.backend", {"name": unknown[0]}) if unknown else None


def _program(scenario: Scenario) -> Any:
    return record_program(scenario, draw_arrays(scenario, scenario.dtype), hand_written_ops(()))


@off_stdout()
def _numbers(scenario: Scenario, result: Result, backends: Sequence[LoadedBackend]) -> Numbers:
    """Every tensor of the epochs that a page keeps, from a run like the result's."""
    from harness.explaining.elements import written_steps
    from harness.running.experiment import prepare
    from harness.running.traced import trace_epochs

    experiment = prepare(scenario, backends, result.dtype, as_is=result.as_is)
    program = experiment.program
    numbers = PageNumbers(program)
    epochs = kept_epochs(result.epochs, program, len(backends))
    with _telling(f"tracing {scenario.name}", scenario.epochs) as progress:
        traced = trace_epochs(experiment, epochs, numbers.keep, threads=result.threads, progress=progress)
    ops = [*(call.op for call in program.calls), *(rule.op for rule in program.rules)]
    formulas = {op: experiment.find_op(op) for op in ops}
    steps = written_steps(
        program,
        traced.first,
        formulas,
        result.dtype,
        most_elements=MOST_ELEMENTS,
        most_characters=MOST_CHARACTERS,
    )
    return Numbers(traced, numbers, steps)


@contextmanager
def _telling(what: str, epochs: int) -> Iterator[Callable[[int], None]]:
    """Show a task on stderr, and on a terminal also its progress."""
    console = Console(stderr=True)
    if not console.is_terminal:
        print(f"lockstep: {what}", file=sys.stderr)
        yield lambda epoch: None
        return
    with console.status(what) as status:
        yield lambda epoch: status.update(f"{what}, epoch {epoch} of {epochs}")
