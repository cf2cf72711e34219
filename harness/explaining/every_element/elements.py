"""Writes out the arithmetic of every element that a page shows, with names in place of numbers, for every epoch."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from backends.contract import Node, Program
from harness.certifying.expectations import Evaluation
from harness.certifying.uses import Expectation, Formulas
from harness.explaining.every_element.further import FurtherNumbers, IsShown
from harness.explaining.every_element.shortened import Leaves, ShortStep, ShortWriting
from harness.explaining.every_element.templates import Templates
from harness.explaining.uses import NamedUse, named_use, written
from harness.numerics.rounding import arithmetic
from harness.numerics.written_lines import local_names, source_lines, with_index
from harness.numerics.written_nodes import Index
from harness.results import Phase
from harness.running.traced import NEW, tensors_of
from harness.running.updates import Update

Places = Callable[[str, tuple[int, ...]], Iterable[Index]]
"""The elements of a tensor, of this shape, that are to be written out."""


@dataclass
class WrittenSteps:
    """The steps of every element that a page shows."""

    templates: Templates = field(default_factory=Templates)
    further: FurtherNumbers = field(default_factory=FurtherNumbers)
    sources: dict[str, list[str]] = field(default_factory=dict)
    """By tensor: the hand-written lines that compute it."""
    settings: dict[str, dict[str, float]] = field(default_factory=dict)
    """By tensor: the settings that are numbers, such as lr."""
    depends: dict[str, list[str]] = field(default_factory=dict)
    """By tensor: the labels or other whole numbers that its formulas depend on."""


def written_steps(
    program: Program,
    first: Update,
    formulas: Formulas,
    dtype: str,
    *,
    places: Places,
    is_shown: IsShown,
    most_characters: int,
) -> WrittenSteps:
    """Write out elements of every tensor of the first update, up to `most_characters` in all.

    `places` says which elements of a tensor, and `is_shown` which numbers need not be given beside.
    """
    collected, leaves = WrittenSteps(), Leaves()
    with np.errstate(all="ignore"):
        for expectation in Evaluation(program, arithmetic(dtype)).expectations(first, formulas):
            if collected.templates.size > most_characters:
                continue
            if expectation.node.of in program.trained_later and expectation.node.kind != "value":
                continue  # one formula has to hold at every epoch, and a frozen weight has another than a trained one
            if str(expectation.node) in program.kept:
                _write_kept(collected, str(expectation.node), first.made(expectation.node).shape, places)
                continue
            try:
                _write(collected, leaves, expectation, program, formulas, dtype, places)
            except Exception:  # an op that can't be written out: reports show only its inputs
                continue
    # Every run begins its way back with 1, or with the share of a batch in its step.
    start, batches = str(program.loss_gradient), program.epoch.batches(first.number)
    share = f"{batches[-1]} / {sum(batches)}" if program.epoch.accumulates else "1"
    collected.templates.add(start, (), {(): [{"what": start, "is": share}]})
    recorded = tensors_of((*program.nodes(), program.loss_gradient), first)
    collected.further.shapes |= {name: array.shape for name, array in recorded.items()}
    collected.further.read(leaves, recorded.keys(), is_shown)
    return collected


def _write_kept(collected: WrittenSteps, name: str, shape: tuple[int, ...], places: Places) -> None:
    """Write what stays as it is: a frozen weight, or a buffer that is only read."""
    title = f"{NEW}{name}"
    elements = {
        index: [{"what": with_index(title, index), "is": with_index(name, index)}] for index in places(title, shape)
    }
    collected.templates.add(title, shape, elements)


def _write(
    collected: WrittenSteps,
    leaves: Leaves,
    expectation: Expectation,
    program: Program,
    formulas: Formulas,
    dtype: str,
    places: Places,
) -> None:
    """Write the elements of one tensor."""
    node = expectation.node
    # What a buffer carries is what an op gave.
    phase: Phase = "forward" if node.kind == "buffer" else node.phase
    position = program.position_of(node)
    rates = _names_of_rates(program, node)
    uses = [_counting(named_use(node, use, formulas[use.op], position), rates) for use in expectation.uses]
    result = written(phase, uses, dtype)
    title = f"{NEW}{node}" if node.is_kept else str(node)
    names = local_names(result.node)
    elements = {}
    for index in places(title, result.shape):
        writing = ShortWriting(
            result.element(index), result.node, with_index(title, index), dtype, names=names, read=leaves
        )
        elements[index] = [_as_step(step, collected.further) for step in writing.short]
    collected.templates.add(title, result.shape, elements)
    collected.sources[title] = source_lines(result.node)
    named = {name: value for use in expectation.uses for name, value in use.settings.items()}
    changing = {"t", *([program.schedule.of] if program.schedule is not None else [])}
    collected.settings[title] = {
        name: value for name, value in named.items() if isinstance(value, float) and name not in changing
    }
    whole = {name: array for use in uses for name, array in use.arrays.items() if array.dtype.kind != "f"}
    if whole:
        collected.further.integers |= {name: np.array(array) for name, array in whole.items()}
        collected.depends[title] = list(whole)


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


def _names_of_rates(program: Program, node: Node) -> dict[str, str]:
    """What the setting is called that a weight is updated or decayed with, where a schedule changes it: `lr_b1`."""
    if program.schedule is None or node.kind not in (("decayed",) if program.schedules_decay else ("state", "weight")):
        return {}
    return {program.schedule.of: program.scheduled_of(node.of)}


def _counting(use: NamedUse, setting_names: Mapping[str, str]) -> NamedUse:
    """The use with names for its settings, and the number of its update, `t`, as a float, so that it is one of them."""
    counted = {"t": float(use.settings["t"])} if "t" in use.settings else {}
    return replace(use, settings={**use.settings, **counted}, setting_names=setting_names)
