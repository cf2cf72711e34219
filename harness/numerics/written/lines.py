"""Writes out how one element was computed: as a formula, with the numbers put in, in steps.

There is a step for each sum and for each element of an array that has a name in the source.
"""

from __future__ import annotations

import linecache
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import numpy as np

import backends
from harness.numerics.written.nodes import Constant, Element, Elementwise, Index, Input, Node, Picked, Summed
from harness.numerics.written.written import Written
from harness.results import ArithmeticStep, number

BACKENDS = Path(str(backends.__file__)).parent
ALL_TERMS = 12
"""The most terms of a sum that are all written out."""

LARGEST_TERMS = 6
"""How many terms of a longer sum are written out."""

MOST_STEPS = 60
DIGITS = {"float32": 9, "float64": 17}
"""The significant digits that tell any two numbers of a dtype apart."""

COMPARISON, ADDITION, PRODUCT, POWER, ATOM = range(5)
INFIX = {
    "add": ("+", ADDITION),
    "subtract": ("-", ADDITION),
    "multiply": ("·", PRODUCT),
    "divide": ("/", PRODUCT),
    "power": ("**", POWER),
    "greater": (">", COMPARISON),
    "greater_equal": (">=", COMPARISON),
    "less": ("<", COMPARISON),
    "less_equal": ("<=", COMPARISON),
    "equal": ("==", COMPARISON),
    "not_equal": ("!=", COMPARISON),
}
SHORT = {"maximum": "max", "minimum": "min", "absolute": "abs"}


class Writing:
    """The steps that compute one element, which is called `title`, with as many digits as its dtype needs, or fewer."""

    def __init__(
        self,
        root: Element,
        node: Node,
        title: str,
        dtype: str,
        digits: int | None = None,
        names: Mapping[Node, str] | None = None,
    ) -> None:
        self._digits = digits or DIGITS[dtype]
        self._names = local_names(node) if names is None else names
        self._labels: dict[Element, str] = {root: title}
        self._counts: dict[str, int] = {}
        self._seen: set[Element] = set()
        self.steps: list[ArithmeticStep] = []
        self.leaves: dict[str, float] = {}
        self.steps_left_out = 0
        if isinstance(root.node, Input | Constant):
            self._leaf(root)
            named = self._label_of_leaf(root)
            self.steps.append(self._step(title, named, self.shown(root.value), root.value))
        self._visit(root)

    def shown(self, value: float) -> str:
        """A number with enough digits to tell it from all others of its dtype."""
        return str(value).lower() if isinstance(value, bool) else f"{value:.{self._digits}g}"

    def formula(self, element: Element) -> str:
        """The element in terms of named elements: `h_r[0, 2] · grad_y[0, 1]`."""
        return self._text(element, numbers=False, expand=True)[0]

    def numbers(self, element: Element) -> str:
        """The element in terms of numbers."""
        return self._text(element, numbers=True, expand=True)[0]

    def name(self, element: Element) -> str:
        """The element's name, or its formula if it has none."""
        return self._text(element, numbers=False, expand=False)[0]

    def written_term(self, factors: Sequence[Element]) -> str:
        """A term of a sum as `formula = numbers = value`."""
        value = float(np.prod([factor.value for factor in factors]))
        formula, numbers = (self._product(factors, numbers=numbers) for numbers in (False, True))
        parts = [formula, numbers, self.shown(value)]
        return " = ".join(part for i, part in enumerate(parts) if i == 0 or part != parts[i - 1])

    def _product(self, factors: Sequence[Element], *, numbers: bool) -> str:
        if len(factors) == 1:
            return self._text(factors[0], numbers=numbers, expand=False)[0]
        return self._infix("·", PRODUCT, [self._text(f, numbers=numbers, expand=False) for f in factors])

    def _visit(self, element: Element) -> None:
        """Write a step for the element if it has a name or is a sum, after the steps of its operands."""
        if element in self._seen:
            return
        self._seen.add(element)
        if isinstance(element.node, Input | Constant):
            self._leaf(element)
            return
        if len(self.steps) >= MOST_STEPS:
            self.steps_left_out += 1
            return
        if isinstance(element.node, Summed | Picked):
            self._visit_many(element)
            return
        for operand in element.operands:
            self._visit(operand)
        what = self._label(element)
        if what is not None:
            self.steps.append(self._step(what, self.formula(element), self.numbers(element), element.value))

    def _visit_many(self, element: Element) -> None:
        """Write a step for a sum or a maximum, with its terms."""
        values = element.terms
        shown = range(len(values))
        if len(values) > ALL_TERMS:
            sizes = np.abs(values) if isinstance(element.node, Summed) else np.abs(values - element.value) * -1
            shown = sorted(int(k) for k in np.argsort(-sizes, kind="stable")[:LARGEST_TERMS])  # type: ignore[assignment]
        terms = [element.term(k) for k in shown]
        for factor in [factor for factors in terms for factor in factors]:
            self._visit(factor)
        summed = isinstance(element.node, Summed)
        many = "1 term" if len(values) == 1 else f"{len(values):,} terms"
        self.steps.append(
            ArithmeticStep(
                what=self._label(element) or "",
                formula=f"the sum of {many}" if summed else f"the {element.node.name} of {many}",  # type: ignore[attr-defined]
                numbers="",
                value=number(element.value),
                terms=[self.written_term(factors) for factors in terms],
                more=len(values) - len(terms),
                rest=number(float(np.sum(np.delete(values, shown)))) if summed and len(values) > len(terms) else None,
            )
        )

    def _step(self, what: str, formula: str, numbers: str, value: float) -> ArithmeticStep:
        return ArithmeticStep(what=what, formula=formula, numbers=numbers, value=number(value))

    def _leaf(self, element: Element) -> None:
        if element.node.operands == () and (isinstance(element.node, Input) or element.node.name):  # type: ignore[attr-defined]
            self.leaves[self._label_of_leaf(element)] = element.value

    def _label_of_leaf(self, element: Element) -> str:
        if isinstance(element.node, Input):
            return with_index(element.node.name, element.index)
        assert isinstance(element.node, Constant)
        return element.node.name or self.shown(element.value)

    def _label(self, element: Element) -> str | None:
        """The element's name in other steps; None if they contain its formula instead."""
        if element not in self._labels:
            if element.node in self._names:
                self._labels[element] = with_index(self._names[element.node], element.index)
            elif isinstance(element.node, Summed | Picked):
                kind = "sum" if isinstance(element.node, Summed) else element.node.name
                self._counts[kind] = self._counts.get(kind, 0) + 1
                self._labels[element] = f"{kind}{self._counts[kind]}"
        return self._labels.get(element)

    def _text(self, element: Element, *, numbers: bool, expand: bool) -> tuple[str, int]:
        """An expression and its precedence."""
        node = element.node
        if isinstance(node, Input | Constant):
            return (self.shown(element.value) if numbers else self._label_of_leaf(element)), ATOM
        label = self._label(element)
        if isinstance(node, Summed | Picked) or (label is not None and not expand):
            return (self.shown(element.value) if numbers else label or ""), ATOM
        assert isinstance(node, Elementwise)
        parts = [self._text(operand, numbers=numbers, expand=False) for operand in element.operands]
        if node.name in INFIX and len(parts) == 2:
            sign, binding = INFIX[node.name]
            return self._infix(sign, binding, parts), binding
        if node.name == "negative":
            (text, binding) = parts[0]
            return f"-{text}" if binding >= POWER and text[:1] != "-" else f"-({text})", PRODUCT
        return f"{SHORT.get(node.name, node.name)}({', '.join(text for text, _ in parts)})", ATOM

    def _infix(self, sign: str, binding: int, parts: Sequence[tuple[str, int]]) -> str:
        texts = []
        for i, (text, inner) in enumerate(parts):
            loose = inner < binding or (i > 0 and inner == binding and sign in "-/**") or (i > 0 and text[:1] == "-")
            texts.append(f"({text})" if loose else text)
        return f" {sign} ".join(texts)


def with_index(name: str, index: Index) -> str:
    """`x[0, 3]`, or the name alone for a single number."""
    return f"{name}[{', '.join(map(str, index))}]" if index else name


def nodes_below(root: Node) -> Iterator[Node]:
    """Every node that the root was computed from, operands first, and the root itself."""
    seen: set[Node] = set()
    waiting = [(root, False)]
    while waiting:
        node, ready = waiting.pop()
        if ready:
            yield node
        elif node not in seen:
            seen.add(node)
            waiting.append((node, True))
            waiting += [(operand, False) for operand in reversed(node.operands)]


def local_names(root: Node) -> dict[Node, str]:
    """The names of computed arrays in the op's source, with a ' added where a name is already taken."""
    names: dict[Node, str] = {}
    taken = {node.name for node in nodes_below(root) if isinstance(node, Input)}
    for node in nodes_below(root):
        for name, value in node.frame.f_locals.items() if node.frame is not None else ():
            if isinstance(value, Written) and not isinstance(value.node, Input | Constant) and value.node not in names:
                while name in taken:
                    name += "'"
                taken.add(name)
                names[value.node] = name
    return names


def parameter_names(root: Node) -> dict[str, str]:
    """The scenario's names of recorded arrays, by the names that the op's source has for them if they differ."""
    names: dict[str, str] = {}
    for node in nodes_below(root):
        for name, value in node.frame.f_locals.items() if node.frame is not None else ():
            several = {f"{name}[{i}]": part for i, part in enumerate(value)} if isinstance(value, tuple) else {}
            for called, array in {name: value, **several}.items():
                if isinstance(array, Written) and isinstance(array.node, Input) and array.node.name != called:
                    names.setdefault(called, array.node.name)
    return names


def source_lines(root: Node) -> list[str]:
    """The lines that computed it, such as `numpy_manual/arithmetic/products.py:35  return x @ w, backward`."""
    lines: dict[tuple[str, int], str] = {}
    for node in nodes_below(root):
        if node.frame is None or isinstance(node, Input | Constant):
            continue
        path = node.frame.f_code.co_filename
        text = linecache.getline(path, node.line).strip()
        if text:
            lines[path, node.line] = f"{_in_its_folder(path)}:{node.line}  {text}"
    return [lines[place] for place in sorted(lines)]


def _in_its_folder(path: str) -> str:
    """A backend's file from its folder on, as `numpy_manual/arithmetic/products.py` is; another one with its folder."""
    file = Path(path)
    return file.relative_to(BACKENDS).as_posix() if file.is_relative_to(BACKENDS) else "/".join(file.parts[-2:])
