"""Options of where runs are made and kept: in which processes, and in which store."""

import os
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING

import click

from lockstep.options.group import in_order

if TYPE_CHECKING:
    from harness.sweeping.workers import Workers

STORE_OPTION = click.option(
    "--store",
    "store_path",
    metavar="FILE.db",
    type=click.Path(path_type=Path),
    help="Append each finished run to this store.",
)
WORKERS_OPTION = click.option(
    "--workers", type=click.IntRange(min=1), metavar="N", help="Make runs in so many processes of this machine."
)
SCHEDULER_OPTION = click.option(
    "--scheduler",
    metavar="tcp://HOST:PORT",
    help="Make runs on the workers of this Dask scheduler.",
)
WORKERS_OPTIONS = in_order(WORKERS_OPTION, SCHEDULER_OPTION)


def processes_of_a_run(workers: int | None, threads: int) -> int:
    """How many processes a run may use that is made alone, with so many threads per framework: one per core it may use.

    With --workers it is so many.
    """
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return workers or max(cores // threads, 1)


def workers_for(
    tasks: int, workers: int | None, scheduler: str | None, *, unless_given: int | None = None
) -> "AbstractContextManager[Workers]":
    """Those of a scheduler, or so many processes; this process where one is enough.

    `unless_given` is how many processes there are where neither option is given, one per core if None.
    Raises UsageError where both are given.
    """
    if workers is not None and scheduler is not None:
        raise click.UsageError("--workers are processes of this machine, --scheduler has its own; give one of them")
    wanted = min(workers or unless_given or os.cpu_count() or 1, tasks)
    if scheduler is None and wanted <= 1:
        from harness.sweeping.workers import ThisProcess

        return nullcontext(ThisProcess())
    if scheduler is None:
        from harness.sweeping import fork_server

        fork_server.start()  # before Dask is imported, which takes a second
    from harness.sweeping.cluster import Cluster

    return Cluster(wanted, scheduler, lambda sentence: click.echo(f"lockstep: {sentence}", err=True))
