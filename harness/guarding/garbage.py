"""Garbage is looked for between large pieces of work, not in them."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def collection_postponed() -> Iterator[None]:
    """Look for cyclic garbage after this block, not in it, unless Python was told not to look for any.

    For what makes many objects that all stay in use, as an update of a large program does, and an import. Python's
    collector goes through them again and again as they grow in number, with all that the frameworks loaded: a third of
    an update of 10,000 calls, and a fifth of an import of PyTorch.
    """
    collects = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if collects:
            gc.enable()
