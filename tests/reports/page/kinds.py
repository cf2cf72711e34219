"""Every kind of page once, in one folder, as the commands write them, of few epochs each."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from harness.files import write_file
from harness.recording.catalogue import built_in_scenarios
from harness.recording.loading import load_backends
from harness.run import run_scenario
from harness.studies.lab.grading import grade
from harness.studies.lab.submission import load_submission
from harness.studies.ladder import climb, ladders
from lockstep.pages.contents import page_content
from lockstep.pages.ladder import ladder_content
from lockstep.pages.writing import rendered, write_pages
from reports.languages.language import Language
from reports.page.comparison import ComparisonContent
from reports.page.index import Content
from reports.page.lab import LabContent, render_lab
from reports.page.ladder import LadderContent, render_ladder
from reports.page.page import PageContent
from scenarios import Scenario
from tests.reports.page.comparisons import agreeing, detached, parting
from tests.sources import NO_MASK, STUDENTS_FILE

EPOCHS = 12
"""Of the runs: more than a page keeps each of."""
SIGMOID = """

def sigmoid(x):
    y = 1 / (1 + np.exp(-x))
    return y, lambda grad_y: (grad_y * y,)
"""
KINDS = ("index", "two_layer_tiny", "wrong", "trained_by_adam", "agreeing", "parting", "detached", "ladder", "lab")
"""The pages, by the names of their files."""
PLAYED = ("two_layer_tiny", "wrong")
"""Those of them with a playground."""
MAPPED = ("two_layer_tiny", "wrong", "trained_by_adam")
"""Those of them with the code map of a run."""


def content_of(scenario: Scenario, epochs: int, backends: Sequence[str] = (), certify: int | None = 1) -> PageContent:
    """What the page of a run of so many epochs is rendered from."""
    loaded, short = load_backends(backends), scenario.vary(epochs=epochs)
    return page_content(short, run_scenario(short, loaded, certify=certify), loaded)


def ladder_of(epochs: int) -> LadderContent:
    """What the ladder's page is rendered from, climbed with so many epochs."""
    scenario = built_in_scenarios()["two_layer_tiny"].vary(epochs=epochs)
    rungs = dict.fromkeys(rung for ladder in ladders().values() for rung in ladder)
    climbed = climb(list(rungs), "float32", scenario=scenario)
    return ladder_content(ladders(), climbed, "float32", "lockstep ladder --html", scenario)


def write_every_kind(folder: Path, language: Language) -> None:
    """Write the pages of `KINDS`: of runs, one of them wrong, of comparisons, the ladder and the lab's."""
    tiny, adam = (built_in_scenarios()[name] for name in ("two_layer_tiny", "trained_by_adam"))
    broken, students = folder / "broken.py", folder / "mine.py"
    broken.write_text(NO_MASK, encoding="utf-8")
    students.write_text(STUDENTS_FILE + SIGMOID, encoding="utf-8")
    contents: list[Content] = [
        *(content_of(scenario, EPOCHS) for scenario in (tiny, adam)),
        *(
            ComparisonContent(outcome, {}, "lockstep report port.json")
            for outcome in (agreeing(), parting(), detached())
        ),
    ]
    write_pages(contents, folder, language)
    wrong = replace(content_of(tiny, EPOCHS, [f"broken={broken}"]), command="lockstep report")
    write_file(folder / "wrong.html", rendered(wrong, language))
    write_file(folder / "ladder.html", render_ladder(ladder_of(EPOCHS), language))
    graded = grade(load_submission(students), ("relu", "matmul", "sigmoid"), hints=3)
    write_file(folder / "lab.html", render_lab(LabContent(graded, "lockstep lab check mine.py"), language))
