"""Judges one tensor of an answer: by the bound of the hand-written op, and where that fails, by who is right."""

from dataclasses import dataclass

import numpy as np

from backends.contract import Array
from backends.equivalent_formulas.catalogue import rounds_of_formulas
from harness.certifying.check import Check
from harness.certifying.excess import Excesses
from harness.explaining.arbiter import ruling_on_failure
from harness.results import Mismatch, Ruling
from harness.running.deviations import mismatch_at
from harness.studies.lab.questions import Question

NEAR = 100.0
"""An error of up to so many bounds may be the rounding of another right formula; the arbiter then decides."""
MOST_ASKED = 200
"""The most elements about which the arbiter is asked."""


@dataclass(frozen=True)
class Judged:
    """One tensor of an answer."""

    is_right: bool
    mismatch: Mismatch | None = None
    """The first wrong element, if any is outside its bound."""
    failing: Array | None = None
    allowed: Array | None = None
    ruling: Ruling | None = None
    """Of numerical differentiation, on that element of a gradient."""
    note: str = ""
    """Why a tensor is right that is outside its bound."""


def judge_tensor(question: Question, name: str, got: Array, student: str) -> Judged:
    """Judge a tensor of the right shape and dtype; `student` is what sentences call the file."""
    with np.errstate(all="ignore"):
        return _judged(question, name, got, student)


def _judged(question: Question, name: str, got: Array, student: str) -> Judged:
    expectation = question.expectations[name]
    assert expectation.bound is not None
    check = Check(expectation.bound, got, float(np.finfo(question.dtype).max))
    if check.failing is None:
        return Judged(True)
    first = int(check.failing.argmax())
    mismatch = _mismatch(question, name, got, check, first, student)
    if _is_slight(question, name, got):
        return Judged(True, mismatch, note=f"{name} rounds a little more than the hand-written formula, and is right")
    ruling = None
    if expectation.node.kind == "gradient":
        ruling = ruling_on_failure(expectation.node, mismatch, expectation.uses, question.formulas)
        if ruling.right == "backend" or _is_other_rounding(question, name, got, check, student):
            note = f"{name} is outside the bound of the hand-written formula, and right by numerical differentiation"
            return Judged(True, mismatch, note=note)
    return Judged(False, mismatch, check.failing, np.array(check.allowed), ruling)


def _mismatch(question: Question, name: str, got: Array, check: Check, place: int, student: str) -> Mismatch:
    want, error = check.bound.midpoint, float(check.error.flat[place])
    node, allowed = question.expectations[name].node, float(check.allowed.flat[place])
    return mismatch_at(student, question.dtype, 1, 1, node, place, got, np.asarray(want), error, allowed)


def _is_slight(question: Question, name: str, got: Array) -> bool:
    """Whether less accurate functions, or another formula that is known, explain an excess, as in a run."""
    node = question.expectations[name].node
    known = [{**question.formulas, **other} for other in rounds_of_formulas() if question.op in other]
    excesses = Excesses(question.evaluation, own=[question.formulas], known=known)
    with np.errstate(all="ignore"):
        excesses.note(question.update({node.of: got} if node.kind == "gradient" else None), node, got)
    return bool(excesses.slight)


def _is_other_rounding(question: Question, name: str, got: Array, check: Check, student: str) -> bool:
    """Whether every wrong element is within what rounding of inputs may do to the derivative, whatever the formula."""
    assert check.failing is not None
    places = np.flatnonzero(check.failing)
    if len(places) > MOST_ASKED or not np.all(check.error[check.failing] <= NEAR * check.allowed[check.failing]):
        return False
    expectation = question.expectations[name]
    for place in places:
        mismatch = _mismatch(question, name, got, check, int(place), student)
        ruling = ruling_on_failure(
            expectation.node, mismatch, expectation.uses, question.formulas, measure_rounding=True
        )
        if not (ruling.right in ("backend", "both") and ruling.got_fits):
            return False
    return True
