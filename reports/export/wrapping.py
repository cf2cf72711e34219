"""Breaks long lines inside their brackets."""

WIDTH = 120
BRACKETS = {"(": ")", "[": "]", "{": "}"}


def wrapped(text: str) -> str:
    """The text with its lines broken to WIDTH columns, as far as they have brackets; comments are left alone."""
    return "\n".join(part for line in text.split("\n") for part in _wrapped(line))


def _wrapped(line: str) -> list[str]:
    """A line broken inside the first brackets that make it short enough, or else at every comma in its first.

    What is still too long is broken once more.
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
        elements = [f"{margin}    {element}," for element in _elements(line[opening + 1 : closing])]
        broken = [part for element in elements for part in _wrapped(element)]
        return [line[: opening + 1], *broken, margin + line[closing:]]
    return [line]


def _elements(inside: str) -> list[str]:
    """The texts between the outermost commas."""
    brackets = _pairs(inside)
    commas = [
        position
        for position, character in enumerate(inside)
        if character == "," and not any(opening < position < closing for opening, closing in brackets)
    ]
    ends = [*commas, len(inside)]
    return [inside[start:end].strip() for start, end in zip([0, *(comma + 1 for comma in commas)], ends, strict=True)]


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
