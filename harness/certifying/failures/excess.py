"""Tells an excess over a bound that another accuracy would explain from one that shows a mistake.

A bound belongs to a formula, and charges each elementary function in it with an error (rounding.CHARGES). A backend
whose function is right but less accurate leaves it, and so does one that computes by another right formula, such as
(g + g·y)·(1 − y) for the gradient of tanh. So where the check of a tensor fails that is made of such functions, it is
made once more with functions FUNCTIONS_TIMES less accurate and ROUNDINGS_TIMES the roundings, and by each of the other
formulas that are known. The excess is slight if one of these bounds holds; it is of an op and a phase only if it is in
every failed check of them.
"""

from collections.abc import Sequence

import numpy as np

from backends.contract import Array, Node, Phase
from harness.certifying.expectations import Evaluation
from harness.certifying.uses import Formulas
from harness.numerics.bounds.bounded import Bounded
from harness.numerics.bounds.bounds import or_zero
from harness.running.updates import Update

FUNCTIONS_TIMES, ROUNDINGS_TIMES = 4.0, 2.0
"""How many times the errors of functions, and the roundings, that an excess may need to be called slight.

No mistake in the corpus of mutants passes for a slight excess, with these or with 8 for both.
"""

Bounds = dict[Node, list[Bounded | None]]
"""By tensor: its bound by each of the formulas."""


class Excesses:
    """The failed checks of one backend, by op and phase, as far as they may be slight."""

    def __init__(self, evaluation: Evaluation, own: Sequence[Formulas], known: Sequence[Formulas]) -> None:
        """Widen the bounds of `evaluation` by each of the backend's own formulas; take those of `known` as they are."""
        program, constants = evaluation.program, evaluation.constants
        self._evaluation = evaluation
        self._wider = Evaluation(program, constants.less_accurate(FUNCTIONS_TIMES, ROUNDINGS_TIMES))
        self._by_roundings = Evaluation(program, constants.less_accurate(1.0, ROUNDINGS_TIMES))
        self._own, self._known = own, known
        self._slight: dict[tuple[str, Phase], bool] = {}
        self._number = 0
        self._bounds: tuple[Bounds, Bounds, Bounds] = {}, {}, {}

    @property
    def slight(self) -> set[tuple[str, Phase]]:
        """The ops and phases all of whose failed checks are slight excesses."""
        return {key for key, slight in self._slight.items() if slight}

    def note(self, update: Update, node: Node, got: Array) -> None:
        """Note a failed check of an update."""
        key = (node.op, node.phase)
        if not self._slight.get(key, True):
            return
        if self._number != update.number:
            self._number = update.number
            self._bounds = (
                _evaluated(self._wider, update, self._own),
                _evaluated(self._by_roundings, update, self._own),
                _evaluated(self._evaluation, update, self._known),
            )
        wider, by_roundings, known = (bounds.get(node, []) for bounds in self._bounds)
        self._slight[key] = any(bound is not None and bound.holds(got) for bound in known) or any(
            bound is not None and narrower is not None and bound.holds(got) and _differ(bound, narrower)
            for bound, narrower in zip(wider, by_roundings, strict=True)
        )


def _evaluated(evaluation: Evaluation, update: Update, formulas: Sequence[Formulas]) -> Bounds:
    bounds: Bounds = {}
    for each in formulas:
        for expectation in evaluation.expectations(update, each):
            bounds.setdefault(expectation.node, []).append(expectation.bound)
    return bounds


def _differ(bound: Bounded, narrower: Bounded) -> bool:
    """Whether the accuracy of functions has a part in a bound; `narrower` is the same with more accurate ones."""
    return bool(np.any(or_zero(bound.radius) > or_zero(narrower.radius)))
