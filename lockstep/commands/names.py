"""`lockstep names`: what to write in PyTorch for every public name of Chainer, and the other way round."""

import sys
from collections.abc import Sequence
from pathlib import Path

import click
from rich.console import Console

from backends.names.correspondence import Correspondence
from harness.studies.name_lookup import find_lines, unknown_name
from harness.studies.names import Proof, prove, table
from lockstep.options.output import OUTPUT_OPTION, deliver, terminal_width
from reports.text.studies.names import PLURALS, NamesFormat, render_line, render_names, render_proofs

NOT_AS_STATED = 1


@click.command("names")
@click.argument("name", metavar="[NAME]", required=False)
@click.option("--kind", type=click.Choice(tuple(PLURALS)), help="Only the names of one kind.")
@click.option(
    "--format",
    "table_format",
    type=click.Choice(("text", "github", "html", "csv", "json")),
    default="text",
    show_default=True,
    help="How to draw the table.",
)
@click.option("--check", is_flag=True, help="Run the proof of every line that is chosen, and count.")
@OUTPUT_OPTION
def command(name: str | None, kind: str | None, table_format: NamesFormat, check: bool, output: Path | None) -> None:
    """Show what to write in PyTorch for Chainer's functions, links, optimizers and hooks.

    NAME is short or full, Chainer's or PyTorch's: F.max_pooling_2d, chainer.links.LSTM, Adam, nn.LSTM. Every line is
    proven by code that runs in float64, values and gradients, or says why it is not.

    Exit code: 0, with --check 1 if a line is not as it says, 2 wrong usage or input, 3 a framework can't be imported.
    """
    if check and table_format != "text":
        raise click.UsageError("--check counts proofs, which are text only; leave --format out")
    lines = list(table())
    if name is not None:
        every = lines
        lines = find_lines(name, every)
        if not lines:
            raise unknown_name(name, every)
    lines = [line for line in lines if kind in (None, line.kind)]
    if not lines:
        raise click.UsageError(f"{name} is no {kind}; leave --kind out")
    if check:
        proofs = _proofs(lines)
        deliver(render_proofs(proofs), output)
        sys.exit(NOT_AS_STATED if any(proof.problem for proof in proofs) else 0)
    if name is not None and table_format == "text":
        deliver("\n".join(map(render_line, lines)), output)
        return
    deliver(render_names(lines, table_format, terminal_width() if output is None else None), output)


def _proofs(lines: Sequence[Correspondence]) -> list[Proof]:
    with Console(stderr=True).status("importing both frameworks") as status:
        proofs = []
        for line in lines:
            status.update(f"running {line.name}")
            proofs.append(prove(line))
    return proofs
