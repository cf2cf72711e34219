"""Puts translations of passes with batches of several sizes together to one."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from harness.capturing.translated import Leaf, Refusal, Translated, TranslatedCall


def merged(translations: Sequence[Translated]) -> Translated:
    """The translation of all passes, each of which has one; that of the first for all if they are the same."""
    first, *others = translations
    distinct = [other for i, other in enumerate(others) if other is not first and other not in others[:i]]
    if not distinct:
        return first
    calls: list[TranslatedCall] = []
    refusals = [*first.refusals]
    for position, each in enumerate(first.calls):
        settings: Any = each.call.settings
        for other in distinct:
            settings = _merged_settings(settings, other.calls[position].call.settings)
        if settings is None:
            refusals.append(Refusal(each.live, f"{each.call.op} has other settings for another batch"))
        calls.append(each if settings is None else replace(each, call=replace(each.call, settings=settings)))
    leaves = {name: _merged_leaf(name, leaf, translations) for name, leaf in first.leaves.items()}
    return replace(first, calls=calls, refusals=refusals, leaves=leaves)


def _merged_settings(one: Mapping[str, Any] | None, other: Mapping[str, Any]) -> dict[str, Any] | None:
    """Settings for both batches, −1 for the one size of a shape that differs; None if something else does."""
    if one is None or one.keys() != other.keys():
        return None
    found = dict(one)
    for name, value in one.items():
        if value != other[name]:
            if name != "shape" or len(value) != len(other[name]):
                return None
            sizes = [a if a == b else -1 for a, b in zip(value, other[name], strict=True)]
            if sizes.count(-1) > 1:
                return None
            found[name] = tuple(sizes)
    return found


def _merged_leaf(name: str, leaf: Leaf, translations: Sequence[Translated]) -> Leaf:
    """The leaf; where it is a constant whose shape depends on the batch, it is data."""
    arrays = [each.leaves[name].arrays[0] for each in translations]
    if leaf.role != "frozen" or all(array.shape == arrays[0].shape for array in arrays):
        return leaf
    return Leaf("data", arrays, leaf.source)
