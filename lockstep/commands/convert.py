"""`lockstep convert`: weights of a Chainer file for a PyTorch model, and back."""

import sys
from dataclasses import replace
from pathlib import Path

import click

from backends.checkpoints.checkpoint import Checkpoint, CheckpointError
from backends.checkpoints.files import SUFFIXES, read_checkpoint, written
from backends.checkpoints.models import LiveModel
from backends.checkpoints.optimizers import UPDATE_RULES, written_for_chainer, written_for_torch
from backends.checkpoints.pickles import read_optimizer
from harness.converting.check import check
from harness.converting.conversion import Conversion, convert
from harness.converting.models import UsersModel, load_model
from harness.converting.optimizer import convert_optimizer
from harness.converting.optimizer_to_chainer import convert_optimizer_to_chainer
from harness.errors import InputError
from harness.files import check_writable, write_file
from reports.text.conversion import render_conversion

DIFFERS = 1


@click.command("convert")
@click.argument("source", metavar="SOURCE", type=click.Path(path_type=Path))
@click.argument("target", metavar="FILE.py:NAME")
@click.option("-o", "--output", required=True, type=click.Path(path_type=Path), metavar="OUT", help="Write here.")
@click.option(
    "--map",
    "maps",
    metavar="OLD=NEW",
    multiple=True,
    help="Say which layer becomes which, by their paths; of attention, Q,K,V,OUT=NEW.",
)
@click.option("--model", metavar="NAME", help="Which model of SOURCE, where it holds several.")
@click.option("--allow-missing", is_flag=True, help="Leave out what fits nothing, on either side.")
@click.option(
    "--optimizer",
    "rule",
    type=click.Choice(tuple(UPDATE_RULES)),
    help="Convert the optimizer's state, too.",
)
@click.option(
    "--optimizer-file",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Where PyTorch's optimizer was saved alone.",
)
@click.option("--lr", type=click.FloatRange(0, min_open=True), help="The learning rate of Chainer's momentum_sgd.")
@click.option("--check", "original", metavar="FILE.py:NAME", help="Run the original model, too, and compare.")
@click.option("--input", "shape", metavar="1,3,224,224", help="The shape of the input for --check, if not found.")
def command(
    source: Path,
    target: str,
    output: Path,
    maps: tuple[str, ...],
    model: str | None,
    allow_missing: bool,
    rule: str | None,
    optimizer_file: Path | None,
    lr: float | None,
    original: str | None,
    shape: str | None,
) -> None:
    """Convert weights from Chainer to PyTorch, or back, for the model that takes them.

    SOURCE is a file of Chainer's save_npz or save_hdf5, a Trainer's snapshot, a state_dict saved by PyTorch, or
    safetensors. FILE.py:NAME is the model that the weights are for: a class without required arguments, a function
    that makes it, or the model itself. OUT ends with .pt, .pth or .safetensors, or with .npz for a model of Chainer's.

    Layers are paired by path, by kind and shape, and by the numbers in their names. Where that leaves a choice, or
    anything fits nothing, nothing is written.

    --optimizer writes the state of Chainer's optimizer to OUT.optimizer.pt, as {"state": …} for load_state_dict, and
    that of PyTorch's to OUT.optimizer.npz, for load_npz.

    Exit code: 0 converted, 1 with --check the two models differ, 2 wrong usage or input, 5 the model's code failed.
    """
    if lr is not None and not (rule and UPDATE_RULES[rule].holds_lr):
        raise click.UsageError("--lr is for --optimizer momentum_sgd")
    if optimizer_file is not None and rule is None:
        raise click.UsageError("--optimizer-file is for --optimizer")
    if shape is not None and original is None:
        raise click.UsageError("--input is for --check")
    sizes, said = _shape(shape), _said(maps)
    states_output = None if rule is None else _beside(output)
    for path in (output, *([states_output] if states_output else [])):
        check_writable(path)
    checkpoint = _read(source, model, optimizer_file)
    users = load_model(target)
    _check_suffix(output, users)
    before = _original(original, checkpoint)
    live_before = before.live if before else None
    conversion = convert(checkpoint, users.live, said, original=live_before, allow_missing=allow_missing)
    states, notes = _states(checkpoint, conversion, rule, lr, users.live, live_before)
    checked = check((before, checkpoint.arrays), (users, conversion.arrays), sizes) if before else None
    click.echo(render_conversion(conversion, checked, source.name, target), nl=False)
    for note in notes:
        click.echo(f"note: {note}")
    if checked is not None and not checked.agrees:
        click.echo("lockstep: the two models differ; nothing is written", err=True)
        sys.exit(DIFFERS)
    if states_output is not None:
        write_file(states_output, states)
    write_file(output, written(conversion.arrays, output.suffix))


def _beside(output: Path) -> Path:
    """The file for the optimizer's state beside that for the weights."""
    return output.with_suffix(".optimizer.npz" if output.suffix == ".npz" else ".optimizer.pt")


def _read(source: Path, model: str | None, optimizer_file: Path | None) -> Checkpoint:
    """The weights of SOURCE, with the optimizer of a file of its own if there is one."""
    try:
        checkpoint = read_checkpoint(source, model)
        if optimizer_file is None:
            return checkpoint
        if checkpoint.framework == "chainer":
            raise InputError("--optimizer-file is for PyTorch's optimizers; Chainer's are in the snapshot")
        return replace(checkpoint, torch_optimizer=read_optimizer(optimizer_file))
    except CheckpointError as error:
        raise InputError(str(error)) from error


def _states(
    checkpoint: Checkpoint,
    conversion: Conversion,
    rule: str | None,
    lr: float | None,
    model: LiveModel,
    original: LiveModel | None,
) -> tuple[bytes, list[str]]:
    """The content of the file of the optimizer's state, and what has to be said of it."""
    if rule is None:
        return b"", []
    notes = [f"{rule}: {UPDATE_RULES[rule].note}"] if UPDATE_RULES[rule].note else []
    if checkpoint.framework == "chainer":
        states = convert_optimizer(checkpoint, conversion, rule, lr)
        return written_for_torch(states, model.parameters()), notes
    if lr is not None:
        raise InputError("--lr is for the way to PyTorch: PyTorch's file says the learning rate")
    converted = convert_optimizer_to_chainer(checkpoint, conversion, rule, model, original)
    return written_for_chainer(converted.states), notes + converted.notes


def _original(specification: str | None, checkpoint: Checkpoint) -> UsersModel | None:
    """The model that the file is of, if it is given."""
    if specification is None:
        return None
    original = load_model(specification)
    if original.live.framework != checkpoint.framework:
        raise InputError(f"--check {specification} is of the same framework as the model that is converted to")
    return original


def _check_suffix(output: Path, users: UsersModel) -> None:
    """Raise InputError unless the file is of a kind for this model."""
    suffixes = SUFFIXES[users.live.framework]
    if output.suffix not in suffixes:
        raise InputError(f"--output {output}: weights for {users.specification} are written to {' or '.join(suffixes)}")


def _shape(text: str | None) -> tuple[int, ...] | None:
    if text is None:
        return None
    sizes = text.split(",")
    if not all(size.strip().isdecimal() and int(size) > 0 for size in sizes):
        raise click.UsageError(f"--input {text}: write the sizes of all axes, as 1,3,224,224")
    return tuple(int(size) for size in sizes)


def _said(maps: tuple[str, ...]) -> dict[str, str]:
    pairs = [text.partition("=") for text in maps]
    for text, (old, equals, new) in zip(maps, pairs, strict=True):
        if not (old and equals and new):
            raise click.UsageError(f"--map {text}: write a layer of the file and one of the model, as l1=fc1")
    said = {old: new for old, _, new in pairs}
    if len(said) < len(pairs):
        raise click.UsageError("--map names a layer of the file twice")
    return said
