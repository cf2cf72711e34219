"""Breaks lines that are too long inside their brackets."""

WIDTH = 120
BRACKETS = {"(": ")", "[": "]", "{": "}"}


def wrapped(text: str) -> str:
    """The text with every line but comments in at most WIDTH columns, where its brackets allow it."""
    return "\n".join(part for line in text.split("\n") for part in _wrapped(line))


def _wrapped(line: str) -> list[str]:
    """A line broken inside its first brackets that leave it short enough, or at all commas inside its first."""
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
