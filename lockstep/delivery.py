"""Delivers the results of `lockstep run` in the order of its runs: verdicts and tables at once, data at the end."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click
from rich.console import Console
from rich.text import Text

from harness.files import write_file
from harness.recording.versions import versions
from harness.results import SCHEMA, Document, Result, to_json
from harness.sentences import details, headline, summary
from lockstep.options.output import destinations, terminal_width
from reports.text.runs.certificates import certificate_findings
from reports.text.runs.tables import run_tables, text_table
from reports.text.table import Format

if TYPE_CHECKING:
    from harness.sweeping.work import Attempt

MOST_WITHOUT_SUMMARY = 3
COLOURS = {"agree": "green", "drift": "yellow", "disagree": "red", "inconclusive": "yellow"}


class Delivery:
    """Delivers results: verdicts and tables to stdout as they come, or data to stdout and files at the end."""

    def __init__(
        self, table_format: Format, output: Path | None, json_path: str | None, *, explained: bool, solution: bool
    ) -> None:
        self._table_format = table_format
        self._to = destinations(output, json_path)
        self._explained = explained
        self._solution = solution
        self.results: list[Result] = []
        """What is delivered, in the order of the runs."""
        self._waiting: dict[int, Attempt] = {}
        """What finished before its turn, by place."""

    def take(self, place: int, attempt: "Attempt") -> None:
        """Deliver the result of the run of this place when it is its turn.

        Raises what a run raised, when that is its turn.
        """
        self._waiting[place] = attempt
        while len(self.results) in self._waiting:
            self._deliver(self._waiting.pop(len(self.results)).result)

    def finish(self, runs: int) -> None:
        """Deliver what still waits because a run of an earlier place has not finished, and what covers all results.

        Where there are fewer than `runs`, say so.
        """
        for _, attempt in sorted(self._waiting.items()):
            if isinstance(attempt.outcome, Result):
                self._deliver(attempt.outcome)
        if not self.results:
            return
        self._write()
        if len(self.results) < runs:
            finished = ", ".join(f"{result.scenario} {result.dtype}" for result in self.results)
            click.echo(f"lockstep: stopped early; results are those of {finished}", err=True)

    def _deliver(self, result: Result) -> None:
        self.results.append(result)
        if self._to.json_file is not None:  # at once, so that nothing that happens later can take it away
            write_file(self._to.json_file, to_json(_document(self.results)))
        self._tell(result)

    def _tell(self, result: Result) -> None:
        """Print a verdict at once, on stderr if stdout is only for data."""
        data_alone = self._to.json_on_stdout or (self._to.text_on_stdout and self._table_format != "text")
        with_table = self._to.text_on_stdout and not data_alone
        if with_table and len(self.results) > 1:
            click.echo()
        _say(result, to_stderr=data_alone, solution=self._solution)
        if with_table:
            click.echo(f"\n{text_table(result, terminal_width())}", nl=False)
        if self._explained:
            findings = certificate_findings(result, terminal_width(), solution=self._solution)
            click.echo(f"\n{findings}", nl=False, err=data_alone)

    def _write(self) -> None:
        """Write what covers all results: tables to a file, data to stdout."""
        results = self.results
        if self._to.json_on_stdout:
            click.echo(to_json(_document(results)), nl=False)
        if not self._to.text_on_stdout or self._table_format != "text":
            self._to.write_text(lambda: run_tables(results, self._table_format))
        elif len(results) > MOST_WITHOUT_SUMMARY:
            click.echo(f"\n{summary(results)}")


def _document(results: Sequence[Result]) -> Document:
    return Document(schema=SCHEMA, versions=versions(), results=list(results))


def _say(result: Result, *, to_stderr: bool, solution: bool) -> None:
    console = Console(stderr=to_stderr, highlight=False, soft_wrap=True)
    line = Text(headline(result))
    if not console.no_color:  # without colours it would still be bold
        line.highlight_words([f": {result.verdict}"], f"bold {COLOURS[result.verdict]}")
    console.print(line)
    for detail in details(result, solution=solution):
        console.print(Text(f"  {detail}"))
    if result.verdict == "drift":
        sharper = "; --dtype float64 is the sharper comparison" if result.dtype != "float64" else ""
        click.echo(f"lockstep: warning: {result.scenario} drifts in {result.dtype}{sharper}", err=True)
