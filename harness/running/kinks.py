"""Where gradients jump, and which unit lay on the other side of such a kink in one backend."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np

from backends.contract import Array, Call, Program
from backends.deferred import computed
from harness.results import Flip, number
from harness.running.deviations import HORIZON
from harness.running.updates import Update

BISECTIONS = 20
"""How often the way between two inputs is halved to see whether a gradient jumps on it."""


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
    program: Program,
    kinks: Sequence[Kink],
    find_op: Callable[[str], Callable[..., Any]],
    epoch: int,
    backend: str,
    reference: Update,
    update: Update,
) -> Flip | None:
    """Return the first unit that lies on different sides of a kink in a backend and in the reference.

    Beside the known kinks, the gradient of every call is searched for a jump between the two recorded inputs: where the
    largest element of a pooling, or the sign of a difference, is another one.
    """
    for kink in kinks:
        both = _read(kink.call, reference), _read(kink.call, update)
        if both[0] is None or both[1] is None:
            continue  # this backend does not trace
        theirs, ours = both[0][0], both[1][0]
        flipped = (ours > kink.value) != (theirs > kink.value)
        if flipped.any():
            return _flip(kink.call, 0, int(flipped.argmax()), epoch, backend, update.number, theirs, ours)
    for call in program.calls:
        both = _read(call, reference), _read(call, update)
        if both[0] is None or both[1] is None or not program.with_gradient & set(call.outputs):
            continue
        try:
            jump = _jump(partial(find_op(call.op), **call.settings), both[0], both[1])
        except Exception:  # a user's op may raise anything; it explains nothing then
            continue
        if jump is not None:
            position, place = jump
            theirs, ours = both[0][position], both[1][position]
            return _flip(call, position, place, epoch, backend, update.number, theirs, ours)
    return None


def _read(call: Call, update: Update) -> list[Array] | None:
    """The inputs of a call; None if the backend did not yield one of them."""
    try:
        return [update.read(name) for name in call.inputs]
    except LookupError:
        return None


def _jump(op: Callable[..., Any], theirs: Sequence[Array], ours: Sequence[Array]) -> tuple[int, int] | None:
    """Where an op's gradient jumps between two inputs: the position of the input, and of the element in it.

    A steep gradient changes along the way from one to the other; one that jumps changes in one place of it, which
    bisection finds.
    """
    random = np.random.RandomState(0)  # so that results are reproducible

    def gradients(share: float, cotangents: list[Array]) -> list[Array]:
        inputs = [
            a.astype(np.float64) + share * (b.astype(np.float64) - a) if a.dtype.kind == "f" else a
            for a, b in zip(theirs, ours, strict=True)
        ]
        result, backward = op(*inputs)
        outputs = result if isinstance(result, tuple) else (result,)
        if not cotangents:
            cotangents += [random.standard_normal(np.shape(output)) for output in outputs]
        leaving = [computed(gradient) for gradient in backward(*cotangents)]
        return [np.zeros(()) if gradient is None else np.asarray(gradient) for gradient in leaving]

    cotangents: list[Array] = []
    start, end = gradients(0, cotangents), gradients(1, cotangents)
    changes = [np.abs(b - a) for a, b in zip(start, end, strict=True)]
    sizes = [float(np.max(np.abs(gradient), initial=0)) for gradient in start]
    position = max(range(len(changes)), key=lambda i: float(np.max(changes[i], initial=0)) / (sizes[i] or 1))
    place = int(changes[position].argmax())
    change = float(changes[position].flat[place])
    if not change > HORIZON * sizes[position]:
        return None

    def at(share: float) -> float:
        return float(gradients(share, cotangents)[position].flat[place])

    low, high = 0.0, 1.0
    at_low, at_high = at(low), at(high)
    for _ in range(BISECTIONS):
        middle = (low + high) / 2
        at_middle = at(middle)
        if abs(at_middle - at_low) > abs(at_high - at_middle):
            high, at_high = middle, at_middle
        else:
            low, at_low = middle, at_middle
    return (position, place) if abs(at_high - at_low) > change / 2 else None


def _flip(
    call: Call, position: int, place: int, epoch: int, backend: str, update: int, theirs: Array, ours: Array
) -> Flip:
    return Flip(
        backend=backend,
        epoch=epoch,
        update=update,
        call=call.outputs[0],
        op=call.op,
        tensor=call.inputs[position],
        index=tuple(int(i) for i in np.unravel_index(place, ours.shape)),
        reference_value=number(theirs.flat[place]),
        backend_value=number(ours.flat[place]),
    )
