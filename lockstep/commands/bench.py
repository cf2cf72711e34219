"""`lockstep bench`: times runs against bare loops."""

import click

from harness.recording.catalogue import find_scenarios
from harness.studies.bench import bench_memory, bench_time
from lockstep.options.output import FORMAT_OPTION, spinner
from reports.text.studies.bench import bench_tables
from reports.text.table import Format


@click.command("bench")
@click.argument("scenario_name", metavar="[SCENARIO]", default="two_layer")
@click.option("--epochs", type=int, help="Train for this many epochs in each round.")
@click.option("--threads", type=click.IntRange(min=1), default=1, show_default=True, help="Threads per framework.")
@click.option("--no-memory", is_flag=True, help="Leave out the measurement of peak memory.")
@FORMAT_OPTION
def command(scenario_name: str, epochs: int | None, threads: int, no_memory: bool, table_format: Format) -> None:
    """Time a run of all backends against each backend alone, and measure its peak memory.

    For the two-layer networks it is also timed against bare loops: the same training, written for one network and with
    nothing around it. All tasks alternate in one process; times are medians per epoch, ratios are medians of each
    round's ratios.
    """
    chosen = find_scenarios([scenario_name])
    with spinner("preparing") as progress:
        memory = [] if no_memory else bench_memory(progress)  # first, before other runs leave memory to be freed
        timings = [bench_time(s.vary(epochs=epochs), threads, progress) for s in chosen]
    click.echo(bench_tables(timings, memory, table_format), nl=False)
