"""Options of what is compared: which backends, in which dtype, and how they are certified."""

import click

from lockstep.options.group import in_order
from scenarios import DTYPES

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
BACKENDS_OPTIONS = in_order(BACKENDS_OPTION, REFERENCE_OPTION)
DTYPE_OPTION = click.option("--dtype", type=click.Choice((*DTYPES, "both")), help="The scenario's own unless given.")
CERTIFY_OPTION = click.option(
    "--certify",
    type=click.IntRange(min=1),
    metavar="K",
    help="Certify every K-th update, the first three and the last; every one unless given.",
)
NO_CERTIFY_OPTION = click.option("--no-certify", is_flag=True, help="Compare runs only; certify no op.")
CERTIFY_OPTIONS = in_order(CERTIFY_OPTION, NO_CERTIFY_OPTION)
ACCEPT_UNTESTED_OPTION = click.option(
    "--accept-untested", is_flag=True, help="Agree although a unit or a gradient was never exercised; say which."
)


def run_dtypes(dtype: str | None) -> tuple[str | None, ...]:
    """The dtypes that `--dtype` stands for; None is the scenario's own."""
    return DTYPES if dtype == "both" else (dtype,)


def certified_every(certify: int | None, *, no_certify: bool, unless_given: int | None = 1) -> int | None:
    """Every how many updates are certified; None for none. Raises UsageError where both options are given."""
    if certify is not None and no_certify:
        raise click.UsageError("--certify and --no-certify contradict each other")
    return None if no_certify else certify or unless_given
