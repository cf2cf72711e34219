"""`lockstep doctor`: does this installation work?"""

import sys

import click

from harness.studies.doctor import backends_work, examine
from lockstep.command_line import MISSING
from reports.text.table import render_table


@click.command("doctor")
def command() -> None:
    """Check that this installation works, by training with each framework, and say what to do where it does not.

    Exit code: 0 all three frameworks work, 3 one does not.
    """
    checks = examine()
    rows = [
        {"part": c.name, "found": c.found, "works": "yes" if c.works else "NO", "how it was tried": c.detail}
        for c in checks
    ]
    click.echo(render_table(rows, "text", left_aligned=True), nl=False)
    for check in checks:
        if check.advice:
            click.echo(f"{check.name}: {check.advice}")
    sys.exit(0 if backends_work(checks) else MISSING)
