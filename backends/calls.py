"""What a program calls: ops, and rules with their settings, some of which are the own of a group of weights."""

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
class WeightGroup:
    """Weights with the same settings of the optimizer and of the decay, as a group of PyTorch's `param_groups`."""

    weights: tuple[str, ...]
    settings: Mapping[str, float]
    """Those that are the group's own, of the optimizer or the decay; none of the weights that are in no group."""

    def of(self, rule: RuleCall) -> RuleCall:
        """A rule with the group's own settings in place of the rule's."""
        own = {name: value for name, value in self.settings.items() if name in rule.settings}
        given = None if rule.given is None else rule.given | own.keys()
        return RuleCall(rule.op, {**rule.settings, **own}, given) if own else rule
