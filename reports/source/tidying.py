"""Lines as people write them, where ast.unparse writes them otherwise."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from io import StringIO
from tokenize import STRING, generate_tokens

WIDTH = 120
BRACKETS = {"(": ")", "[": "]", "{": "}"}


def tidied(text: str) -> str:
    """The text with double quotes, without brackets that say nothing, and with lines that fit."""
    lines = _unbracketed(_double_quoted(text)).split("\n")
    return "\n".join(part for line in lines for part in _fitted(line))


def _double_quoted(text: str) -> str:
    lines = text.split("\n")
    for token in reversed(list(generate_tokens(StringIO(text).readline))):
        on_one_line = token.start[0] == token.end[0]
        if token.type == STRING and on_one_line and token.string[0] == "'" and not set('"\\') & set(token.string):
            (row, start), (_, end) = token.start, token.end
            lines[row - 1] = f'{lines[row - 1][:start]}"{token.string[1:-1]}"{lines[row - 1][end:]}'
    return "\n".join(lines)


def _unbracketed(text: str) -> str:
    """`a, b = c, d` and `sum(x for x in xs)`, which ast.unparse gives another pair of brackets."""
    lines = [line.encode() for line in text.split("\n")]
    superfluous = sorted(_superfluous_brackets(ast.parse(text)), reverse=True)
    for row, column in superfluous:
        line = lines[row - 1]
        if line[column : column + 1] in (b"(", b")"):
            lines[row - 1] = line[:column] + line[column + 1 :]
    return b"\n".join(lines).decode()


def _superfluous_brackets(tree: ast.Module) -> Iterator[tuple[int, int]]:
    """Where they stand: line and byte."""
    for node in ast.walk(tree):
        match node:
            case ast.Assign(value=ast.Tuple(elts=[_, _, *_]) as inside):
                pass
            case ast.Call(args=[ast.GeneratorExp() as inside], keywords=[]) if _ends(node) == (
                inside.end_lineno,
                (inside.end_col_offset or 0) + 1,
            ):
                pass
            case _:
                continue
        first = inside.elts[0] if isinstance(inside, ast.Tuple) else inside.elt
        if (inside.lineno, inside.col_offset) != (first.lineno, first.col_offset):
            yield inside.lineno, inside.col_offset
            yield inside.end_lineno or 0, (inside.end_col_offset or 0) - 1


def _ends(node: ast.expr) -> tuple[int | None, int | None]:
    return node.end_lineno, node.end_col_offset


def _fitted(line: str) -> list[str]:
    """A line that is too long broken inside its first brackets that leave it short enough."""
    if len(line) <= WIDTH or line.lstrip().startswith("#"):
        return [line]
    margin = line[: len(line) - len(line.lstrip())]
    pairs = _pairs(line)
    for opening, closing in pairs:
        parts = [line[: opening + 1], f"{margin}    {line[opening + 1 : closing]}", f"{margin}{line[closing:]}"]
        if max(map(len, parts)) <= WIDTH:
            return parts
    for opening, closing in pairs[:1]:
        elements = _elements(line[opening + 1 : closing])
        return [line[: opening + 1], *(f"{margin}    {element}," for element in elements), margin + line[closing:]]
    return [line]


def _elements(inside: str) -> list[str]:
    """What stands between the outermost commas."""
    brackets = _pairs(inside)
    commas = [
        place
        for place, character in enumerate(inside)
        if character == "," and not any(opening < place < closing for opening, closing in brackets)
    ]
    ends = [*commas, len(inside)]
    return [inside[start:end].strip() for start, end in zip([0, *(comma + 1 for comma in commas)], ends, strict=True)]


def _pairs(line: str) -> list[tuple[int, int]]:
    """The outermost brackets of a line, from left to right."""
    pairs, open_at = [], []
    for place, character in enumerate(line):
        if character in BRACKETS:
            open_at.append(place)
        elif character in BRACKETS.values() and open_at:
            opening = open_at.pop()
            if not open_at:
                pairs.append((opening, place))
    return pairs
