"""Keeps the C library from handing memory back to the system between two updates."""

import numpy as np

LARGEST = 31 * 2**20
"""In bytes; just under the 32 MiB where glibc stops to learn."""


def keep_freed_memory() -> None:
    """Free one large block, untouched, so that glibc keeps freed blocks of up to that size for the next use.

    Otherwise arrays of a few hundred kilobytes are returned and their pages faulted in again at every use, which
    makes certificates three times as slow. Elsewhere than on glibc this does nothing.
    """
    np.empty(LARGEST, np.uint8)
