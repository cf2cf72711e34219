"""Mistakes in one operation: left out, applied twice, negated, inverted, or taking the other branch."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np

from backends.contract import Array
from harness.explaining.causes import Cause, Rank
from harness.explaining.computation import Make, Values
from harness.explaining.wrong_element import WrongElement
from harness.numerics.written.nodes import Constant, Element, Elementwise, Node, Summed

COMPARISONS = {
    "greater": (">", np.greater_equal, ">=", np.less_equal),
    "greater_equal": (">=", np.greater, ">", np.less),
    "less": ("<", np.less_equal, "<=", np.greater_equal),
    "less_equal": ("<=", np.less, "<", np.greater),
}
"""A comparison's sign; the comparison that differs from it only at equality, and its sign; the reverse comparison."""

Function = Callable[..., Array]


def wrong_operation(target: WrongElement, node: Node, step: Element) -> Iterator[Cause]:
    """Yield the mistakes in one elementwise function."""
    if not isinstance(node, Elementwise):
        return
    if node.name == "where":
        yield from _other_branch(target, node, step)
    elif node.name in ("maximum", "minimum"):
        yield from _other_operand(target, node, step)
    elif node.name in COMPARISONS:
        yield from _other_comparison(target, node, step)
    elif node.name in ("add", "subtract"):
        yield from _wrong_summand(target, node, step)
    elif node.name == "multiply":
        yield from _wrong_factor(target, node, step)
    elif node.name == "divide":
        yield from _wrong_divisor(target, node, step)
    elif node.name == "power":
        yield from _wrong_exponent(target, node, step)
    elif len(node.operands) == 1:
        phrase = f"{target.valued(step.operands[0])} without {node.name}"
        yield target.cause(Rank.STRUCTURE, target.got(step, phrase), node, _in_place(node, lambda x: x * 1.0))


def _in_place(node: Node, function: Function) -> Make:
    """Apply another function to the same operands, broadcast to the shape of the result."""

    def make(values: Values) -> Array:
        made = function(*(values[operand] for operand in node.operands))
        return np.broadcast_to(made, values[node].shape)

    return make


def _other_branch(target: WrongElement, node: Elementwise, step: Element) -> Iterator[Cause]:
    always: dict[bool, Function] = {False: lambda condition, x, y: y, True: lambda condition, x, y: x}
    for holds, function in always.items():
        counterexample = _where_it_is_not(holds, node, step)
        if counterexample is not None:
            condition, *branches = counterexample.operands
            phrase = f"the other branch, {target.valued(branches[0 if holds else 1])}, though {target.holds(condition)}"
            yield target.cause(Rank.STRUCTURE, target.got(counterexample, phrase), node, _in_place(node, function))
    condition, *branches = step.operands
    swapped = target.valued(branches[1 if condition.value else 0])
    phrase = f"{swapped}: the branches are swapped, as {target.holds(condition)}"
    yield target.cause(Rank.STRUCTURE, target.got(step, phrase), node, _in_place(node, _swapped))


def _swapped(condition: Array, x: Array, y: Array) -> Array:
    return np.where(condition, y, x)


def _where_it_is_not(holds: bool, node: Elementwise, step: Element) -> Element | None:
    """An element whose condition is not `holds`, preferably `step` itself; None if there is none."""
    if step.operands[0].value is not holds:
        return step
    conditions = np.broadcast_to(node.operands[0].value, node.value.shape)
    others = np.argwhere(conditions != holds)
    return Element(node, tuple(int(i) for i in others[0])) if len(others) else None


def _other_operand(target: WrongElement, node: Elementwise, step: Element) -> Iterator[Cause]:
    formula = target.writing.formula(step)
    has_name = target.is_result(step) or target.writing.name(step) != formula
    other = 0 if step.value == step.operands[1].value else 1
    opposite, which = (np.minimum, "smaller") if node.name == "maximum" else (np.maximum, "larger")
    ways: tuple[tuple[str, Function], ...] = (
        (f"the other one, {target.valued(step.operands[other])},", lambda *operands: operands[other]),
        (f"the {which} one", opposite),
    )
    for what, function in ways:
        phrase = target.got(step, f"{what} of {formula}") if has_name else f"got comes out with {what} in {formula}"
        yield target.cause(Rank.STRUCTURE, phrase, node, _in_place(node, function))


def _other_comparison(target: WrongElement, node: Elementwise, step: Element) -> Iterator[Cause]:
    sign, at_equality, its_sign, opposite = COMPARISONS[node.name]
    formula = target.writing.formula(step)
    description = f"got comes out with {its_sign} for {sign} in {formula}: both sides are equal here"
    yield target.cause(Rank.STRUCTURE, description, node, _in_place(node, at_equality))
    description = f"got comes out if the condition {formula} is turned round, but {target.holds(step)}"
    yield target.cause(Rank.STRUCTURE, description, node, _in_place(node, opposite))


def _wrong_summand(target: WrongElement, node: Elementwise, step: Element) -> Iterator[Cause]:
    formula = target.writing.formula(step)
    for i, operand in enumerate(step.operands):
        for rank, factor, how, within in (
            (Rank.STRUCTURE, 0.0, "without", "left out of"),
            (Rank.TWICE, 2.0, "with twice", "counted twice in"),
            (Rank.STRUCTURE, -1.0, "with the wrong sign on", "of the wrong sign in"),
        ):
            description = f"got comes out if {target.valued(operand)} is {within} {formula}"
            if target.is_result(step):
                description = f"got is {formula} {how} {target.valued(operand)}"
            yield target.cause(rank, description, node, _in_place(node, _with_factor(node, i, factor)))
    if node.name == "subtract":
        phrase = f"{target.valued(step.operands[1])}, not {formula}"
        yield target.cause(Rank.STRUCTURE, target.got(step, phrase), node, _in_place(node, lambda x, y: y))


def _with_factor(node: Elementwise, i: int, factor: float) -> Function:
    def function(*operands: Array) -> Array:
        return node.function(*(x * factor if k == i else x for k, x in enumerate(operands)))

    return function


def _wrong_factor(target: WrongElement, node: Elementwise, step: Element) -> Iterator[Cause]:
    for i in (0, 1):
        by = _with_meaning(target, step.operands[i])
        ways: tuple[tuple[Rank, str, Function], ...] = (
            (Rank.STRUCTURE, f"not multiplied by {by}", lambda *x, i=i: x[1 - i]),
            (Rank.ODD, f"multiplied twice by {by}", lambda *x, i=i: x[1 - i] * x[i] * x[i]),
            (Rank.ODD, f"divided, not multiplied, by {by}", lambda *x, i=i: x[1 - i] / x[i]),
        )
        yield from _otherwise(target, node, step, ways)


def _wrong_divisor(target: WrongElement, node: Elementwise, step: Element) -> Iterator[Cause]:
    by = _with_meaning(target, step.operands[1])
    dividend, divisor = step.operands
    is_mean = isinstance(dividend.node, Summed) and len(dividend.terms) == divisor.value
    ways: tuple[tuple[Rank, str, Function], ...] = (
        (Rank.STRUCTURE, f"not divided by {by}{': a sum where a mean belongs' if is_mean else ''}", lambda x, y: x),
        (Rank.ODD, f"divided twice by {by}", lambda x, y: x / y / y),
        (Rank.ODD, f"multiplied, not divided, by {by}", lambda x, y: x * y),
    )
    yield from _otherwise(target, node, step, ways)


def _with_meaning(target: WrongElement, operand: Element) -> str:
    """`h[0, 1] = 0.5`; for a number in the source also what it counts, if it is a count."""
    counted = isinstance(operand.node, Constant) and operand.value in target.counts
    return target.valued(operand) + (f", {target.counts[int(operand.value)]}" if counted else "")


def _otherwise(
    target: WrongElement, node: Elementwise, step: Element, ways: tuple[tuple[Rank, str, Function], ...]
) -> Iterator[Cause]:
    for rank, description, function in ways:
        phrase = f"{target.writing.formula(step)} but {description}" if target.is_result(step) else description
        yield target.cause(rank, target.got(step, phrase), node, _in_place(node, function))


def _wrong_exponent(target: WrongElement, node: Elementwise, step: Element) -> Iterator[Cause]:
    base, exponent = step.operands
    phrase = f"{target.valued(base)} without the exponent"
    yield target.cause(Rank.STRUCTURE, target.got(step, phrase), node, _in_place(node, lambda x, p: x))
    for more, which in ((1, "large"), (-1, "small")):
        phrase = f"{target.writing.formula(step)} with an exponent too {which} by 1, {exponent.value + more:g}"
        function = _in_place(node, lambda x, p, more=more: x ** (p + more))
        yield target.cause(Rank.TWICE, target.got(step, phrase), node, function)
