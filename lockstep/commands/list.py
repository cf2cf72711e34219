"""`lockstep list`: scenarios, ops and backends, all of them or one family's."""

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Literal

import click

from backends.vocabulary import BUILT_IN
from harness.errors import InputError, did_you_mean
from harness.files import check_writable, write_file
from harness.recording.catalogue import built_in_scenarios
from lockstep.options.output import FORMAT_OPTION, terminal_width
from reports.text.listing import backend_table, family_of, listed_ops, listing_document, op_table, scenario_table
from reports.text.table import Format

What = Literal["scenarios", "ops", "backends"]
WHAT: tuple[What, ...] = ("scenarios", "backends", "ops")


@click.command("list")
@click.argument("what", metavar="[scenarios|ops|backends]", required=False, type=click.Choice(WHAT))
@click.option("--family", metavar="NAME", help="Only the scenarios and ops of one family, such as losses.")
@click.option(
    "--json",
    "json_path",
    metavar="[FILE|-]",
    is_flag=False,
    flag_value="-",
    help="Write scenarios, ops and backends as JSON; alone, at the end, or with - to stdout.",
)
@FORMAT_OPTION
def command(what: What | None, family: str | None, json_path: str | None, table_format: Format) -> None:
    """List scenarios, backends and ops by family, which backend has which op, and which scenarios use it.

    `lockstep run`, `map` and `map --op` take these names. A family of ops is a file of each backend, a family of
    scenarios is a file in scenarios/.
    """
    scenarios = list(built_in_scenarios().values())
    ops = listed_ops(BUILT_IN, scenarios)
    if family is not None:
        _check_family(family, [*map(family_of, scenarios), *(op.family for op in ops)])
        scenarios = [scenario for scenario in scenarios if family_of(scenario) == family]
        ops = [op for op in ops if op.family == family]
    if json_path is not None:
        text = json.dumps(listing_document(scenarios, ops, BUILT_IN), indent=1, ensure_ascii=False) + "\n"
        if json_path == "-":
            click.echo(text, nl=False)
            return
        check_writable(Path(json_path))
        write_file(Path(json_path), text)
        return
    width = terminal_width()
    tables = {
        "scenarios": scenario_table(scenarios, table_format, width),
        "backends": "" if family else backend_table(BUILT_IN, table_format),
        "ops": op_table(ops, BUILT_IN, table_format, width),
    }
    chosen = [tables[name] for name in WHAT if what in (None, name)]
    click.echo("\n".join(table for table in chosen if table), nl=False)


def _check_family(family: str, families: Iterable[str]) -> None:
    families = sorted(set(families))
    if family not in families:
        raise InputError(f"there is no family {family!r}{did_you_mean(family, families)}")
