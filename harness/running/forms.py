"""The form of an update: what decides which formulas hold at it, and of how many terms their sums are.

Updates of one form differ in their numbers alone. Most scenarios have one form; there are more where the last batch has
fewer rows, where a step takes its gradients from several batches, and where weights are trained from a later epoch on.
"""

from typing import NamedTuple

from backends.contract import Program


class Form(NamedTuple):
    """The form of some updates."""

    not_yet_trained: frozenset[str]
    """The weights that are trained from a later epoch on."""
    batches: tuple[int, ...]
    """The rows of every batch of the step."""
    batch: int
    """Which of these batches the update has, counted from 0."""


def form_of(program: Program, number: int) -> Form:
    """The form of an update, which is counted over the whole run, from 1."""
    epoch = program.epoch
    batch = (number - 1) % len(epoch.rows) % epoch.batches_per_step
    return Form(frozenset(program.not_yet_trained(number)), epoch.batches(number), batch)
