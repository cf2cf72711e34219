"""Comparing two live trainings, in one call and in a user's own tests."""

import warnings
from collections.abc import Sequence
from typing import Literal

from backends.capture.training import Batch, Training
from harness.comparing.comparison import Comparison
from harness.comparing.document.outcome import Outcome
from lockstep.assertion import Drift


def compare(
    left: Training,
    right: Training,
    batches: Sequence[Batch],
    updates: int = 20,
    weights: Literal["copy", "check"] = "copy",
    certify: bool = True,
) -> Outcome:
    """Say whether two trainings do the same, and where they first part. Neither model is changed.

    batches: one tuple of arrays per update, which the losses are called with; they are taken in turn.
    updates: how many updates to follow. Without optimizers, the loss and the gradients of the first one alone.
    weights: "copy": the right training starts from the left one's weights. "check": it starts from its own, which must
        be the same ones.
    certify: whether the first update of either side is certified op by op as well.

    Raises InputError for a training that can't be driven, and Crashed, which is an InputError, for one that raises an
    error.
    """
    return Comparison(left, right, batches, updates, weights, certify=certify).run()


def assert_same_training(
    left: Training,
    right: Training,
    batches: Sequence[Batch],
    updates: int = 20,
    weights: Literal["copy", "check"] = "copy",
    certify: bool = True,
) -> Outcome:
    """Compare two trainings and raise AssertionError unless they do the same. Takes what `compare` takes.

    Returns the Outcome; drift, which is float64 agreeing and a lower dtype parting after the first update, passes with
    a Drift warning.
    """
    __tracebackhide__ = True
    outcome = compare(left, right, batches, updates, weights, certify)
    if outcome.verdict == "disagree":
        raise AssertionError(str(outcome))
    if outcome.verdict == "drift":
        warnings.warn(str(outcome), Drift, stacklevel=2)
    return outcome
