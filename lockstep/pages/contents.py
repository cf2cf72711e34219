"""What pages are rendered from: saved runs and comparisons, scenarios that are run, comparisons that are made."""

import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from rich.console import Console

from backends.contract import Array, Program
from backends.vocabulary import BUILT_IN
from harness.certifying.certifier import formulas_of
from harness.comparing.comparison import Comparison
from harness.comparing.document.outcome import SCHEMA as COMPARISON_SCHEMA
from harness.comparing.document.reading import comparison_document
from harness.documents import read_json, schema_of
from harness.errors import InputError
from harness.explaining.every_element.elements import Writer
from harness.guarding.printing import off_stdout
from harness.reading import run_document
from harness.recording.arrays import draw_arrays
from harness.recording.catalogue import built_in_scenarios, find_scenarios
from harness.recording.loading import LoadedBackend, hand_written_ops, load_backends
from harness.recording.objects import find_scenarios_and_objects
from harness.recording.recorder import record_program
from harness.recording.users_files import is_file
from harness.recording.versions import versions
from harness.results import SCHEMA, Document, Result
from harness.run import run_scenario
from harness.running.experiment import prepare
from harness.running.traced import first_update, tensors_of, trace_epochs
from harness.sweeping.addresses import row_at, run_at
from harness.sweeping.query import numbers_of
from harness.sweeping.store import is_store, read_run
from lockstep.options.output import spinner
from reports.page.comparison import ComparisonContent
from reports.page.index import Content
from reports.page.page import Numbers, PageContent
from reports.page.run.culprits import OwnFunctions, page_name, pointed_at
from reports.page.run.further import PageFurther, epochs_with_room
from reports.page.run.numbers import PageNumbers, kept_epochs
from reports.source.own_lines import own_functions_of
from scenarios import Loaded, Scenario, ScenarioError

MOST_OF_A_STORE = 100
"""The most runs of a store that one report draws."""
MOST_CHARACTERS = 500_000
"""The most arithmetic, about, that a page writes out."""


def contents_of(name: str, backends: Sequence[str], where: str = "") -> Iterator[Content]:
    """What the pages of one argument are rendered from; of a store, the runs that meet a condition in SQL."""
    if name.endswith(".json"):
        yield from _of_document(Path(name), backends)
    elif row_at(Path(name)) is not None:
        yield from _of_run(run_at(Path(name)), backends)
    elif is_store(Path(name)):
        yield from _of_store(Path(name), where, backends)
    elif is_file(name):
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


def _of_store(path: Path, where: str, backends: Sequence[str]) -> Iterator[Content]:
    """The pages of the runs of a store. Raises InputError if they are too many."""
    numbers = numbers_of(path, where)
    if len(numbers) > MOST_OF_A_STORE:
        raise InputError(
            f"{path} has {len(numbers):,} such runs, and a report draws up to {MOST_OF_A_STORE}; name some, as "
            f"{path}:{numbers[0]}, or say which, as --where \"verdict = 'disagree'\""
        )
    if not numbers:
        raise InputError(f"{path} has no such run")
    for number in numbers:
        yield from _of_run(read_run(path, number), backends)


def _of_scenarios(scenarios: Sequence[Scenario], specifications: Sequence[str]) -> Iterator[PageContent]:
    loaded = load_backends(specifications) if scenarios else []
    for scenario in scenarios:
        with _telling(f"running {scenario.name}", scenario.epochs) as progress:
            result = run_scenario(scenario, loaded, progress=progress)
        yield page_content(scenario, result, loaded)


def page_content(scenario: Scenario, result: Result, backends: Sequence[LoadedBackend]) -> PageContent:
    """What the page of a run that was just made is rendered from."""
    numbers = _numbers(scenario, result, backends)
    program = numbers.trace.program
    return PageContent(
        result=result,
        versions=versions(),
        description=scenario.description,
        program=program,
        numbers=numbers,
        own=_own(backends, program),
    )


def _of_run(document: Document, specifications: Sequence[str]) -> Iterator[PageContent]:
    by_name = {text.partition("=")[0]: text for text in specifications}
    for result in document.results:
        scenario, missing = _scenario_of(result)
        missing = missing or _unknown_backend(result, by_name)
        program, numbers, own = None, None, {}
        if scenario is not None and missing is None:
            loaded = load_backends([by_name.get(name, name) for name in result.backends], result.reference)
            numbers = _numbers(scenario, result, loaded)
            own = _own(loaded, numbers.trace.program)
        if scenario is not None:
            program = numbers.trace.program if numbers else _program(scenario)
        yield PageContent(
            result=result,
            versions=document.versions,
            description=scenario.description if scenario else "",
            program=program,
            numbers=numbers,
            missing=missing,
            own=own,
        )


def _own(backends: Sequence[LoadedBackend], program: Program) -> dict[str, OwnFunctions]:
    """The functions that users' backends have of their own."""
    return {backend.name: own_functions_of(backend.module, program) for backend in backends}


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
    experiment = prepare(scenario, backends, result.dtype, as_is=result.as_is)
    program = experiment.program
    culprits = pointed_at(result)
    first = first_update(experiment, threads=result.threads)
    ranked = list(reversed(culprits))  # of one tensor, and of one epoch, the first culprit counts
    numbers = PageNumbers(
        program,
        tensors_of((*program.nodes(), program.loss_gradient), first),
        {page_name(each.tensor, program): each.index for each in ranked},
        {name: draw.picture for name, draw in scenario.draws.items() if isinstance(draw, Loaded) and draw.picture},
    )
    epochs = kept_epochs(result.epochs, program, len(backends), [each.epoch for each in culprits])
    wrong = {each.epoch: each.update for each in ranked}
    shown = {epoch: wrong.get(epoch, program.epoch.first_step_in(epoch)) for epoch in epochs}
    formulas = formulas_of(program, experiment.find_op)
    writer = Writer(program, formulas, result.dtype, places=numbers.places, is_shown=numbers.is_kept)
    written = writer.written(first, shown.values(), most_characters=MOST_CHARACTERS)
    further = PageFurther(
        {epoch: written.forms[written.form_at[number]].further for epoch, number in shown.items()},
        result.dtype,
        epochs_with_room(epochs, written.most_further_numbers, len(backends), [each.epoch for each in culprits]),
    )

    def keep(backend: str, epoch: int, tensors: Mapping[str, Array]) -> None:
        numbers.keep(backend, epoch, tensors)
        further.keep(backend, epoch, tensors)

    with _telling(f"tracing {scenario.name}", scenario.epochs) as progress:
        traced = trace_epochs(experiment, shown, keep, threads=result.threads, progress=progress)
    return Numbers(traced, numbers, written, further, shown)


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
