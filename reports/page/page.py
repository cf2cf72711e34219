"""A run as a page: one self-contained HTML file, which works offline."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from backends.contract import Program
from harness.explaining.every_element.elements import WrittenForm, WrittenSteps
from harness.results import Result
from harness.running.traced import Traced
from harness.sentences import normalisation
from reports.languages.language import Language
from reports.page.rendering import code_style, coloured, packed, rendered, scripts
from reports.page.run import playground
from reports.page.run.blocks import blocks_of, column_widths
from reports.page.run.culprits import Mark, OwnFunctions, as_data, failing_columns, marks, marks_by_row, own_of_row
from reports.page.run.further import PageFurther
from reports.page.run.map import COLUMN_KEYS, PageRow, page_rows
from reports.page.run.numbers import PageNumbers
from reports.page.run.tour import ERRATA, is_the_articles_network
from reports.page.run.verdict import checks, failed_checks, findings, losses_at, ulps_moved
from reports.text.runs.certificates import sharpness_rows
from reports.text.runs.rows import run_rows, shown

SCRIPTS = (
    "numbers", "expressions", "language", "elements", "charts", "matrices", "tensors", "written_out", "pictures",
    "tensors_drawn", "epochs", "code_map", "culprits", "numbers_shown", "curves_shown", *playground.SCRIPTS, "tour",
    "redrawing", "printing", "folds", "outline", "start",
)  # fmt: skip
"""The page's scripts, in the order in which they depend on each other."""
LINKED_ROWS = {"loop: step": "optimizer", "loop: backward": "op."}
"""Rows of the loop, and the beginning of the titles of the rows that each is about."""


@dataclass(frozen=True)
class Numbers:
    """Every tensor of a run that is made for the page, since a result keeps only summaries."""

    trace: Traced
    kept: PageNumbers
    written: WrittenSteps
    further: PageFurther
    shown: Mapping[int, int]
    """By epoch: the update that is kept, counted over the whole run, from 1."""

    @property
    def first_step(self) -> int:
        """The first update of an epoch at which the optimizer steps; it is kept unless the verdict names another."""
        return self.trace.program.epoch.first_step_in(1)

    @property
    def pointed_at(self) -> Mapping[int, int]:
        """By epoch: the update that is kept, counted in the epoch, where it is another one."""
        epoch = self.trace.program.epoch
        return {
            each: number - epoch.first_update(each) + 1
            for each, number in self.shown.items()
            if number != epoch.first_step_in(each)
        }


@dataclass(frozen=True, kw_only=True)
class PageContent:
    """Everything that a page is rendered from."""

    result: Result
    versions: Mapping[str, str]
    description: str
    program: Program | None
    numbers: Numbers | None
    missing: tuple[str, dict[str, str]] | None = None
    """Why there are no numbers: the key of a text, and what is put into it."""
    command: str = ""
    own: Mapping[str, OwnFunctions] = field(default_factory=dict)
    """By backend of a user's: the functions of its own."""


def render_page(content: PageContent, language: Language, *, index: str | None = None) -> str:
    """The page as HTML; `index` is the address of the page that lists all pages."""
    result, program, numbers = content.result, content.program, content.numbers
    rows = page_rows(program) if program else []
    shown_marks = marks(result, program, rows) if program else []
    opened = playground.opened_settings(result, program) if program else None
    return rendered(
        "page.html",
        language,
        styles=("page", "playground/playground"),
        title=f"{result.scenario} · {result.dtype}",
        content=content,
        result=result,
        index=index,
        settings=", ".join(f"{name} {value:g}" for name, value in result.settings.items()),
        checks=checks(result),
        normalised=[normalisation(used) for used in result.normalised],
        findings=findings(result),
        failed_checks=failed_checks(result),
        marks=shown_marks,
        marked=marks_by_row(shown_marks),
        own_of_row=own_of_row,
        own=failing_columns(shown_marks, content.own),
        table=[shown(row) for row in run_rows(result)],
        sharpness=sharpness_rows(result),
        blocks=blocks_of(program, rows) if program else [],
        column_keys=COLUMN_KEYS,
        columns=column_widths(rows),
        also={row.title: "|".join(_linked(row, rows)) for row in rows},
        start=(*program.data, *program.buffers, *program.weights) if program else (),
        losses_at=losses_at(result),
        kept=_kept(numbers, result),
        moved=ulps_moved(result, numbers.trace.losses) if numbers else None,
        errata=ERRATA if program and is_the_articles_network(program) else (),
        coloured=coloured,
        code_style=code_style(),
        playground=opened is not None,
        arithmetic=scripts(playground.ARITHMETIC),
        scripts=scripts(SCRIPTS),
        data=packed(_data(content, shown_marks) | {"playground": opened}),
    )


def _data(content: PageContent, shown_marks: Sequence[Mark]) -> dict[str, Any]:
    """The data of the page's scripts."""
    result, numbers = content.result, content.numbers
    data: dict[str, Any] = {
        "scenario": result.scenario,
        "dtype": result.dtype,
        "backends": result.backends,
        "reference": result.reference,
        "losses": result.losses,
    }
    if numbers is None:
        return data
    return data | {
        "shown": numbers.shown,
        "steps": {epoch: numbers.trace.program.epoch.step(number) for epoch, number in numbers.shown.items()},
        "culprits": as_data(shown_marks, {name: each["shape"] for name, each in numbers.kept.tensors.items()}),
        "deviations": {
            tensor: {
                "allowed": _few_digits(deviation.allowed),
                "by_backend": {name: _few_digits(values) for name, values in deviation.by_backend.items()},
            }
            for tensor, deviation in numbers.trace.deviations.items()
        },
        "epochs": numbers.kept.epochs,
        "tensors": numbers.kept.tensors,
        "numbers": numbers.kept.numbers,
        "further": numbers.further.as_data(),
        "written": {
            "steps": numbers.written.templates.steps,
            "forms": [_form(form) for form in numbers.written.forms],
            "formOf": {epoch: numbers.written.form_at[number] for epoch, number in numbers.shown.items()},
        },
    }


def _form(form: WrittenForm) -> dict[str, Any]:
    """What is written of updates of one form."""
    return {
        "groups": form.groups,
        "depends": form.depends,
        "sources": form.sources,
        "settings": form.settings,
        "leaves": form.further.leaves,
        "zeros": form.further.zeros,
    }


def _few_digits(values: Sequence[float | None]) -> list[float | int | None]:
    rounded = [None if value is None else float(f"{value:.3g}") for value in values]
    return [int(value) if value is not None and value == int(value) and value < 1e6 else value for value in rounded]


def _linked(row: PageRow, rows: Sequence[PageRow]) -> list[str]:
    beginning = LINKED_ROWS.get(row.title)
    if beginning is not None:
        return [other.title for other in rows if other.title.startswith(beginning)]
    return [title for title, start in LINKED_ROWS.items() if row.title.startswith(start) and start == "optimizer"]


def _kept(numbers: Numbers | None, result: Result) -> dict[str, Any] | None:
    """Which epochs the page keeps, as `1–10, 12, 14, …, 300`."""
    if numbers is None:
        return None
    epochs = numbers.kept.epochs
    ranges: list[list[int]] = []
    for epoch in epochs:
        if ranges and epoch == ranges[-1][-1] + 1:
            ranges[-1].append(epoch)
        else:
            ranges.append([epoch])
    texts = [f"{r[0]}–{r[-1]}" if len(r) > 1 else str(r[0]) for r in ranges]
    which = ", ".join(texts if len(texts) <= 5 else [*texts[:3], "…", *texts[-1:]])
    return {"n": result.epochs, "kept": len(epochs), "which": which}
