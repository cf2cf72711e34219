"""How a schedule counts, and how it may have counted by mistake."""

from collections.abc import Callable
from dataclasses import dataclass

from backends.contract import RuleCall, ScheduleCall


@dataclass(frozen=True)
class Counting:
    """What a schedule counts, and other numbers that it may have taken for that of its turn."""

    unit: str
    """update or epoch."""
    mistaken: tuple[tuple[str, int], ...] = ()
    """Each with the words that say why; the words follow "as where"."""
    before: float | None = None
    """Of a schedule that follows another: the learning rate by the one before, had it not ended."""


def counting_of(schedule: ScheduleCall, update: int, rate_by: Callable[[RuleCall, int], float]) -> Counting:
    """How a schedule counts at an update, which is counted from 1 over the whole run.

    `rate_by` computes the learning rate by one schedule at a turn of its own.
    """
    turn = schedule.turn(update)
    _, own_turn = schedule.at(turn)
    mistaken = {"the schedule goes on counting where it begins": turn} if turn != own_turn else {}
    if schedule.counts_epochs and update not in (turn, own_turn):
        mistaken["the schedule moves once per update, not once per epoch"] = update
    before = None
    if turn != own_turn:
        begins = turn - own_turn
        earlier, its_last_turn = schedule.at(begins)
        before = rate_by(earlier, its_last_turn + own_turn)
    return Counting("epoch" if schedule.counts_epochs else "update", tuple(mistaken.items()), before)
