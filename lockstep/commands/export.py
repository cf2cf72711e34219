"""`lockstep export`: writes a scenario as a program that needs no Lockstep."""

import sys
from importlib.metadata import packages_distributions
from pathlib import Path
from shlex import join

import click
import numpy as np

from backends.vocabulary import BUILT_IN
from harness.errors import InputError
from harness.files import check_writable, write_file
from harness.recording.arrays import draw_arrays
from harness.recording.catalogue import find_scenario
from harness.recording.loading import REFERENCE, check_ops, hand_written_ops, load_backend
from harness.recording.recorder import record_program
from harness.running.experiment import check_rules
from lockstep.options.scenario import BATCH_SIZE_OPTION, EPOCHS_OPTION, SEED_OPTION, SETTINGS_OPTION
from reports.export.frameworks import framework
from reports.export.script import Script
from scenarios import DTYPES


@click.command("export")
@click.argument("scenario_name", metavar="SCENARIO")
@click.option(
    "--backend",
    type=click.Choice(tuple(BUILT_IN)),
    default="numpy",
    show_default=True,
    help="The framework that the program is written with.",
)
@SEED_OPTION
@EPOCHS_OPTION
@click.option("--dtype", type=click.Choice(DTYPES), help="The scenario's own unless given.")
@BATCH_SIZE_OPTION
@SETTINGS_OPTION
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path),
    metavar="FILE.py",
    help="Write to this file instead of to stdout; data that the scenario loads goes to FILE.npz beside it.",
)
def command(
    scenario_name: str,
    backend: str,
    seed: int | None,
    epochs: int | None,
    dtype: str | None,
    batch_size: int | None,
    settings: dict[str, float],
    output: Path | None,
) -> None:
    """Write a scenario as a program that needs one framework and NumPy, and nothing of lockstep.

    It prints the loss of every epoch, bit for bit that of `lockstep run`. `uv run FILE.py` installs what it needs.

    SCENARIO is a name from `lockstep list`, or ./file.py:name.
    """
    if output is not None:
        _check_name(output)
    archive = None if output is None else output.with_suffix(".npz")
    overrides = {"--seed": seed, "--epochs": epochs, "--dtype": dtype, "--batch-size": batch_size}
    options = [text for name, value in overrides.items() if value is not None for text in (name, str(value))]
    options += [text for name, value in settings.items() for text in ("--set", f"{name}={value!r}")]
    scenario = find_scenario(scenario_name).vary(seed=seed, epochs=epochs, batch_size=batch_size, settings=settings)
    find_op = hand_written_ops(())
    with np.errstate(all="ignore"):
        draws = draw_arrays(scenario, dtype or scenario.dtype)
        program = record_program(scenario, draws, find_op)
    check_ops(load_backend(REFERENCE), [rule.op for rule in program.rules], scenario.name)
    check_rules(scenario, find_op)
    script = Script(
        scenario,
        program,
        draws,
        dtype or scenario.dtype,
        framework(backend),
        command=join(["lockstep", "export", scenario_name, "--backend", backend, *options]),
        archive=archive.name if archive else "",
    )
    if output is None or archive is None:
        if script.loads:
            problem = f"scenario {scenario.name} loads data ({', '.join(script.loads)}), written beside the program"
            raise InputError(f"{problem}: say where with -o FILE.py")
        click.echo(script.text(), nl=False)
        return
    for path in [output, *([archive] if script.loads else [])]:
        check_writable(path)
    if script.loads:
        write_file(archive, script.archive())
    write_file(output, script.text())


def _check_name(output: Path) -> None:
    """Raise UsageError unless this is a program's name that hides no module from it and the programs beside it.

    Python looks for imports in a program's own folder first.
    """
    if output.suffix != ".py":
        raise click.UsageError(f"--output {output}: a program is called FILE.py; FILE.npz is for its data")
    if output.stem in {*sys.stdlib_module_names, *BUILT_IN, *packages_distributions()}:
        hidden = f"would hide {output.stem} itself from every program beside it"
        raise click.UsageError(f"--output {output}: a program called {output.name} {hidden}; call it something else")
