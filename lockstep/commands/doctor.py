"""`lockstep doctor`: does this installation work?"""

import sys

import click

from harness.studies.doctor import backends_work, examine
from lockstep.command_line import MISSING
from reports.text.table import render_table


@click.command("doctor")
def command() -> None:
    """Check that this installation works, by training with each framework, and say what to do if it does not.

    Exit code: 0 all three frameworks work, 3 one does not.
    """
    examinations = examine()
    rows = [
        {"part": e.name, "found": e.version, "works": "yes" if e.works else "NO", "how it was tried": e.detail}
        for e in examinations
    ]
    click.echo(render_table(rows, "text", left_aligned=True), nl=False)
    for examination in examinations:
        if examination.advice:
            click.echo(f"{examination.name}: {examination.advice}")
    sys.exit(0 if backends_work(examinations) else MISSING)
