"""Reads equations in index notation, as derivations are written: `∂L/∂x[n,d] = Σ_h ∂L/∂y[n,h]·w[d,h]`.

| written | meant |
|---|---|
| `x[n,d]` | an element; one index alone counts the elements of an array of any shape, row by row |
| `∂L/∂x[n,d]`, `∂y[n,h]/∂x[n,d]` | a gradient, and a derivative of one element by another |
| `Σ_nd …`, `mean_d …`, `max_d …`, `argmax_d …` | over one index or several; over the whole product that follows |
| `[x[n,d] > 0, n ≠ k]` | 1 where all of it holds, else 0 |
| `N` | how many values the index n has |
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

TOKEN = re.compile(
    r"\s*(?:(?P<over>Σ|argmax|argmin|max|min|mean)_(?P<letters>[a-z]+)"
    r"|(?P<number>\d+(?:\.\d+)?)"
    r"|(?P<name>[^\W\d_²³][^\W²³]*'*)"
    r"|(?P<sign>[-−+·/^()\[\],|√=≠<>≤≥∂²³∞]))"
)
COMPARISONS = "=≠<>≤≥"


@dataclass(frozen=True)
class Node:
    """A part of an equation: what kind of part, its name or sign, and what it consists of."""

    kind: str
    text: str
    parts: tuple["Node", ...] = ()

    def walk(self) -> Iterator["Node"]:
        """This part and all inside it."""
        yield self
        for part in self.parts:
            yield from part.walk()


@dataclass(frozen=True)
class Equation:
    """What is computed, and the expressions that it equals."""

    text: str
    left: Node
    right: tuple[Node, ...]

    @property
    def nodes(self) -> Iterator[Node]:
        """Every part of it."""
        for part in (self.left, *self.right):
            yield from part.walk()


def equation(text: str) -> Equation:
    """Read `left = right = …`. Raises ValueError where the notation is not that of this module."""
    parser = _Parser(text)
    left = parser.reference()
    right = []
    while parser.next_is("="):
        parser.take("=")
        right.append(parser.expression())
    parser.end()
    if not right:
        raise ValueError(f"no equation: {text}")
    return Equation(text, left, tuple(right))


def expression(text: str) -> Node:
    """Read an expression alone."""
    parser = _Parser(text)
    node = parser.expression()
    parser.end()
    return node


class _Parser:
    def __init__(self, text: str) -> None:
        self._text = text
        self._tokens: list[tuple[str, str]] = []
        self._at = 0
        position = 0
        while position < len(text.rstrip()):
            match = TOKEN.match(text, position)
            if match is None:
                raise ValueError(f"unknown sign {text[position:].strip()[:1]!r} in {text}")
            kind = match.lastgroup or ""
            found = f"{match['over']} {match['letters']}" if kind == "letters" else match[kind]
            self._tokens.append(("over" if kind == "letters" else kind, "-" if found == "−" else found))
            position = match.end()

    def next_is(self, *signs: str) -> bool:
        return self._at < len(self._tokens) and self._tokens[self._at] in {("sign", sign) for sign in signs}

    def take(self, sign: str | None = None) -> str:
        if self._at == len(self._tokens):
            raise ValueError(f"{self._text} ends too early")
        _, text = self._tokens[self._at]
        if sign is not None and text != sign:
            raise ValueError(f"{text!r} in place of {sign!r} in {self._text}")
        self._at += 1
        return text

    def end(self) -> None:
        if self._at < len(self._tokens):
            raise ValueError(f"{self._tokens[self._at][1]!r} is too much in {self._text}")

    def expression(self) -> Node:
        node = self._product()
        while self.next_is("+", "-"):
            node = Node("operator", self.take(), (node, self._product()))
        return node

    def _product(self) -> Node:
        node = self._factor()
        while self.next_is("·", "/"):
            node = Node("operator", self.take(), (node, self._factor()))
        return node

    def _factor(self) -> Node:
        if self.next_is("-"):
            self.take()
            return Node("operator", "negative", (self._factor(),))
        if self._at < len(self._tokens) and self._tokens[self._at][0] == "over":
            return Node("over", self.take(), (self._product(),))
        node = self._atom()
        while self.next_is("²", "³", "^"):
            sign = self.take()
            exponent = self._atom() if sign == "^" else Node("number", "2" if sign == "²" else "3")
            node = Node("operator", "^", (node, exponent))
        return node

    def _atom(self) -> Node:
        if self.next_is("("):
            self.take()
            node = self.expression()
            self.take(")")
            return node
        if self.next_is("|"):
            self.take()
            node = Node("function", "abs", (self.expression(),))
            self.take("|")
            return node
        if self.next_is("√"):
            self.take()
            return Node("function", "sqrt", (self._atom(),))
        if self.next_is("∞"):
            self.take()
            return Node("number", "inf")
        if self.next_is("["):
            return self._condition()
        kind = self._tokens[self._at][0] if self._at < len(self._tokens) else ""
        if kind == "name" or self.next_is("∂"):
            return self.reference()
        if kind == "number":
            return Node("number", self.take())
        raise ValueError(f"{self.take()!r} is no operand in {self._text}")

    def _condition(self) -> Node:
        self.take("[")
        parts = []
        left = self.expression()
        while not self.next_is("]"):
            if self.next_is(","):
                self.take()
                left = self.expression()
                continue
            sign = self.take()
            if sign not in COMPARISONS:
                raise ValueError(f"{sign!r} is no comparison in {self._text}")
            right = self.expression()
            parts.append(Node("comparison", sign, (left, right)))
            left = right
        self.take("]")
        return Node("condition", "", tuple(parts))

    def reference(self) -> Node:
        """An element, a gradient, a derivative, or the call of a function."""
        if self.next_is("∂"):
            self.take()
            of = self._element()
            self.take("/")
            self.take("∂")
            by = self._element()
            if of == Node("name", "L"):
                return Node(by.kind, f"∂L/∂{by.text}", by.parts)
            return Node("derivative", f"∂{of.text}/∂{by.text}", (of, by))
        return self._element()

    def _element(self) -> Node:
        name = self.take()
        if self.next_is("["):
            self.take()
            parts = self._listed("]")
            return Node("element", name, parts)
        if self.next_is("("):
            self.take()
            return Node("function", name, self._listed(")"))
        return Node("name", name)

    def _listed(self, end: str) -> tuple[Node, ...]:
        parts = [self.expression()]
        while self.next_is(","):
            self.take()
            parts.append(self.expression())
        self.take(end)
        return tuple(parts)
