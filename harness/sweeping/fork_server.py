"""Workers of this machine that start at once: they are forked from a process that has imported everything before.

Otherwise each of them takes as long as the command itself until it can make its first run. The server imports while the
command does; it never runs anything, and has one thread.
"""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing import forkserver, get_context

IS_AVAILABLE = sys.platform == "linux"
"""Elsewhere there is no fork, or the system's libraries do not bear it; workers are then started from nothing."""
METHOD = "forkserver" if IS_AVAILABLE else "spawn"
"""How Dask shall start its workers."""
EVERYTHING = "harness.sweeping.everything"
ONE_THREAD = {"OMP_NUM_THREADS": "1", "MKL_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
"""As Dask has it for its workers. Libraries that start their threads when they are imported then start none."""


def start() -> None:
    """Start the server if it is not running, and return while it imports."""
    if not IS_AVAILABLE:
        return
    get_context("forkserver").set_forkserver_preload([EVERYTHING])
    with _environment(ONE_THREAD):
        forkserver.ensure_running()


@contextmanager
def _environment(values: dict[str, str]) -> Iterator[None]:
    """Set variables for what is started within."""
    before = dict(os.environ)
    os.environ.update(values)
    try:
        yield
    finally:
        for name in values:
            if name in before:
                os.environ[name] = before[name]
            else:
                del os.environ[name]
