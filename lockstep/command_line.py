"""The `lockstep` command. Results go to stdout, progress and warnings to stderr; frameworks load only where needed."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

import click

from lockstep.article_command import article
from lockstep.delivery import deliver, drawing_width, wants_colour
from lockstep.differences_command import differences
from lockstep.errors import BackendMissing, InputError, did_you_mean
from lockstep.export_command import export
from lockstep.ladder_command import ladder
from lockstep.list_command import list_command
from lockstep.options import FORMAT_OPTION, OUTPUT_OPTION, terminal_width
from lockstep.report_command import report
from lockstep.run_command import run
from lockstep.trace_command import trace
from scenarios import Scenario, ScenarioError

if TYPE_CHECKING:
    from backends.contract import Program
    from reports.code_map import MapRow
    from reports.drawing import Format
    from reports.map_drawing import MapFormat

WRONG_INPUT, MISSING, INTERRUPTED = 2, 3, 130


def main() -> NoReturn:
    """Run the command line; what is wrong with the input is one message and an exit code."""
    try:
        command_line(standalone_mode=False)
    except _Interrupted:
        _fail("interrupted", INTERRUPTED)
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except (InputError, ScenarioError) as error:
        _fail(str(error), WRONG_INPUT)
    except BackendMissing as error:
        _fail(str(error), MISSING)
    except BrokenPipeError:
        sys.stderr.close()
        sys.exit(0)
    sys.exit(0)


def _fail(message: str, code: int) -> NoReturn:
    click.echo(f"lockstep: {message}", err=True)
    sys.exit(code)


class _Interrupted(Exception):
    """Somebody pressed Ctrl-C; click would print an empty line for it."""


class _Suggesting(click.Group):
    """A group that suggests the command that was meant, and passes Ctrl-C on."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except KeyboardInterrupt:
            raise _Interrupted from None

    def resolve_command(self, ctx: click.Context, args: list[str]) -> Any:
        if args and self.get_command(ctx, args[0]) is None:
            raise click.UsageError(f"there is no command {args[0]!r}{did_you_mean(args[0], self.commands)}", ctx)
        return super().resolve_command(ctx, args)


@click.group(cls=_Suggesting, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 120})
@click.version_option(package_name="lockstep")
def command_line() -> None:
    """Train one network with NumPy by hand, Chainer and PyTorch side by side, and see whether they agree.

    A scenario is a network with its data, its loss and its optimizer; a backend is what trains it; an op is one step
    of the network, such as matmul or relu.
    """


command_line.add_command(run)
command_line.add_command(list_command)
command_line.add_command(differences)
command_line.add_command(ladder)
command_line.add_command(trace)
command_line.add_command(article)
command_line.add_command(report)
command_line.add_command(export)


@command_line.command()
@click.argument("runs", metavar="RUN.json...", nargs=-1, required=True, type=click.Path(path_type=Path))
@FORMAT_OPTION
@OUTPUT_OPTION
def table(runs: tuple[Path, ...], table_format: "Format", output: Path | None) -> None:
    """Draw the tables of a run saved with --json again, or of several runs side by side."""
    from lockstep.results import read_document
    from reports.comparison import comparison, short_names
    from reports.tables import run_tables

    if output is not None and output.resolve() in [path.resolve() for path in runs]:
        raise click.UsageError(f"--output {output} would overwrite the run that it is drawn from")
    documents = [read_document(path) for path in runs]
    width = None if output else terminal_width()
    if len(documents) == 1:
        deliver(run_tables(documents[0].results, table_format, width), output)
        return
    deliver(comparison(short_names(runs), documents, table_format, width), output)


@command_line.command()
@click.argument("runs", metavar="RUN.json...", nargs=-1, required=True, type=click.Path(path_type=Path))
@OUTPUT_OPTION
def explain(runs: tuple[Path, ...], output: Path | None) -> None:
    """Write out what the certificates of a run saved with --json found.

    Every failure comes with the inputs of the op at the wrong element, the arithmetic with the numbers put in, and the
    mistake that would give the wrong number, where one fits. Then a table says, op by op, how small an error can be and
    still be seen.
    """
    from lockstep.results import read_document
    from reports.certificates import certificate_report

    documents = [read_document(path) for path in runs]
    width = None if output else terminal_width()
    reports = [certificate_report(result, width) for document in documents for result in document.results]
    deliver("\n".join(reports), output)


@command_line.command("map")
@click.argument("scenario_name", metavar="[SCENARIO]", required=False)
@click.option("--op", "op_name", metavar="NAME", help="Show one op as it stands in each backend, with its formula.")
@click.option(
    "--format", "map_format", type=click.Choice(("text", "github", "html")), default="text", show_default=True
)
@OUTPUT_OPTION
def code_map_command(
    scenario_name: str | None, op_name: str | None, map_format: "MapFormat", output: Path | None
) -> None:
    """Show how each line of a scenario reads in NumPy (forward and backward), Chainer and PyTorch.

    With --op, show that op's source and formula in each backend, below its lines in the SCENARIO if one is named.
    """
    from reports.map_drawing import draw_map, draw_op

    if scenario_name is None and op_name is None:
        raise click.UsageError("name a SCENARIO, or an op with --op NAME")
    if op_name is not None and map_format != "text":
        raise click.UsageError("--op NAME shows source, which is drawn as text only; leave --format out")
    colour, width = wants_colour(output), drawing_width(output)
    parts = [
        draw_map(title, rows, map_format, colour=colour, width=width)
        for title, rows in (_maps(scenario_name, op_name) if scenario_name else ())
    ]
    if map_format == "html" and len(parts) > 1:
        raise InputError(f"{scenario_name} holds {len(parts)} scenarios and a page holds one map; write FILE.py:NAME")
    if op_name is not None:
        from reports.code_map import known_ops, op_sources

        if op_name not in known_ops():
            raise InputError(f"there is no op {op_name!r}{did_you_mean(op_name, known_ops(), 'lockstep list ops')}")
        parts.append(draw_op(op_sources(op_name), colour=colour, width=width))
    deliver("\n".join(parts), output)


def _maps(scenario_name: str, op_name: str | None) -> Iterator[tuple[str, "list[MapRow]"]]:
    """Yield title and rows of each scenario's map, of one op's calls if it is named."""
    from reports.code_map import code_map, known_ops

    for scenario, program in _programs(scenario_name):
        rows = code_map(program)
        if op_name is not None:
            used = dict.fromkeys([*(call.op for call in program.calls), program.optimizer.op])
            if op_name not in used:
                known = op_name in known_ops()
                hint = f"; lockstep map --op {op_name} shows it" if known else did_you_mean(op_name, used)
                raise InputError(f"scenario {scenario.name} uses no op {op_name!r}{hint}")
            rows = [row for row in rows if row.title in (f"op.{op_name}", f"optimizer {op_name}")]
        yield f"{scenario.name}: {scenario.description}", rows


def _programs(scenario_name: str) -> Iterator[tuple[Scenario, "Program"]]:
    from lockstep.draws import draw
    from lockstep.loading import REFERENCE, check_ops, find_scenarios, hand_written_ops, load_backend
    from lockstep.record import record

    for scenario in find_scenarios([scenario_name]):
        draws = draw(scenario, scenario.dtype)
        program = record(scenario, draws, hand_written_ops(()))
        check_ops(load_backend(REFERENCE), [program.optimizer.op], scenario.name)
        yield scenario, program


@command_line.command()
def doctor() -> None:
    """Check that this installation works, by training with each framework, and say what to do where it does not.

    Exit code: 0 all three frameworks work, 3 one does not.
    """
    from lockstep.doctor import backends_work, examine
    from reports.drawing import draw_table

    checks = examine()
    rows = [
        {"part": c.name, "found": c.found, "works": "yes" if c.works else "NO", "how it was tried": c.detail}
        for c in checks
    ]
    click.echo(draw_table(rows, "text", left_aligned=True), nl=False)
    for check in checks:
        if check.advice:
            click.echo(f"{check.name}: {check.advice}")
    sys.exit(0 if backends_work(checks) else MISSING)


@command_line.command()
@click.argument("scenario_name", metavar="[SCENARIO]", default="two_layer")
@click.option("--epochs", type=int, help="Train for so many epochs in each round.")
@click.option("--threads", type=click.IntRange(min=1), default=1, show_default=True, help="Threads per framework.")
@click.option("--no-memory", is_flag=True, help="Leave out the measurement of peak memory.")
@FORMAT_OPTION
def bench(scenario_name: str, epochs: int | None, threads: int, no_memory: bool, table_format: "Format") -> None:
    """Time a run of all backends against each backend alone, and measure its peak memory.

    For the two-layer networks it is also timed against bare loops: the same training, written for one network and
    with nothing around it. Everything alternates in one process; times are medians per epoch, ratios are medians of
    the ratios of each round.
    """
    from lockstep.bench import bench_memory, bench_time
    from lockstep.loading import find_scenarios
    from reports.tables import memory_table, timing_table

    chosen = find_scenarios([scenario_name])
    with _spinner() as progress:
        memory = [] if no_memory else bench_memory(progress)  # first, as what ran before it may be given back meanwhile
        timings = [(s.name, bench_time(s.vary(epochs=epochs), threads, progress)) for s in chosen]
    for _, measured in timings:
        click.echo(timing_table(measured, table_format))
    if memory:
        click.echo(memory_table(memory, table_format), nl=False)


@command_line.command()
@click.option("--list", "only_list", is_flag=True, help="List the mutants; run nothing.")
@click.option(
    "--correct-runs",
    type=click.IntRange(min=1),
    default=300,
    show_default=True,
    help="Random runs of correct backends.",
)
@click.option("--json", "json_path", metavar="FILE|-", help="Write the whole score as JSON; - for stdout, no tables.")
@FORMAT_OPTION
def mutants(only_list: bool, correct_runs: int, json_path: str | None, table_format: "Format") -> None:
    """Measure what lockstep finds: backends with one mistake each, and correct ones on random networks.

    Exit code: 0 all mutants are detected in float64, 95 % of them located exactly, and no false alarm; else 1.
    """
    from lockstep.files import check_writable
    from lockstep.mutants import load_corpus, measure, to_json
    from reports.mutants import corpus_table, score_tables, summary

    json_file = None if json_path in (None, "-") else Path(str(json_path))
    if json_file is not None:
        check_writable(json_file)
    corpus = load_corpus()
    if only_list:
        click.echo(corpus_table(corpus.MUTANTS, table_format, terminal_width()), nl=False)
        return
    with _spinner() as progress:
        score = measure(corpus, correct_runs, progress)
    if json_file is not None:
        deliver(to_json(score), json_file)
    text = to_json(score) if json_path == "-" else score_tables(score, table_format, terminal_width())
    click.echo(text, nl=False)
    click.echo(f"lockstep: {summary(score)}", err=True)
    sys.exit(0 if score.meets_targets else 1)


@contextmanager
def _spinner() -> Iterator[Callable[[str], None]]:
    from rich.console import Console

    with Console(stderr=True).status("preparing") as status:
        yield status.update
