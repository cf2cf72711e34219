"""Imported in the fork server: everything that a run imports, so that the workers which are forked have it already.

Nothing is run here. What is forked must have one thread, and a framework may start others at its first update.
"""

import gc
import importlib
from contextlib import suppress

from backends.first_use import IMPORTED_AT_THE_FIRST_UPDATE
from backends.vocabulary import BUILT_IN
from harness.recording.catalogue import built_in_scenarios
from harness.sweeping.ignoring_stops import ignore_stops

NEEDED = ("distributed", "harness.sweeping.work")
"""What a worker itself is made of, and what makes its runs."""


def import_everything() -> None:
    """Import what is needed, and every built-in backend that can be; a run says of the others what is wrong."""
    for module in NEEDED:
        importlib.import_module(module)
    for module in (*BUILT_IN.values(), *IMPORTED_AT_THE_FIRST_UPDATE):
        with suppress(Exception):
            importlib.import_module(module)
    built_in_scenarios()


ignore_stops()  # first: the server ends with the command, which finishes what is in flight
import_everything()
# None of it is ever garbage: left out of the search for some, it stays in memory that all workers share.
gc.freeze()
