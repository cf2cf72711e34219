"""Shows the epochs of a run as they are trained: a bar on a terminal's stderr, or one in the output of a notebook."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from rich.console import Console
from rich.progress import Progress

OFTEN = 0.1
"""The seconds between two changes of what is shown."""

Show = Callable[[int], None]


@contextmanager
def epochs_shown(title: str, epochs: int) -> Iterator[Show | None]:
    """Yield a function that is told of each epoch; None where there is nobody to see it."""
    console = Console(stderr=True)
    if console.is_jupyter:
        with _in_notebook(title, epochs) as show:
            yield _now_and_then(show)
    elif console.is_terminal:
        with Progress(console=console, transient=True) as bar:
            task = bar.add_task(title, total=epochs)
            yield _now_and_then(lambda epoch: bar.update(task, completed=epoch))
    else:
        yield None


def _now_and_then(show: Show) -> Show:
    """The same, but not more often than can be seen."""
    shown = 0.0

    def show_now_and_then(epoch: int) -> None:
        nonlocal shown
        if time.monotonic() - shown > OFTEN:
            shown = time.monotonic()
            show(epoch)

    return show_now_and_then


@contextmanager
def _in_notebook(title: str, epochs: int) -> Iterator[Show]:
    """A bar in the output of the cell, which is gone at the end."""
    from IPython import display

    def bar(epoch: int) -> Any:
        return display.HTML(f'{title} <progress max="{epochs}" value="{epoch}"></progress> epoch {epoch} of {epochs}')

    handle = display.display(bar(0), display_id=True)
    try:
        yield lambda epoch: handle.update(bar(epoch))
    finally:
        handle.update(display.HTML(""))
