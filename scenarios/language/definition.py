"""What a scenario is: the data and the weights it draws, a program over them, an optimizer, and how long to train.

Nothing here imports a framework or NumPy, so listing scenarios is instant.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from scenarios.language.draws import DRAWS, Draw, Loaded
from scenarios.language.errors import ScenarioError, did_you_mean, near_miss
from scenarios.language.groups import GROUPS, Group, check_groups, matched
from scenarios.language.rules import Accumulation, Average, Clipping, Decay, Optimizer, Rule
from scenarios.language.schedules import Schedule
from scenarios.language.values import (
    BY_NAME,
    COUNT,
    DTYPE,
    FUNCTION,
    OK,
    SAMPLER,
    SEED,
    TENSOR,
    TWO_NAMES,
    YES_OR_NO,
    Kind,
    check_fields,
    checked_by_name,
    instance_of,
    shown,
    with_example,
)

OPTIONS = ("seed", "epochs", "dtype", "batch_size")
"""Values that `lockstep run` has options for; no setting may have one of these names."""

SETTINGS: Mapping[str, Kind[Any]] = {
    "function": FUNCTION,
    "seed": SEED,
    "epochs": COUNT,
    "optimizer": instance_of("an optimizer, such as sgd(lr=0.1) or momentum(lr=0.05, momentum=0.9)", Optimizer),
    "schedule": instance_of("a schedule, such as step_decay(every=10, factor=0.5)", Schedule),
    "clipping": instance_of("a clipping, such as clip_by_norm(max_norm=1.0)", Clipping),
    "decay": instance_of("weight_decay(rate=0.01)", Decay),
    "average": instance_of("weight_average(share=0.99)", Average),
    "accumulation": instance_of("gradient_accumulation(batches=4)", Accumulation),
    "groups": GROUPS,
    "dtype": DTYPE,
    "batch_size": COUNT,
    "shuffle": YES_OR_NO,
    "drop_last": YES_OR_NO,
    "sampler": SAMPLER,
    "sizes": BY_NAME,
    "accuracy": TWO_NAMES,
    "untested": OK,
}
"""The kind of value that each setting of a scenario takes."""

DRAWN = "drawn with randn(...), param(...), data(...), bernoulli(...) or buffer(...)"
RULES = ("optimizer", "schedule", "clipping", "decay", "average", "accumulation")
"""The settings of a scenario that have settings of their own."""


@dataclass(frozen=True)
class Scenario:
    """One experiment, the same for every backend."""

    name: str
    function: Callable[..., Any]
    draws: Mapping[str, Draw]
    """Data and weights by name, in the order in which they are drawn."""
    seed: int
    epochs: int
    optimizer: Optimizer
    schedule: Schedule | None = None
    clipping: Clipping | None = None
    decay: Decay | None = None
    average: Average | None = None
    accumulation: Accumulation | None = None
    groups: Sequence[Group] = ()
    """Weights that have an optimizer or settings of their own."""
    dtype: str = "float32"
    batch_size: int | None = None
    """Rows per update; None: all rows at once, in order."""
    shuffle: bool = True
    """Whether mini-batches are shuffled anew every epoch; else their rows come in the order given."""
    drop_last: bool = False
    """Whether the rows that are left over at the end of an epoch, fewer than a batch, are left out."""
    sampler: Callable[[int, int], Any] | None = None
    """Gives the rows of each epoch in their order, in place of shuffling; they may be some of them, or repeat."""
    sizes: Mapping[str, int] | None = None
    """Sizes that the draws' shapes name, so that `--set` can vary them."""
    accuracy: tuple[str, str] | None = None
    """Names of the scores (N, C) and the labels (N,) whose held-out accuracy is to be reported."""
    untested: str | None = None
    """`"ok"` if runs agree although a unit or a gradient was never exercised, as with a single example."""

    def __post_init__(self) -> None:
        where = f"scenario {self.name}"
        check_fields(self, SETTINGS, where)
        self._check_setting_names(where)
        self._check_draws(where)
        self._check_batches(where)
        object.__setattr__(self, "groups", matched(self.groups, self.draws, where))
        check_groups(self.groups, self.optimizer, self.decay, self.draws, where)
        folder = Path(self.function.__code__.co_filename).absolute().parent
        beside = {name: draw.beside(folder) if isinstance(draw, Loaded) else draw for name, draw in self.draws.items()}
        object.__setattr__(self, "draws", beside)

    def _check_setting_names(self, where: str) -> None:
        """Check the sizes, and that `--set NAME` means one thing."""
        sizes = checked_by_name(self.sizes or {}, COUNT, where)
        object.__setattr__(self, "sizes", sizes or None)
        owners: dict[str, str] = {}
        by_owner: dict[str, Mapping[str, float]] = {rule.name: rule.by_key for rule in self.rules.values()}
        for owner, names in {**by_owner, "sizes=": sizes}.items():
            for name in names:
                if name in owners:
                    raise ScenarioError(f"{where}: {owner} has a setting {name}, and {owners[name]} has one, too")
                if name in OPTIONS:
                    raise ScenarioError(f"{where}: {name} is an option of `lockstep run`; rename the setting")
                owners[name] = owner
        if self.decay is not None and "weight_decay" in self.optimizer.settings:
            raise ScenarioError(f"{where}: {self.optimizer.name} has a weight decay of its own; leave out decay=")
        of_groups = [group.optimizer for group in self.groups if group.optimizer is not None]
        for optimizer in (self.optimizer, *of_groups):
            self._check_scheduled(optimizer, where)

    def _check_scheduled(self, optimizer: Optimizer, where: str) -> None:
        """Check that the schedule changes a setting that there is."""
        if self.schedule is None:
            return
        name, of = self.schedule.name, self.schedule.of
        if of == "rate" and self.decay is None:
            raise ScenarioError(f"{where}: {name} changes the rate of a weight decay, and the scenario has no decay=")
        if of != "rate" and of not in optimizer.settings:
            what = "a learning rate" if of == "lr" else f"the setting {of}"
            raise ScenarioError(f"{where}: {name} changes {what}, and {optimizer.name} has none")

    def _check_batches(self, where: str) -> None:
        if self.sampler is not None and not self.shuffle:
            raise ScenarioError(f"{where}: a sampler gives the order of the rows; leave out shuffle=False")
        of_batches = {
            "drop_last": self.drop_last,
            "sampler": self.sampler is not None,
            "accumulation": self.accumulation is not None,
        }
        for name, given in of_batches.items():
            if given and self.batch_size is None:
                raise ScenarioError(f"{where}: {name}= is for mini-batches; give a batch_size, too")

    def _check_draws(self, where: str) -> None:
        for name, draw in self.draws.items():
            if not isinstance(draw, DRAWS):  # such as a misspelt setting
                in_optimizer = name in self.optimizer.settings
                hint = f"; it belongs to {self.optimizer.name}(...)" if in_optimizer else near_miss(name, SETTINGS)
                raise ScenarioError(f"{where}: {name} must be {DRAWN}, not {shown(draw)}{hint}")
            TENSOR.checked(name, f"{where}: what is drawn")
            for size in draw.shape:
                if isinstance(size, str) and size not in (self.sizes or {}):
                    problem = f"{name} has a size named {size!r}, which sizes= does not define"
                    raise ScenarioError(f"{where}: {problem}{did_you_mean(size, self.sizes or {})}")
        if not any(draw.role == "weight" for draw in self.draws.values()):
            frozen = " that is not frozen" if any(draw.role == "frozen" for draw in self.draws.values()) else ""
            raise ScenarioError(f"{where}: nothing to train; draw at least one weight{frozen} with param(...)")

    @property
    def description(self) -> str:
        """The first line of the function's docstring."""
        return (self.function.__doc__ or "").strip().split("\n")[0]

    @property
    def settings(self) -> dict[str, float]:
        """Everything that `vary(settings=...)` can change: the settings of the rules and of groups, and the sizes."""
        by_rule = [rule.by_key for rule in self.rules.values()]
        by_group = [group.by_key for group in self.groups]
        return {name: value for settings in [*by_rule, *by_group, self.sizes or {}] for name, value in settings.items()}

    @property
    def rules(self) -> dict[str, Rule]:
        """The optimizer, and the other rules that there are, by kind."""
        rules: dict[str, Rule | None] = {kind: getattr(self, kind) for kind in RULES}
        return {kind: rule for kind, rule in rules.items() if rule is not None}

    @property
    def all_rules(self) -> list[Rule]:
        """The rules that a backend has functions for, with the optimizers that groups have of their own."""
        of_groups = [group.optimizer for group in self.groups if group.optimizer is not None]
        return [rule for rule in (*self.rules.values(), *of_groups) if rule.names]

    def vary(
        self,
        *,
        name: str | None = None,
        seed: int | None = None,
        epochs: int | None = None,
        dtype: str | None = None,
        batch_size: int | None = None,
        settings: Mapping[str, float] | None = None,
    ) -> Scenario:
        """A copy of the scenario with some values changed; None keeps a value.

        `settings` holds the rules' settings (`lr`), those of schedules in sequence (`warm_up.updates`), those of groups
        (`b1.lr`, by a group's first weight), and the sizes by name. A group keeps its own value of a setting that is
        changed for the others. Raises ScenarioError for an unknown name or an invalid value.
        """
        changed = dict(settings or {})
        for key in changed:
            if key in OPTIONS:
                option = f"--{key.replace('_', '-')}"
                hint = f"has an option of its own: {option}, or {key}=… in Python"
                raise ScenarioError(f"scenario {self.name}: {key} is no setting, but {hint}")
            if key not in self.settings:
                hint = self._of_group(key) or did_you_mean(key, self.settings)
                raise ScenarioError(f"scenario {self.name} has no setting {key!r}{hint}")
        rules: dict[str, Any] = {kind: rule.vary(changed) for kind, rule in self.rules.items()}
        return replace(
            self,
            name=self.name if name is None else name,
            seed=self.seed if seed is None else seed,
            epochs=self.epochs if epochs is None else epochs,
            dtype=self.dtype if dtype is None else dtype,
            batch_size=self.batch_size if batch_size is None else batch_size,
            sizes=_with(self.sizes or {}, changed) or None,
            groups=tuple(group.vary(changed) for group in self.groups),
            **rules,
        )

    def _of_group(self, key: str) -> str:
        """What to set in place of the setting of a weight that is not the first of its group; or an empty text."""
        weight, _, setting = key.rpartition(".")
        for group in self.groups:
            if weight in group.weights[1:] and group.key(setting) in group.by_key:
                return f"; {weight} is in the group of {group.weights[0]}: set {group.key(setting)}"
        return ""


def _with(settings: Mapping[str, float], changed: Mapping[str, float]) -> dict[str, Any]:
    """The settings, with those of the same names in `changed` replaced."""
    return {name: changed.get(name, value) for name, value in settings.items()}


@with_example("@scenario(seed=1, epochs=50, optimizer=sgd(lr=0.1), x=randn(20, 4), w=param(4, 2), ...)")
def scenario(
    *,
    seed: int,
    epochs: int,
    optimizer: Optimizer,
    schedule: Schedule | None = None,
    clipping: Clipping | None = None,
    decay: Decay | None = None,
    average: Average | None = None,
    accumulation: Accumulation | None = None,
    groups: Sequence[Group] = (),
    dtype: str = "float32",
    batch_size: int | None = None,
    shuffle: bool = True,
    drop_last: bool = False,
    sampler: Callable[[int, int], Any] | None = None,
    sizes: Mapping[str, int] | None = None,
    accuracy: tuple[str, str] | None = None,
    untested: str | None = None,
    **draws: Draw,
) -> Callable[[Callable[..., Any]], Scenario]:
    """Turn a function `(op, …one parameter per draw)` that returns the loss into a Scenario of the same name."""

    def define(function: Callable[..., Any]) -> Scenario:
        return Scenario(
            name=getattr(function, "__name__", type(function).__name__),
            function=function,
            draws=draws,
            seed=seed,
            epochs=epochs,
            optimizer=optimizer,
            schedule=schedule,
            clipping=clipping,
            decay=decay,
            average=average,
            accumulation=accumulation,
            groups=groups,
            dtype=dtype,
            batch_size=batch_size,
            shuffle=shuffle,
            drop_last=drop_last,
            sampler=sampler,
            sizes=sizes,
            accuracy=accuracy,
            untested=untested,
        )

    return define
