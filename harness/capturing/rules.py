"""The optimizer of a live training, in the rules of the scenario language."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from backends.capture.training import Rule
from harness.errors import InputError
from scenarios import Clipping, Decay, Group, Optimizer, clip_by_norm, weight_decay
from scenarios.language import optimizers

OF_CHAINER = {"nesterov": "nesterov_ag"}
"""Rules of Chainer that are others than those of the same name."""
EPS_BEFORE_CORRECTION = ("adam", "amsgrad", "adamw")
"""Rules whose eps Chainer adds before the bias correction."""
NEUTRAL = {"eta": 1.0}
"""What changes nothing if it has this value; other settings that a rule has no name for are refused."""
UNUSED = {"final_lr", "gamma", "foreach", "fused", "capturable", "differentiable"}
"""Settings of Chainer's Adam that only AdaBound uses, which is another rule, and how PyTorch computes the same."""
GIVE = "give a rule, as in optimizer=sgd(lr=0.1)"


@dataclass(frozen=True)
class Rules:
    """An optimizer, and what stands around it."""

    optimizer: Optimizer
    clipping: Clipping | None
    decay: Decay | None
    groups: Sequence[Group] = ()
    note: str = ""
    """How the rule is another one than the training's own; empty if it is the same."""


@dataclass(frozen=True)
class _Own:
    """How one weight is trained."""

    kind: str
    settings: Mapping[str, float]
    """Those of the optimizer; and the decay's rate, which is 0 where there is none."""
    max_norm: float | None
    note: str


def rules_of(trained: Mapping[str, Rule], framework: str, decay: Decay | None = None) -> Rules:
    """How the weights of a scenario are trained, by their names in it, in the scenario language.

    What most weights have is said of the optimizer and the decay; what others have of their own, of groups.

    decay: one in place of the training's own.

    Raises InputError for what the language has not, naming a weight and the setting.
    """
    own = _of_one_kind({weight: _own(weight, rule, framework) for weight, rule in trained.items()})
    if decay is not None:
        own = {weight: replace(each, settings=_without_rate(each.settings)) for weight, each in own.items()}
    first = next(iter(own))
    for weight, each in own.items():
        if each.kind != own[first].kind:
            raise InputError(
                f"{first} is trained by {own[first].kind}, {weight} by {each.kind}; a scenario has one rule for all "
                f"weights; {_one_rule(own)}"
            )
    kind, max_norm, note = own[first].kind, own[first].max_norm, own[first].note
    common = {name: _most(name, own.values()) for name in own[first].settings}
    groups: dict[tuple[tuple[str, float], ...], list[str]] = {}
    for weight, each in own.items():
        apart = tuple((name, value) for name, value in each.settings.items() if value != common[name])
        groups.setdefault(apart, []).append(weight)
    rate = common.pop("rate", 0.0)
    return Rules(
        getattr(optimizers, kind)(**common),
        None if max_norm is None else clip_by_norm(max_norm=max_norm),
        decay or (weight_decay(rate=rate) if rate else None),
        [Group(tuple(weights), dict(apart)) for apart, weights in groups.items() if apart],
        note,
    )


def _one_rule(own: Mapping[str, _Own]) -> str:
    """What to give where weights have rules of several kinds: of momentum and none, momenta in groups."""
    if {each.kind for each in own.values()} != {"sgd", "momentum"}:
        return GIVE
    settings = next(each.settings for each in own.values() if each.kind == "momentum")
    others = ", ".join(f'"{weight}"' for weight, each in own.items() if each.kind == "sgd")
    lr, momentum = settings["lr"], settings["momentum"]
    return (
        f"groups may have momenta of their own, all above 0: give optimizer=momentum(lr={lr:g}, momentum={momentum:g}) "
        f"and groups=[group({others}, momentum=…)]"
    )


def _of_one_kind(own: Mapping[str, _Own]) -> dict[str, _Own]:
    """The same, with Adam beside AdamW as AdamW without a decay."""
    if {each.kind for each in own.values()} != {"adam", "adamw"}:
        return {**own}
    return {
        weight: replace(each, kind="adamw", settings={**_without_rate(each.settings), "weight_decay": 0.0})
        if each.kind == "adam" and not each.settings["rate"]
        else each
        for weight, each in own.items()
    }


def _without_rate(settings: Mapping[str, float]) -> dict[str, float]:
    return {name: value for name, value in settings.items() if name != "rate"}


def _most(name: str, own: Iterable[_Own]) -> float:
    """What most weights have; of the decay's rate, what most of those have that decay."""
    values = [each.settings[name] for each in own]
    if name == "rate" and any(values):
        values = [value for value in values if value]
    return Counter(values).most_common(1)[0][0]


def _own(weight: str, rule: Rule, framework: str) -> _Own:
    """A live training's rule of one weight in the scenario language. Raises InputError for one that it has not."""
    kind = OF_CHAINER.get(rule.kind, rule.kind) if framework == "chainer" else rule.kind
    if kind not in optimizers.OPTIMIZERS:
        raise InputError(f"there is no rule like {rule.name}, which trains {weight}; {GIVE}")
    given = dict(rule.settings)
    norm = given.pop("clip_by_norm", None)
    rate = given.pop("weight_decay", 0.0)
    if framework == "chainer" and kind == "adamw":
        if given["lr"] == 0:
            raise InputError(f"{rule.name} has a learning rate of 0, and decays {weight} all the same; {GIVE}")
        rate /= given["lr"]  # Chainer's rate is not multiplied by the learning rate
    settings = {name: given.pop(name) for name in optimizers.OPTIMIZERS[kind] if name in given}
    settings["weight_decay" if kind == "adamw" else "rate"] = rate
    strange = [
        name
        for name, value in given.items()
        if value is not False and name not in UNUSED and value != NEUTRAL.get(name)
    ]
    if strange:
        told = ", ".join(name if given[name] is True else f"{name}={given[name]!r}" for name in strange)
        raise InputError(f"{kind} has no counterpart of {told} of {rule.name}, which trains {weight}; {GIVE}")
    is_early = framework == "chainer" and kind in EPS_BEFORE_CORRECTION
    note = f"{rule.name} adds eps before the bias correction, {kind} after it" if is_early else ""
    return _Own(kind, settings, norm, note)
