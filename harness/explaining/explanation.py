"""Explains one wrong element: the numbers that the op read for it, its arithmetic, and the likely cause."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import takewhile

import numpy as np

from backends.contract import Array, Node
from harness.certifying.uses import Formulas, Use
from harness.explaining.causes import Case, Cause, diagnosis, other_inputs
from harness.explaining.mistakes.arrays import wrong_arrays
from harness.explaining.mistakes.calls import arriving_left_out, not_updated, wrong_uses
from harness.explaining.mistakes.factors import Factors
from harness.explaining.mistakes.operations import wrong_operation
from harness.explaining.mistakes.settings import settings_of_another_group, wrong_first_state, wrong_settings
from harness.explaining.mistakes.sums import wrong_sum
from harness.explaining.mistakes.variants import known_variants
from harness.explaining.observation import Observation
from harness.explaining.uses import NamedUse, computed, named_use, written
from harness.explaining.wrong_element import WrongElement
from harness.numerics.written.lines import Writing, parameter_names, source_lines, with_index
from harness.numerics.written.nodes import Index, Input
from harness.numerics.written.written import Written
from harness.results import Explanation, Leaf, Mismatch, Phase, number

LATER = 5

NUMBER_ALONE = "it is computed from the number of the update alone"
"""Why a scheduled setting is not written out."""

SIZES_ALONE = "it is computed from the sizes of batches alone"
SEARCH_FAILED = "the search for a cause failed"

MOST_WORK = 300_000_000
"""The search for a cause stops after recomputing this many elements, or as much by other work: after seconds."""


def explain(
    phase: Phase,
    tensor: str,
    index: Index,
    uses: Sequence[NamedUse],
    *,
    got: Array,
    allowed: Array,
    dtype: str,
    epoch: int = 0,
    digits: int | None = None,
    may_be_named: Callable[[Cause], bool] | None = None,
) -> Explanation:
    """Explain the element at `index` of a recorded tensor that is off by more than `allowed`.

    `uses` is one call or, for the gradient of a tensor that several calls use, all of these calls in the order in which
    their backwards run. `got` is the whole recorded tensor. `allowed` is how far each of its elements may be off. A
    cause has to account for every element. `epoch` is that of the update, counted from 1; 0 if it is not known.
    Numbers are written with as many significant digits as the dtype needs, or with so many `digits`. Only causes
    that `may_be_named` are looked for.
    """
    with np.errstate(all="ignore"):
        try:
            want = computed(phase, uses)
        except Exception as error:
            failed = f"the op failed: {error!r}"
            return _explanation(phase, tensor, index, uses, got, float("nan"), dtype, "", failed)
        unknown, title = "", ("new " if phase in ("update", "state") else "") + with_index(tensor, index)
        try:
            if not any(use.arrays for use in uses):
                raise ValueError(NUMBER_ALONE if "t" in uses[0].settings else SIZES_ALONE)
            result = written(phase, uses, dtype)
            if result.shape != want.shape or not np.allclose(result.value, want, 1e-9, 1e-300, equal_nan=True):
                raise ValueError("written out, it does not come to what the op computes")
            writing = Writing(result.element(index), result.node, title, dtype, digits)
        except Exception as error:
            unknown = str(error)
            result = Written(Input(tensor, want), dtype)
            writing = Writing(result.element(index), result.node, title, dtype, digits)
        observation = Observation(got, want, allowed, dtype)
        target = WrongElement(tensor, index, result.node, uses, writing, observation)
        try:
            conclusion = _diagnosis(phase, uses, target, dtype, epoch, may_be_named)
        except Exception as error:  # a user's op may raise anything; the verdict must not depend on it
            conclusion = f"{SEARCH_FAILED}: {error!r}"
    if unknown:
        return _explanation(phase, tensor, index, uses, got, want[index], dtype, conclusion, unknown)
    for name, labels in dict(pair for use in uses for pair in use.inputs).items():
        if labels.dtype.kind in "iu" and labels.ndim > 0 and labels.shape == want.shape[: labels.ndim]:
            writing.leaves[with_index(name, index[: labels.ndim])] = int(labels[index[: labels.ndim]])
    return _explanation(phase, tensor, index, uses, got, want[index], dtype, conclusion, "", (writing, result))


def _diagnosis(
    phase: Phase,
    uses: Sequence[NamedUse],
    target: WrongElement,
    dtype: str,
    epoch: int,
    may_be_named: Callable[[Cause], bool] | None,
) -> str:
    """Name the cause of the difference, in the words of the report."""
    recorded = Case(uses, target.computation)
    other = Case(map(_later, uses), target.computation, other_inputs(uses))
    causes: Iterable[Cause] = _causes(phase, recorded, target, dtype, epoch)
    if may_be_named is not None:
        causes = filter(may_be_named, causes)
    causes = takewhile(lambda _: target.computation.work < MOST_WORK, causes)
    return diagnosis(causes, target.observation, recorded, other)


def _later(use: NamedUse) -> NamedUse:
    """What tells causes apart: of a function of the number of its update alone, a later update."""
    return (
        use
        if use.arrays or "t" not in use.settings
        else replace(use, settings={**use.settings, "t": use.settings["t"] + LATER})
    )


def _causes(phase: Phase, recorded: Case, target: WrongElement, dtype: str, epoch: int) -> Iterator[Cause]:
    """All candidate causes. Of causes that predict the same tensor, the one to be named comes first."""
    yield from known_variants(phase, recorded.uses, epoch)
    yield from settings_of_another_group(phase, recorded)
    yield from wrong_first_state(phase, recorded)
    if not any(use.arrays for use in recorded.uses):
        yield from wrong_settings(phase, recorded, target.observation)
        return
    yield from wrong_uses(phase, recorded.uses, target.index)
    factors = Factors(target, recorded.uses)
    for node, step in target.elements.items():
        yield from wrong_operation(target, node, step)
        yield from factors.wrong_factor(node, step)
        yield from wrong_sum(target, node, step)
    yield from arriving_left_out(phase, recorded.uses)
    yield from not_updated(phase, target)
    yield from wrong_settings(phase, recorded, target.observation)
    yield from wrong_arrays(target, phase, dtype)


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
    digits: int | None = None,
    may_be_named: Callable[[Cause], bool] | None = None,
) -> Explanation:
    """Explain a failed certificate from the uses that its bound was computed from.

    `got` and `allowed` are the whole tensor; `position` says which result of its call or rule the tensor is. `digits`
    and `may_be_named` are as in `explain`.
    """
    # A buffer's next value is what an op gave.
    phase: Phase = "forward" if node.kind == "buffer" else node.phase
    if not uses:
        return _explanation(
            phase, failed.tensor, failed.index, [], got, float(failed.want), dtype, "", NUMBER_ALONE, op=failed.op
        )
    named = [named_use(node, use, formulas[use.op], position) for use in uses]
    # A scheduled setting is a float64 number in every run.
    dtype = "float64" if node.kind == "scheduled" else dtype
    return explain(
        phase,
        failed.tensor,
        failed.index,
        named,
        got=got,
        allowed=allowed,
        dtype=dtype,
        epoch=failed.epoch,
        digits=digits,
        may_be_named=may_be_named,
    )


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
