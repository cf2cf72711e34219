"""Random ways to train: optimizers, schedules, clipping, decay and groups, as the arguments of a scenario."""

from collections.abc import Collection, Sequence

from harness.fuzzing.choices import Choices
from scenarios.language.optimizers import OF_STATE, OPTIMIZERS
from scenarios.language.schedules import SCHEDULED

LRS = (0.1, 0.01, 1.0, 0.5, 0.1, 0.01, 0.001, 0.1, 0.01, 0.2, 0.5, 0.1, 0.01, 0.001, 0.05, 0.0)
SCHEDULES = {
    "step_decay": ("every", "factor"),
    "exponential_decay": ("factor",),
    "cosine_decay": ("updates",),
    "warm_up": ("updates",),
}
"""The settings of each schedule."""
SEQUENCE = "in_sequence"
CLIPPINGS = {"clip_by_norm": ("max_norm",), "clip_by_value": ("limit",)}
"""The settings of each way to clip gradients."""
VALUES: dict[str, Sequence[float]] = {
    "lr": LRS,
    "momentum": (0.9, 0.5),
    "dampening": (0.5, 0.0, 0.9),
    "eps": (1e-8, 1e-4, 1e-10),
    "alpha": (0.99, 0.5),
    "rho": (0.95, 0.5),
    "beta1": (0.9, 0.5, 0.0),
    "beta2": (0.999, 0.5),
    "momentum_decay": (0.004, 0.5, 0.0),
    "initial_h": (0.1, 0.0, 10.0),
    "initial_v": (1.0, 0.0, 0.01),
    "final_lr": (0.1, 0.01, 0.0),
    "gamma": (0.001, 0.5, 10.0),
    "beta": (0.9, 0.5, 0.0),
    "weight_decay": (0.01, 0.5),
    "rate": (0.01, 0.5),
    "share": (0.9, 0.5, 0.0),
    "factor": (0.5, 0.9),
    "every": (1, 2),
    "updates": (3, 2, 10),
    "max_norm": (1.0, 0.01, 100.0),
    "limit": (0.1, 0.001, 10.0),
}
"""The values of each setting, the plainest first."""
OPTIONAL = (
    "eps",
    "alpha",
    "rho",
    "beta",
    "beta1",
    "beta2",
    "momentum_decay",
    "final_lr",
    "gamma",
    "initial_h",
    "initial_v",
)
"""Settings that have defaults."""
DIVIDING = ("adabound", "amsbound")
"""Optimizers that divide by their learning rate."""


def training(
    choose: Choices, weights: Sequence[str], known: Collection[str], wanted: Collection[str] = ()
) -> dict[str, str]:
    """The arguments of a scenario that say how it trains: an optimizer, and other rules around it, of those known.

    Of each sort those that are wanted, if any are.
    """
    optimizer = choose.of(_fitting_optimizers(known, wanted))
    arguments = {"optimizer": _optimizer(choose, optimizer)}
    if clipping := _sometimes(choose, tuple(CLIPPINGS), known, wanted):
        arguments["clipping"] = _rule(choose, clipping, CLIPPINGS[clipping])
    decay = "" if "weight_decay" in OPTIMIZERS[optimizer] else _sometimes(choose, ("weight_decay",), known, wanted)
    if decay:
        arguments["decay"] = _rule(choose, decay, ("rate",))
    scheduled = ""
    if schedule := _sometimes(choose, (*SCHEDULES, SEQUENCE), known, wanted):
        first, *others = (name for name in SCHEDULED if name in _settings(optimizer, decay))
        scheduled = choose.of(others) if others and choose.one_in(3) else first
        arguments["schedule"] = _schedule(choose, schedule, scheduled, known)
    if _sometimes(choose, ("weight_average",), known, wanted):
        arguments["average"] = _rule(choose, "weight_average", ("share",))
    if len(weights) > 1 and choose.one_in(4):
        members = [weights[place] for place in choose.order_of(len(weights))[: choose.between(1, len(weights) - 1)]]
        its = _of_group(choose, optimizer, scheduled, decay, known)
        arguments["groups"] = f"[group({', '.join(map(repr, sorted(members)))}, {its})]"
    return arguments


def _of_group(choose: Choices, optimizer: str, scheduled: str, decay: str, known: Collection[str]) -> str:
    """What a group of weights has of its own: a setting, an epoch from which it is trained, or an optimizer.

    `scheduled` is the setting that a schedule changes, which every optimizer must have; empty without a schedule.
    """
    if choose.one_in(4):
        return "trained_from=2"
    if choose.one_in(4):
        others = [
            name
            for name in OPTIMIZERS
            if name in known
            and scheduled in ("", *_settings(name, decay))
            and not ("weight_decay" in OPTIMIZERS[name] and decay)
        ]
        return f"optimizer={_optimizer(choose, choose.of(others or [optimizer]))}"
    own = choose.of(_settings(optimizer, decay))
    return f"{own}={choose.of(_values(optimizer, own)[::-1])}"


def _settings(optimizer: str, decay: str) -> Sequence[str]:
    """The settings of an optimizer and of a decay, if there is one, which may be a group's own."""
    return (*OPTIMIZERS[optimizer], *["rate"] * bool(decay))


def _fitting_optimizers(known: Collection[str], wanted: Collection[str]) -> list[str]:
    """The optimizers that are wanted, or else those that are known and may stand beside the rules that are wanted."""
    optimizers = [name for name in OPTIMIZERS if name in known]
    fitting = [name for name in optimizers if not ("weight_decay" in OPTIMIZERS[name] and "weight_decay" in wanted)]
    return [name for name in optimizers if name in wanted] or fitting or optimizers


def _sometimes(choose: Choices, rules: Sequence[str], known: Collection[str], wanted: Collection[str]) -> str:
    """One of these rules if some are wanted, or else once in four times; empty for none."""
    if chosen := [name for name in rules if name in wanted]:
        return choose.of(chosen)
    there = [name for name in rules if name in known]
    return choose.of(there) if there and choose.one_in(4) else ""


def _optimizer(choose: Choices, name: str) -> str:
    """An optimizer, which may start from another state than usual."""
    return _rule(choose, name, (*OPTIMIZERS[name], *OF_STATE.get(name, ())))


def _rule(choose: Choices, name: str, settings: Sequence[str]) -> str:
    """A rule with its settings; those that have defaults are mostly left at them."""
    given = [setting for setting in settings if setting not in OPTIONAL or choose.one_in(3)]
    return f"{name}({', '.join(f'{setting}={choose.of(_values(name, setting))}' for setting in given)})"


def _values(rule: str, setting: str) -> Sequence[float]:
    """The values of a rule's setting, the plainest first."""
    values = VALUES[setting]
    return [value for value in values if value] if setting == "lr" and rule in DIVIDING else values


def _schedule(choose: Choices, name: str, of: str, known: Collection[str]) -> str:
    """A schedule of a setting, or two in sequence, which once in a while count epochs."""
    per = ', per="epoch"' if choose.one_in(4) else ""
    ending = per if of == "lr" else f'{per}, of="{of}"'
    if name != SEQUENCE:
        return f"{_rule(choose, name, SCHEDULES[name])[:-1]}{ending})"
    parts = [part for part in SCHEDULES if part in known] or [*SCHEDULES]
    made = [_rule(choose, part, SCHEDULES[part]) for part in (choose.of(parts), choose.of(parts))]
    return f"{SEQUENCE}({', '.join(made)}, after=[{choose.between(1, 2)}]{ending})"
