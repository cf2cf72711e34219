"""Text that rich renders into a string: Python code in colours, sources one below the other."""

import io
from collections.abc import Sequence

from rich.console import Console
from rich.text import Text

PIPE_WIDTH = 200
"""The width in columns where there is no terminal."""


def highlighted(code: str) -> Text:
    """Python code in the colours of the terminal."""
    from rich.syntax import Syntax  # here, so that `list` need not wait for it

    text = Syntax(code, "python", background_color="default", theme="ansi_dark").highlight(code)
    text.rstrip()
    text.no_wrap = False
    return text


def text_console(colour: bool, width: int) -> Console:
    """A console that keeps what is printed to it, for `captured`."""
    return Console(file=io.StringIO(), force_terminal=colour, force_jupyter=False, width=width, highlight=False)


def captured(console: Console) -> str:
    """What was printed to a text console."""
    file = console.file
    assert isinstance(file, io.StringIO)
    return file.getvalue()


def render_op(sources: Sequence[tuple[str, str]], *, colour: bool, width: int) -> str:
    """Sources one below the other, each under its heading, such as one op as it stands in each backend."""
    console = text_console(colour, width)
    for heading, source in sources:
        console.print(Text(f"{heading}\n", style="bold"))
        console.print(highlighted(source), soft_wrap=True)
        console.print()
    return captured(console)
