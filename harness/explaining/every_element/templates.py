"""The formulas of many elements as one: `max(h[{0}, {1}], 0)` for every element of `h_r`, with the numbers of each."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from harness.numerics.written.nodes import Index

Step = Mapping[str, Any]
"""`{"what", "is"}`, `{"what", "sum" | "max" | "min": [term, ...], "of", "at"}`, or `{"what", "at"}` for a given number.

`at` says which of the further numbers it is, as a text; `of` how many terms a long sum has.
"""
INDEX = re.compile(r"\[(\d[\d, ]*)\]")
Group = dict[str, Any]
"""`{"steps": [positions in `Templates.steps`], "slots": [...], "places": [flat, ...]}`; without places, all."""
Slot = list[int] | dict[str, list[int]]
"""The numbers of a place in all elements of a group: `[constant, factor of each index]`, else `{"each": [...]}`."""


@dataclass
class Templates:
    """The steps of every element, compactly. Elements whose formulas differ in their numbers alone are a group."""

    steps: list[Step] = field(default_factory=list)
    """With `{0}`, `{1}`, … for the numbers that differ within a group; shared between tensors."""
    size: int = 0
    """About how many characters it takes."""
    _numbers: dict[str, int] = field(default_factory=dict)

    def add(self, shape: Sequence[int], elements: Mapping[Index, Sequence[Step]]) -> list[Group]:
        """Take in the steps of elements of a tensor by their index; return its elements in groups."""
        alike: dict[str, list[tuple[Index, list[int]]]] = {}
        skeletons: dict[str, list[Any]] = {}
        for index, steps in elements.items():
            numbers: list[int] = []
            skeleton = _without_numbers(steps, numbers)
            alike.setdefault(repr(skeleton), []).append((index, numbers))
            skeletons[repr(skeleton)] = skeleton
        groups = [
            self._group(skeletons[key], shape, members, is_only=len(alike) == 1) for key, members in alike.items()
        ]
        self.size += sum(len(repr(group)) for group in groups)
        return groups

    def _group(
        self, skeleton: list[Any], shape: Sequence[int], members: list[tuple[Index, list[int]]], *, is_only: bool
    ) -> Group:
        slots: list[Slot] = []
        texts = []
        for numbers in zip(*(numbers for _, numbers in members), strict=True):
            slot = _slot([index for index, _ in members], numbers)
            if isinstance(slot, list) and not any(slot[1:]):
                texts.append(str(slot[0]))
                continue
            if slot not in slots:
                slots.append(slot)
            texts.append(f"{{{slots.index(slot)}}}")
        steps = [self._number_of(step) for step in _with_numbers(skeleton, iter(texts))]
        group: Group = {"steps": steps, "slots": slots}
        if not is_only:
            group["places"] = [int(np.ravel_multi_index(index, tuple(shape))) if index else 0 for index, _ in members]
        return group

    def _number_of(self, step: Step) -> int:
        key = repr(step)
        if key not in self._numbers:
            self._numbers[key] = len(self.steps)
            self.steps.append(step)
            self.size += len(key)
        return self._numbers[key]


def _without_numbers(steps: Sequence[Step], numbers: list[int]) -> list[Any]:
    """The steps with `#` for every number of an index, and for which further number is meant; these are collected."""

    def taken(match: re.Match[str]) -> str:
        parts = match[1].split(", ")
        numbers.extend(map(int, parts))
        return f"[{', '.join('#' * len(parts))}]"

    def plain(key: str, value: Any) -> Any:
        if key == "at":
            numbers.append(int(value))
            return "#"
        if isinstance(value, list):
            return [INDEX.sub(taken, text) for text in value]
        return INDEX.sub(taken, value) if isinstance(value, str) else value

    return [{key: plain(key, value) for key, value in step.items()} for step in steps]


def _with_numbers(skeleton: Sequence[Step], texts: Any) -> list[Step]:
    """The steps with what stands for each of their numbers."""

    def filled(text: Any) -> Any:
        return re.sub("#", lambda _: next(texts), text) if isinstance(text, str) else text

    return [
        {key: [*map(filled, value)] if isinstance(value, list) else filled(value) for key, value in step.items()}
        for step in skeleton
    ]


def _slot(indices: Sequence[Index], numbers: Sequence[int]) -> Slot:
    """The numbers as a sum over the index, where they are one."""
    if len(set(numbers)) == 1:
        return [numbers[0]]
    matrix = np.array([[1, *index] for index in indices])
    factors = np.rint(np.linalg.lstsq(matrix.astype(np.float64), np.array(numbers, np.float64), rcond=None)[0])
    if np.array_equal(matrix @ factors.astype(np.int64), numbers):
        return [int(factor) for factor in factors]
    return {"each": list(numbers)}
