"""Puts translations of passes with batches of several sizes together to one."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import zip_longest
from typing import Any

import numpy as np

from backends.capture.calls import LiveCall
from harness.capturing.translated import Leaf, Refusal, Translated, TranslatedCall


def merged(translations: Sequence[Translated]) -> Translated:
    """The translation of all passes, each of which has one; that of the first for all if they are the same."""
    first = translations[0]
    distinct = [*{id(each): each for each in translations if each is not first}.values()]
    if not distinct:
        return first
    refusals = [*{str(refusal): refusal for each in translations for refusal in each.refusals}.values()]
    if refusals:
        return replace(first, refusals=refusals)
    apart = next((call for other in distinct if (call := _first_apart(first, other)) is not None), None)
    if apart is not None:
        return replace(first, refusals=[Refusal(apart, "it is another computation in another update")])
    calls: list[TranslatedCall] = []
    for position, each in enumerate(first.calls):
        settings: dict[str, Any] | None = dict(each.call.settings)
        for other in distinct:
            settings = _merged_settings(settings, other.calls[position].call.settings)
        if settings is None:
            refusals.append(Refusal(each.live, f"{each.call.op} has other settings for another batch"))
        calls.append(each if settings is None else replace(each, call=replace(each.call, settings=settings)))
    leaves = {name: _merged_leaf(name, leaf, translations) for name, leaf in first.leaves.items()}
    return replace(first, calls=calls, refusals=refusals, leaves=leaves)


def have_same_constants(translations: Sequence[Translated]) -> bool:
    """Whether what is no weight and no data is the same in all passes."""
    first = translations[0]
    return all(
        each.leaves.keys() == first.leaves.keys()
        and all(
            np.array_equal(leaf.arrays[0], each.leaves[name].arrays[0])
            for name, leaf in first.leaves.items()
            if leaf.role == "frozen" and not leaf.source
        )
        for each in translations
    )


def _first_apart(one: Translated, other: Translated) -> LiveCall | None:
    """The first call of one translation that the other has not, or has with other tensors."""
    for mine, theirs in zip_longest(one.calls, other.calls):
        if mine is None or theirs is None or _tensors(mine) != _tensors(theirs):
            return (mine or theirs).live
    return None


def _tensors(each: TranslatedCall) -> tuple[Any, ...]:
    return each.call.op, each.call.inputs, each.call.outputs


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
    """The leaf; where it is a constant that depends on the update, such as a number of rows, it is data."""
    arrays = [each.leaves[name].of_pass(position) for position, each in enumerate(translations)]
    is_constant = leaf.role == "frozen" and not leaf.source
    if leaf.role != "data" and (not is_constant or all(np.array_equal(array, arrays[0]) for array in arrays)):
        return leaf
    return Leaf("data", arrays, leaf.source)
