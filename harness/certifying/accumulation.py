"""What accumulated gradients are computed from: the share of a batch in its step, and what the batches before gave."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from backends.contract import Array, Program
from backends.vocabulary import ACCUMULATION
from harness.certifying.uses import Formulas, Use
from harness.running.traced import EARLIER

if TYPE_CHECKING:
    from harness.certifying.expectations import Evaluation

BATCHES_BEFORE = "batches_before"


def gradient_accumulation(
    *, rows: int, rows_of_step: int, batches: int
) -> tuple[Array, Callable[..., tuple[Array, ...]]]:
    """rows / rows_of_step: what the backward of a batch starts from, so that a step takes the mean over all rows.

    `batches` is the number of batches in the step.
    """
    share = np.asarray(rows / rows_of_step)
    return share, lambda: (share,)


def batches_before(accumulated: Any) -> tuple[Any, Callable[..., tuple[Any, ...]]]:
    """The gradient of a weight from the batches before of the same step, as it is."""
    return accumulated, lambda: (accumulated,)


FORMULAS: Formulas = {ACCUMULATION: gradient_accumulation, BATCHES_BEFORE: batches_before}
"""By the names of uses."""


def use_of_batches_before(gradient: str, accumulated: Array) -> Use:
    """That the gradient of this name in results has a term from the batches before."""
    return Use(BATCHES_BEFORE, [(f"{EARLIER}{gradient}", accumulated)], {})


def share_of_batch(evaluation: "Evaluation", update: int) -> Any:
    """What the backward starts from: 1, or the share of the batch in the mean over those of a step."""
    epoch = evaluation.program.epoch
    if not epoch.accumulates:
        return evaluation.constant(np.ones(()))
    share = np.asarray(epoch.share(update))
    return evaluation.constant(share, evaluation.constants.gamma(1) * share)


def use_of_share(program: Program, update: int) -> Use:
    """What the share of the batch is computed from."""
    batches = program.epoch.batches(update)
    rows = program.epoch.rows_of(update)
    return Use(ACCUMULATION, (), {"rows": rows, "rows_of_step": sum(batches), "batches": len(batches)})
