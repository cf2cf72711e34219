"""Whether a wrong weight or state comes of its decay, where the backend decays inside its optimizer.

There the decayed gradient is not recorded, and the optimizer's rule is checked together with the decay.
"""

from collections.abc import Callable, Iterator, Mapping
from functools import wraps
from typing import Any

import numpy as np

from backends.contract import Array, Node, Program
from backends.vocabulary import KEEP
from harness.certifying.check import Check
from harness.certifying.expectations import Evaluation
from harness.certifying.other_groups import settings_of_other_groups
from harness.certifying.uses import Formulas
from harness.running.updates import Update

MISTAKES = {0.0: "the decay is left out", 2.0: "the decay is applied twice"}
"""By how many times the decay would have been applied."""


def mistake_of_decay(
    program: Program, update: Update, node: Node, got: Array, evaluation: Evaluation, formulas: Formulas
) -> str:
    """What was done to the decay if that explains every element of a wrong tensor; else an empty text."""
    if program.decay is None or update.step.decayed or node.kind not in ("state", "weight") or node.op == KEEP:
        return ""
    largest = float(np.finfo(evaluation.dtype).max)
    for mistake, changed in _mistakes(program, update, node.of, formulas):
        bound = next(
            each.bound for each in evaluation.expectations(update, {**formulas, **changed}) if each.node == node
        )
        if bound is not None and Check(bound, got, largest).failing is None:
            return mistake
    return ""


def _mistakes(program: Program, update: Update, weight: str, formulas: Formulas) -> Iterator[tuple[str, Formulas]]:
    """What may have been done to the decay of a weight, and the rules that would be computed then."""
    optimizer, decay = program.optimizer_of(weight), program.decay_of(weight)
    assert decay is not None
    scheduled = update.step.scheduled
    rate = scheduled[program.scheduled_of(weight)] if program.schedules_decay else decay.settings["rate"]
    for times, mistake in MISTAKES.items() if rate else ():
        yield mistake, {decay.op: _with(formulas[decay.op], {"rate": times * rate})}
    others = dict(settings_of_other_groups(program, weight, optimizer, scheduled))
    for whose, changed in settings_of_other_groups(program, weight, decay, scheduled):
        instead = {decay.op: _with(formulas[decay.op], changed)}
        yield f"{weight} decays at the rate {changed['rate']:.9g}, {whose}, not {rate:.9g}", instead
        if whose in others:
            its = " and ".join(f"{name} {value:.9g}" for name, value in others[whose].items())
            both = f"{weight} is updated with {its} and decays at the rate {changed['rate']:.9g}, {whose}"
            yield both, {**instead, optimizer.op: _with(formulas[optimizer.op], others[whose])}


def _with(rule: Callable[..., Any], changed: Mapping[str, Any]) -> Callable[..., Any]:
    """A rule that is given other settings."""

    @wraps(rule)
    def with_others(*arguments: Any, **settings: Any) -> Any:
        return rule(*arguments, **{**settings, **changed})

    return with_others
