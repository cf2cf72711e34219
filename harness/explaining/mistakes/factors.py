"""The result or a step before it is off by a factor: a count, a setting, 2, ½ or −1."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from fractions import Fraction

import numpy as np

from backends.contract import Array
from harness.explaining.causes import Cause, Rank
from harness.explaining.computation import Change, Make, Values
from harness.explaining.solving import LARGEST_OF_FRACTION, is_by_chance, shortest, simplest, solution
from harness.explaining.uses import NamedUse
from harness.explaining.wrong_element import WrongElement
from harness.numerics.written.nodes import Constant, Element, Elementwise, Moved, Node, Summed

MOST_REASONS = 2

DIGITS_OF_CHANGE = 2
"""The change of a factor from 1 must have fewer digits than this. That of 0.99999 is −0.00001 and has one."""

Scaled = Callable[[float], Make]
"""By the factor: the changed result of a step that is multiplied by it, wholly or in part."""


def _numbers_of_settings(uses: Sequence[NamedUse], nodes: Sequence[Node]) -> dict[str, float]:
    """The settings that are numbers, 1 minus each of them, and the numbers that the op computes from them."""
    numbers: dict[str, float] = {}
    for name, value in {name: value for use in uses for name, value in use.settings.items()}.items():
        if isinstance(value, int | float) and not isinstance(value, bool):
            numbers[name] = value
        if isinstance(value, float):
            numbers[f"(1 - {name})"] = 1 - value
    for node in nodes:
        if isinstance(node, Constant) and node.name is not None:
            numbers.setdefault(node.name, float(node.value))
    return {name: number for name, number in numbers.items() if abs(number) not in (0, 1)}


class Factors:
    """The factors that the steps of one wrong element may be off by."""

    def __init__(self, target: WrongElement, uses: Sequence[NamedUse]) -> None:
        self._wrong = target
        self._counts = target.counts
        self._settings = _numbers_of_settings(uses, target.computation.nodes)
        self._names = {name for use in uses for name in use.settings}

    def wrong_factor(self, node: Node, step: Element) -> Iterator[Cause]:
        """The factor that a step is off by, unless the step that reads it would be off by the same factor."""
        if isinstance(step.value, bool) or (isinstance(node, Constant) and node.name in self._names):
            return
        if self._wrong.is_result(step) or self._matters(node) or _divisor(node, step):
            factor, room = self._solved(node, _whole(node))
            yield from self._nothing_or_negated(node, step, factor, room)
            yield from self._times(node, step, _whole(node), self._name(node, step), factor, room)
        if isinstance(node, Elementwise) and node.name == "where":
            condition, *branches = step.operands
            other = 1 if condition.value else 0
            scaled = _other_branch(node, other)
            name = f"the other branch, {self._wrong.valued(branches[other])}"
            yield from self._times(node, step, scaled, name, *self._solved(node, scaled))

    def _matters(self, node: Node) -> bool:
        """Whether a factor on a step has a different effect than the same factor on the step that reads it."""
        users = self._wrong.computation.users[node]
        passes_on = len(users) == 1 and (
            isinstance(users[0], Summed | Moved)
            or (isinstance(users[0], Elementwise) and users[0].name in ("multiply", "divide", "negative"))
        )
        return not passes_on

    def _name(self, node: Node, step: Element) -> str:
        """The step with its value; for a number in the source, also the formula that it stands in."""
        if self._wrong.is_result(step):
            return "want"
        name, elements = self._wrong.valued(step), self._wrong.elements
        users = [elements[user] for user in self._wrong.computation.users[node] if user in elements]
        return f"{name} in {self._wrong.writing.formula(users[0])}" if isinstance(node, Constant) and users else name

    def _nothing_or_negated(self, node: Node, step: Element, factor: float, room: float) -> Iterator[Cause]:
        target, observation = self._wrong, self._wrong.observation
        name, is_result = self._name(node, step), self._wrong.is_result(step)
        if abs(factor) <= room and not is_result:
            yield target.cause(Rank.ZERO, f"got comes out if {name} is 0", node, _whole(node)(0.0))
        elif abs(factor) <= room and not np.any(observation.got[observation.is_wrong]):
            yield target.cause(Rank.SIGN, "got is 0", node, _whole(node)(0.0))
        elif abs(factor + 1) <= room:
            rank, got = (Rank.SIGN, "got is") if is_result else (Rank.STRUCTURE, "got comes out with")
            yield target.cause(rank, f"{got} {name} with the wrong sign", node, _whole(node)(-1.0))

    def _times(
        self, node: Node, step: Element, scaled: Scaled, name: str, factor: float, room: float
    ) -> Iterator[Cause]:
        """A step is multiplied by a factor that a mistake may plausibly have."""
        size, is_result = abs(factor), self._wrong.is_result(step)
        if size <= room or abs(size - 1) <= room:
            return
        divided = self._other_divisor(_divisor(node, step), size, room) or self._mean_for_sum(step, size, room)
        reasons = [*divided, *([] if divided else self._meanings(size, room))][:MOST_REASONS]
        meant, times = _any_number(factor, room) if reasons else _simple_number(factor, room, or_change=not is_result)
        if times:
            description = f"{'got is' if is_result else 'got comes out with'} {times} {name}"
            description += " with the wrong sign" if meant < 0 else ""
            description += f": {', or '.join(reasons)}" if reasons else ""
            rank = Rank.COUNT if divided else Rank.FACTOR if reasons else Rank.FRACTION
            yield self._wrong.cause(rank, description, node, scaled(meant))

    def _solved(self, node: Node, scaled: Scaled) -> tuple[float, float]:
        """The factor that gives `got` at this element, and how far rounding may move it; 1 if there is none."""
        computation, observation, index = self._wrong.computation, self._wrong.observation, self._wrong.index
        got, room = float(observation.got[index]), float(observation.tolerance(observation.got)[index])

        def residual(factor: float) -> float:
            return float(computation.result(Change(node, scaled(factor)), computation.recorded)[index]) - got

        return solution(residual, 1.0, 0.0, room) or (1.0, 0.0)

    def _other_divisor(self, divisor: int, size: float, room: float) -> list[str]:
        """The reason that a step is divided by the count of something else, if that fits."""
        other = round(divisor / size)
        if other == divisor or other not in self._counts or abs(divisor / other - size) > room:
            return []
        return [f"it is divided by {other:,}, {self._counts[other]}, not by {divisor:,}"]

    def _mean_for_sum(self, step: Element, size: float, room: float) -> list[str]:
        """The reason that a sum was divided by the number of its terms, if that fits."""
        many = len(step.terms) if isinstance(step.node, Summed) else 0
        if many < 2 or abs(1 / many - size) > room:
            return []
        counted = f"{many:,} is {self._counts[many]}, so it" if many in self._counts else "it"
        return [f"{counted} is a mean where a sum belongs"]

    def _meanings(self, size: float, room: float) -> Iterator[str]:
        """Possible meanings of a factor: a setting, a count, an inverse of either, or a fraction with a count.

        There are none where one of so many numbers would be as close by chance.
        """
        if is_by_chance(2 * (len(self._settings) + len(self._counts)), room / size):
            return
        for name, number in self._settings.items():
            if abs(abs(number) - size) <= room:
                yield f"{number:.9g} is {name}"
            elif abs(abs(1 / number) - size) <= room:
                yield f"{number:.9g} is {name}" if float(number).is_integer() else f"{1 / number:.9g} is 1 / {name}"
        for count, what in self._counts.items():
            if abs(count - size) <= room or abs(1 / count - size) <= room:
                yield f"{count:,} is {what}"
        fraction = simplest(size, room)
        if fraction is not None and 1 not in (fraction.numerator, fraction.denominator):
            for number in (fraction.numerator, fraction.denominator):
                if number in self._counts:
                    yield f"{number:,} is {self._counts[number]}"


def _whole(node: Node) -> Scaled:
    return lambda factor: lambda values: values[node] * factor


def _other_branch(node: Elementwise, other: int) -> Scaled:
    """One branch is replaced by a multiple of the other."""

    def scaled(factor: float) -> Make:
        def make(values: Values) -> Array:
            condition, *branches = (values[operand] for operand in node.operands)
            branches[1 - other] = branches[other] * factor
            return np.broadcast_to(np.where(condition, *branches), values[node].shape)  # both may be a number

        return make

    return scaled


def _divisor(node: Node, step: Element) -> int:
    """The count that a step is divided by; 0 if there is none."""
    if not isinstance(node, Elementwise) or node.name != "divide" or not isinstance(node.operands[1], Constant):
        return 0
    divisor = step.operands[1].value
    return int(divisor) if divisor > 1 and float(divisor).is_integer() else 0


def _any_number(factor: float, room: float) -> tuple[float, str]:
    """A factor that has a meaning, with its words: `twice`, `1/12 of` or `0.1 times`."""
    size = abs(factor)
    inverse = [Fraction(1, round(1 / size))] if size < 1 else []
    for fraction in (Fraction(size).limit_denominator(LARGEST_OF_FRACTION), *inverse):
        if abs(float(fraction) - size) <= room:
            return _fraction(fraction, factor)
    return factor, f"{abs(factor):.9g} times"


def _simple_number(factor: float, room: float, *, or_change: bool) -> tuple[float, str]:
    """A factor without a meaning, with its words: n, 1/n, or a change of few digits such as 1.00001.

    The words are empty if the factor is none of these.
    """
    fraction = simplest(abs(factor), room)
    if fraction is not None and 1 in fraction.as_integer_ratio():
        return _fraction(fraction, factor)
    change = shortest(factor, 1.0, room, DIGITS_OF_CHANGE) if or_change else None
    return (change, f"{abs(change):.9g} times") if change else (factor, "")


def _fraction(fraction: Fraction, factor: float) -> tuple[float, str]:
    p, q = fraction.as_integer_ratio()
    words = {(2, 1): "twice", (1, 2): "half of"}.get((p, q), f"{p:,} times" if q == 1 else f"{p:,}/{q:,} of")
    return float(np.copysign(p / q, factor)), words
