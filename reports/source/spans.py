"""Edits source by the spans of its syntax tree, so that all the rest stays as its author wrote it."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Mapping
from functools import cached_property
from itertools import accumulate

Node = ast.stmt | ast.expr | ast.arg | ast.keyword
Span = tuple[int, int]
"""Where something begins and ends in a text, in bytes of UTF-8, which is what `ast` counts in."""
Edits = Mapping[Span, str]
"""What takes the place of a span; an edit inside a larger one is ignored."""
NO_EDITS: Edits = {}
WIDTH = 120
"""Of the lines of a script, in columns."""


class ParsedText:
    """Lines of source with their syntax tree. Raises SyntaxError for a text that is not Python."""

    def __init__(self, text: str) -> None:
        self.tree = ast.parse(text)
        self.lines = text.split("\n")
        self._bytes = text.encode()
        self._starts = [0, *accumulate(len(line) + 1 for line in self._bytes.split(b"\n"))]

    def span(self, node: Node) -> Span:
        """Where a node of the tree stands in the text."""
        assert node.end_lineno is not None
        assert node.end_col_offset is not None
        return self._starts[node.lineno - 1] + node.col_offset, self._starts[node.end_lineno - 1] + node.end_col_offset

    def after(self, start: int, pattern: re.Pattern[bytes]) -> int:
        """Where a pattern ends that begins at `start`."""
        match = pattern.match(self._bytes, start)
        assert match is not None
        return match.end()

    def before(self, end: int, pattern: re.Pattern[bytes]) -> int:
        """Where a pattern begins that ends at `end`."""
        match = pattern.search(self._bytes[:end])
        assert match is not None
        return match.start()

    def text(self, node: Node, edits: Edits = NO_EDITS) -> str:
        """The source of a node, edited; its further lines lose the indentation of its first."""
        line = self.lines[node.lineno - 1]
        margin = len(line) - len(line.lstrip())
        further = set(range(node.lineno, node.end_lineno or node.lineno)) - self._inside_strings
        starts = [self._starts[number] for number in further if self.lines[number][:margin].isspace()]
        return self._edited(*self.span(node), {**{(start, start + margin): "" for start in starts}, **edits})

    def expression(self, node: ast.expr, edits: Edits = NO_EDITS) -> str:
        """The source of an expression, in brackets where it would end at the end of its first line without them."""
        text = self.text(node, edits)
        return text if "\n" not in text or _is_expression(text) else f"({text})"

    def edited(self, edits: Edits) -> str:
        """The whole text, edited."""
        return self._edited(0, len(self._bytes), edits)

    @cached_property
    def _inside_strings(self) -> set[int]:
        """The lines, counted from 0, that begin inside a string."""
        strings = [node for node in ast.walk(self.tree) if isinstance(node, ast.Constant | ast.JoinedStr)]
        return {number for node in strings for number in range(node.lineno, node.end_lineno or node.lineno)}

    def _edited(self, start: int, end: int, edits: Edits) -> str:
        pieces, position = [], start
        for (first, last), new in sorted(edits.items(), key=lambda edit: (edit[0][0], -edit[0][1])):
            if first >= position and last <= end:
                pieces += [self._bytes[position:first].decode(), new]
                position = last
        return "".join([*pieces, self._bytes[position:end].decode()])


def read_names(nodes: Iterable[ast.AST]) -> set[str]:
    """Every name in these nodes."""
    return {node.id for root in nodes for node in ast.walk(root) if isinstance(node, ast.Name)}


def _is_expression(text: str) -> bool:
    try:
        ast.parse(text, mode="eval")
    except SyntaxError:
        return False
    return True
