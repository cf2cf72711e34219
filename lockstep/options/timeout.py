"""The option that limits how long a user's code may take, and what holds it to that."""

import click

from harness.errors import InputError
from harness.guarding.stopping import time_limit
from scenarios.language.values import ABOVE_0

TIMEOUT_OPTION = click.option(
    "--timeout",
    type=float,
    metavar="SECONDS",
    help="Give up on code that takes longer than this for one update, one op of the lab, or to be imported.",
)


def limit_time(seconds: float | None, *, in_this_process: bool = True) -> None:
    """Let a user's code take this long for each of its turns until the command ends; None: any time.

    Raises InputError for no number of seconds, and where code can't be interrupted.
    """
    if seconds is not None:
        if not in_this_process:
            raise InputError("--timeout is for runs in this process; leave out --workers and --scheduler")
        seconds = ABOVE_0.checked(seconds, "--timeout", InputError)
    click.get_current_context().with_resource(time_limit(seconds))
