"""Whether the recorded calls can take the later batches of an epoch too, which may have other shapes than the first."""

from collections.abc import Callable
from typing import Any

import numpy as np

from backends.contract import Array, Call, Program
from harness.errors import InputError
from harness.guarding.guest import Guest
from harness.recording.arrays import Draws


def check_later_batches(
    name: str, program: Program, draws: Draws, find_op: Callable[[str], Callable[..., Any]]
) -> None:
    """Run the hand-written ops forward on one batch of each other combination of shapes.

    Raises InputError for the first call of scenario `name` that can't take its inputs, or that repeats the only row of
    a batch for each row of an input that has as many as the first batch; and for a buffer that would change its shape.
    """
    seen: set[tuple[tuple[int, ...], ...]] = set()
    for update, batch in enumerate(draws.batches(1), 1):
        is_new = _shapes(program, batch) not in seen
        seen.add(_shapes(program, batch))
        if update > 1 and is_new:
            tensors = {**batch, **program.buffers, **draws.weights}
            for call in program.calls:
                outputs = _outputs(name, update, call, [tensors[each] for each in call.inputs], find_op)
                inputs = {each: tensors[each] for each in call.inputs}
                _check_not_repeated(name, update, call, inputs, outputs, program)
                tensors.update(outputs)
            _check_carried(name, update, tensors, program)


def _outputs(
    name: str, update: int, call: Call, inputs: list[Array], find_op: Callable[[str], Callable[..., Any]]
) -> dict[str, Array]:
    """The outputs of a call. Raises InputError if it can't take its inputs."""
    try:
        with Guest().stay(), np.errstate(all="ignore"):
            result, _ = find_op(call.op)(*inputs, **call.settings)
    except Exception as error:
        text = f"op.{call.op}({', '.join(call.inputs)})"
        shapes = " and ".join(f"{each} {array.shape}" for each, array in zip(call.inputs, inputs, strict=True))
        raise InputError(f"scenario {name}: in update {update}, {text} can't take {shapes}: {error}") from error
    outputs = result if isinstance(result, tuple) else (result,)
    return dict(zip(call.outputs, outputs, strict=True))


def _check_carried(name: str, update: int, tensors: dict[str, Array], program: Program) -> None:
    """Raise InputError if the next value of a buffer has another shape in this batch."""
    for buffer, value in program.carried.items():
        shape = tensors[value].shape
        if shape != program.shapes[buffer]:
            raise InputError(
                f"scenario {name}: in update {update} the next value of the buffer {buffer}, {value}, has shape "
                f"{shape}, the buffer {program.shapes[buffer]}; give it no row per example, or the batches one size"
            )


def _check_not_repeated(
    name: str, update: int, call: Call, inputs: dict[str, Array], outputs: dict[str, Array], program: Program
) -> None:
    """Raise InputError if an input had several rows in update 1, has one now, and is repeated for another's rows.

    NumPy and the frameworks repeat an axis of 1: what would be an error for two rows trains on wrong numbers for one.
    """
    for one, array in inputs.items():
        first = program.shapes[one]
        if not first or first[0] == 1 or array.shape != (1, *first[1:]):
            continue
        for other, theirs in inputs.items():
            is_whole = theirs.ndim == array.ndim and theirs.shape == program.shapes[other] and len(theirs) == first[0]
            if is_whole and any(
                each.shape == program.shapes[output] and each.shape[:1] == first[:1] and each.ndim == array.ndim
                for output, each in outputs.items()
            ):
                raise InputError(
                    f"scenario {name}: in update {update}, op.{call.op}({', '.join(call.inputs)}) would repeat the one "
                    f"row of {one} for each of the {first[0]} rows of {other}; give {other} no row per example, or the "
                    f"batches one size"
                )


def _shapes(program: Program, batch: dict[str, Array]) -> tuple[tuple[int, ...], ...]:
    return tuple(batch[name].shape for name in program.data)
