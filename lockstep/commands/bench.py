"""`lockstep bench`: times runs against bare loops, and how their time grows."""

from pathlib import Path

import click

from harness.files import make_folder
from harness.recording.catalogue import find_scenarios
from harness.studies.bench import bench_memory, bench_time
from lockstep.options.output import FORMAT_OPTION, spinner
from lockstep.options.workers import processes_of_a_run
from reports.text.studies.bench import bench_tables
from reports.text.table import Format

FEW_EPOCHS, FEW_MUTANTS = 10, 60


@click.command("bench")
@click.argument("scenario_name", metavar="[SCENARIO]", required=False)
@click.option("--epochs", type=int, help="Train for this many epochs in each round.")
@click.option("--threads", type=click.IntRange(min=1), default=1, show_default=True, help="Threads per framework.")
@click.option("--no-memory", is_flag=True, help="Leave out the measurement of peak memory.")
@click.option("--growth", "grows", is_flag=True, help="Time runs of more and more epochs, calls and elements instead.")
@click.option("--most", type=click.IntRange(min=10), help="With --growth: leave out larger sizes.")
@click.option(
    "--figures",
    metavar="DIR",
    type=click.Path(path_type=Path),
    help="With --growth: draw it into this folder, as SVG and PNG; needs matplotlib.",
)
@click.option("--peers", is_flag=True, help="Time what people check with otherwise, and count the mistakes it finds.")
@click.option(
    "--mutants", type=click.IntRange(min=1), help=f"With --peers: try so many mistakes; {FEW_MUTANTS} unless given."
)
@FORMAT_OPTION
def command(
    scenario_name: str | None,
    epochs: int | None,
    threads: int,
    no_memory: bool,
    grows: bool,
    most: int | None,
    figures: Path | None,
    peers: bool,
    mutants: int | None,
    table_format: Format,
) -> None:
    """Time a run of all backends against each backend alone, and measure its peak memory.

    SCENARIO is two_layer unless given. The two-layer networks are also timed against bare loops: the same training,
    written for one network and with nothing around it. All tasks alternate, in one process and, where there are cores,
    shared among several; times are medians per epoch, ratios are medians of each round's ratios.

    With --growth, certified runs of one process are timed that have up to 30,000 epochs, 10,000 calls, or 10,000,000
    elements in a tensor. It takes some minutes; --most 1000 takes seconds.

    With --peers, runs of the scenario in float64 are timed beside tolerances at every epoch and numerical gradients of
    every op at every update; mistakes are those of `lockstep mutants`. SCENARIO is then two_layer_tiny, for 10 epochs,
    unless given.
    """
    if grows:
        if scenario_name or epochs is not None or no_memory or threads > 1 or peers:
            raise click.UsageError("--growth has networks of its own, in one thread; it goes with --most and --figures")
        _growth(most, figures, table_format)
        return
    if most is not None or figures is not None:
        raise click.UsageError("--most and --figures go with --growth")
    if peers:
        if no_memory or threads > 1:
            raise click.UsageError("--peers measures time alone, in one thread; leave out --no-memory and --threads")
        _peers(scenario_name or "two_layer_tiny", epochs or FEW_EPOCHS, mutants or FEW_MUTANTS, table_format)
        return
    if mutants is not None:
        raise click.UsageError("--mutants goes with --peers")
    chosen = find_scenarios([scenario_name or "two_layer"])
    with spinner("preparing") as progress:
        memory = [] if no_memory else bench_memory(progress)  # first, before other runs leave memory to be freed
        processes = processes_of_a_run(None, threads)
        timings = [bench_time(s.vary(epochs=epochs), threads, processes, progress) for s in chosen]
    click.echo(bench_tables(timings, memory, table_format), nl=False)


def _peers(name: str, epochs: int, mutants: int, table_format: Format) -> None:
    from harness.studies.peers import measure_peers
    from reports.text.studies.peers import peers_table

    (chosen,) = find_scenarios([name])
    with spinner("preparing") as progress:
        ways = measure_peers(chosen.vary(epochs=epochs), mutants, progress)
    click.echo(peers_table(ways, table_format), nl=False)


def _growth(most: int | None, figures: Path | None, table_format: Format) -> None:
    from harness.studies.growth import measure_growth
    from reports.text.studies.growth import growth_table

    if figures is not None:
        from reports.figures.drawing import check_installed

        check_installed()
        make_folder(figures, "--figures takes a folder")
    with spinner("preparing") as progress:
        measured = list(measure_growth(progress, most))
    click.echo(growth_table(measured, table_format), nl=False)
    if figures is not None:
        from reports.figures.growth import write_growth

        for path in write_growth(measured, figures):
            click.echo(path, err=True)
