"""Explains one wrong element: the op's inputs at it, the arithmetic with the numbers put in, and what went wrong."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import takewhile

import numpy as np

from backends.contract import Array, Node
from harness.certifying.expectations import Formulas, Use
from harness.explaining.causes import Case, Cause, diagnosis, other_inputs
from harness.explaining.mistakes.arrays import wrong_arrays
from harness.explaining.mistakes.calls import not_updated, wrong_uses
from harness.explaining.mistakes.factors import Factors
from harness.explaining.mistakes.operations import wrong_operation
from harness.explaining.mistakes.settings import wrong_settings
from harness.explaining.mistakes.sums import wrong_sum
from harness.explaining.mistakes.variants import known_variants
from harness.explaining.observation import Observation
from harness.explaining.uses import NamedUse, computed, named_use, written
from harness.explaining.wrong_element import WrongElement
from harness.numerics.written import Written
from harness.numerics.written_lines import Writing, parameter_names, source_lines, with_index
from harness.numerics.written_nodes import Index, Input
from harness.results import Explanation, Leaf, Mismatch, Phase, number

MOST_WORK = 300_000_000
"""So many elements are computed again in search of a cause, which takes seconds."""


def explain(
    phase: Phase, tensor: str, index: Index, uses: Sequence[NamedUse], *, got: Array, allowed: Array, dtype: str
) -> Explanation:
    """Explain the element at `index` of a recorded tensor that is off by more than `allowed`.

    `uses` is one call, or for the gradient of a tensor that several calls use, all of them in the order in which their
    backwards run. `got` is the whole recorded tensor and `allowed` how far each element may be off: a cause has to
    account for all of them.
    """
    with np.errstate(all="ignore"):
        try:
            want = computed(phase, uses)
        except Exception as error:
            failed = f"the op failed: {error!r}"
            return _explanation(phase, tensor, index, uses, got, float("nan"), dtype, "", failed)
        unknown, title = "", ("new " if phase in ("update", "state") else "") + with_index(tensor, index)
        try:
            result = written(phase, uses, dtype)
            if result.shape != want.shape or not np.allclose(result.value, want, 1e-9, 1e-300, equal_nan=True):
                raise ValueError("written out, it does not come to what the op computes")
            writing = Writing(result.element(index), result.node, title, dtype)
        except Exception as error:
            unknown = str(error)
            result = Written(Input(tensor, want), dtype)
            writing = Writing(result.element(index), result.node, title, dtype)
        observation = Observation(got, want, allowed, dtype)
        wrong = WrongElement(tensor, index, result.node, uses, writing, observation)
        try:
            said = _diagnosis(phase, uses, wrong, dtype)
        except Exception as error:  # the verdict stands, whatever a user's op may do
            said = f"the search for a cause failed: {error!r}"
    if unknown:
        return _explanation(phase, tensor, index, uses, got, want[index], dtype, said, unknown)
    for name, labels in dict(pair for use in uses for pair in use.inputs).items():
        if labels.dtype.kind in "iu" and labels.ndim > 0 and labels.shape == want.shape[: labels.ndim]:
            writing.leaves[with_index(name, index[: labels.ndim])] = int(labels[index[: labels.ndim]])
    return _explanation(phase, tensor, index, uses, got, want[index], dtype, said, "", (writing, result))


def _diagnosis(phase: Phase, uses: Sequence[NamedUse], wrong: WrongElement, dtype: str) -> str:
    """What went wrong."""
    recorded = Case(uses, wrong.computation)
    other = Case(uses, wrong.computation, other_inputs(uses))
    causes = takewhile(lambda _: wrong.computation.work < MOST_WORK, _causes(phase, recorded, wrong, dtype))
    return diagnosis(causes, wrong.observation, recorded, other)


def _causes(phase: Phase, recorded: Case, wrong: WrongElement, dtype: str) -> Iterator[Cause]:
    """Everything that may have gone wrong; of what makes the same in other words, first what is to be named."""
    yield from known_variants(phase, recorded.uses)
    yield from wrong_uses(phase, recorded.uses, wrong.index)
    factors = Factors(wrong, recorded.uses)
    for node, step in wrong.elements.items():
        yield from wrong_operation(wrong, node, step)
        yield from factors.wrong_factor(node, step)
        yield from wrong_sum(wrong, node, step)
    yield from not_updated(phase, wrong)
    yield from wrong_settings(phase, recorded, wrong.observation)
    yield from wrong_arrays(wrong, phase, dtype)


def explain_failure(
    node: Node,
    failed: Mismatch,
    uses: Sequence[Use],
    formulas: Formulas,
    *,
    got: Array,
    allowed: Array,
    dtype: str,
    position: int = 0,
) -> Explanation:
    """Explain a failed certificate from the uses that its bound was computed from.

    `got` and `allowed` are the whole tensor; `position` says which result of its call or rule the tensor is.
    """
    # A buffer's next value is what an op gave.
    phase: Phase = "forward" if node.kind == "buffer" else node.phase
    if not uses:
        unknown = "it is computed from the number of the update alone"
        return _explanation(
            phase, failed.tensor, failed.index, [], got, float(failed.want), dtype, "", unknown, op=failed.op
        )
    named = [named_use(node, use, formulas[use.op], position) for use in uses]
    return explain(phase, failed.tensor, failed.index, named, got=got, allowed=allowed, dtype=dtype)


def _explanation(
    phase: Phase,
    tensor: str,
    index: Index,
    uses: Sequence[NamedUse],
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
