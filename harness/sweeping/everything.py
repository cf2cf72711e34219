"""Imported in the fork server: everything that a run imports, so that the workers which are forked have it already.

Nothing is run here. What is forked must have one thread, and a framework may start others at its first update.
"""

import importlib
import signal
from contextlib import suppress

import distributed  # noqa: F401  (what a worker itself is made of)

import harness.sweeping.work  # noqa: F401
from backends.first_use import IMPORTED_AT_THE_FIRST_UPDATE
from backends.vocabulary import BUILT_IN
from harness.recording.catalogue import built_in_scenarios


def import_frameworks() -> None:
    """Import every built-in backend that can be; a run says of the others what is wrong."""
    for module in (*BUILT_IN.values(), *IMPORTED_AT_THE_FIRST_UPDATE):
        with suppress(Exception):
            importlib.import_module(module)


signal.signal(signal.SIGTERM, signal.SIG_IGN)  # the server ends with the command, which finishes what is in flight
import_frameworks()
built_in_scenarios()
