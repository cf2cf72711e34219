"""Looks up the rules of a program, its optimizer and what goes with it, as functions of a backend."""

import inspect
import sys
from collections.abc import Callable, Collection, Mapping
from functools import lru_cache, partial
from typing import Any

from backends.contract import Program, RuleCall, ScheduleCall
from backends.vocabulary import BUILT_IN, HAND_WRITTEN, OPTIMIZER_FAMILIES

ELEMENTWISE_RULES = tuple(f"{BUILT_IN[HAND_WRITTEN]}.training.{family}" for family in (*OPTIMIZER_FAMILIES, "weights"))
"""The modules whose rules work element by element."""


def bound(ops: Any, rule: RuleCall) -> Callable[..., Any]:
    """A backend's function for a rule, with the rule's settings bound."""
    function = getattr(ops, rule.op)
    return partial(function, **constant_settings(function, rule))


def bound_if_any(ops: Any, rule: RuleCall | None) -> Callable[..., Any] | None:
    """A backend's function for a rule, with the rule's settings bound; None if the program has no such rule."""
    return None if rule is None else bound(ops, rule)


def first_state(rule: Callable[..., Any], settings: Mapping[str, float]) -> dict[str, float]:
    """The state that a hand-written optimizer keeps for each weight, and what its elements start at.

    It is read from the signature: `momentum(w, grad_w, v, *, lr, momentum)` keeps `v`, which starts at 0 as it has no
    default. The optimizer's setting `initial_v`, if it is given, is what `v` starts at.
    """
    parameters = inspect.signature(rule).parameters.values()
    state = [p for p in parameters if p.kind is p.POSITIONAL_OR_KEYWORD][2:]
    defaults = {p.name: 0.0 if p.default is p.empty else float(p.default) for p in state}
    return {slot: float(settings.get(initial(slot), default)) for slot, default in defaults.items()}


def initial(slot: str) -> str:
    """The setting that says what a state starts at. No rule takes it: it is given the state."""
    return f"initial_{slot}"


def without_first_state(settings: Mapping[str, float], slots: Collection[str]) -> dict[str, float]:
    """An optimizer's settings without those that say what its state in these slots starts at."""
    of_state = {initial(slot) for slot in slots}
    return {name: value for name, value in settings.items() if name not in of_state}


def by_step(ops: Any, schedule: ScheduleCall | None) -> Callable[..., float] | None:
    """A hand-written schedule as a function of the number of the step, and of the setting's first value, `lr`."""
    if schedule is None:
        return None
    function = getattr(ops, schedule.op)
    settings: dict[str, Any] = dict(schedule.settings)
    if schedule.parts:
        settings = {"schedules": [bound(ops, part) for part in schedule.parts], "after": schedule.after}

    def value(step: int, *, lr: float) -> float:
        return float(function(schedule.turn(step), lr=lr, **settings))

    return value


def made_for(ops: Any, schedule: ScheduleCall | None) -> Callable[[Any], Any] | None:
    """What makes a framework's schedule for an optimizer: a backend's function, or that of schedules in sequence."""
    if schedule is None or not schedule.parts:
        return bound_if_any(ops, schedule)
    function, makers = getattr(ops, schedule.op), [bound(ops, part) for part in schedule.parts]
    return lambda optimizer: function(optimizer, [make(optimizer) for make in makers], after=list(schedule.after))


def constant_settings(rule: Callable[..., Any], call: RuleCall) -> dict[str, float]:
    """The settings that a hand-written rule takes at every step, and that stay the same.

    Beside the call's own, `first_lr`, if an optimizer takes it: the learning rate that a schedule starts from.
    """
    parameters = _parameters(rule)
    first = {"first_lr": call.settings["lr"]} if "first_lr" in parameters else {}
    return {**without_first_state(call.settings, parameters), **first}


def counts_steps(rule: Callable[..., Any]) -> bool:
    """Whether a hand-written optimizer takes the number of its step, counted from 1, as its setting `t`."""
    return "t" in _parameters(rule)


def is_elementwise(rule: Callable[..., Any]) -> bool:
    """Whether a hand-written rule computes each element from those in the same place, as all of these files do."""
    return getattr(rule, "__module__", "") in ELEMENTWISE_RULES


@lru_cache(maxsize=64)
def _parameters(rule: Callable[..., Any]) -> frozenset[str]:
    return frozenset(inspect.signature(rule).parameters)


def may_overwrite_gradients(ops: Any, program: Program) -> bool:
    """Whether somebody may write over the gradients that a step yields, so that they must be copied.

    Clippings and decays of the frameworks do, a batch that is accumulated adds to them, and users' rules may do
    anything. The rules of the built-in backends leave them alone.
    """
    name = getattr(ops, "__name__", "")
    is_built_in = name in BUILT_IN.values() and sys.modules.get(name) is ops
    return not is_built_in or bool(program.clipping or program.decay) or program.epoch.accumulates
