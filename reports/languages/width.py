"""How wide text is in a terminal, where a Japanese character takes two columns."""

import re
import textwrap

UNBROKEN = re.compile(r"\s+|[（「『]*(?:[!-~]+|[^\s!-~])[、。）」』：]*")
"""What a line of Japanese is not broken within: a word of Latin letters, and what may not begin or end a line."""


def columns(text: str) -> int:
    """How many columns a line takes."""
    from rich.cells import cell_len  # here, so that those who list scenarios need not wait for it

    return cell_len(text)


def padded(text: str, width: int) -> str:
    """The line with as many spaces behind it as make it so many columns wide."""
    return text + " " * (width - columns(text))


def wrapped(text: str, width: int, *, indents: tuple[str, str] = ("", ""), break_long_words: bool = True) -> list[str]:
    """The lines of a text, at most so many columns wide where it can be broken.

    The first line begins with the first of the indents, all others with the second.
    """
    first, further = indents
    if columns(text) == len(text):
        return textwrap.wrap(
            text,
            width,
            initial_indent=first,
            subsequent_indent=further,
            break_long_words=break_long_words,
            break_on_hyphens=False,
        )
    lines = [first]
    for piece in UNBROKEN.findall(text):
        if lines[-1].strip() and columns(lines[-1] + piece.rstrip()) > width:
            lines.append(further)
        lines[-1] += piece if lines[-1].strip() else piece.lstrip()
    return [line.rstrip() for line in lines]
