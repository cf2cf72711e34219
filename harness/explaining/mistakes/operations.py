"""One operation that was left out, done twice, with the wrong sign, the other way round or on the other branch."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np

from backends.contract import Array
from harness.explaining.causes import Cause, Rank
from harness.explaining.computation import Make, Values
from harness.explaining.wrong_element import WrongElement
from harness.numerics.written_nodes import Constant, Element, Elementwise, Node

COMPARISONS = {
    "greater": (">", np.greater_equal, ">=", np.less_equal),
    "greater_equal": (">=", np.greater, ">", np.less),
    "less": ("<", np.less_equal, "<=", np.greater_equal),
    "less_equal": ("<=", np.less, "<", np.greater),
}
"""How a comparison is written; the one that differs where both sides are equal, and its sign; the opposite one."""

Function = Callable[..., Array]


def wrong_operation(wrong: WrongElement, node: Node, step: Element) -> Iterator[Cause]:
    """What may have gone wrong in one function that is applied element by element."""
    if not isinstance(node, Elementwise):
        return
    if node.name == "where":
        yield from _other_branch(wrong, node, step)
    elif node.name in ("maximum", "minimum"):
        yield from _other_operand(wrong, node, step)
    elif node.name in COMPARISONS:
        yield from _other_comparison(wrong, node, step)
    elif node.name in ("add", "subtract"):
        yield from _wrong_summand(wrong, node, step)
    elif node.name == "multiply":
        yield from _wrong_factor(wrong, node, step)
    elif node.name == "divide":
        yield from _wrong_divisor(wrong, node, step)
    elif node.name == "power":
        yield from _wrong_exponent(wrong, node, step)
    elif len(node.operands) == 1:
        phrase = f"{wrong.valued(step.operands[0])} without {node.name}"
        yield wrong.cause(Rank.STRUCTURE, wrong.got(step, phrase), node, _in_place(node, lambda x: x * 1.0))


def _in_place(node: Node, function: Function) -> Make:
    """Another function of the same operands, in the shape that they have together."""

    def make(values: Values) -> Array:
        made = function(*(values[operand] for operand in node.operands))
        return np.broadcast_to(made, values[node].shape)

    return make


def _other_branch(wrong: WrongElement, node: Elementwise, step: Element) -> Iterator[Cause]:
    always: dict[bool, Function] = {False: lambda condition, x, y: y, True: lambda condition, x, y: x}
    for holds, function in always.items():
        there = _where_it_is_not(holds, node, step)
        if there is not None:
            condition, *branches = there.operands
            phrase = f"the other branch, {wrong.valued(branches[0 if holds else 1])}, though {wrong.holds(condition)}"
            yield wrong.cause(Rank.STRUCTURE, wrong.got(there, phrase), node, _in_place(node, function))
    condition, *branches = step.operands
    swapped = wrong.valued(branches[1 if condition.value else 0])
    phrase = f"{swapped}: the branches are swapped, as {wrong.holds(condition)}"
    yield wrong.cause(Rank.STRUCTURE, wrong.got(step, phrase), node, _in_place(node, _swapped))


def _swapped(condition: Array, x: Array, y: Array) -> Array:
    return np.where(condition, y, x)


def _where_it_is_not(holds: bool, node: Elementwise, step: Element) -> Element | None:
    """An element whose condition does not come to this, the one at hand if it is one; None where there is none."""
    if step.operands[0].value is not holds:
        return step
    conditions = np.broadcast_to(node.operands[0].value, node.value.shape)
    others = np.argwhere(conditions != holds)
    return Element(node, tuple(int(i) for i in others[0])) if len(others) else None


def _other_operand(wrong: WrongElement, node: Elementwise, step: Element) -> Iterator[Cause]:
    formula = wrong.writing.formula(step)
    other = 0 if step.value == step.operands[1].value else 1
    phrase = f"the other one, {wrong.valued(step.operands[other])}, of {formula}"
    function = _in_place(node, lambda *operands: operands[other])
    yield wrong.cause(Rank.STRUCTURE, wrong.got(step, phrase), node, function)
    opposite, which = (np.minimum, "smaller") if node.name == "maximum" else (np.maximum, "larger")
    phrase = f"the {which} one of {formula}"
    yield wrong.cause(Rank.STRUCTURE, wrong.got(step, phrase), node, _in_place(node, opposite))


def _other_comparison(wrong: WrongElement, node: Elementwise, step: Element) -> Iterator[Cause]:
    sign, at_equality, its_sign, opposite = COMPARISONS[node.name]
    formula = wrong.writing.formula(step)
    says = f"got comes out with {its_sign} for {sign} in {formula}: both sides are equal here"
    yield wrong.cause(Rank.STRUCTURE, says, node, _in_place(node, at_equality))
    says = f"got comes out if the condition {formula} is turned round, but {wrong.holds(step)}"
    yield wrong.cause(Rank.STRUCTURE, says, node, _in_place(node, opposite))


def _wrong_summand(wrong: WrongElement, node: Elementwise, step: Element) -> Iterator[Cause]:
    formula = wrong.writing.formula(step)
    for i, operand in enumerate(step.operands):
        for rank, factor, how, within in (
            (Rank.STRUCTURE, 0.0, "without", "left out of"),
            (Rank.TWICE, 2.0, "with twice", "counted twice in"),
            (Rank.STRUCTURE, -1.0, "with the wrong sign on", "of the wrong sign in"),
        ):
            says = f"got comes out if {wrong.valued(operand)} is {within} {formula}"
            if wrong.is_result(step):
                says = f"got is {formula} {how} {wrong.valued(operand)}"
            yield wrong.cause(rank, says, node, _in_place(node, _with_factor(node, i, factor)))
    if node.name == "subtract":
        phrase = f"{wrong.valued(step.operands[1])}, not {formula}"
        yield wrong.cause(Rank.STRUCTURE, wrong.got(step, phrase), node, _in_place(node, lambda x, y: y))


def _with_factor(node: Elementwise, i: int, factor: float) -> Function:
    def function(*operands: Array) -> Array:
        return node.function(*(x * factor if k == i else x for k, x in enumerate(operands)))

    return function


def _wrong_factor(wrong: WrongElement, node: Elementwise, step: Element) -> Iterator[Cause]:
    for i in (0, 1):
        by = _with_meaning(wrong, step.operands[i])
        ways: tuple[tuple[Rank, str, Function], ...] = (
            (Rank.STRUCTURE, f"not multiplied by {by}", lambda *x, i=i: x[1 - i]),
            (Rank.ODD, f"multiplied twice by {by}", lambda *x, i=i: x[1 - i] * x[i] * x[i]),
            (Rank.ODD, f"divided, not multiplied, by {by}", lambda *x, i=i: x[1 - i] / x[i]),
        )
        yield from _otherwise(wrong, node, step, ways)


def _wrong_divisor(wrong: WrongElement, node: Elementwise, step: Element) -> Iterator[Cause]:
    by = _with_meaning(wrong, step.operands[1])
    ways: tuple[tuple[Rank, str, Function], ...] = (
        (Rank.STRUCTURE, f"not divided by {by}", lambda x, y: x),
        (Rank.ODD, f"divided twice by {by}", lambda x, y: x / y / y),
        (Rank.ODD, f"multiplied, not divided, by {by}", lambda x, y: x * y),
    )
    yield from _otherwise(wrong, node, step, ways)


def _with_meaning(wrong: WrongElement, operand: Element) -> str:
    """`h[0, 1] = 0.5`; of a number in the source what it counts, as far as that can be told."""
    counted = isinstance(operand.node, Constant) and operand.value in wrong.counts
    return wrong.valued(operand) + (f", {wrong.counts[int(operand.value)]}" if counted else "")


def _otherwise(
    wrong: WrongElement, node: Elementwise, step: Element, ways: tuple[tuple[Rank, str, Function], ...]
) -> Iterator[Cause]:
    for rank, says, function in ways:
        phrase = f"{wrong.writing.formula(step)} but {says}" if wrong.is_result(step) else says
        yield wrong.cause(rank, wrong.got(step, phrase), node, _in_place(node, function))


def _wrong_exponent(wrong: WrongElement, node: Elementwise, step: Element) -> Iterator[Cause]:
    base, exponent = step.operands
    phrase = f"{wrong.valued(base)} without the exponent"
    yield wrong.cause(Rank.STRUCTURE, wrong.got(step, phrase), node, _in_place(node, lambda x, p: x))
    for more, which in ((1, "large"), (-1, "small")):
        phrase = f"{wrong.writing.formula(step)} with an exponent too {which} by 1, {exponent.value + more:g}"
        function = _in_place(node, lambda x, p, more=more: x ** (p + more))
        yield wrong.cause(Rank.TWICE, wrong.got(step, phrase), node, function)
