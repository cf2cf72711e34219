"""`lockstep map`: each line of a scenario in NumPy, Chainer and PyTorch."""

from pathlib import Path

import click

from harness.errors import InputError
from lockstep.api.mapping import map_of
from lockstep.options.language import LANGUAGE_OPTION
from lockstep.options.output import OUTPUT_OPTION, deliver, rendering_width, wants_colour
from reports.languages.language import Language
from reports.text.code_map import MapFormat


@click.command("map")
@click.argument("scenario_name", metavar="[SCENARIO]", required=False)
@click.option(
    "--op",
    "op_name",
    metavar="NAME",
    help="Show one op as it stands in each backend, with its formula; also by a name of Chainer or PyTorch.",
)
@click.option(
    "--format", "map_format", type=click.Choice(("text", "github", "latex", "html")), default="text", show_default=True
)
@LANGUAGE_OPTION
@OUTPUT_OPTION
def command(
    scenario_name: str | None, op_name: str | None, map_format: MapFormat, language: Language, output: Path | None
) -> None:
    """Show how each line of a scenario reads in NumPy (forward and backward), Chainer and PyTorch.

    With --op, show that op's source and formula in each backend, and why its gradients are what they are, after its
    lines in the SCENARIO if one is named.
    """
    if scenario_name is None and op_name is None:
        raise click.UsageError("name a SCENARIO, or an op with --op NAME")
    if op_name is not None and map_format == "latex":
        raise click.UsageError("--op NAME shows source, for which LaTeX has no table; leave --format latex out")
    found = map_of(scenario_name, op=op_name)
    if map_format == "html" and found.ops and len(found.maps) + len(found.ops) > 1:
        of = " and ".join([*([scenario_name] if scenario_name else []), *found.ops])
        raise click.UsageError(f"a page shows one map or one op, and not {of}; leave --format html out")
    if map_format == "html" and len(found.maps) > 1:
        maps = f"{scenario_name} holds {len(found.maps)} scenarios"
        raise InputError(f"{maps} and a page holds one map; write FILE.py:NAME")
    deliver(
        found.render(map_format, colour=wants_colour(output), width=rendering_width(output), language=language), output
    )
