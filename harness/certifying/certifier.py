"""Certifies every op of an update: runs the hand-written op on a backend's own numbers, with bounds on rounding.

Each op starts from the inputs that the backend itself recorded, so errors do not accumulate: the check is as sharp at
the last update as at the first, neither kinks nor chaos can fool it, and a failure locates itself. For every call

    forward    the op on the recorded inputs                                    against the recorded outputs
    backward   the op's backward on the recorded inputs and gradients           against the recorded gradients
    update     the optimizer's rule on the weights, gradients and state before  against those after

A check is one tensor in one of these at one update.
"""

from collections.abc import Callable, Container, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

import numpy as np

from backends.contract import Array, Node, Program, Step
from backends.equivalent_formulas.catalogue import rounds_of_formulas
from backends.vocabulary import TRAIN
from harness.certifying.accumulation import FORMULAS
from harness.certifying.certificate import Certificate, Earlier, Failure
from harness.certifying.check import Check
from harness.certifying.evaluating.update import EvaluatedUpdate
from harness.certifying.expectations import Evaluation
from harness.certifying.failures.brackets import bracket
from harness.certifying.failures.excess import Excesses
from harness.certifying.failures.overwriting import overwriting_behind
from harness.certifying.failures.unrecorded_decay import mistake_of_decay
from harness.certifying.shortcuts.shortcuts import Shortcuts
from harness.certifying.shortcuts.stack import Stack, Stacks
from harness.certifying.tally import Tally
from harness.certifying.uses import Expectation, Formulas
from harness.certifying.widened import Widened
from harness.errors import InputError
from harness.guarding.shortages import shortages_named
from harness.numerics.accuracy import declared_accuracy
from harness.numerics.bounds.bounded import Bounded
from harness.numerics.rounding import arithmetic
from harness.recording.loading import LoadedBackend
from harness.running.deviations import HORIZON
from harness.running.kinks import Kink
from harness.running.updates import Update

ALWAYS = 3
"""When only every K-th update is certified, so are this many first updates and the last one."""
TRIES = 3
"""So many times in a row no update may be seen to be right together with others; then each is certified alone."""
SIDES = ("below", "above")


@dataclass
class _Found:
    """What is found about the tensors of one update."""

    evaluation: Evaluation
    update: Update
    formulas: Formulas
    failures: list[Failure] = field(default_factory=list)
    passed: list[tuple[Node, Bounded, Array]] = field(default_factory=list)
    replayed: list[Node] = field(default_factory=list)
    by_own_formulas: dict[Node, Bounded | None] = field(default_factory=dict)

    @cached_property
    def evaluated(self) -> EvaluatedUpdate:
        """The update with bounds, which nobody asks for where shortcuts show all to be right."""
        return EvaluatedUpdate(self.evaluation, self.update, self.formulas)

    def bound_some(self, node: Node, places: Array) -> Bounded | None:
        """The bounds of the elements at some flat positions of a tensor, as `EvaluatedUpdate.some` says."""
        bound: Bounded | None = self.evaluated.some(node, places)
        return bound


class Certifier:
    """Certifies one backend's updates, in their order; several small ones at a time."""

    def __init__(
        self,
        backend: LoadedBackend,
        program: Program,
        dtype: str,
        find_op: Callable[[str], Callable[..., Any]],
        kinks: Sequence[Kink] = (),
        widened: Widened | None = None,
        *,
        every: int = 1,
        updates_per_epoch: int = 1,
        last: int = 1,
    ) -> None:
        """find_op: finds a hand-written function by name. Every so many updates are certified, and the last one.

        `widened` has the data in float64, if other backends' certifiers have the same arrays.
        """
        self.certificate = Certificate()
        self._backend = backend.name
        self._program = program
        self._earlier: Earlier | None = None
        self._constants = arithmetic(dtype).charging(declared_accuracy(backend, dtype))
        self._largest = float(np.finfo(dtype).max)
        self._formulas = formulas_of(program, find_op)
        declared: Mapping[str, Callable[..., object]] = getattr(backend.module, "FORMULAS", {})
        self._equivalent = _only(declared, self._formulas)
        self._evaluation = Evaluation(program, self._constants, widened)
        self._excesses = Excesses(
            self._evaluation,
            own=[self._formulas, *([{**self._formulas, **self._equivalent}] if self._equivalent else [])],
            known=[
                {**self._formulas, **other}
                for other in (_only(known, self._formulas) for known in rounds_of_formulas())
                if other
            ],
        )
        self._shortcuts = Shortcuts(self._evaluation, self._formulas, last)
        self._tally = Tally(
            self.certificate,
            self._backend,
            self._constants,
            self._formulas,
            self._equivalent,
            updates_per_epoch,
            self._shortcuts.is_measured,
        )
        self._put_off = Stacks(program)
        self._in_vain = 0
        """How many times in a row none of the updates that were put off was seen to be right."""
        self._every = every
        self._last = last
        self.certificate.sides = {(kink.call.outputs[0], kink.value): set() for kink in kinks}
        self._kinks = kinks
        self.certificate.without_gradient = set(program.values) & program.differentiable

    def observe(self, update: Update) -> None:
        """Certify an update, if it is one of those to be certified."""
        for overwriting in update.step.overwritten:
            key = overwriting.op, overwriting.phase, overwriting.tensor
            self.certificate.overwritten.setdefault(key, overwriting)
        if update.number <= ALWAYS or update.number % self._every == 0 or update.number == self._last:
            self.certificate.updates += 1
            with shortages_named(f"the certificate of {self._backend}'s update {update.number}", self._formulas):
                self._note_coverage(update)
                if not self._is_put_off(update):
                    self._certify(update, frozenset())
                    self._note_earlier(update)
            if self._put_off.is_full:
                self.catch_up()

    def seen(self) -> Certificate:
        """What the checks found."""
        self.catch_up()
        return self.certificate

    def _is_put_off(self, update: Update) -> bool:
        """Whether an update was copied, to be certified together with others; else none before it is put off any more.

        One that is measured is certified alone, but after those before it.
        """
        others = self._put_off
        if self._in_vain >= TRIES:
            return False
        if len(others) and not others.add(update):
            self.catch_up()
        if not len(others) and not self._shortcuts.is_measured(update.number) and not others.add(update):
            self._in_vain = TRIES  # it is too large, as others will be
        return len(others) > 0

    def catch_up(self) -> None:
        """Certify the updates that were put off: one by one where not all of their tensors are seen to be right."""
        with shortages_named(f"the certificate of several of {self._backend}'s updates", self._formulas):
            looked_at = [each for stack in self._put_off for each in self._looked_at(stack)]
            for update, right in sorted(looked_at, key=lambda each: each[0].number):
                if right is None:
                    self.certificate.checks += self._checks_of(update)
                else:
                    self._certify(update, right)
                self._note_earlier(update)
        self._put_off.clear()

    def _looked_at(self, stack: Stack) -> Iterator[tuple[Update, Container[Node] | None]]:
        """The updates of a stack, each with those of its tensors that are seen to be right; None if all are."""
        right = self._shortcuts.right_at(stack, self.certificate.sharpness) if len(stack) > 1 else {}
        are_right = np.all([*right.values(), np.full(len(stack), bool(right))], axis=0)
        if right:
            self._in_vain = 0 if are_right.any() else self._in_vain + 1
        for place, update in enumerate(stack.updates()):
            if self._shortcuts.is_measured(update.number):
                yield update, ()
            elif are_right[place]:
                yield update, None
            else:
                yield update, {node for node, rows in right.items() if rows[place]}

    def _checks_of(self, update: Update) -> int:
        """How many checks there are of an update."""
        step = update.step
        return sum(_is_counted(node, step) for node in self._evaluation.nodes if node.read(step) is not None)

    def _note_earlier(self, update: Update) -> None:
        """Keep what explanations of the next update read of this one.

        A mistake of this kind shows early, and copies at every update would cost as much as a check.
        """
        self._earlier = _earlier(update) if update.number <= ALWAYS else None

    def _certify(self, update: Update, known: Container[Node]) -> None:
        """Certify an update, some of whose tensors are known to be right."""
        self._shortcuts.begin(update)
        found = _Found(self._evaluation, update, self._formulas)
        for node in self._evaluation.nodes:
            got = node.read(update.step)
            if got is None:
                continue  # the backend yields no such tensor
            if node in known:
                self.certificate.checks += _is_counted(node, update.step)
                found.replayed.append(node)
                continue
            got = np.asarray(got)
            if node.kind == "loss" and self._shortcuts.is_reported_as_computed(update, node, got):
                continue  # the same number a second time is no further check
            if self._shortcuts.is_replayed(node, got, found.bound_some):
                self.certificate.checks += 1
                found.replayed.append(node)
            else:
                self._check(update, node, got, found)
        if found.failures:
            right = [node for node, bound, got in found.passed if Check(bound, got, self._largest).tells(HORIZON)]
            self.certificate.slight = self._excesses.slight
            self._keep_failures(update, found.failures, [*found.replayed, *right])

    def _check(self, update: Update, yielded: Node, got: Array, found: "_Found") -> None:
        """Hold one tensor against its bound."""
        certificate = self.certificate
        expectation = found.evaluated.expectation(yielded)
        node, bound = expectation.node, expectation.bound
        if bound is None:
            certificate.checks += 1
            self._tally.count_unchecked(update.number)
            certificate.refused.setdefault(node.op, expectation.refusal)
            return
        if bound.shape != got.shape:
            raise InputError(
                f"backend {self._backend} yielded {node} with shape {got.shape} at update {update.number} "
                f"({node.op} {node.phase}); it should be {bound.shape}"
            )
        is_known = (node.op, node.phase) in certificate.sharpness
        if is_known and self._shortcuts.is_surely_right(update.number, bound, got):
            certificate.checks += node.op != TRAIN
            found.passed.append((node, bound, got))
            self._shortcuts.learn(yielded, bound)
            return
        check = Check(bound, got, self._largest)
        if node.op == TRAIN and check.failing is None:
            return  # the same number a second time is no further check
        if check.failing is not None:
            check = self._by_own_formula(update, expectation, check, found) or check
        unchecked = certificate.unchecked
        failure = self._tally.count(update, expectation, check, got)
        if failure is not None:
            found.failures.append(failure)
            self._excesses.note(update, node, got)
            return
        found.passed.append((node, check.bound, got))
        if certificate.unchecked > unchecked:
            return
        if self._shortcuts.is_measured(update.number):
            self._shortcuts.tell(yielded)
        else:
            self._shortcuts.learn(yielded, check.bound)

    def _by_own_formula(self, update: Update, expectation: Expectation, check: Check, found: "_Found") -> Check | None:
        """The check of a failing tensor by a formula that the backend declares; None where that fails, too."""
        if not self._equivalent:
            return None
        if not found.by_own_formulas:
            formulas = {**self._formulas, **self._equivalent}
            found.by_own_formulas = {e.node: e.bound for e in self._evaluation.expectations(update, formulas)}
        bound = found.by_own_formulas[expectation.node]
        if bound is None or (second := Check(bound, check.got, self._largest)).failing is not None:
            return None
        self._tally.note_formula(expectation, check, check.got)
        return second

    def _keep_failures(self, update: Update, failures: list[Failure], right: list[Node]) -> None:
        """Keep the first failure of each op and phase, with what the other checks of the update say about it."""
        kept = self.certificate.failures
        wrong = [failure.node for failure in failures]
        for failure in failures:
            node = failure.node
            if (node.op, node.phase) not in kept:
                kept[node.op, node.phase] = replace(
                    failure,
                    bracket=bracket(self._program, update.step, node, right, wrong),
                    overwriting=overwriting_behind(failure.node, failure.uses, update.step.overwritten, self._program),
                    decay=mistake_of_decay(self._program, update, node, failure.got, self._evaluation, self._formulas),
                    earlier=self._earlier,
                    with_earlier_weights=self._with_earlier_weights(update, node),
                )

    def _with_earlier_weights(self, update: Update, node: Node) -> Array | None:
        """A value or gradient as it would be with the weights of the update before."""
        if self._earlier is None or node.kind not in ("value", "loss", "gradient"):
            return None
        untraced = Step(loss=update.step.loss, weights=update.step.weights, grads={})
        stale = replace(update, weights=self._earlier.weights, step=untraced)
        expectations = self._evaluation.expectations(stale, self._formulas)
        bound = next(each.bound for each in expectations if (each.node.kind, each.node.of) == (node.kind, node.of))
        return None if bound is None else np.array(bound.midpoint)

    def _note_coverage(self, update: Update) -> None:
        """Note the sides of kinks that had inputs, and the outputs that had a gradient."""
        sides = self.certificate.sides
        for kink in self._kinks:
            seen = sides[kink.call.outputs[0], kink.value]
            if len(seen) < len(SIDES) and update.has(kink.call.inputs[0]):
                inputs = update.read(kink.call.inputs[0])
                seen.update(
                    side for side, on in zip(SIDES, (inputs < kink.value, inputs > kink.value), strict=True) if on.any()
                )
        without = self.certificate.without_gradient
        without -= {name for name in without if np.any(update.step.value_grads.get(name, 1))}


def _is_counted(node: Node, step: Step) -> bool:
    """Whether a right tensor counts as a check: the reported loss does not where the step has it as a value, too."""
    return node.kind != "loss" or node.of not in step.values


def _earlier(update: Update) -> Earlier:
    return Earlier(
        {name: np.array(array) for name, array in update.weights.items()},
        {name: np.array(array) for name, array in update.step.grads.items()},
    )


def _only(formulas: Mapping[str, Callable[..., object]], used: Formulas) -> Formulas:
    """The formulas of ops and rules that are used."""
    return {op: formulas[op] for op in used if op in formulas}


def formulas_of(program: Program, find_op: Callable[[str], Callable[..., Any]]) -> Formulas:
    """The hand-written functions that an update of a program runs."""
    found = {name: find_op(name) for name in [*(r.op for r in program.rules), *(c.op for c in program.calls)]}
    return {**found, **(FORMULAS if program.epoch.accumulates else {})}
