"""The forms of updates: those of one form have the same arithmetic, with numbers of their own.

Nearly all scenarios have one form. There are more where weights are trained from a later epoch on, and where a step
takes its gradients from several batches.
"""

from __future__ import annotations

from dataclasses import replace
from typing import NamedTuple

from backends.contract import Program
from harness.running.updates import Update


class Form(NamedTuple):
    """What decides which formulas hold at an update."""

    frozen: frozenset[str]
    """The weights that are trained from a later epoch on."""
    batches: tuple[int, ...] = ()
    """The rows of every batch of the step; none where each step has one batch."""
    batch: int = 0
    """Which of them the update has, counted from 0."""

    @property
    def share(self) -> str:
        """What the backward starts from: 1, or the share of the batch in its step."""
        return f"{self.batches[self.batch]} / {sum(self.batches)}" if self.batches else "1"


def form_of(program: Program, number: int) -> Form:
    """The form of an update, which is counted over the whole run, from 1."""
    epoch, frozen = program.epoch, frozenset(program.frozen(number))
    if not epoch.accumulates:
        return Form(frozen)
    batch = next(before for before in range(len(epoch.rows)) if epoch.begins_step(number - before))
    return Form(frozen, epoch.batches(number), batch)


def as_update(first: Update, program: Program, number: int) -> Update:
    """The first update as if it were another one, whose form it then has.

    Formulas have only the names of its arrays, so that they hold for every update of that form.
    """
    before = {} if program.epoch.begins_step(number) else first.step.grads
    return replace(first, number=number, accumulated=before)
