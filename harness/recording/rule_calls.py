"""The rules of a scenario as a program calls them."""

from typing import Any

from backends.contract import RuleCall, ScheduleCall
from scenarios import Rule, Scenario, Schedule


def rule_calls(scenario: Scenario, updates_per_epoch: int) -> dict[str, Any]:
    """The optimizer, and the schedule, clipping and decay if there are any, by their names in a Program."""
    return {kind: _rule_call(rule, updates_per_epoch) for kind, rule in scenario.rules.items()}


def _rule_call(rule: Rule, updates_per_epoch: int) -> RuleCall:
    """One rule; a schedule that moves once per epoch has as many updates to a turn."""
    call = RuleCall(rule.name, dict(rule.settings), rule.given)
    if not isinstance(rule, Schedule):
        return call
    return ScheduleCall(
        call.op,
        call.settings,
        call.given,
        updates_per_epoch if rule.per == "epoch" else 1,
        tuple(_rule_call(part, updates_per_epoch) for part in rule.parts),
        rule.after,
    )
