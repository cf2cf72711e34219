"""Breaks long lines inside their brackets."""

import ast
import re

from reports.source.spans import WIDTH

BRACKETS = {"(": ")", "[": "]", "{": "}"}


def wrapped(text: str) -> str:
    """The text with its lines broken to WIDTH columns, as far as they have brackets; comments are left alone."""
    return "\n".join(part for line in text.split("\n") for part in _wrapped(line))


def _wrapped(line: str) -> list[str]:
    """A line broken inside the first brackets that make it short enough, or else at every element in its first.

    What is still too long is broken once more. Several names that a value is given to get brackets.
    """
    if len(line) <= WIDTH or line.lstrip().startswith("#"):
        return [line]
    margin = line[: len(line) - len(line.lstrip())]
    pairs = _pairs(line)
    for opening, closing in pairs:
        parts = [line[: opening + 1], f"{margin}    {line[opening + 1 : closing]}", f"{margin}{line[closing:]}"]
        if max(map(len, parts)) <= WIDTH:
            return parts
    for opening, closing in pairs[:1]:
        broken = [part for element in _elements(line[opening + 1 : closing]) for part in _wrapped(margin + element)]
        return [line[: opening + 1], *broken, *_wrapped(margin + line[closing:])]
    targets, equals, value = line.strip().partition(" = ")
    if equals and "," in targets:
        return [f"{margin}(", *(margin + element for element in _elements(targets)), f"{margin}) = {value}"]
    return [line]


def _elements(inside: str) -> list[str]:
    """The texts between the outermost commas, each with one, indented; of a comprehension, what each `for` begins."""
    brackets = _pairs(inside)

    def outermost(text: str) -> list[int]:
        places = [found.start() for found in re.finditer(re.escape(text), inside)]
        return [place for place in places if not any(opening < place < closing for opening, closing in brackets)]

    loops = outermost(" for ") if _is_comprehension(inside) else []
    cuts, comma = (loops, "") if loops else (outermost(","), ",")
    starts = [0, *(cut + len(comma) for cut in cuts)]
    return [f"    {inside[start:end].strip()}{comma}" for start, end in zip(starts, [*cuts, len(inside)], strict=True)]


def _is_comprehension(inside: str) -> bool:
    try:
        return isinstance(ast.parse(f"({inside})", mode="eval").body, ast.GeneratorExp)
    except SyntaxError:  # such as the settings of a call
        return False


def _pairs(line: str) -> list[tuple[int, int]]:
    """The outermost brackets of a line, from left to right."""
    pairs, openings = [], []
    for position, character in enumerate(line):
        if character in BRACKETS:
            openings.append(position)
        elif character in BRACKETS.values() and openings:
            opening = openings.pop()
            if not openings:
                pairs.append((opening, position))
    return pairs
