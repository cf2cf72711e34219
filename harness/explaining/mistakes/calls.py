"""Mistakes with whole calls: a use of a tensor is not counted or counted twice, or an update is missing."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from backends.contract import Array
from harness.certifying.accumulation import batches_before
from harness.explaining.causes import Case, Cause, Rank
from harness.explaining.uses import NamedUse, computed, computed_or_none
from harness.explaining.wrong_element import WrongElement
from harness.numerics.written.nodes import Index, Input
from harness.results import Phase


def wrong_uses(phase: Phase, uses: Sequence[NamedUse], index: Index) -> Iterator[Cause]:
    """One use of a tensor is the only one counted, is missing, or is counted twice."""
    if len(uses) < 2:
        return
    every = range(len(uses))
    parts = []
    for i, use in enumerate(uses, 1):
        call = f"call {use.call}" if use.call else f"use {i}"
        gives = "the batches before gave" if use.op is batches_before else f"{call} hands back"
        parts.append(f"what {gives}, {float(computed(phase, [use])[index]):.9g}")
    for i, part in enumerate(parts):
        alone = "the other uses are not added"
        if i == every[-1]:
            alone = "the last use overwrites the others, = for +=, or they are detached"
        elif [use.op for k, use in enumerate(uses) if k != i] == [batches_before]:
            alone = "what the batches before of this step gave is lost"
        yield _counting(phase, f"got is {part}, alone: {alone}", [i])
    for i, part in enumerate(parts):
        yield _counting(phase, f"got is the sum over all uses without {part}", [k for k in every if k != i])
        yield _counting(phase, f"got is the sum over all uses with {part}, counted twice", [*every, i])


def _counting(phase: Phase, description: str, counted: Sequence[int]) -> Cause:
    """The cause that only these uses are added up."""

    def predict(case: Case) -> Array | None:
        return computed_or_none(phase, [case.uses[k] for k in counted])

    return Cause(Rank.USES, description, predict)


def arriving_left_out(phase: Phase, uses: Sequence[NamedUse]) -> Iterator[Cause]:
    """The gradients that arrive at the outputs are not multiplied by."""
    names = list(dict.fromkeys(name for use in uses for name, _ in use.arriving))
    if phase != "backward" or not names:
        return

    def predict(case: Case) -> Array | None:
        ones = [{name: np.ones_like(array) for name, array in use.arriving} for use in case.uses]
        return computed_or_none(phase, [use.with_arrays(each) for use, each in zip(case.uses, ones, strict=True)])

    which = " and ".join(names)
    many = "the gradients that arrive, are" if len(names) > 1 else "the gradient that arrives, is"
    yield Cause(Rank.STRUCTURE, f"got comes out if {which}, {many} left out", predict)


def not_updated(phase: Phase, target: WrongElement) -> Iterator[Cause]:
    """The tensor is still as it was before the update."""
    before = [
        node for node, name in target.computation.names.items() if isinstance(node, Input) and name == target.tensor
    ]
    if phase in ("update", "state") and before:
        description = f"got is {target.place(target.index)} as it was before the update"
        yield target.cause(Rank.UNCHANGED, description, target.computation.root, lambda values: values[before[0]])
