"""The rules of a scenario as a program calls them."""

from collections.abc import Sequence
from typing import Any

from backends.contract import RuleCall, ScheduleCall, WeightGroup
from backends.contract.epoch import Epoch
from scenarios import Accumulation, Group, Rule, Scenario, Schedule
from scenarios.language.groups import TRAINED_FROM


def rule_calls(scenario: Scenario, batch_rows: Sequence[int]) -> dict[str, Any]:
    """The rules of a scenario, its groups and its epochs, by their names in a Program.

    `batch_rows` is the number of examples in each update of an epoch.
    """
    batches_per_step = 1 if scenario.accumulation is None else int(scenario.accumulation.settings["batches"])
    epoch = Epoch(tuple(batch_rows), batches_per_step)
    rules = {kind: rule for kind, rule in scenario.rules.items() if not isinstance(rule, Accumulation)}
    return {
        **{kind: _rule_call(rule, epoch.steps) for kind, rule in rules.items()},
        "groups": tuple(_group(each, epoch.steps) for each in scenario.groups),
        "epoch": epoch,
    }


def _group(group: Group, steps_per_epoch: int) -> WeightGroup:
    settings = dict(group.settings)
    trained_from = int(settings.pop(TRAINED_FROM, 1))
    optimizer = None if group.optimizer is None else _rule_call(group.optimizer, steps_per_epoch)
    return WeightGroup(tuple(group.weights), settings, optimizer, trained_from)


def _rule_call(rule: Rule, steps_per_epoch: int) -> RuleCall:
    """One rule; a schedule that moves once per epoch has as many steps to a turn."""
    call = RuleCall(rule.name, dict(rule.settings), rule.given)
    if not isinstance(rule, Schedule):
        return call
    return ScheduleCall(
        call.op,
        call.settings,
        call.given,
        steps_per_epoch if rule.per == "epoch" else 1,
        rule.of,
        tuple(_rule_call(part, steps_per_epoch) for part in rule.parts),
        rule.after,
    )
