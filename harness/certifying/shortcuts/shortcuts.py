"""Which tensors of an update are seen to be right without their bounds, or with less than a Check of them.

Never more than a Check would pass, so what is found is the same. At updates 1, 4, 16, 64 and so on, and at the last,
every bound is computed and every check made, to measure for the report how sharp they are. In between, a tensor is
right that the hand-written ops compute, from what was recorded before it,

- to the last bit, in the run's dtype: every bound holds for what its own formula computes
- to the last bit but for a few elements of a large tensor, which are within their bounds
- in float64, with each element as close as every bound of this formula allows at an update of this form
  (`Bounds.surely_allowed`)
- within its bound, by a quick look: at large tensors, whose midpoints take no longer than the same in float64

Small tensors are first replayed at several updates at once (stack.py). There the bounds of what is not the same take
less time than another replay, in float64, which hardly ever shows all elements to be close at all updates.

A replay in the run's dtype that misses two times is no longer tried for a tensor until bounds are measured again, if at
all: one in float64 takes its place where it does. That is not tried again after two misses. At several updates at once
it misses where it misses at one of them.
"""

import math
from collections import Counter
from collections.abc import Callable, Container, Iterable
from typing import Any

import numpy as np

from backends.contract import Array, Node, Phase, Step
from harness.certifying.check import Check
from harness.certifying.evaluating.attempts import attempted
from harness.certifying.evaluating.schedule import scheduled
from harness.certifying.evaluating.update import EvaluatedUpdate
from harness.certifying.expectations import Evaluation
from harness.certifying.shortcuts.comparing import is_close, is_midpoint, is_same, places_apart
from harness.certifying.shortcuts.quick_look import MANY, is_surely_right
from harness.certifying.shortcuts.replay import Replay, WideReplay
from harness.certifying.shortcuts.rows import rows_same, rows_within
from harness.certifying.shortcuts.stack import Stack
from harness.certifying.uses import Formulas
from harness.errors import is_shortage
from harness.numerics.bounds.bounded import Bounded
from harness.numerics.bounds.bounds import largest_size
from harness.numerics.rounding import arithmetic
from harness.numerics.stacking.stacked import Stacked
from harness.running.forms import Form, form_of
from harness.running.updates import Update

TRIES = 2
FEW = 16
"""One in so many elements may have to be held against its bound."""

BoundSome = Callable[[Node, Array], Bounded | None]
"""Bounds the elements at some flat positions of a tensor; None where that takes the bounds of others."""


class Shortcuts:
    """The shortcuts of one backend's certificate."""

    def __init__(self, evaluation: Evaluation, formulas: Formulas, last: int) -> None:
        """`evaluation` gives the bounds; `last` is the number of the last update."""
        program, constants, widened = evaluation.program, evaluation.constants, evaluation.widened
        self._evaluation = evaluation
        self._formulas = formulas
        self._last = last
        self._largest = constants.largest
        self._told: set[Node] = set()
        """The tensors whose checks said something when bounds were measured."""
        self._same = _Tried(Replay(program, constants, widened), formulas)
        is_narrow = constants.dtype == np.float32  # there is no wider dtype than float64
        double = arithmetic("float64")
        self._close = _Tried(WideReplay(program, double, widened), formulas) if is_narrow else None
        self._midpoints = _Tried(Replay(program, double, widened), formulas)
        self._same_together = _Tried(Replay(program, constants, widened), formulas)
        self._bounds_together = _Tried(evaluation, formulas)
        self._program = program
        self._form = form_of(program, 1)
        self._shares: dict[tuple[Node, Form], float] = {}

    def begin(self, update: Update) -> None:
        """Begin with an update."""
        is_measured = self.is_measured(update.number)
        self._form = form_of(self._program, update.number)
        for tried in (self._same, self._close, self._midpoints):
            if tried is not None:
                tried.begin(None if is_measured else update)
        if is_measured:
            self._same.forgive(self._told - {node for node, _ in self._shares})
            self._same_together.forgive(self._told)

    def right_at(self, stack: Stack, measured: Container[tuple[str, Phase]]) -> dict[Node, Array]:
        """For each tensor that a backend yielded at several updates, at which of them a look shows it to be right.

        Nothing if there is not enough memory to look at all of them together. `measured` are the ops and phases of
        which it is known how sharp their bounds are: the first bound of the others is to be measured.
        """
        tried = self._same_together, self._bounds_together
        try:
            together = stack.together()
            for each in tried:
                each.begin(together)
            return self._right_at(together, stack, measured)
        except Exception as error:
            if not is_shortage(error):
                raise
            return {}
        finally:
            for each in tried:
                each.begin(None)

    def _right_at(self, together: Update, stack: Stack, measured: Container[tuple[str, Phase]]) -> dict[Node, Array]:
        right: dict[Node, Array] = {}
        for node in self._evaluation.nodes:
            if node.kind == "scheduled":
                if str(node) in together.step.scheduled:
                    right[node] = np.array([self._is_scheduled_right(node, *at) for at in stack.scheduled(str(node))])
                continue
            got: Any = together.step.loss if node.kind == "loss" else node.read(together.step)
            if got is not None:
                right[node] = self._rows_right(node, got, together.step, measured)
        return right

    def _rows_right(self, node: Node, got: Stacked, step: Step, measured: Container[tuple[str, Phase]]) -> Array:
        """At which updates a tensor is right."""
        right = np.zeros(len(got.stack), bool)
        if node.kind == "loss" and node.of in step.values:
            return rows_same(step.values[node.of], got)
        if node not in self._told:
            return right
        if (same := self._same_together.computed(node)) is not None:
            right |= rows_same(same, got)
            if not right.all():
                self._same_together.missed(node)
        if right.all() or not isinstance(bound := self._bounds_together.computed(node), Bounded):
            return right
        made = self._bounds_together.made(node)
        if (made.op, made.phase) in measured:
            right |= rows_within(bound, got)
            if 2 * np.count_nonzero(right) < right.size:
                self._bounds_together.missed(node)
        return right

    def _is_scheduled_right(self, node: Node, number: int, value: float) -> bool:
        """Whether a setting is within the bound of what its schedule makes of it at an update."""
        if node not in self._told:
            return False
        bound = scheduled(self._evaluation, number, self._formulas, node).bound
        assert bound is not None
        return Check(bound, np.asarray(value), self._largest).tells(1.0)

    def is_measured(self, update: int) -> bool:
        """Whether all bounds of an update are computed."""
        return update == self._last or (not update & (update - 1) and update.bit_length() % 2 == 1)

    def tell(self, node: Node) -> None:
        """Note that the check of a tensor said something, at an update that is measured."""
        self._told.add(node)

    def is_replayed(self, node: Node, got: Array, bound_some: BoundSome) -> bool:
        """Whether the hand-written ops compute a tensor, where its check told something."""
        if node not in self._told:
            return False
        computed = self._same.computed(node)
        if computed is not None:
            if is_same(computed, got) or self._is_rest_right(node, computed, got, bound_some):
                return True
            self._same.missed(node)
        share = self._shares.get((node, self._form))
        if share is None or got.size >= MANY or self._close is None or (computed := self._close.computed(node)) is None:
            return False
        if is_close(computed, got, share, self._largest):
            return True
        self._close.missed(node)
        return False

    def _is_rest_right(self, node: Node, computed: Array, got: Array, bound_some: BoundSome) -> bool:
        """Whether the elements of a large tensor that are not what was computed are few, and within their bounds."""
        if got.size < MANY or not math.isfinite(largest_size(got)):
            return False
        places = places_apart(computed, got, got.size // FEW)
        if places is None or (bound := bound_some(node, places)) is None:
            return False
        return Check(bound, np.take(got, places), self._largest).used <= 1

    def learn(self, node: Node, bound: Bounded) -> None:
        """Learn from the bound of a tensor that is right how close a tensor has to be to what float64 gives."""
        key = node, self._form
        if self._close is None or node not in self._told or key in self._shares or bound.size >= MANY:
            return
        share = bound.surely_allowed
        computed = self._midpoints.computed(node) if 0 < share < 1 else None
        if computed is not None and is_midpoint(computed, bound):
            self._shares[key] = share
        else:
            self._midpoints.give_up(node)

    def is_reported_as_computed(self, update: Update, loss: Node, got: Array) -> bool:
        """Whether the loss that is reported is the number that the program computed."""
        value = update.step.values.get(loss.of)
        return value is not None and is_same(value, got)

    def is_surely_right(self, update: int, bound: Bounded, got: Array) -> bool:
        """Whether a look at a tensor in the run's dtype shows that it is right."""
        return not self.is_measured(update) and is_surely_right(bound, got)


class _Tried:
    """An evaluation of updates, and for which tensors it is not tried any more."""

    def __init__(self, evaluation: Evaluation, formulas: Formulas) -> None:
        self._evaluation = evaluation
        self._formulas = formulas
        self._misses: Counter[Node] = Counter()
        self._update: Update | None = None
        self._evaluated: EvaluatedUpdate | None = None

    def begin(self, update: Update | None) -> None:
        """Begin with an update; None if its bounds are measured."""
        self._update = update
        self._evaluated = None

    def computed(self, node: Node) -> Any:
        """What the hand-written ops compute; None if that is not tried, or one of them has raised an error."""
        if self._update is None or self._misses[node] >= TRIES:
            return None
        if self._evaluated is None:
            self._evaluated = EvaluatedUpdate(self._evaluation, self._update, self._formulas)
        evaluated = self._evaluated
        (computed, _), _ = attempted(lambda: evaluated.bound(node), (None, ""))
        if computed is None:
            self.give_up(node)
        return computed

    def made(self, node: Node) -> Node:
        """The node of a tensor that was computed, with what made it at this update."""
        assert self._evaluated is not None
        return self._evaluated.expectation(node).node

    def missed(self, node: Node) -> None:
        """Note that this did not show a tensor to be right."""
        self._misses[node] += 1

    def give_up(self, node: Node) -> None:
        """Try no more."""
        self._misses[node] = TRIES

    def forgive(self, nodes: Iterable[Node]) -> None:
        """Try these tensors again."""
        for node in nodes:
            self._misses.pop(node, None)
