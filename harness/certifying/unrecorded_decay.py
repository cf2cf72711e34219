"""Whether a wrong weight or state comes of its decay, where the backend decays inside its optimizer.

There the decayed gradient is not recorded, and the optimizer's rule is checked together with the decay.
"""

from collections.abc import Callable
from typing import Any

import numpy as np

from backends.contract import Array, Node, Program
from harness.certifying.check import Check
from harness.certifying.expectations import Evaluation
from harness.certifying.uses import Formulas
from harness.running.updates import Update

MISTAKES = {0.0: "the decay is left out", 2.0: "the decay is applied twice"}
"""By how many times the decay would have been applied."""


def mistake_of_decay(
    program: Program, update: Update, node: Node, got: Array, evaluation: Evaluation, formulas: Formulas
) -> str:
    """What was done to the decay if that explains every element of a wrong tensor; else an empty text."""
    decay = program.decay
    if decay is None or update.step.decayed or node.kind not in ("state", "weight"):
        return ""
    largest = float(np.finfo(evaluation.dtype).max)
    for times, mistake in MISTAKES.items():
        changed = {**formulas, decay.op: _applied(times, formulas[decay.op])}
        bound = next(each.bound for each in evaluation.expectations(update, changed) if each.node == node)
        if bound is not None and Check(bound, got, largest).failing is None:
            return mistake
    return ""


def _applied(times: float, decay: Callable[..., Any]) -> Callable[..., Any]:
    """A decay that is applied so many times."""

    def changed(w: Any, grad_w: Any, *, rate: float) -> Any:
        return decay(w, grad_w, rate=times * rate)

    return changed
