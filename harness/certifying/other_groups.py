"""The settings that a rule has for other weights of a program, which a weight may have been given by mistake."""

from collections.abc import Mapping
from typing import Any

from backends.contract import Program, RuleCall, WeightGroup
from backends.rules import without_first_state


def settings_of_other_groups(
    program: Program, weight: str, rule: RuleCall, scheduled: Mapping[str, float]
) -> tuple[tuple[str, dict[str, Any]], ...]:
    """The settings of a rule's steps without the group of a weight, and in other groups, where they differ from `rule`.

    `rule` is the optimizer or the decay with the weight's own settings, `scheduled` what a schedule makes of one of
    them at an update, as in a Step. The words say whose settings they are.
    """
    if not program.groups:
        return ()
    own = program.group_of(weight)
    others = [WeightGroup((), {}), *(group for group in program.groups if group is not own)]
    found: dict[str, dict[str, Any]] = {}
    for group in others:
        other = _rule_in(program, group, rule.op)
        if other.op != rule.op:
            continue
        slots = program.slots_of(weight)
        settings, mine = without_first_state(other.settings, slots), without_first_state(rule.settings, slots)
        first = group.weights[0] if group.weights else ""
        if scheduled and program.schedule is not None and program.schedule.of in mine:
            of = program.schedule.of
            settings[of] = scheduled[program.scheduled_of(first) if first else of]
            mine[of] = scheduled[program.scheduled_of(weight)]
        differing = {name: value for name, value in settings.items() if value != mine[name]}
        if differing and differing not in found.values():
            found[as_of(first)] = differing
    return tuple(found.items())


def _rule_in(program: Program, group: WeightGroup, op: str) -> RuleCall:
    """What a group has for the rule of this name: the decay, or else the optimizer."""
    decay = program.decay
    return group.of(decay) if decay is not None and decay.op == op else program.optimizer_in(group)


def as_of(first: str) -> str:
    """Whose settings those of a group are, by its first weight; empty for those that are no group's."""
    return f"as in the group of {first}" if first else "as without a group"
