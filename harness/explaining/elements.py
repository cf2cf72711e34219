"""Writes out the arithmetic of every element of small tensors, with names in place of numbers, for every epoch."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from backends.contract import Node, Program
from harness.certifying.expectations import Evaluation
from harness.certifying.uses import Expectation, Formulas
from harness.explaining.uses import NamedUse, named_use, written
from harness.numerics.rounding import arithmetic
from harness.numerics.written_lines import Writing, source_lines, with_index
from harness.results import ArithmeticStep, Phase
from harness.running.traced import NEW
from harness.running.updates import Update


@dataclass
class WrittenSteps:
    """The steps of every element. A step that several elements share is stored once."""

    steps: list[dict[str, Any]] = field(default_factory=list)
    """`{"what", "is"}`, `{"what", "sum" | "max" | "min": [term, ...]}`, or `{"what", "long"}` with too many terms."""
    elements: dict[str, list[list[int]]] = field(default_factory=dict)
    """By tensor, for every element in order: the positions of its steps in `steps`, from the inside out."""
    sources: dict[str, list[str]] = field(default_factory=dict)
    """By tensor: the hand-written lines that compute it."""
    settings: dict[str, dict[str, float]] = field(default_factory=dict)
    """By tensor: the settings that are numbers, such as lr."""
    _numbers: dict[str, int] = field(default_factory=dict)

    @property
    def size(self) -> int:
        """The approximate size in characters."""
        return sum(map(len, self._numbers)) + sum(4 * len(one) for all_ in self.elements.values() for one in all_)

    def number_of(self, step: dict[str, Any]) -> int:
        """The position of a step in `steps`; a new step is added."""
        key = repr(step)
        if key not in self._numbers:
            self._numbers[key] = len(self.steps)
            self.steps.append(step)
        return self._numbers[key]


def written_steps(
    program: Program, first: Update, formulas: Formulas, dtype: str, *, most_elements: int, most_characters: int
) -> WrittenSteps:
    """Write out every tensor of the first update that has at most `most_elements`, up to `most_characters` in all."""
    collected = WrittenSteps()
    with np.errstate(all="ignore"):
        for expectation in Evaluation(program, arithmetic(dtype)).expectations(first, formulas):
            size = first.made(expectation.node).size if expectation.uses else most_elements + 1
            if size > most_elements or collected.size > most_characters:
                continue
            try:
                _write(collected, expectation, program, formulas, dtype)
            except Exception:  # an op that can't be written out: reports show only its inputs
                continue
    return collected


def _write(collected: WrittenSteps, expectation: Expectation, program: Program, formulas: Formulas, dtype: str) -> None:
    """Write every element of one tensor."""
    node = expectation.node
    # What a buffer carries is what an op gave.
    phase: Phase = "forward" if node.kind == "buffer" else node.phase
    position = program.position_of(node)
    names = _names_of_rates(program, node)
    uses = [_counting(named_use(node, use, formulas[use.op], position), names) for use in expectation.uses]
    result = written(phase, uses, dtype)
    title = f"{NEW}{node}" if node.is_kept else str(node)
    elements = []
    for index in np.ndindex(result.shape):
        writing = Writing(result.element(index), result.node, with_index(title, index), dtype)
        elements.append([collected.number_of(_without_numbers(step)) for step in writing.steps])
    collected.elements[title] = elements
    collected.sources[title] = source_lines(result.node)
    named = {name: value for use in expectation.uses for name, value in use.settings.items()}
    changing = {"t", "lr"} if program.schedule is not None else {"t"}
    collected.settings[title] = {
        name: value for name, value in named.items() if isinstance(value, float) and name not in changing
    }


def _names_of_rates(program: Program, node: Node) -> dict[str, str]:
    """What the learning rate is called that a weight is updated with, where a schedule changes it: `lr_b1`."""
    if program.schedule is None or node.kind not in ("state", "weight"):
        return {}
    return {"lr": str(Node("learning rate", program.rate_of(node.of), program.schedule.op))}


def _counting(use: NamedUse, setting_names: Mapping[str, str]) -> NamedUse:
    """The use with names for its settings, and the number of its update, `t`, as a float, so that it is one of them."""
    counted = {"t": float(use.settings["t"])} if "t" in use.settings else {}
    return replace(use, settings={**use.settings, **counted}, setting_names=setting_names)


def _without_numbers(step: ArithmeticStep) -> dict[str, Any]:
    kind = next((kind for kind in ("sum", "max", "min") if step.formula.startswith(f"the {kind} of ")), None)
    if kind is None:
        return {"what": step.what, "is": step.formula}
    if step.more:
        return {"what": step.what, "long": step.formula}
    return {"what": step.what, kind: [term.split(" = ")[0] for term in step.terms]}
