"""What a program calls: ops, and rules with their settings, some of which are the own of a group of weights."""

from bisect import bisect_left
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Call:
    """One call of the scenario, such as `h = op.matmul(x, w1)`."""

    op: str
    inputs: tuple[str, ...]
    settings: Mapping[str, Any]
    outputs: tuple[str, ...]
    line: str = ""
    """Where the scenario makes this call: `file:line`, or empty if there is no source."""
    is_nested: bool = False
    """Whether the scenario gives the value no name, but writes the call inside of another."""


@dataclass(frozen=True)
class RuleCall:
    """A program's optimizer, schedule, clipping or decay: its name and settings, such as sgd with lr=1e-4."""

    op: str
    settings: Mapping[str, float]
    given: frozenset[str] | None = None
    """The settings that the scenario does not leave at their defaults; None: all of them."""

    @property
    def given_settings(self) -> dict[str, float]:
        """The settings without those that the scenario leaves at their defaults."""
        return {name: value for name, value in self.settings.items() if self.given is None or name in self.given}


@dataclass(frozen=True)
class ScheduleCall(RuleCall):
    """A program's schedule; of schedules in sequence, `parts` and `after` say which, and when each but the last ends.

    It counts turns from 1: the optimizer's steps, or with `steps_per_turn` above 1 the epochs.
    """

    steps_per_turn: int = 1
    of: str = "lr"
    """The setting that it changes: one of the optimizer, or the rate of the decay."""
    parts: tuple[RuleCall, ...] = ()
    after: tuple[int, ...] = ()

    @property
    def counts_epochs(self) -> bool:
        """Whether a turn is more than one step."""
        return self.steps_per_turn > 1

    def turn(self, step: int) -> int:
        """The turn that a step of the optimizer is in. Both are counted from 1."""
        return (step - 1) // self.steps_per_turn + 1

    def ends_turn(self, step: int) -> bool:
        """Whether the setting changes after a step."""
        return step % self.steps_per_turn == 0

    def at(self, turn: int) -> tuple[RuleCall, int]:
        """The schedule that gives the value of a turn, and which turn of its own this is, counted from 1."""
        if not self.parts:
            return self, turn
        place = bisect_left(self.after, turn)
        return self.parts[place], turn - (self.after[place - 1] if place else 0)


@dataclass(frozen=True)
class WeightGroup:
    """Weights with the same optimizer and the same settings, as a group of PyTorch's `param_groups`."""

    weights: tuple[str, ...]
    settings: Mapping[str, float]
    """Those that are the group's own, of the optimizer or the decay; none of the weights that are in no group."""
    optimizer: RuleCall | None = None
    """The group's own optimizer, if it has one."""
    trained_from: int = 1
    """The epoch in which the training of its weights begins."""

    def of(self, rule: RuleCall) -> RuleCall:
        """A rule with the group's own settings in place of the rule's."""
        own = {name: value for name, value in self.settings.items() if name in rule.settings}
        given = None if rule.given is None else rule.given | own.keys()
        return RuleCall(rule.op, {**rule.settings, **own}, given) if own else rule
