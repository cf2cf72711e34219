"""Judges one tensor of an answer: by the bound of the hand-written op, and where that fails, by who is right."""

from dataclasses import dataclass

import numpy as np

from backends.contract import Array
from backends.equivalent_formulas.catalogue import rounds_of_formulas
from harness.certifying.check import Check
from harness.certifying.failures.excess import Excesses
from harness.explaining.arbiter import ruling_on_failure
from harness.results import Mismatch, Ruling
from harness.running.deviations import index_of, mismatch_at
from harness.studies.lab.questions import Question


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
        if ruling.right == "backend":
            return Judged(True, mismatch, note=f"{name} is right, and the hand-written op is wrong: {ruling.text}")
    return Judged(False, mismatch, check.failing, np.array(check.allowed), ruling)


def _mismatch(question: Question, name: str, got: Array, check: Check, place: int, student: str) -> Mismatch:
    node, index = question.expectations[name].node, index_of(place, got.shape)
    want, error, allowed = (
        float(array.flat[place]) for array in (np.asarray(check.bound.midpoint), check.error, check.allowed)
    )
    return mismatch_at(student, question.dtype, 1, 1, node, index, float(got[index]), want, error, allowed)


def _is_slight(question: Question, name: str, got: Array) -> bool:
    """Whether less accurate functions, or another formula that is known, explain an excess, as in a run."""
    node = question.expectations[name].node
    known = [{**question.formulas, **other} for other in rounds_of_formulas() if question.op in other]
    excesses = Excesses(question.evaluation, own=[question.formulas], known=known)
    with np.errstate(all="ignore"):
        excesses.note(question.update({node.of: got} if node.kind == "gradient" else None), node, got)
    return bool(excesses.slight)
