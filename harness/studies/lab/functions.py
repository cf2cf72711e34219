"""A function, wherever it was defined, as what is graded; and inputs of one's own as what it is asked."""

import linecache
from collections.abc import Callable, Mapping, Sequence
from inspect import isfunction, unwrap
from pathlib import Path
from typing import Any

import numpy as np

from backends.contract import Array
from backends.deferred import computed, of_given
from backends.op_inputs import gradients_above, with_gradient
from harness.errors import InputError
from harness.guarding.guest import Guest
from harness.studies.lab.cases import Case
from harness.studies.lab.questions import Question, question_of
from harness.studies.lab.submission import Submission
from scenarios.language.values import shown

OWN_INPUTS = "your inputs"
CELL = Path("your code")
"""Stands for the file of a function that was typed into a prompt or a notebook."""
PAIR = "`return y, backward`"


def submission_of(function: Callable[..., Any], op: str) -> Submission:
    """One function as a file that defines it as that op. Raises InputError if it is not written in Python."""
    inner = unwrap(function)
    if not isfunction(inner):
        raise InputError(f"the function to check must be written in Python, with def; {shown(function)} is not")
    file = inner.__code__.co_filename
    source = "".join(linecache.getlines(file))
    path = Path(file) if Path(file).is_file() else CELL
    return Submission(path, file, {op: inner}, {}, Guest(), source)


def asking_with(
    inputs: Sequence[Any], settings: Mapping[str, Any], reference: Callable[..., Any]
) -> Callable[[str, str], Sequence[Question]]:
    """What gives the one question that these inputs are.

    Floating-point inputs get a gradient, and are taken in the dtype that is asked for. Raises InputError for inputs
    that the reference refuses, for a reference that is not written as a hand-written op is, and for one that uses a
    function of NumPy that has no bound.
    """
    arrays = [np.array(each) for each in inputs]
    for place, array in enumerate(arrays):
        if array.dtype.kind not in "fiub":
            raise InputError(f"inputs[{place}] must be an array of numbers, not of {array.dtype}")
    exact = tuple(array.astype(np.float64) if array.dtype.kind == "f" else array for array in arrays)

    def ask(op: str, dtype: str) -> Sequence[Question]:
        case = Case(OWN_INPUTS, exact, settings, ()).of_dtype(dtype)
        outputs = _outputs(op, reference, case)
        random = np.random.RandomState(1)
        above = tuple(gradients_above(op, outputs, random, dtype))
        question = question_of(op, Case(OWN_INPUTS, case.inputs, settings, above), dtype, reference)
        _check_bounds(question)
        return [question]

    return ask


def _outputs(op: str, reference: Callable[..., Any], case: Case) -> list[Array]:
    """What the reference makes of a case."""
    with np.errstate(all="ignore"):
        try:
            result = reference(*case.inputs, **case.settings)
        except (TypeError, ValueError) as error:
            raise InputError(f"{op} refuses these inputs: {error}") from error
        if not isinstance(result, tuple) or len(result) != 2 or not callable(result[1]):
            raise InputError(f"the reference {op} must return its output and its backward, {PAIR}")
        value, backward = result
        outputs = [np.asarray(each) for each in (value if isinstance(value, tuple) else (value,))]
        above = gradients_above(op, outputs, np.random.RandomState(1), str(outputs[0].dtype))
        gradients = [computed(each) for each in of_given(backward(*above), len(case.inputs))]
    for name, array in (("output", outputs), ("gradient", [g for g in gradients if g is not None])):
        if not all(np.isfinite(each).all() for each in array):
            raise InputError(f"{op} has an {name} of these inputs that is not finite, so nothing can be compared")
    if not any(with_gradient(op, case.inputs)):
        raise InputError(f"none of these inputs has a gradient in {op}; give it one of floating-point numbers")
    return outputs


def _check_bounds(question: Question) -> None:
    """Raise InputError if a tensor of a question can't be bounded."""
    missing = {name: each.refusal for name, each in question.unbounded.items()}
    if missing:
        name, why = next(iter(missing.items()))
        raise InputError(f"{name} of the reference {question.op} has no bound: {why}")
