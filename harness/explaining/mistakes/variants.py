"""Known variants: another op, rule or schedule in place of the right one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from backends.contract import Array
from harness.explaining.causes import Case, Cause, Rank
from harness.explaining.uses import NamedUse, computed_or_none
from harness.explaining.variants import VARIANTS
from harness.explaining.variants.training.schedules import SCHEDULES
from harness.results import Phase

KNOWN_VARIANT = "got is that of a known variant"


def known_variants(phase: Phase, uses: Sequence[NamedUse], epoch: int) -> Iterator[Cause]:
    """The known variants of the function, if all uses are of the same one.

    `epoch` is that of the update, counted from 1; 0 if it is not known.
    """
    op, *others = dict.fromkeys(use.op for use in uses)
    if others:
        return
    counting = uses[0].counting
    unit = "update" if counting is None else counting.unit
    for variant in VARIANTS.get(op, ()):
        yield _cause(phase, str(variant).replace("of update t", f"of {unit} t"), {"op": variant.function})
    if counting is not None:
        for why, t in counting.mistaken:
            says = f"it is the value of {'step' if counting.unit == 'step' else 'update'} {t}, as where {why}"
            yield _cause(phase, says, {}, {"t": t})
        if counting.before is not None:
            before = np.asarray(counting.before)
            says = "it is the value of the schedule before, as where that has not ended"
            yield Cause(Rank.VARIANT, f"{KNOWN_VARIANT}: {says}", lambda _: before)
    counts_all_updates = counting is None or (counting.unit == "update" and not counting.mistaken)
    if op in SCHEDULES and counts_all_updates and epoch and epoch != uses[0].settings["t"]:
        says = f"it is the value of update {epoch}, as where the schedule moves once per epoch, not once per update"
        yield _cause(phase, f"{says} (see `lockstep differences exponential_shift`)", {}, {"t": epoch})


def _cause(phase: Phase, says: str, changed: Mapping[str, Any], settings: Mapping[str, Any] | None = None) -> Cause:
    def predict(case: Case) -> Array | None:
        uses = [replace(use, **changed, settings={**use.settings, **(settings or {})}) for use in case.uses]
        return computed_or_none(phase, uses)

    return Cause(Rank.VARIANT, f"{KNOWN_VARIANT}: {says}", predict)
