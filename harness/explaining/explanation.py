"""Explains one wrong element: the op's inputs at it, the arithmetic with the numbers put in, and what went wrong."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from backends.contract import Array
from harness.certifying.expectations import Formulas
from harness.certifying.expectations import Use as RecordedUse
from harness.explaining.arithmetic import Arithmetic
from harness.explaining.hypotheses import best, evidence
from harness.explaining.mistakes import factors, on_inputs, on_results, on_uses
from harness.numerics.written import Written
from harness.numerics.written_lines import Writing, parameter_names, source_lines, with_index
from harness.numerics.written_nodes import Index, Input, Setting
from harness.results import Explanation, Leaf, Mismatch, Phase, number

Op = Callable[..., Any]


@dataclass(frozen=True)
class Use:
    """One call of an op or an optimizer's rule that a value or a gradient comes from."""

    op: Op
    inputs: Sequence[tuple[str, Array]]
    """Names and recorded arrays in the order of the op's parameters; a name may come twice."""
    settings: Mapping[str, Any] = field(default_factory=dict)
    arriving: Sequence[tuple[str, Array]] = ()
    """Backward: names and recorded gradients of the outputs."""
    positions: Sequence[int] = (0,)
    """Backward: the inputs that are the tensor whose gradient it is. Otherwise: which of the results it is."""
    call: str = ""
    """The call by its first output."""


def explain(
    phase: Phase,
    tensor: str,
    index: Index,
    uses: Sequence[Use],
    *,
    got: Array,
    allowed: Array,
    dtype: str,
    previous: Mapping[str, Array] | None = None,
) -> Explanation:
    """Explain the element at `index` of a recorded tensor that is off by more than `allowed`.

    `uses` is one call, or for the gradient of a tensor that several calls use, all of them in the order in which their
    backwards run. `got` is the whole recorded tensor and `allowed` how far each element may be off: the other elements
    tell which of several mistakes it was. `previous` may have what tensors were at the update before, by name.
    """
    previous = previous or {}
    with np.errstate(all="ignore"):
        want, failure = _plain(phase, uses)
        if want is None:
            return _explanation(phase, tensor, index, uses, got, float("nan"), dtype, "", f"the op failed: {failure}")
        found = evidence(got, want, allowed, dtype, index)
        known = factors(uses)
        uses_apart = [(use.call, _plain(phase, [use])[0]) for use in uses] if len(uses) > 1 else []
        simple = [*on_uses(found, uses_apart), *on_results(found, tensor, known, previous)]
        passed = on_inputs(found, uses, lambda changed: _plain(phase, changed)[0], previous)
        try:
            written = computed(phase, uses, dtype)
            if written.shape != want.shape or not np.allclose(written.value, want, 1e-9, 1e-300, equal_nan=True):
                raise ValueError("written out, it does not come to what the op computes")
            root = written.element(index)
            updated = "new " if phase in ("update", "state") else ""
            writing = Writing(root, written.node, updated + with_index(tensor, index), dtype)
            arithmetic = Arithmetic(written.node, writing, found, known)
            groups = ([*simple, *arithmetic.hypotheses()], passed, arithmetic.ratios())
        except Exception as error:
            diagnosis = best((simple, passed), found)
            return _explanation(phase, tensor, index, uses, got, want[index], dtype, diagnosis, f"{error}")
        diagnosis = best(groups, found)
    for name, labels in dict(pair for use in uses for pair in use.inputs).items():
        if labels.dtype.kind in "iu" and labels.ndim > 0 and labels.shape == want.shape[: labels.ndim]:
            writing.leaves[with_index(name, index[: labels.ndim])] = int(labels[index[: labels.ndim]])
    return _explanation(phase, tensor, index, uses, got, want[index], dtype, diagnosis, "", (writing, written))


def explain_failure(
    failed: Mismatch,
    uses: Sequence[RecordedUse],
    formulas: Formulas,
    *,
    got: Array,
    allowed: Array,
    dtype: str,
    output: int = 0,
    previous: Mapping[str, Array] | None = None,
) -> Explanation:
    """Explain a failed certificate from the uses that its bound was computed from.

    `got` and `allowed` are the whole tensor; `output` says which output of its call the tensor is, in the forward.
    """
    if not uses:
        unknown = "it is computed from the number of the update alone"
        return _explanation(
            failed.phase, failed.tensor, failed.index, [], got, float(failed.want), dtype, "", unknown, op=failed.op
        )
    named = [named_use(failed.phase, failed.tensor, use, formulas[use.op], output) for use in uses]
    return explain(
        failed.phase, failed.tensor, failed.index, named, got=got, allowed=allowed, dtype=dtype, previous=previous
    )


def named_use(phase: Phase, made: str, use: RecordedUse, op: Op, output: int) -> Use:
    """A use with every array under the name that it has in reports; `made` is the tensor that it computes."""
    inputs = [(name, use.inputs[name]) for name in use.names]
    if made.startswith("clipped_grad_") and phase == "update":
        return Use(op, inputs, use.settings, positions=[output])
    if phase in ("update", "state"):
        slots = use.names[2:]
        slot = max((s for s in slots if phase == "state" and made.startswith(f"{s}_")), key=len, default="")
        weight = made.removeprefix(f"{slot}_") if slot else made
        names = [weight, f"grad_{weight}", *(f"{slot}_{weight}" for slot in slots)]
        arrays = [array for _, array in inputs]
        position = 1 + slots.index(slot) if slot else 0
        return Use(op, list(zip(names, arrays, strict=True)), use.settings, positions=[position])
    if phase != "backward":
        return Use(op, inputs, use.settings, positions=[output])
    tensor = made.removeprefix("grad_")
    positions = [i for i, name in enumerate(use.names) if name == tensor]
    arriving = [(f"grad_{name}", array) for name, array in use.arriving.items()]
    return Use(op, inputs, use.settings, arriving, positions, next(iter(use.arriving)))


def _explanation(
    phase: Phase,
    tensor: str,
    index: Index,
    uses: Sequence[Use],
    got: Array,
    want: float,
    dtype: str,
    diagnosis: str,
    unknown: str,
    arithmetic: tuple[Writing, Written] | None = None,
    op: str = "op",
) -> Explanation:
    writing, written = arithmetic or (None, None)
    return Explanation(
        op=getattr(uses[0].op, "__name__", op) if uses else op,
        phase=phase,
        tensor=tensor,
        index=index,
        dtype=dtype,
        source=source_lines(written.node) if written is not None else [],
        names=parameter_names(written.node) if written is not None else {},
        leaves=[Leaf(name=name, value=number(value)) for name, value in writing.leaves.items()] if writing else [],
        steps=writing.steps if writing else [],
        steps_left_out=writing.steps_left_out if writing else 0,
        want=number(want),
        got=number(float(got[index])),
        difference=number(float(got[index]) - float(want)),
        diagnosis=diagnosis,
        unknown=unknown,
    )


def _plain(phase: Phase, uses: Sequence[Use]) -> tuple[Array | None, str]:
    """What the hand-written op makes of these inputs in float64, or why it makes nothing."""
    try:
        total = sum(_parts(phase, uses, _in_float64, dict))
    except Exception as error:
        return None, repr(error)
    return np.asarray(total, dtype=np.float64), ""


def computed(phase: Phase, uses: Sequence[Use], dtype: str) -> Written:
    """What the hand-written op makes of these inputs, as an array that remembers how."""
    inputs: dict[tuple[str, int], Written] = {}

    def remembered(name: str, array: Array) -> Any:
        if array.dtype.kind != "f":
            return array
        return inputs.setdefault((name, id(array)), Written(Input(name, array), dtype))

    first, *further = _parts(phase, uses, remembered, _named_settings)
    for part in further:
        first = first + part
    return first  # type: ignore[no-any-return]


def _parts(
    phase: Phase,
    uses: Sequence[Use],
    take: Callable[[str, Array], Any],
    settings: Callable[[Mapping[str, Any]], dict[str, Any]],
) -> list[Any]:
    """The result of each use, or the gradients that it hands back."""
    parts: list[Any] = []
    for use in uses:
        result = use.op(*[take(name, np.asarray(array)) for name, array in use.inputs], **settings(use.settings))
        if phase in ("update", "state"):
            outputs = result
        elif phase != "backward":
            outputs = result[0]
        else:
            leaving = result[1](*[take(name, np.asarray(array)) for name, array in use.arriving])
            parts += [grad() if callable(grad) else grad for grad in (leaving[i] for i in use.positions)]
            continue
        parts.append(outputs[use.positions[0]] if isinstance(outputs, tuple) else outputs)
    return parts


def _in_float64(name: str, array: Array) -> Array:
    return array.astype(np.float64, copy=False) if array.dtype.kind == "f" else array


def _named_settings(settings: Mapping[str, Any]) -> dict[str, Any]:
    return {name: Setting(name, value) if isinstance(value, float) else value for name, value in settings.items()}
