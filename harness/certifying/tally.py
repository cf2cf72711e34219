"""Counts checks, and keeps what a report says about them: the sharpest and the first of each op and phase."""

from collections.abc import Callable
from functools import partial

import numpy as np

from backends.contract import Array, Node
from harness.certifying.certificate import Certificate, Failure, Pole
from harness.certifying.check import Check
from harness.certifying.failures.breakdown import expected_elements, is_at_pole
from harness.certifying.uses import Expectation, Formulas
from harness.numerics.rounding import Arithmetic
from harness.numerics.written.lines import with_index
from harness.results import Formula, Mismatch, Sharpness
from harness.running.deviations import HORIZON, in_ulps, index_of, mismatch_at
from harness.running.updates import Update


class Tally:
    """Counts the checks of one backend in its certificate."""

    def __init__(
        self,
        certificate: Certificate,
        backend: str,
        constants: Arithmetic,
        formulas: Formulas,
        equivalent: Formulas,
        updates_per_epoch: int,
        is_measured: Callable[[int], bool],
    ) -> None:
        """`equivalent` are the formulas that the backend declares; sharpness is kept of updates that are measured."""
        self._certificate = certificate
        self._backend = backend
        self._constants = constants
        self._dtype = constants.dtype.name
        self._formulas = formulas
        self._equivalent = equivalent
        self._updates_per_epoch = updates_per_epoch
        self._is_measured = is_measured

    def count(self, update: Update, expectation: Expectation, check: Check, got: Array) -> Failure | None:
        """Count one check; return its failure if it failed."""
        certificate, node = self._certificate, expectation.node
        key = (node.op, node.phase)
        certificate.checks += 1
        if check.failing is not None and not (
            _are_of_overflow(got[check.failing]) and expectation.may_overflow(self._constants)
        ):
            failing = expected_elements(expectation, check, self._formulas, self._dtype)
            if failing.any():
                certificate.failed += 1
                self._keep_sharpness(node, check.sharpness, 0.0, failed=1)
                mismatch = self._mismatch(update.number, node, check, got, int(failing.argmax()), check.allowed)
                uses = tuple(use.copy() for use in expectation.uses) if key not in certificate.failures else ()
                want = np.array(check.bound.midpoint)
                return Failure(node, mismatch, uses, np.array(got), want, np.array(check.allowed))
        widest, size = check.widest, check.size
        # A radius beyond the largest value leaves no digit to check.
        if not check.used <= 1 or not widest <= max(size, self._constants.smallest_normal):
            if check.cancels(HORIZON):
                certificate.unchecked += 1
                certificate.cancelled[node] = certificate.cancelled.get(node, 0) + 1
            else:
                self.count_unchecked(update.number)
                if certificate.pole is None and is_at_pole(expectation, check):
                    certificate.pole = self._pole(node, check.bound.midpoint, update.number)
            return None
        if check.is_suspect(self._constants.likely_from):
            certificate.suspect += 1
            if key not in certificate.suspects:
                likely = np.asarray(check.bound.likely_radius)
                certificate.suspects[key] = self._mismatch(
                    update.number, node, check, got, int((check.error - likely).argmax()), likely
                )
        if self._is_measured(update.number) or key not in certificate.sharpness:
            self._keep_sharpness(node, widest / size if size else 0.0, check.used)
        return None

    def _pole(self, node: Node, gradient: Array, update: int) -> Pole:
        place = np.unravel_index(int(np.isfinite(gradient).argmin()), gradient.shape)
        element = with_index(str(node), tuple(map(int, place)))
        text = f"{element} is not finite at update {update}, though all that {node.op} computes it from is"
        return Pole(update, text)

    def count_unchecked(self, update: int) -> None:
        """Count a check that could say nothing."""
        certificate = self._certificate
        certificate.unchecked += 1
        if certificate.first_unchecked is None:
            certificate.first_unchecked = update

    def _keep_sharpness(self, node: Node, sharpness: float, used: float, *, failed: int = 0) -> None:
        key = (node.op, node.phase)
        before = self._certificate.sharpness.get(key)
        if before is not None:
            if sharpness <= before.sharpness and used <= before.used and not failed:
                return
            sharpness, used = max(sharpness, before.sharpness), max(used, before.used)
            failed += before.failed
        self._certificate.sharpness[key] = Sharpness(
            backend=self._backend, op=node.op, phase=node.phase, sharpness=sharpness, used=used, failed=failed
        )

    def note_formula(self, expectation: Expectation, check: Check, got: Array) -> None:
        """Note by how much a backend's own formula exceeds the hand-written formula's bound."""
        node = expectation.node
        op = next((use.op for use in expectation.uses if use.op in self._equivalent), node.op)
        key = (op, node.phase)
        with np.errstate(over="ignore"):
            place = int((check.error / np.maximum(check.allowed, self._constants.smallest)).argmax())
        error, allowed = float(check.error.flat[place]), float(np.broadcast_to(check.allowed, got.shape).flat[place])
        times = error / max(allowed, self._constants.smallest)
        before = self._certificate.formulas.get(key)
        if before is None or times > before.times:
            self._certificate.formulas[key] = Formula(
                backend=self._backend,
                op=op,
                phase=node.phase,
                formula=_name_of(self._equivalent.get(op), op),
                times=times,
                ulps=in_ulps(error, float(check.bound.midpoint.flat[place]), self._dtype),
            )

    def _mismatch(self, update: int, node: Node, check: Check, got: Array, place: int, allowed: Array) -> Mismatch:
        epoch = (update - 1) // self._updates_per_epoch + 1
        index = index_of(place, got.shape)
        want, error, limit = (float(array.flat[place]) for array in (check.bound.midpoint, check.error, allowed))
        return mismatch_at(
            self._backend, self._dtype, epoch, update, node, index, float(got[index]), want, error, limit
        )


def _are_of_overflow(numbers: Array) -> bool:
    """Whether all of them may be what is left of an infinity: itself, NaN, or 0 where it divided."""
    return bool(np.all(~np.isfinite(numbers) | (numbers == 0)))


def _name_of(formula: Callable[..., object] | None, op: str) -> str:
    """What a function is called, one with settings as without them; the op's name where it has none."""
    while isinstance(formula, partial):
        formula = formula.func
    return str(getattr(formula, "__name__", op))
