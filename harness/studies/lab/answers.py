"""Runs a student's function on one question, and says in plain words what can't be judged by its numbers."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from inspect import signature
from typing import Any

import numpy as np

from backends.contract import Array, Phase, gradient_name
from backends.deferred import computed, of_given
from harness.guarding.printing import off_stdout
from harness.recording.parameters import input_names_of
from harness.sentences import counted
from harness.studies.lab.complaints import Complaint, Kind, complaint_of, misfit_of_shape
from harness.studies.lab.questions import Question
from harness.studies.lab.submission import Submission


@dataclass
class Answer:
    """What a function gave for one question."""

    tensors: dict[str, Array] = field(default_factory=dict)
    """Outputs and gradients of the right shape and dtype, by name."""
    complaints: list[Complaint] = field(default_factory=list)
    wrote_over: list[str] = field(default_factory=list)
    """The inputs, and the gradients that arrived, that the function has written into."""
    line: int | None = None
    """Of the function's return."""
    backward_line: int | None = None
    """Of its backward's return."""


class _Wrong(Exception):
    """The answer ends here; the complaint says why."""

    def __init__(self, complaint: Complaint) -> None:
        self.complaint = complaint


def answer_to(question: Question, op: Callable[..., Any], submission: Submission) -> Answer:
    """Call a student's op, and its backward, once."""
    answer = Answer(line=submission.line_of_return(op))
    case = question.case.of_dtype(question.dtype)
    phase: Phase = "forward"
    try:
        with off_stdout(), np.errstate(all="ignore"):
            backward = _forward(question, op, submission, case.inputs, answer)
            answer.backward_line = _return_line(backward, submission)
            _note_writing(answer, question.inputs, case.inputs, question.case.inputs)
            if backward is not None:
                phase = "backward"
                _backward(question, backward, submission, case.above, answer)
                names = [gradient_name(name) for name in question.outputs]
                _note_writing(answer, names, case.above, question.case.above)
                _note_writing(answer, question.inputs, case.inputs, question.case.inputs)
    except _Wrong as wrong:
        answer.complaints.append(replace(wrong.complaint, phase=phase))
    return answer


def _forward(
    question: Question, op: Callable[..., Any], submission: Submission, inputs: Sequence[Array], answer: Answer
) -> Callable[..., Any] | None:
    """Keep the outputs; return the backward, or None if there is none."""
    settings = dict(question.case.settings)
    _check_call(op, question.op, inputs, settings)
    result = _called(op, inputs, settings, submission)
    count = len(question.outputs)
    pair = "y, backward" if count == 1 else f"({', '.join(question.outputs)}), backward"
    write = f"it must return its output and its backward: `return {pair}`"
    if result is None:
        raise _Wrong(Complaint("nothing returned", f"{question.op} returns nothing; {write}"))
    if not isinstance(result, tuple | list):
        raise _Wrong(Complaint("array for a tuple", f"{question.op} returns {_kind(result)} alone; {write}"))
    if len(result) != 2:
        raise _Wrong(Complaint("count", f"{question.op} returns {len(result)} things; {write}"))
    output, backward = result
    outputs = output if isinstance(output, tuple | list) else (output,)
    if len(outputs) != count:
        text = f"{question.op} has {counted(count, 'output')} here, and gives {len(outputs)}; {write}"
        raise _Wrong(Complaint("count", text))
    for name, got in zip(question.outputs, outputs, strict=True):
        _keep(answer, question, name, got, "")
    if not callable(backward):
        text = f"what {question.op} returns in second place is {_kind(backward)}, not its backward; {write}"
        answer.complaints.append(Complaint("no backward", text))
        return None
    return backward  # type: ignore[no-any-return]


def _backward(
    question: Question, backward: Any, submission: Submission, above: Sequence[Array], answer: Answer
) -> None:
    """Keep the gradients that a backward hands back."""
    _check_call(backward, "backward", above, {})
    result = _called(backward, above, {}, submission)
    line = answer.backward_line
    grads = [gradient_name(name) if name in question.one.weights else "None" for name in question.inputs]
    needed = "one gradient for each input" if len(grads) > 1 else "a tuple of one gradient"
    write = f"it must return {needed}: `return ({', '.join(grads)}{',' if len(grads) == 1 else ''})`"
    if result is None:
        raise _Wrong(Complaint("nothing returned", f"backward returns nothing; {write}", line=line))
    if not isinstance(result, tuple | list):
        text = f"backward returns {_kind(result)} in place of a tuple; {write}"
        if isinstance(result, np.ndarray) and len(grads) == 1:
            text += ", with the comma"
        raise _Wrong(Complaint("array for a tuple", text, line=line))
    left_blank = [None if i >= len(question.inputs) and each is ... else each for i, each in enumerate(result)]
    gradients = of_given(left_blank, len(question.inputs))
    if len(gradients) != len(question.inputs):
        text = (
            f"backward returns {counted(len(gradients), 'gradient')}, and {question.op} is given "
            f"{counted(len(question.inputs), 'input')} here, {', '.join(question.inputs)}; {write}"
        )
        left_out = input_names_of(question.reference, len(gradients))[len(question.inputs) :]
        if left_out and len(gradients) > len(question.inputs):
            text += f", or None for {' and '.join(left_out)}, left out here"
        raise _Wrong(Complaint("count", text, line=line))
    for name, gradient in zip(question.inputs, gradients, strict=True):
        if name not in question.one.weights:
            continue
        try:
            got = computed(gradient) if not callable(gradient) else _called(gradient, (), {}, submission)
        except _Wrong as wrong:
            answer.complaints.append(replace(wrong.complaint, tensor=gradient_name(name), phase="backward"))
            continue
        _keep(answer, question, gradient_name(name), got, f", the shape of {name}")


def _called(function: Any, arguments: Sequence[Any], settings: dict[str, Any], submission: Submission) -> Any:
    """Call a student's function in its turn. Raises _Wrong with what it did, if it raised."""
    stay = submission.guest.stay()
    try:
        with stay, np.errstate(all="ignore"):
            return function(*arguments, **settings)
    except Exception as error:
        raise _Wrong(complaint_of(error, submission)) from None


def _check_call(function: Any, name: str, arguments: Sequence[Any], settings: dict[str, Any]) -> None:
    """Raise _Wrong if a function does not take what it will be called with."""
    try:
        takes = signature(function)
    except (TypeError, ValueError):
        return
    try:
        takes.bind(*arguments, **settings)
    except TypeError as error:
        given = [counted(len(arguments), "array"), *settings]
        text = f"{name}{takes} can't be called with {', '.join(given)}: {error}"
        raise _Wrong(Complaint("parameters", text)) from None


def _keep(answer: Answer, question: Question, name: str, got: Any, of: str) -> None:
    """Keep a tensor of an answer, or say why it can't be judged."""
    line = None if not of else answer.backward_line
    expectation = question.expectations.get(name)
    if expectation is None:
        return
    assert expectation.bound is not None
    want = np.asarray(expectation.bound.midpoint)

    def complain(kind: Kind, text: str, **shapes: tuple[int, ...]) -> None:
        phase: Phase = "backward" if of else "forward"
        answer.complaints.append(Complaint(kind, text, name, line, phase=phase, **shapes))

    if got is ...:
        complain("not written", f"{name} is not written yet")
    elif got is None:
        complain("None", f"{name} is None; it must be an array of shape {want.shape}{of}")
    elif not isinstance(got, np.ndarray | np.generic):
        complain("no array", f"{name} is {_kind(got)}; it must be an array of {question.dtype}")
    elif got.shape != want.shape:
        complain("shape", misfit_of_shape(name, got, want, of), expected=want.shape, got=got.shape)
    elif str(got.dtype) != question.dtype:
        text = f"{name} is of {got.dtype}; its inputs are of {question.dtype}, and so must it be"
        complain("dtype", text)
    else:
        answer.tensors[name] = np.array(got)


def _return_line(backward: Any, submission: Submission) -> int | None:
    return submission.line_of_return(backward) if hasattr(backward, "__code__") else None


def _note_writing(answer: Answer, names: Sequence[str], arrays: Sequence[Array], before: Sequence[Array]) -> None:
    for name, array, old in zip(names, arrays, before, strict=True):
        if not np.array_equal(array, old, equal_nan=array.dtype.kind == "f") and name not in answer.wrote_over:
            answer.wrote_over.append(name)


def _kind(value: Any) -> str:
    """What something is, in words."""
    if isinstance(value, np.ndarray):
        return f"an array of shape {value.shape}"
    if value is ...:
        return "still `...`"
    name = type(value).__name__
    return f"{'an' if name[0] in 'aeiou' else 'a'} {name}"
