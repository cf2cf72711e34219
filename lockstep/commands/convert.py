"""`lockstep convert`: weights of a Chainer file for a PyTorch model, and back."""

import sys
from pathlib import Path

import click

from backends.checkpoints.files import SUFFIXES, Checkpoint, CheckpointError, read_checkpoint, written
from backends.checkpoints.optimizers import UPDATE_RULES, written_states
from harness.converting.check import check
from harness.converting.conversion import Conversion, convert
from harness.converting.models import UsersModel, load_model
from harness.converting.optimizer import States, convert_optimizer
from harness.errors import InputError
from harness.files import check_writable, write_atomically
from reports.text.conversion import render_conversion

DIFFERS = 1


@click.command("convert")
@click.argument("source", metavar="SOURCE", type=click.Path(path_type=Path))
@click.argument("target", metavar="FILE.py:NAME")
@click.option("-o", "--output", required=True, type=click.Path(path_type=Path), metavar="OUT", help="Write here.")
@click.option("--map", "maps", metavar="OLD=NEW", multiple=True, help="Say which layer becomes which, by their paths.")
@click.option("--model", metavar="NAME", help="Which model of a Trainer's snapshot, where it holds several.")
@click.option("--allow-missing", is_flag=True, help="Leave out what fits nothing, on either side.")
@click.option(
    "--optimizer",
    "rule",
    type=click.Choice(tuple(UPDATE_RULES)),
    help="Convert the optimizer's state of a snapshot, too.",
)
@click.option("--lr", type=click.FloatRange(0, min_open=True), help="The learning rate of momentum_sgd.")
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

    --optimizer writes the state of Chainer's optimizer to OUT.optimizer.pt, as {"state": …} for load_state_dict.

    Exit code: 0 converted, 1 with --check the two models differ, 2 wrong usage or input, 5 the model's code failed.
    """
    if lr is not None and not (rule and UPDATE_RULES[rule].holds_lr):
        raise click.UsageError("--lr is for --optimizer momentum_sgd")
    if shape is not None and original is None:
        raise click.UsageError("--input is for --check")
    sizes, said = _shape(shape), _said(maps)
    state_output = None if rule is None else output.with_suffix(".optimizer.pt")
    for path in (output, *([state_output] if state_output else [])):
        check_writable(path)
    checkpoint = _read(source, model)
    users = load_model(target)
    _check_suffix(output, users)
    before = _original(original, checkpoint)
    conversion = convert(
        checkpoint, users.live, said, original=before.live if before else None, allow_missing=allow_missing
    )
    states = _states(checkpoint, conversion, rule, lr)
    checked = check((before, checkpoint.arrays), (users, conversion.arrays), sizes) if before else None
    click.echo(render_conversion(conversion, checked, source.name, target), nl=False)
    if rule is not None and UPDATE_RULES[rule].note:
        click.echo(f"note: {rule}: {UPDATE_RULES[rule].note}")
    if checked is not None and not checked.agrees:
        click.echo("lockstep: the two models differ; nothing is written", err=True)
        sys.exit(DIFFERS)
    if state_output is not None:
        write_atomically(state_output, written_states(states, users.live.parameters()))
    write_atomically(output, written(conversion.arrays, output.suffix))


def _read(source: Path, model: str | None) -> Checkpoint:
    try:
        return read_checkpoint(source, model)
    except CheckpointError as error:
        raise InputError(str(error)) from error


def _states(checkpoint: Checkpoint, conversion: Conversion, rule: str | None, lr: float | None) -> States:
    if rule is None:
        return {}
    if checkpoint.framework != "chainer":
        raise InputError("--optimizer is for the way from a Trainer's snapshot; an optimizer's state has no way back")
    return convert_optimizer(checkpoint, conversion, rule, lr)


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
