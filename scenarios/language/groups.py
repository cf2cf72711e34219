"""Parameter groups: weights with an optimizer of their own, or settings of their own of the scenario's rules."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from fnmatch import fnmatchcase

from scenarios.language.draws import Draw
from scenarios.language.errors import ScenarioError, did_you_mean, near_miss
from scenarios.language.rules import Decay, Optimizer, Rule, checked_settings
from scenarios.language.values import BY_NAME, TENSOR, Kind, check_fields, instance_of, shown

EXAMPLE = 'group("b1", "b2", rate=0.0)'
TRAINED_FROM = "trained_from"
"""The setting of a group that says in which epoch its training begins, counted from 1."""
INITIAL = "initial_"
"""What settings begin with that say what an optimizer's state starts at."""
WILD = "*?["
"""What makes a name a pattern."""


@dataclass(frozen=True)
class Group:
    """Some weights, and the optimizer or the settings that are their own; the others are those of the scenario."""

    weights: tuple[str, ...]
    """By name; also by patterns, such as `b*`, until the group is in a scenario."""
    settings: Mapping[str, float]
    optimizer: Optimizer | None = None
    written: tuple[str, ...] = field(default=(), compare=False)
    """Once the group is in a scenario: the names and patterns by which it is written there."""

    def __post_init__(self) -> None:
        check_fields(self, {"weights": _NAMES, "settings": BY_NAME, "optimizer": _OPTIMIZER}, "group(...)")
        if not self.weights:
            raise ScenarioError(f"group(...) names no weight; write it as {EXAMPLE}")
        if not self.settings and self.optimizer is None:
            raise ScenarioError(f"{self} has no setting of its own; write it as {EXAMPLE}")
        for i, weight in enumerate(self.weights):
            if weight in self.weights[:i]:
                raise ScenarioError(f"{self} names {weight} twice")
        object.__setattr__(self, "settings", checked_settings(self.settings, "group(...)"))

    def __str__(self) -> str:
        settings = [f"{name}={shown(value)}" for name, value in self.settings.items()]
        if self.optimizer is not None:
            settings.insert(0, f"optimizer={self.optimizer.name}(...)")
        return f"group({', '.join([*map(repr, self.written or self.weights), *settings])})"

    __repr__ = __str__

    def key(self, setting: str) -> str:
        """What `--set` and results call a setting of this group: `b1.lr`, by the group's first weight."""
        return f"{self.weights[0]}.{setting}"

    @property
    def by_key(self) -> dict[str, float]:
        """The group's own settings and those of its optimizer, by what `--set` calls them."""
        of_optimizer = {} if self.optimizer is None else self.optimizer.by_key
        return {self.key(name): value for name, value in {**of_optimizer, **self.settings}.items()}

    def vary(self, changed: Mapping[str, float]) -> Group:
        """A copy with the values that `changed` has for this group's settings."""
        own = {key.removeprefix(self.key("")): value for key, value in changed.items() if key in self.by_key}
        optimizer = None if self.optimizer is None else self.optimizer.vary(own)
        settings = {name: own.get(name, value) for name, value in self.settings.items()}
        return replace(self, settings=settings, optimizer=optimizer)


def group(*weights: str, optimizer: Optimizer | None = None, **settings: float) -> Group:
    """Give some weights settings of their own, such as lr, momentum or the decay's rate, or an optimizer of their own.

    `weights` are names, or patterns as those of file names: `b*` is every trained weight whose name begins with b. With
    `trained_from=3` they stay as they are until epoch 3.
    """
    return Group(weights, settings, optimizer)


def _names(value: object) -> tuple[str, ...] | None:
    if isinstance(value, str) or not isinstance(value, Sequence):
        return None
    return tuple(value) if all(_is_pattern(name) or TENSOR.read(name) is not None for name in value) else None


def _is_pattern(name: object) -> bool:
    return isinstance(name, str) and not set(WILD).isdisjoint(name)


def _groups(value: object) -> tuple[Group, ...] | None:
    if not isinstance(value, Sequence) or not all(isinstance(each, Group) for each in value):
        return None
    return tuple(value)


_OPTIMIZER = instance_of("an optimizer, such as adam(lr=0.001)", Optimizer)
_NAMES: Kind[tuple[str, ...]] = Kind("names of weights", _names)
GROUPS: Kind[tuple[Group, ...]] = Kind(f"a list of groups, such as [{EXAMPLE}]", _groups)


def matched(groups: Sequence[Group], draws: Mapping[str, Draw], where: str) -> tuple[Group, ...]:
    """The groups with the trained weights that their patterns match, in the order of the draws.

    Raises ScenarioError for a pattern that matches none.
    """
    found = [[weight for name in each.weights for weight in _matching(name, draws, where, each)] for each in groups]
    return tuple(
        replace(each, weights=tuple(dict.fromkeys(weights)), written=each.written or each.weights)
        for each, weights in zip(groups, found, strict=True)
    )


def _matching(name: str, draws: Mapping[str, Draw], where: str, of: Group) -> Sequence[str]:
    """The trained weights that a pattern matches; a name that is none as it is."""
    if not _is_pattern(name):
        return [name]
    trained = [weight for weight, draw in draws.items() if draw.role == "weight"]
    found = [weight for weight in trained if fnmatchcase(weight, name)]
    if found:
        return found
    others = [other for other in draws if fnmatchcase(other, name)]
    if others:
        raise ScenarioError(f"{where}: {of}: {name!r} matches {', '.join(others)} alone, and no weight that is trained")
    hint = did_you_mean(name.strip(WILD + "]"), trained) or f"; there are {', '.join(trained)}"
    raise ScenarioError(f"{where}: {of}: no weight matches {name!r}{hint}")


def check_groups(
    groups: Sequence[Group], optimizer: Optimizer, decay: Decay | None, draws: Mapping[str, Draw], where: str
) -> None:
    """Raise ScenarioError if a group names what is not trained, or has a setting that none of its rules has."""
    rules: list[Rule] = [optimizer] if decay is None else [optimizer, decay]
    trained = [name for name, draw in draws.items() if draw.role == "weight"]
    owners: dict[str, Group] = {}
    for each in groups:
        for weight in each.weights:
            _check_weight(weight, trained, draws, f"{where}: {each}")
            if weight in owners:
                raise ScenarioError(f"{where}: {weight} is in {owners[weight]} and in {each}; it can be in one group")
            owners[weight] = each
        _check_settings(each, rules, f"{where}: {each}")
    if all(weight in owners and TRAINED_FROM in owners[weight].settings for weight in trained):
        raise ScenarioError(f"{where}: every weight has a {TRAINED_FROM}=; leave one as it is, to be trained at first")
    if all(weight in owners and owners[weight].optimizer is not None for weight in trained):
        raise ScenarioError(
            f"{where}: no weight uses {optimizer.name}(...), since every one has an optimizer of its own by a group; "
            "give the scenario the optimizer of one of the groups, and leave it out there"
        )
    for rule in rules:
        users = [weight for weight in trained if rule is decay or weight not in owners or not owners[weight].optimizer]
        for name in rule.settings:
            if all(weight in owners and name in owners[weight].settings for weight in users):
                raise ScenarioError(
                    f"{where}: no weight uses the {name} of {rule.name}(...), since every one has its own by a group; "
                    f"give {rule.name}(...) the value of one of the groups, and leave it out there"
                )


def _check_settings(group: Group, rules: Sequence[Rule], where: str) -> None:
    """Raise ScenarioError for a setting of a group that none of the rules has, which for its weights are others."""
    others = rules[1:]
    if group.optimizer is not None:
        for name in group.settings:
            if name in group.optimizer.settings:
                raise ScenarioError(f"{where} sets {name}; give it to {group.optimizer.name}(...), whose setting it is")
        if others and "weight_decay" in group.optimizer.settings:
            raise ScenarioError(
                f"{where}: {group.optimizer.name} has a weight decay of its own, and the scenario a decay=, too"
            )
        rules = [group.optimizer, *others]
    for name in group.settings:
        is_known = name == TRAINED_FROM or any(name in rule.settings for rule in rules)
        if not is_known or name.startswith(INITIAL):
            raise ScenarioError(f"{where} sets {name}, {_which_has_none(name, rules)}")
    checked_settings(group.settings, where, rules[0].name)


def _which_has_none(setting: str, rules: Sequence[Rule]) -> str:
    """Why a setting is refused, with the settings that there are."""
    if setting.startswith(INITIAL):
        return "but state starts at the same number in all weights; give it to the optimizer"
    known = [name for rule in rules for name in rule.settings]
    if setting == "rate" and len(rules) == 1:
        return "a setting of weight_decay(...), and the scenario has no decay="
    owners = (
        f"which neither {rules[0].name} nor {rules[1].name} has" if len(rules) > 1 else f"which {rules[0].name} has not"
    )
    return f"{owners}{near_miss(setting, [TRAINED_FROM]) or did_you_mean(setting, known)}"


def _check_weight(weight: str, trained: Sequence[str], draws: Mapping[str, Draw], where: str) -> None:
    if weight in trained:
        return
    if weight not in draws:
        raise ScenarioError(f"{where}: there is no weight {weight!r}{did_you_mean(weight, trained)}")
    if draws[weight].role == "frozen":
        raise ScenarioError(f"{where}: {weight} is frozen, so no optimizer changes it; leave it out of the group")
    role = draws[weight].role
    raise ScenarioError(f"{where}: {weight} is {'a buffer' if role == 'buffer' else 'data'}, which is not trained")
