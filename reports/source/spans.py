"""Edits source by the spans of its syntax tree, so that all the rest stays as its author wrote it."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Mapping
from itertools import accumulate

Node = ast.stmt | ast.expr | ast.arg | ast.keyword
Span = tuple[int, int]
"""Where something begins and ends in a text, in bytes of UTF-8, which is what `ast` counts in."""
Edits = dict[Span, str]
"""What takes the place of a span; an edit inside a larger one is ignored."""


class ParsedText:
    """Lines of source with their syntax tree. Raises SyntaxError for a text that is no Python."""

    def __init__(self, text: str) -> None:
        self.tree = ast.parse(text)
        self._bytes = text.encode()
        self._lines = [0, *accumulate(len(line) + 1 for line in self._bytes.split(b"\n"))]

    @property
    def lines(self) -> list[str]:
        """The text line by line."""
        return self._bytes.decode().split("\n")

    def span(self, node: Node) -> Span:
        """Where a node of the tree stands in the text."""
        assert node.end_lineno is not None
        assert node.end_col_offset is not None
        return self._lines[node.lineno - 1] + node.col_offset, self._lines[node.end_lineno - 1] + node.end_col_offset

    def find(self, character: str, start: int) -> int:
        """The first place of a character from `start` on, as in a span."""
        return self._bytes.index(character.encode(), start)

    def text(self, node: Node, edits: Mapping[Span, str] | None = None) -> str:
        """The source of a node, edited; its further lines lose the indentation of its first."""
        start, end = self.span(node)
        line = self._bytes[self._lines[node.lineno - 1] : start].decode()
        margin = " " * (len(line) - len(line.lstrip()))
        return self._edited(start, end, edits or {}).replace(f"\n{margin}", "\n")

    def expression(self, node: ast.expr, edits: Mapping[Span, str] | None = None) -> str:
        """The source of an expression, in brackets where it would end at the end of its first line without them."""
        text = self.text(node, edits)
        return text if "\n" not in text or is_expression(text) else f"({text})"

    def edited(self, edits: Mapping[Span, str]) -> str:
        """The whole text, edited."""
        return self._edited(0, len(self._bytes), edits)

    def _edited(self, start: int, end: int, edits: Mapping[Span, str]) -> str:
        pieces, position = [], start
        for (first, last), new in sorted(edits.items(), key=lambda edit: (edit[0][0], -edit[0][1])):
            if first >= position and last <= end:
                pieces += [self._bytes[position:first].decode(), new]
                position = last
        return "".join([*pieces, self._bytes[position:end].decode()])


def is_expression(text: str) -> bool:
    """Whether a text is one expression as it stands."""
    try:
        ast.parse(text, mode="eval")
    except SyntaxError:
        return False
    return True


def read_names(nodes: Iterable[ast.AST]) -> set[str]:
    """Every name in these nodes."""
    return {node.id for root in nodes for node in ast.walk(root) if isinstance(node, ast.Name)}
