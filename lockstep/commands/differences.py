"""`lockstep differences`: where Chainer and PyTorch mean different things under the same name, each measured."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click
from rich.console import Console

from harness.studies.differences import Measured, catalogue, measure, to_json
from harness.studies.name_lookup import find_differences, find_lines, unknown_name
from harness.studies.names import table
from lockstep.options.output import OUTPUT_OPTION, destinations, terminal_width, wants_colour
from reports.text.studies.differences import PageFormat, render_difference, render_differences
from reports.text.studies.names import render_line

if TYPE_CHECKING:  # importing it imports both frameworks
    from backends.differences.difference import Difference

KINDS = ("optimizer", "loss", "layer", "default", "tie", "shape")
NOT_AS_STATED = 1


@click.command("differences")
@click.argument("name", metavar="[NAME]", required=False)
@click.option("--kind", type=click.Choice(KINDS), help="Only the differences of one kind.")
@click.option(
    "--format",
    "page_format",
    type=click.Choice(("text", "github", "html", "json")),
    default="text",
    show_default=True,
    help="How to draw the table, or the one difference.",
)
@click.option(
    "--json",
    "json_path",
    metavar="[FILE|-]",
    is_flag=False,
    flag_value="-",
    help="Write what was measured as JSON; alone, at the end, or with - to stdout, and nothing else.",
)
@OUTPUT_OPTION
def command(
    name: str | None, kind: str | None, page_format: PageFormat, json_path: str | None, output: Path | None
) -> None:
    """Show where Chainer and PyTorch mean different things under the same name.

    Each difference is code that is run: in Chainer, in the obvious translation to PyTorch, and in one that agrees to
    1e-12. Differences are relative to the largest element. With NAME, show one of them with its code. NAME is that of
    an entry, or any name of Chainer or PyTorch, short or full, such as F.max_pooling_2d or nn.LSTM: if several entries
    are about it, show their table; if none is, its line of `lockstep names`.

    Exit code: 0 every difference is as stated, 1 one is not, 2 wrong usage or input, 3 a framework can't be imported.
    """
    if name is not None and kind is not None:
        raise click.UsageError("--kind chooses among all differences; leave it out with NAME")
    to = destinations(output, json_path)
    measured = _measure(name, kind, json_path)
    one = name is not None and len(measured) == 1
    to.write_json(lambda: to_json(measured))
    is_known = bool(measured) or page_format == "json"
    to.write_text(lambda: _rendered(measured, page_format, output, one=one) if is_known else _lines_of(str(name)))
    wrong = [entry.name for entry in measured if not entry.holds]
    if wrong:
        click.echo(f"lockstep: not as stated, on this installation: {', '.join(wrong)}", err=True)
    sys.exit(NOT_AS_STATED if wrong else 0)


def _measure(name: str | None, kind: str | None, json_path: str | None) -> list[Measured]:
    with Console(stderr=True).status("importing both frameworks") as status:
        entries = catalogue()
        if json_path in [entry.name for entry in entries]:
            raise click.UsageError(f"--json takes {json_path} for the file to write; name the difference before --json")
        chosen = _chosen(entries, name, kind)
        measured = []
        for entry in chosen:
            status.update(f"running {entry.name}")
            measured.append(measure(entry))
    return measured


def _chosen(entries: "tuple[Difference, ...]", name: str | None, kind: str | None) -> "list[Difference]":
    if name is None:
        return [entry for entry in entries if kind in (None, entry.kind)]
    lines = table()
    found = find_differences(name, entries, lines)
    if not found and not find_lines(name, lines):
        raise unknown_name(name, lines, [entry.name for entry in entries], "difference")
    return found


def _lines_of(name: str) -> str:
    """What the table has of a name that no difference is known of."""
    lines = find_lines(name, table())
    return "\n".join([f"No difference is known of {name}.\n", *map(render_line, lines)])


def _rendered(measured: list[Measured], page_format: PageFormat, output: Path | None, *, one: bool) -> str:
    if page_format == "json":
        return to_json(measured)
    width = terminal_width() if output is None else None
    if not one:
        return render_differences(measured, page_format, width)
    return render_difference(measured[0], page_format, colour=wants_colour(output), width=width)
