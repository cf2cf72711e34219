"""`lockstep map`: each line of a scenario in NumPy, Chainer and PyTorch."""

from collections.abc import Iterator
from pathlib import Path

import click

from backends.contract import Program
from backends.documentation import without_derivation
from harness.errors import InputError, did_you_mean
from harness.recording.arrays import draw_arrays
from harness.recording.loading import REFERENCE, check_ops, find_scenarios, hand_written_ops, load_backend
from harness.recording.recorder import record_program
from harness.studies.name_lookup import find_lines, find_ops
from harness.studies.names import table
from lockstep.options.output import OUTPUT_OPTION, deliver, rendering_width, wants_colour
from reports.source.code_map import MapRow, code_map, op_names, op_sources
from reports.text.code_map import MapFormat, render_map
from reports.text.console import render_op
from scenarios import Scenario


@click.command("map")
@click.argument("scenario_name", metavar="[SCENARIO]", required=False)
@click.option(
    "--op",
    "op_name",
    metavar="NAME",
    help="Show one op as it stands in each backend, with its formula; also by a name of Chainer or PyTorch.",
)
@click.option(
    "--format", "map_format", type=click.Choice(("text", "github", "html")), default="text", show_default=True
)
@OUTPUT_OPTION
def command(scenario_name: str | None, op_name: str | None, map_format: MapFormat, output: Path | None) -> None:
    """Show how each line of a scenario reads in NumPy (forward and backward), Chainer and PyTorch.

    With --op, show that op's source and formula in each backend, after its lines in the SCENARIO if one is named.
    """
    if scenario_name is None and op_name is None:
        raise click.UsageError("name a SCENARIO, or an op with --op NAME")
    ops = [] if op_name is None else _ops_called(op_name)
    if op_name is not None and map_format != "text":
        raise click.UsageError("--op NAME shows source, which is drawn as text only; leave --format out")
    colour, width = wants_colour(output), rendering_width(output)
    parts = [
        render_map(title, rows, map_format, colour=colour, width=width)
        for title, rows in (_maps(scenario_name, ops[0] if len(ops) == 1 else op_name) if scenario_name else ())
    ]
    if map_format == "html" and len(parts) > 1:
        raise InputError(f"{scenario_name} holds {len(parts)} scenarios and a page holds one map; write FILE.py:NAME")
    parts += [render_op(op_sources(op), colour=colour, width=width) for op in ops]
    if op_name is not None and not ops:
        raise _no_op(op_name)
    deliver("\n".join(parts), output)


def _ops_called(name: str) -> list[str]:
    """The ops that a name of Lockstep, Chainer or PyTorch stands for."""
    sources = {op: [without_derivation(source) for _, source in op_sources(op)] for op in op_names()}
    return find_ops(name, sources, table())


def _no_op(name: str) -> InputError:
    if find_lines(name, table()):
        return InputError(f"Lockstep has no op for {name}; `lockstep names {name}` says what to write in PyTorch")
    return InputError(f"there is no op {name!r}{did_you_mean(name, op_names(), 'lockstep list ops')}")


def _maps(scenario_name: str, op_name: str | None) -> Iterator[tuple[str, list[MapRow]]]:
    """Yield title and rows of each scenario's map, only of one op's calls if it is named."""
    for scenario, program in _programs(scenario_name):
        rows = code_map(program)
        if op_name is not None:
            used = dict.fromkeys([*(call.op for call in program.calls), program.optimizer.op])
            if op_name not in used:
                is_op = op_name in op_names()
                hint = f"; lockstep map --op {op_name} shows it" if is_op else did_you_mean(op_name, used)
                raise InputError(f"scenario {scenario.name} uses no op {op_name!r}{hint}")
            rows = [row for row in rows if row.kind in ("op", "optimizer") and row.name == op_name]
        yield f"{scenario.name}: {scenario.description}", rows


def _programs(scenario_name: str) -> Iterator[tuple[Scenario, Program]]:
    for scenario in find_scenarios([scenario_name]):
        draws = draw_arrays(scenario, scenario.dtype)
        program = record_program(scenario, draws, hand_written_ops(()))
        check_ops(load_backend(REFERENCE), [program.optimizer.op], scenario.name)
        yield scenario, program
