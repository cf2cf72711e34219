"""How wide text is in a terminal, where a Japanese character takes two columns."""

import re
import textwrap

UNBROKEN = re.compile(r"\s+|[!-~]+[、。）」：]*|[^\s!-~][、。）」：]*")
"""What a line of Japanese is not broken within: a word of Latin letters, and what may not begin a line."""


def columns(text: str) -> int:
    """How many columns a line takes."""
    from rich.cells import cell_len  # here, so that those who list scenarios need not wait for it

    return cell_len(text)


def padded(text: str, width: int) -> str:
    """The line with as many spaces behind it as make it so many columns wide."""
    return text + " " * (width - columns(text))


def wrapped(text: str, width: int) -> list[str]:
    """The lines of a text, at most so many columns wide where it can be broken."""
    if columns(text) == len(text):
        return textwrap.wrap(text, width, break_on_hyphens=False)
    lines = [""]
    for piece in UNBROKEN.findall(text):
        if lines[-1] and columns(lines[-1] + piece.rstrip()) > width:
            lines.append("")
        lines[-1] += piece
    return [line.strip() for line in lines]
