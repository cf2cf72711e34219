"""Which settings differ between calls, and rules, of one meaning."""

from collections.abc import Collection, Iterable, Iterator
from difflib import SequenceMatcher
from math import inf
from typing import Any

import msgspec

from backends.capture.calls import LiveCall, Pass
from backends.capture.training import Rule
from harness.comparing.mates import REARRANGEMENTS

SETTINGS_OF_RULES = (
    "lr",
    "momentum",
    "beta1",
    "beta2",
    "eps",
    "rho",
    "alpha",
    "dampening",
    "weight_decay",
    "clip_by_norm",
)
"""Those that mean the same in both frameworks, in the order in which they are shown."""
ABSENT = {"weight_decay": 0, "clip_by_norm": None, "momentum": 0, "dampening": 0}
"""What a rule has that does not mention a setting."""


class SettingDifference(msgspec.Struct, frozen=True, kw_only=True):
    """One setting that two calls, or two rules, of one meaning have different values for."""

    kind: str
    setting: str
    left: Any
    right: Any
    left_place: str
    """`layer: function (file:line)`; for a rule, the optimizer's class."""
    right_place: str

    @property
    def what(self) -> str:
        """The setting and both values."""
        return f"{self.kind}: {self.setting} {shown(self.left)} | {shown(self.right)}"

    def __str__(self) -> str:
        return f"{self.what}, in {self.left_place} | {self.right_place}"


def call_differences(left: Pass, right: Pass) -> list[SettingDifference]:
    """The settings that differ between the calls of two models that stand at the same place in the order of calls."""
    return [difference for pair in aligned(left, right) for difference in between(*pair)]


def aligned(left: Pass, right: Pass) -> Iterator[tuple[LiveCall, LiveCall]]:
    """Calls of the same kind at the same place in the order of calls, without those that only rearrange."""
    mine, theirs = ([call for call in captured.calls if call.kind not in REARRANGEMENTS] for captured in (left, right))
    matcher = SequenceMatcher(None, [call.kind for call in mine], [call.kind for call in theirs], autojunk=False)
    for block in matcher.get_matching_blocks():
        yield from zip(mine[block.a : block.a + block.size], theirs[block.b : block.b + block.size], strict=True)


def between(left: LiveCall, right: LiveCall) -> Iterator[SettingDifference]:
    """The settings that both calls have, with different values."""
    for name in left.settings:  # in their order, which that of a set is not
        if name in right.settings and not _is_same(left.settings[name], right.settings[name]):
            yield SettingDifference(
                kind=left.kind,
                setting=name,
                left=left.settings[name],
                right=right.settings[name],
                left_place=str(left),
                right_place=str(right),
            )


def rule_differences(left: Rule | None, right: Rule | None, *, unread: Collection[str] = ()) -> list[SettingDifference]:
    """How two optimizers differ: another rule, or other settings, apart from those that are unread on a side."""
    if left is None or right is None:
        return []
    found = []
    if left.kind != right.kind:
        found.append(_of_rules("rule", left.kind, right.kind, left, right))
    for name in SETTINGS_OF_RULES:
        mine, theirs = (rule.settings.get(name, ABSENT.get(name)) for rule in (left, right))
        if name not in unread and not _is_same(mine, theirs):
            found.append(_of_rules(name, mine, theirs, left, right))
    return found


def _of_rules(setting: str, mine: Any, theirs: Any, left: Rule, right: Rule) -> SettingDifference:
    return SettingDifference(
        kind="optimizer",
        setting=setting,
        left=mine,
        right=theirs,
        left_place=left.name,
        right_place=right.name,
    )


def _is_same(mine: Any, theirs: Any) -> bool:
    """Equal, also where one of two floats was computed, such as a momentum of 1 − 0.9."""
    if isinstance(mine, int | float) and isinstance(theirs, int | float):
        return mine == theirs or abs(mine - theirs) <= 1e-12 * max(abs(mine), abs(theirs)) < inf
    return bool(mine == theirs)


def shown(value: Any) -> str:
    """A setting as messages show it."""
    if isinstance(value, list | tuple):
        return f"({', '.join(map(shown, value))})"  # a saved pair is a list
    return f"{value:.6g}" if isinstance(value, float) else str(value)


def in_short(differences: Iterable[SettingDifference]) -> str:
    """Settings that differ, with both values, in one text; what they are settings of is clear from where it stands."""
    return ", ".join(f"{each.setting} {shown(each.left)} | {shown(each.right)}" for each in differences)
