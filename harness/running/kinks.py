"""Where gradients jump, and which unit lay on the other side of such a kink in one backend."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from backends.contract import Array, Call, Program
from harness.results import Flip, number


@dataclass(frozen=True)
class Kink:
    """A value of a call's first input at which its gradient jumps."""

    call: Call
    value: float


def kinks_of(program: Program, kinks: Mapping[str, Sequence[float | str]]) -> list[Kink]:
    """Every kink of every call; `kinks` maps an op to their values, or to the names of settings that hold these."""
    return [
        Kink(call, float(call.settings[value] if isinstance(value, str) else value))
        for call in program.calls
        for value in kinks.get(call.op, ())
    ]


def first_flip(
    epoch: int,
    update: int,
    backend: str,
    reference: Mapping[str, Array],
    values: Mapping[str, Array],
    kinks: Sequence[Kink],
) -> Flip | None:
    """Return the first unit that lies on different sides of a kink in a backend and in the reference."""
    for kink in kinks:
        tensor = kink.call.inputs[0]
        if tensor not in values or tensor not in reference:
            continue  # this backend does not trace
        ours, theirs = values[tensor], reference[tensor]
        flipped = (ours > kink.value) != (theirs > kink.value)
        if flipped.any():
            place = int(flipped.argmax())
            return Flip(
                backend=backend,
                epoch=epoch,
                update=update,
                call=kink.call.outputs[0],
                op=kink.call.op,
                tensor=tensor,
                index=tuple(int(i) for i in np.unravel_index(place, ours.shape)),
                reference_value=number(theirs.flat[place]),
                backend_value=number(ours.flat[place]),
            )
    return None
