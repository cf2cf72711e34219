"""Mistakes in the arithmetic of one element: a term, a factor or a branch that is wrong, at any step of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from harness.explaining.hypotheses import Evidence, Hypothesis, Rank
from harness.numerics.written_lines import ALL_TERMS, Writing
from harness.numerics.written_nodes import Constant, Element, Elementwise, Index, Input, Node, Summed, element

MOST_CANDIDATES = 32
"""Of a long sum, so many terms at most are tried at other elements too."""

APART = 8.0
"""A term of a long sum that fits by chance has others that nearly fit; by so much they must miss."""


class Arithmetic:
    """The mistakes that may have been made in computing one tensor, from how it was computed."""

    def __init__(self, root: Node, writing: Writing, found: Evidence, factors: dict[float, str]) -> None:
        self._root = root
        self._writing = writing
        self._found = found
        self._factors = factors
        self._here = self._spine(found.index)
        self._spines: dict[Index, dict[Node, Element]] = {}
        self._inputs = list(dict.fromkeys(e.node for e in self._here if isinstance(e.node, Input)))

    def hypotheses(self) -> Iterator[Hypothesis]:
        """Those that change one thing, in no particular order."""
        for at in self._here:
            if isinstance(at.node, Summed):
                yield from self._of_sum(at)
            elif isinstance(at.node, Elementwise):
                yield from self._of_function(at)
            if not isinstance(at.node, Constant):
                yield from self._replaced(at)

    def _spine(self, index: Index) -> list[Element]:
        """The element and all that its functions were applied to, down to sums, inputs and numbers."""
        found: dict[Element, None] = {}
        waiting = [element(self._root, index)]
        while waiting:
            at = waiting.pop(0)
            if at not in found:
                found[at] = None
                waiting += at.operands
        return list(found)

    def _counterpart(self, at: Element, index: Index) -> Element | None:
        """What stands at another element in the place of `at`."""
        if index == self._found.index:
            return at
        if index not in self._spines:
            spine: dict[Node, Element] = {}
            for other in self._spine(index):
                spine.setdefault(other.node, other)
            self._spines[index] = spine
        return self._spines[index].get(at.node)

    def _with(self, index: Index, changed: Element, value: Any) -> Any:
        """The element at `index` with another value in place of `changed`; arrays of values are tried at once."""
        known: dict[Element, Any] = {changed: value}

        def evaluate(at: Element) -> Any:
            if at not in known:
                node, operands = at.node, at.operands
                computed = node.function(*map(np.asarray, map(evaluate, operands))) if operands else at.value  # type: ignore[attr-defined]
                known[at] = computed
            return known[at]

        return evaluate(element(self._root, index))

    def _change(
        self, at: Element, change: Callable[[Element], Any], rank: Rank, says: str, *, sure: bool = True
    ) -> Hypothesis:
        """The hypothesis that in the place of `at` there is something else."""

        def predict(index: Index) -> float | None:
            there = self._counterpart(at, index)
            value = None if there is None else change(there)
            return None if there is None or value is None else float(self._with(index, there, value))

        return Hypothesis(rank, says, predict, sure)

    def _got(self, at: Element, phrase: str) -> str:
        """`got is …`, or what is … in it."""
        if at == self._here[0]:
            return f"got is {phrase}"
        return f"got comes out if {self._writing.name(at)} is {phrase}"

    def _valued(self, at: Element) -> str:
        text, value = self._writing.name(at), self._writing.shown(at.value)
        return text if text == value else f"{text} = {value}"

    def _of_sum(self, at: Element) -> Iterator[Hypothesis]:
        """One term of a sum missing, twice, of the wrong sign, or alone."""
        terms = at.terms
        ways: tuple[tuple[str, Callable[[float, float], float]], ...] = (
            ("{sum} without its {which} term, {term}", lambda total, term: total - term),
            ("{sum} with its {which} term twice, {term}", lambda total, term: total + term),
            ("{sum} with the wrong sign on its {which} term, {term}", lambda total, term: total - 2 * term),
            ("the {which} term of {sum} alone, {term}", lambda total, term: term),
        )
        for phrase, way in ways if len(terms) > 1 else ():
            predictions = self._with(self._found.index, at, way(at.value, terms))  # type: ignore[arg-type]
            predictions = np.broadcast_to(predictions, terms.shape)
            fitting = np.flatnonzero(self._found.fits(self._found.index, predictions))
            error = np.abs(predictions - float(self._found.got[self._found.index]))
            near = np.count_nonzero(error <= APART * self._found.tolerance(self._found.index, predictions))
            for k in map(int, fitting[:MOST_CANDIDATES]):

                def change(there: Element, k: int = k, way: Callable[[float, float], float] = way) -> float | None:
                    values = there.terms
                    return way(there.value, float(values[k])) if k < len(values) else None

                which = "first" if k == 0 else "last" if k == len(terms) - 1 else f"{k + 1}th"
                which = {2: "second", 3: "third"}.get(k + 1, which) if which.endswith("th") else which
                term = self._writing.written_term(at.term(k))
                says = phrase.format(sum="the sum", which=which, term=term)
                sure = len(terms) <= ALL_TERMS or near == 1
                yield self._change(at, change, Rank.TERM, self._got(at, says), sure=sure)

    def _of_function(self, at: Element) -> Iterator[Hypothesis]:
        """The other branch; an operand missing, twice or of the wrong sign; a function not applied."""
        name = at.node.name  # type: ignore[attr-defined]
        operands = at.operands
        if name == "where":
            other = 2 if operands[0].value else 1
            taken = f"the other branch, {self._valued(operands[other])}, though {self._holds(operands[0])}"
            yield self._change(at, _operand(other), Rank.BRANCH, self._got(at, taken))
        elif name in ("maximum", "minimum"):
            other = 0 if at.value == operands[1].value else 1
            taken = f"the other one, {self._valued(operands[other])}, of {self._writing.formula(at)}"
            yield self._change(at, _operand(other), Rank.BRANCH, self._got(at, taken))
        elif isinstance(at.value, bool):
            opposite = not at.value
            always = f"got comes out if {self._writing.formula(at)} were always {str(opposite).lower()}"
            yield self._change(at, lambda there: opposite, Rank.BRANCH, f"{always}, but {self._holds(at)}")
            turned = f"got comes out if the condition were turned round, but {self._holds(at)}"
            yield self._change(at, lambda there: not there.value, Rank.OPERAND, turned)
        elif name in ("add", "subtract"):
            for i, operand in enumerate(operands):
                for factor, how, within in (
                    (0.0, "without", "left out of"),
                    (2.0, "with twice", "counted twice in"),
                    (-1.0, "with the wrong sign on", "of the wrong sign in"),
                ):
                    says = f"got comes out if {self._valued(operand)} is {within} {self._writing.formula(at)}"
                    if at == self._here[0]:
                        says = f"got is {self._writing.formula(at)} {how} {self._valued(operand)}"
                    yield self._change(at, _scaled_operand(i, factor), Rank.OPERAND, says)
        elif name in ("multiply", "divide"):
            for i in (0, 1) if name == "multiply" else (1,):
                verb = "multiplied" if name == "multiply" else "divided"
                says = f"not {verb} by {self._valued(operands[i])}"
                left = f"{self._writing.formula(at)} but {says}" if at == self._here[0] else says
                yield self._change(at, _without_factor(i), Rank.FACTOR, self._got(at, left))
        elif len(operands) == 1:
            says = f"{self._valued(operands[0])} without {name}"
            yield self._change(at, lambda there: there.operands[0].value, Rank.FACTOR, self._got(at, says))

    def _holds(self, condition: Element) -> str:
        text = f"{self._writing.formula(condition)}, {self._writing.numbers(condition)},"
        return f"{text} is {'true' if condition.value else 'false'}"

    def _replaced(self, at: Element) -> Iterator[Hypothesis]:
        """The same element of another input."""
        for node in self._inputs:
            if node is not at.node and node.value.shape == at.node.value.shape:
                other = Element(node, at.index)
                says = f"{self._valued(other)} in place of {self._valued(at)}"
                says = f"got is {says}" if at == self._here[0] else f"got comes out with {says}"
                yield self._change(at, lambda there, node=node: node.value[there.index], Rank.REPLACED, says)  # type: ignore[misc]

    def ratios(self) -> Iterator[Hypothesis]:
        """One operand is off by a factor, the same one wherever an element is wrong."""
        failing = [self._found.index, *(index for index in self._found.others if self._found.off(index))]
        if len(failing) < 3:
            return
        for at in self._here:
            if isinstance(at.value, bool) or (isinstance(at.node, Constant) and at.node.name is None):
                continue
            references: list[tuple[str, Callable[[Element], float | None]]] = [("", lambda there: there.value)]
            if isinstance(at.node, Elementwise) and at.node.name == "where":
                references.append(("the other branch, ", _other_branch))
            for which, reference in references:
                common = self._common_factor(at, reference, failing)
                if common is None:
                    continue
                factor, shortest = common
                known = next((self._factors[f] for f in self._factors if abs(f / factor - 1) < 1e-6), "")
                known = f" ({known})" if known else ""
                what = self._writing.name(at) if not which else f"{which}{self._writing.name(_branch(at))},"
                says = f"got comes out if {what} is multiplied by {shortest}{known}"
                if at == self._here[0] and not which:
                    says = f"got is want times {shortest}{known}"

                def change(
                    there: Element, reference: Callable[[Element], float | None] = reference, factor: float = factor
                ) -> float | None:
                    value = reference(there)
                    return None if value is None else value * factor

                yield self._change(at, change, Rank.RATIO, says)

    def _common_factor(
        self, at: Element, reference: Callable[[Element], float | None], failing: list[Index]
    ) -> tuple[float, str] | None:
        """The factor on `at` that makes every wrong element what was got, if there is one, in as few digits as do."""
        low, high = -np.inf, np.inf
        for index in failing:
            there = self._counterpart(at, index)
            value = None if there is None else reference(there)
            if there is None or not value:
                return None
            without = self._with(index, there, 0.0)
            slope = self._with(index, there, 1.0) - without
            if not np.isfinite(slope) or slope == 0:
                return None
            got = float(self._found.got[index])
            factor = (got - without) / slope / value
            room = abs(self._found.tolerance(index, got) / slope / value)
            low, high = max(low, factor - room), min(high, factor + room)
        factor = (low + high) / 2
        if not low <= high or high - low > abs(factor - 1) / 2:
            return None
        texts = (f"{factor:.{digits}g}" for digits in range(1, 17))
        return factor, next((text for text in texts if low <= float(text) <= high), f"{factor:.17g}")


def _other_branch(there: Element) -> float | None:
    return _branch(there).value if there.operands else None


def _branch(at: Element) -> Element:
    condition, x, y = at.operands
    return y if condition.value else x


def _operand(i: int) -> Callable[[Element], float]:
    return lambda there: there.operands[i].value


def _scaled_operand(i: int, factor: float) -> Callable[[Element], float]:
    def change(there: Element) -> float:
        values: list[Any] = [operand.value for operand in there.operands]
        values[i] = values[i] * factor
        return float(there.node.function(*values))  # type: ignore[attr-defined]

    return change


def _without_factor(i: int) -> Callable[[Element], float]:
    def change(there: Element) -> float:
        values: list[Any] = [operand.value for operand in there.operands]
        return float(values[1 - i])

    return change
