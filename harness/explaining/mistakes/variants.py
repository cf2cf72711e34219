"""Known variants: ops and rules that are often mistaken for another."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

from backends.contract import Array
from harness.explaining.causes import Case, Cause, Rank
from harness.explaining.mistakes.op_variants import OP_VARIANTS
from harness.explaining.mistakes.optimizer_variants import OPTIMIZER_VARIANTS
from harness.explaining.uses import NamedUse, computed_or_none
from harness.results import Phase

VARIANTS = {**OP_VARIANTS, **OPTIMIZER_VARIANTS}


def known_variants(phase: Phase, uses: Sequence[NamedUse]) -> Iterator[Cause]:
    """The known variants of the op, if all uses are of the same op."""
    op, *others = dict.fromkeys(use.op for use in uses)
    for description, variant in VARIANTS.get(op, {}).items() if not others else ():

        def predict(case: Case, variant: Any = variant) -> Array | None:
            return computed_or_none(phase, [replace(use, op=variant) for use in case.uses])

        yield Cause(Rank.VARIANT, f"got is that of a known variant: {description}", predict)
