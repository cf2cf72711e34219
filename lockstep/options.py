"""Options of commands that run scenarios: which backends, how they are certified, where runs go, and who makes them."""

import os
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING

import click

from scenarios import DTYPES

if TYPE_CHECKING:
    from harness.sweeping.workers import Workers

BACKENDS_OPTION = click.option(
    "--backend",
    "backends",
    multiple=True,
    metavar="NAME[=FILE|=MODULE]",
    help="Compare this backend with the reference; may be repeated. All built-in ones unless given.",
)
REFERENCE_OPTION = click.option(
    "--reference",
    default="numpy",
    show_default=True,
    metavar="NAME",
    help="The backend that the others are compared with.",
)
DTYPE_OPTION = click.option("--dtype", type=click.Choice((*DTYPES, "both")), help="The scenario's own unless given.")
CERTIFY_OPTION = click.option(
    "--certify",
    type=click.IntRange(min=1),
    metavar="K",
    help="Certify every K-th update, the first three and the last; every one unless given.",
)
NO_CERTIFY_OPTION = click.option("--no-certify", is_flag=True, help="Compare runs only; certify no op.")
ACCEPT_UNTESTED_OPTION = click.option(
    "--accept-untested", is_flag=True, help="Agree although a unit or a gradient was never exercised; say which."
)
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


def run_dtypes(dtype: str | None) -> tuple[str | None, ...]:
    """The dtypes that `--dtype` stands for; None is the scenario's own."""
    return DTYPES if dtype == "both" else (dtype,)


def certified_every(certify: int | None, *, no_certify: bool, unless_given: int | None = 1) -> int | None:
    """Every how many updates are certified; None for none. Raises UsageError where both options are given."""
    if certify is not None and no_certify:
        raise click.UsageError("--certify and --no-certify contradict each other")
    return None if no_certify else certify or unless_given


def workers_for(tasks: int, workers: int | None, scheduler: str | None) -> "AbstractContextManager[Workers]":
    """Those of a scheduler, or so many processes; this process where one is enough. One per core if None.

    Raises UsageError where both are given.
    """
    if workers is not None and scheduler is not None:
        raise click.UsageError("--workers are processes of this machine, --scheduler has its own; give one of them")
    wanted = min(workers or os.cpu_count() or 1, tasks)
    if scheduler is None and wanted <= 1:
        from harness.sweeping.workers import ThisProcess

        return nullcontext(ThisProcess())
    if scheduler is None:
        from harness.sweeping import fork_server

        fork_server.start()  # before Dask is imported, which takes a second
    from harness.sweeping.cluster import Cluster

    return Cluster(wanted, scheduler)
