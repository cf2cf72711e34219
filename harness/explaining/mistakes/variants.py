"""Known variants: another op, rule or schedule in place of the right one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from backends.contract import Array
from harness.explaining.causes import Case, Cause, Rank
from harness.explaining.uses import NamedUse, computed_or_none
from harness.explaining.variants import VARIANTS
from harness.explaining.variants.schedules import SCHEDULES
from harness.results import Phase


def known_variants(phase: Phase, uses: Sequence[NamedUse], epoch: int) -> Iterator[Cause]:
    """The known variants of the function, if all uses are of the same one.

    `epoch` is that of the update, counted from 1; 0 if it is not known.
    """
    op, *others = dict.fromkeys(use.op for use in uses)
    if others:
        return
    for variant in VARIANTS.get(op, ()):
        yield _cause(phase, str(variant), {"op": variant.function})
    if op in SCHEDULES and epoch and epoch != uses[0].settings["t"]:
        says = f"it is the value of update {epoch}, as where the schedule moves once per epoch, not once per update"
        yield _cause(phase, f"{says} (see `lockstep differences exponential_shift`)", {}, {"t": epoch})


def _cause(phase: Phase, says: str, changed: Mapping[str, Any], settings: Mapping[str, Any] | None = None) -> Cause:
    def predict(case: Case) -> Array | None:
        uses = [replace(use, **changed, settings={**use.settings, **(settings or {})}) for use in case.uses]
        return computed_or_none(phase, uses)

    return Cause(Rank.VARIANT, f"got is that of a known variant: {says}", predict)
