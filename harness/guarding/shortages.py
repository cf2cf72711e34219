"""Says what was computed, and how much memory it asked for, where that is more than there is."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from harness.errors import OutOfMemory, deed, is_shortage, op_in


@contextmanager
def shortages_named(what: str, functions: Mapping[str, Callable[..., Any]] | None = None) -> Iterator[None]:
    """Raise OutOfMemory, with a message that begins with `what`, where memory runs out within this context.

    `functions` are those of which the message names the one that ran, by their names.
    """
    try:
        yield
    except OutOfMemory as error:
        raise OutOfMemory(f"{what}: {error}") from error
    except Exception as error:
        if not is_shortage(error):
            raise
        op = op_in(error, functions or {})
        raise OutOfMemory(f"{what}{op and f', {op},'} {deed(error)}") from error
