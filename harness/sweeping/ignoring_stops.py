"""What makes a process deaf to signals to stop: they are for the command, which lets its workers finish.

A terminal sends Ctrl-C, and `timeout` its SIGTERM, to the workers as well. Dask loads this file in each worker of this
machine.
"""

import signal

from harness.guarding.stopping import STOPS


def ignore_stops() -> None:
    """Ignore these signals from now on, in this process and in those that it forks."""
    for number in STOPS:
        signal.signal(number, signal.SIG_IGN)


def dask_setup(worker: object) -> None:
    """Ignore them in a worker."""
    ignore_stops()
