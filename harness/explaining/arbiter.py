"""Decides who is right where a backend's gradient and the hand-written one differ, without either's backward.

It differentiates the hand-written forward numerically, on the recorded inputs (see differentiation.py).
"""

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import islice
from typing import Any

import numpy as np

from backends.contract import Array, Node
from backends.numpy_manual.constants import with_constants
from harness.certifying.uses import Use
from harness.numerics.differentiation import SAFETY, Derivative, Line, Position, derivative, exact, forward_of
from harness.results import Mismatch, Number, Right, Ruling, number

NUDGES = 3
NUDGE_FACTOR = 16.0


def ruling_on_failure(
    node: Node, mismatch: Mismatch, uses: Sequence[Use], formulas: Mapping[str, Callable[..., Any]]
) -> Ruling:
    """Rule on a failed certificate of a gradient. The gradient is the sum over `uses`, all uses of its tensor.

    `formulas` are the hand-written ops by name.
    """
    inputs = [pair for use in uses for pair in use.inputs]
    position = tuple(i for i, (name, _) in enumerate(inputs) if name == node.of)

    def together(*arrays: Any) -> tuple[Any, None]:
        outputs: list[Any] = []
        rest = iter(arrays)
        for use in uses:
            moved, recorded = list(islice(rest, len(use.inputs))), [array for _, array in use.inputs]
            y, _ = formulas[use.op](*with_constants(use.op, moved, recorded, use.settings), **use.settings)
            outputs += y if isinstance(y, tuple) else (y,)
        return tuple(outputs), None

    return ruling(
        together,
        [array for _, array in inputs],
        {},
        [grad for use in uses for _, grad in use.arriving],
        position,
        mismatch.index,
        mismatch.got,
        mismatch.want,
        rounding=float(mismatch.allowed),
        backend=mismatch.backend,
    )


def ruling(
    op: Callable[..., Any],
    inputs: Sequence[Any],
    settings: Mapping[str, Any],
    cotangents: Sequence[Any],
    position: Position,
    index: tuple[int, ...],
    got: Number,
    want: Number,
    *,
    rounding: float | None = None,
    backend: str = "the backend",
) -> Ruling:
    """Rule on element `index` of the gradient towards inputs[position]: a backend has `got`, the hand-written `want`.

    `op` is hand-written: op(*inputs, **settings) returns (y, backward); its backward is not called. `inputs` and
    `cotangents` (the gradients of its outputs) are as recorded, float32 or float64, and labels are whole numbers.
    `rounding` is the rounding error allowed in the run's dtype, such as a certificate's radius. By default it is
    measured: inputs and cotangents are nudged by an ulp, and the derivative's change is taken. Raises what `derivative`
    raises, and IndexError for an index outside the input.
    """
    got_value, want_value = float(got), float(want)
    positions = position if isinstance(position, tuple) else (position,)
    direction = np.zeros(np.shape(inputs[positions[0]]), np.float64)
    direction[index] = 1.0
    forward = forward_of(op)
    derived = derivative(forward, inputs, settings, cotangents, position, direction)
    limits = np.finfo(_run_dtype([*inputs, *cotangents]))
    low, high = derived.interval or (derived.value, derived.value)
    if rounding is None:
        rounding = NUDGE_FACTOR * float(limits.eps) * max(abs(low), abs(high))
        if derived.interval is None:
            rounding += _measured(forward, inputs, settings, cotangents, position, direction, derived.value)
    # A number that underflows in the run's dtype is correctly 0 there.
    allowed = derived.error - (high - low) / 2 + float(rounding) + float(limits.tiny)

    def fits(candidate: float) -> bool:
        if math.isinf(candidate):  # correct if the number overflows in the run's dtype
            return (high if candidate > 0 else -low) + allowed > float(limits.max)
        return low - allowed <= candidate <= high + allowed

    if not math.isfinite(derived.value):
        right: Right = "undecided"
    elif derived.interval is not None:
        right = "kink"
    else:
        right = _RIGHT[fits(got_value), fits(want_value)]
    decided = right != "undecided"
    return Ruling(
        right=right,
        derivative=number(derived.value),
        allowed=number(allowed),
        interval=None if derived.interval is None else (number(low), number(high)),
        got=number(got_value),
        want=number(want_value),
        got_fits=decided and fits(got_value),
        want_fits=decided and fits(want_value),
        text=_sentence(right, derived, allowed, (got_value, fits(got_value)), (want_value, fits(want_value)), backend),
    )


_RIGHT: dict[tuple[bool, bool], Right] = {
    (True, True): "both",
    (True, False): "backend",
    (False, True): "hand-written",
    (False, False): "neither",
}
"""Who is right, by whether the backend's value fits and whether the hand-written value does."""


def _sentence(
    right: Right, derived: Derivative, allowed: float, got: tuple[float, bool], want: tuple[float, bool], backend: str
) -> str:
    if right == "undecided":
        return "numerical differentiation finds no finite derivative here, so nothing is decided"
    values = [("the hand-written backward", *want), (backend, *got)]
    if derived.interval is not None:
        low, high = derived.interval
        claims = [f"{name} has {value:.9g}, which is {'one' if fits else 'none'}" for name, value, fits in values]
        return f"at a kink any value between {low:.9g} and {high:.9g} is a subgradient: {', '.join(claims)}"
    gives = f"numerical differentiation gives {derived.value:.9g} ± {allowed:.1g}"
    if right == "both":
        return f"{gives}, which does not tell the hand-written {want[0]:.9g} from the {got[0]:.9g} of {backend}"
    claims = [f"{name} is {'right' if fits else 'wrong'} with {value:.9g}" for name, value, fits in values]
    return f"{gives}: {', '.join(claims)}"


def _measured(
    forward: Callable[..., Any],
    inputs: Sequence[Any],
    settings: Mapping[str, Any],
    cotangents: Sequence[Any],
    position: Position,
    direction: Array,
    value: float,
) -> float:
    """How far rounding in the recorded dtype may move a derivative: rounding of the inputs and of the outputs.

    Outputs count because a backward may start from a rounded output, as tanh's 1 − y² does.
    """
    random = np.random.RandomState(0)  # so that results are reproducible
    eps = float(np.finfo(_run_dtype([*inputs, *cotangents])).eps)

    def nudged(array: Any) -> Array:
        moved = exact(array)
        if moved.dtype.kind == "f":
            moved *= 1 + eps * random.uniform(-1, 1, moved.shape)
        return moved

    moved = 0.0
    for _ in range(NUDGES):
        arrays, above = [nudged(x) for x in inputs], [nudged(c) for c in cotangents]
        other = derivative(forward, arrays, settings, above, position, direction)
        if other.interval is None and math.isfinite(other.value):
            moved = max(moved, abs(other.value - value))
    with np.errstate(all="ignore"):
        line = Line(forward, inputs, settings, cotangents, position, direction)
    return NUDGE_FACTOR * moved + SAFETY * eps * line.relative_size()


def _run_dtype(arrays: Iterable[Any]) -> np.dtype[Any]:
    return np.result_type(*[a.dtype for a in map(np.asarray, arrays) if a.dtype.kind == "f"])
