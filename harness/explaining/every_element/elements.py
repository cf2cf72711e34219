"""Writes out the arithmetic of every element that a page shows, with names in place of numbers, for every epoch."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from backends.contract import Node, Program
from backends.vocabulary import KEEP
from harness.certifying.expectations import Evaluation
from harness.certifying.uses import Expectation, Formulas
from harness.explaining.every_element.further import FurtherNumbers, IsShown
from harness.explaining.every_element.shortened import Leaves, ShortStep, ShortWriting
from harness.explaining.every_element.templates import Group, Templates
from harness.explaining.uses import NamedUse, named_use, written
from harness.numerics.rounding import arithmetic
from harness.numerics.written.lines import local_names, source_lines, with_index
from harness.numerics.written.nodes import Index
from harness.results import Phase
from harness.running.forms import Form, form_of
from harness.running.traced import NEW, tensors_of
from harness.running.updates import Update

Places = Callable[[str, tuple[int, ...]], Iterable[Index]]
"""The elements of a tensor, of this shape, that are to be written out."""


@dataclass
class WrittenForm:
    """What is written of all updates of one form."""

    groups: dict[str, list[Group]] = field(default_factory=dict)
    """By tensor: the elements that share their steps."""
    further: FurtherNumbers = field(default_factory=FurtherNumbers)
    sources: dict[str, list[str]] = field(default_factory=dict)
    """By tensor: the hand-written lines that compute it."""
    settings: dict[str, dict[str, float]] = field(default_factory=dict)
    """By tensor: the settings that are numbers, such as lr."""
    depends: dict[str, list[str]] = field(default_factory=dict)
    """By tensor: the labels or other whole numbers that its formulas depend on."""


@dataclass
class WrittenSteps:
    """The steps of every element that a page shows."""

    templates: Templates = field(default_factory=Templates)
    forms: list[WrittenForm] = field(default_factory=list)
    form_at: dict[int, int] = field(default_factory=dict)
    """By update: which of the forms it has."""

    @property
    def most_further_numbers(self) -> int:
        """How many numbers a page needs beside the tensors, of one update of one backend."""
        return max(form.further.count for form in self.forms)


class Writer:
    """Writes out the elements of tensors in the formulas of a program.

    `places` says which elements of a tensor, and `is_shown` which numbers need not be given beside.
    """

    def __init__(self, program: Program, formulas: Formulas, dtype: str, *, places: Places, is_shown: IsShown) -> None:
        self._program = program
        self._formulas = formulas
        self._dtype = dtype
        self._places = places
        self._is_shown = is_shown

    def written(self, first: Update, numbers: Iterable[int], *, most_characters: int) -> WrittenSteps:
        """Write out elements of every tensor for updates of these numbers, up to `most_characters` or so for each form.

        `first` is a recorded update, with a batch of as many rows as theirs.
        """
        steps, forms = WrittenSteps(), dict[Form, int]()
        for number in numbers:
            form = form_of(self._program, number)
            if form not in forms:
                forms[form] = len(forms)
                update = _as_update(first, self._program, number)
                steps.forms.append(self._form(steps.templates, update, form, steps.templates.size + most_characters))
            steps.form_at[number] = forms[form]
        return steps

    def _form(self, templates: Templates, update: Update, form: Form, most_characters: int) -> WrittenForm:
        program, collected, leaves = self._program, WrittenForm(), Leaves()
        # Every run begins its way back with the share of a batch in its step.
        start = str(program.loss_gradient)
        with np.errstate(all="ignore"):
            for expectation in Evaluation(program, arithmetic(self._dtype)).expectations(update, self._formulas):
                if templates.size > most_characters:
                    break
                node = expectation.node
                if node.op == KEEP:
                    self._write_plainly(templates, collected, node, update, str(node))
                elif node.kind == "gradient" and node.of in form.not_yet_trained:
                    self._write_plainly(templates, collected, node, update, "0")
                elif expectation.makers and str(node) != start:
                    # Of an op that can't be written out, reports show only its inputs.
                    with suppress(Exception):
                        self._write(templates, collected, leaves, expectation, update.number)
        collected.groups[start] = templates.add((), {(): [{"what": start, "is": _share(form)}]})
        recorded = tensors_of((*program.nodes(), program.loss_gradient), update)
        collected.further.shapes |= {name: array.shape for name, array in recorded.items()}
        collected.further.read(leaves, recorded.keys(), self._is_shown)
        return collected

    def _write_plainly(
        self, templates: Templates, collected: WrittenForm, node: Node, update: Update, is_equal_to: str
    ) -> None:
        """Write what nothing computes at an update: a tensor that stays as it was, or the gradient 0."""
        title, shape = _title(node), update.made(node).shape
        elements = {}
        for index in self._places(title, shape):
            value = with_index(is_equal_to, index) if node.op == KEEP else is_equal_to
            elements[index] = [{"what": with_index(title, index), "is": value}]
        collected.groups[title] = templates.add(shape, elements)

    def _write(
        self,
        templates: Templates,
        collected: WrittenForm,
        leaves: Leaves,
        expectation: Expectation,
        number: int,
    ) -> None:
        """Write the elements of one tensor."""
        node, program = expectation.node, self._program
        # What a buffer carries is what an op gave.
        phase: Phase = "forward" if node.kind == "buffer" else node.phase
        position = program.position_of(node)
        names = _names_of_settings(program, node, number)
        named_uses = [
            _counting(named_use(node, use, self._formulas[use.op], position), names) for use in expectation.uses
        ]
        result = written(phase, named_uses, self._dtype)
        title = _title(node)
        names_of_nodes = local_names(result.node)
        elements = {}
        for index in self._places(title, result.shape):
            what = with_index(title, index)
            writing = ShortWriting(
                result.element(index), result.node, what, self._dtype, names=names_of_nodes, read=leaves
            )
            elements[index] = [_as_step(step, collected.further) for step in writing.short]
        collected.groups[title] = templates.add(result.shape, elements)
        collected.sources[title] = source_lines(result.node)
        collected.settings[title] = {
            name: value
            for use in named_uses
            for name, value in use.settings.items()
            if isinstance(value, float) and name not in names and name != "t"
        }
        whole = {name: array for use in named_uses for name, array in use.arrays.items() if array.dtype.kind != "f"}
        if whole:
            collected.further.integers |= {name: np.array(array) for name, array in whole.items()}
            collected.depends[title] = list(whole)


def _as_update(first: Update, program: Program, number: int) -> Update:
    """The first update as if it were another one, whose form it then has.

    Formulas have only the names of its arrays, so that they hold for every update of that form.
    """
    before = {} if program.epoch.begins_step(number) else first.step.grads
    return replace(first, number=number, accumulated=before)


def _share(form: Form) -> str:
    """What the backward starts from: 1, or the share of the batch in its step."""
    return f"{form.batches[form.batch]} / {sum(form.batches)}" if len(form.batches) > 1 else "1"


def _title(node: Node) -> str:
    return f"{NEW}{node}" if node.is_kept else str(node)


def _as_step(step: ShortStep, further: FurtherNumbers) -> dict[str, Any]:
    """A step as a page has it."""
    at = {} if step.number is None else {"at": str(further.place_of(step.number))}
    match step.kind:
        case "given":
            return {"what": step.what, **at}
        case "is":
            return {"what": step.what, "is": step.formulas[0]}
        case kind:
            return {"what": step.what, kind: list(step.formulas), **({"of": step.count, **at} if at else {})}


def _names_of_settings(program: Program, node: Node, number: int) -> dict[str, str]:
    """What settings of a rule are called at an update where they are not called by their own names.

    This is what a schedule changes, `lr_b1`, and the number of the step, `(t - 3)`, of a weight that waited for three.
    """
    names = {}
    if program.schedule is not None and node.kind in (("decayed",) if program.schedules_decay else ("state", "weight")):
        names[program.schedule.of] = program.scheduled_of(node.of)
    if node.kind in ("state", "weight"):
        waited = program.epoch.step(number) - program.steps(number)[node.of]
        names |= {"t": f"(t - {waited})"} if waited else {}
    return names


def _counting(use: NamedUse, setting_names: Mapping[str, str]) -> NamedUse:
    """The use with names for its settings, and the number of its step, `t`, as a float, so that it is one of them."""
    counted = {"t": float(use.settings["t"])} if "t" in use.settings else {}
    return replace(use, settings={**use.settings, **counted}, setting_names=setting_names)
