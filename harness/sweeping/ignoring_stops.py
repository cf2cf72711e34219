"""Loaded by Dask in each worker of this machine: a signal to stop is for the command, which lets the worker finish.

A terminal sends Ctrl-C, and `timeout` its SIGTERM, to the workers as well.
"""

import signal


def dask_setup(worker: object) -> None:
    """Ignore these signals from now on."""
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)
