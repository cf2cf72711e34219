"""How a schedule or an optimizer counts, and how it may have counted by mistake."""

from collections.abc import Callable
from dataclasses import dataclass

from backends.contract import RuleCall, ScheduleCall


@dataclass(frozen=True)
class Counting:
    """What a schedule or an optimizer counts, and other numbers that it may have taken for the right one."""

    unit: str
    """update, epoch or step."""
    mistaken: tuple[tuple[str, int], ...] = ()
    """Each with the words that say why; the words follow "as where"."""
    before: float | None = None
    """Of a schedule that follows another: the value by the one before, had it not ended."""


def counting_of(schedule: ScheduleCall, step: int, update: int, value_by: Callable[[RuleCall, int], float]) -> Counting:
    """How a schedule counts at a step of the optimizer, and at the update that makes it; both are counted from 1.

    `value_by` computes the setting by one schedule at a turn of its own.
    """
    turn = schedule.turn(step)
    _, own_turn = schedule.at(turn)
    mistaken = {"the schedule goes on counting where it begins": turn} if turn != own_turn else {}
    if schedule.counts_epochs and step not in (turn, own_turn):
        mistaken["the schedule moves once per update, not once per epoch"] = step
    if update != step:
        mistaken["the schedule counts batches, not steps"] = update
    before = None
    if turn != own_turn:
        begins = turn - own_turn
        earlier, its_last_turn = schedule.at(begins)
        before = value_by(earlier, its_last_turn + own_turn)
    return Counting("epoch" if schedule.counts_epochs else "update", tuple(mistaken.items()), before)


def counting_of_steps(step: int, step_of_all: int, update: int) -> Counting:
    """How an optimizer counts its steps of a weight, which may be fewer than those of others, and than updates."""
    mistaken: dict[str, int] = {}
    if step_of_all != step:
        mistaken["the steps are counted for which the weight was frozen"] = step_of_all
    if update not in (step, step_of_all):
        mistaken["batches are counted, not steps"] = update
    return Counting("step", tuple(mistaken.items()))
