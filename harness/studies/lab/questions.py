"""One call of an op as it is put to a student's function, and what each of its tensors should be, within bounds."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from inspect import CO_VARARGS, Parameter, signature
from types import CodeType

import numpy as np

from backends import numpy_manual
from backends.contract import Array, Node, Step
from harness.certifying.certifier import formulas_of
from harness.certifying.evaluated import EvaluatedUpdate
from harness.certifying.expectations import Evaluation
from harness.certifying.one_op import OneOp, one_op
from harness.certifying.uses import Expectation, Formulas
from harness.numerics.rounding import arithmetic
from harness.recording.loading import hand_written_ops
from harness.running.updates import Update
from harness.studies.lab.cases import Case, cases_of


@dataclass(frozen=True)
class Question:
    """One call of an op in one dtype."""

    op: str
    dtype: str
    case: Case
    one: OneOp
    evaluation: Evaluation
    formulas: Formulas
    expectations: Mapping[str, Expectation] = field(default_factory=dict)
    """By tensor, outputs first: those that have a bound."""

    @property
    def inputs(self) -> tuple[str, ...]:
        """The names of the inputs."""
        return self.one.program.calls[0].inputs

    @property
    def outputs(self) -> tuple[str, ...]:
        """The names of the outputs."""
        return self.one.outputs

    def update(self, gradients: Mapping[str, Array] | None = None) -> Update:
        """The update that the op is certified in, with these gradients of inputs."""
        zeros = {name: np.zeros_like(array) for name, array in self.one.weights.items()}
        arriving = dict(zip(self.outputs, self.case.above, strict=True))
        step = Step(np.zeros(()), self.one.weights, {**zeros, **(gradients or {})}, value_grads=arriving)
        return Update(1, self.one.data, self.one.weights, {}, step)

    def position(self, node: Node) -> int:
        """Which result of the op a tensor is."""
        return self.one.program.position_of(node)


SOURCE = re.compile(r" \((?:[^()]|\([^()]*\))*\)\.$")
"""Where a formula comes from: the brackets at the end of a docstring."""


@cache
def questions_on(op: str, dtype: str) -> tuple[Question, ...]:
    """What an op is asked in a dtype, always the same."""
    return tuple(question_of(op, case.of_dtype(dtype), dtype) for case in cases_of(op))


def question_of(op: str, case: Case, dtype: str) -> Question:
    """What each tensor of one call should be; the arrays of the case are of that dtype."""
    names, outputs = input_names(op, len(case.inputs)), output_names(op, len(case.above))
    one = one_op(lambda _: True, op, case.inputs, case.settings, case.above, names, outputs)
    formulas = formulas_of(one.program, hand_written_ops(()))
    question = Question(op, dtype, case, one, Evaluation(one.program, arithmetic(dtype)), formulas)
    nodes = [Node("value", name, op, one.outputs[0]) for name in one.outputs]
    nodes += [Node("gradient", name, op, one.outputs[0]) for name in one.weights]
    with np.errstate(all="ignore"):
        evaluated = EvaluatedUpdate(question.evaluation, question.update(), formulas)
        found = {str(node): evaluated.expectation(node) for node in nodes}
    bounded = {name: each for name, each in found.items() if each.bound is not None}
    return Question(op, dtype, case, one, question.evaluation, formulas, bounded)


def input_names(op: str, count: int) -> tuple[str, ...]:
    """What an op calls so many inputs: its parameters; those of `*xs` are xs_0, xs_1 …."""
    parameters = signature(getattr(numpy_manual, op)).parameters.values()
    names: list[str] = []
    for parameter in parameters:
        if parameter.kind == Parameter.VAR_POSITIONAL:
            names += [f"{parameter.name}_{i}" for i in range(count - len(names))]
        elif parameter.kind == Parameter.POSITIONAL_OR_KEYWORD:
            names.append(parameter.name)
    return tuple(names[:count])


def output_names(op: str, count: int) -> tuple[str, ...]:
    """What an op calls so many outputs, by the parameters of its backward: y for grad_y; ys_0, ys_1 … for *grad_ys."""
    backward = backward_of(op)
    named = [name.removeprefix("grad_") for name in backward.co_varnames[: backward.co_argcount]]
    if backward.co_flags & CO_VARARGS:
        rest = backward.co_varnames[backward.co_argcount].removeprefix("grads_of_").removeprefix("grad_")
        named += [f"{rest}_{i}" for i in range(count - len(named))]
    return tuple(named[:count])


def backward_of(op: str) -> CodeType:
    """The code of a hand-written op's backward."""
    constants = getattr(numpy_manual, op).__code__.co_consts
    return next(each for each in constants if isinstance(each, CodeType) and each.co_name == "backward")


@dataclass(frozen=True)
class Documentation:
    """The docstring of a hand-written op, in parts."""

    equation: str
    shapes: str
    gradient: str
    """How the gradients come about, with the source of the formula."""


def documentation_of(op: str) -> Documentation:
    """The equation, the shapes and the gradient of an op, each on one line."""
    text = getattr(numpy_manual, op).__doc__ or ""
    equation, _, rest = (" ".join(part.split()) for part in text.strip().partition("\n\n"))
    found = SOURCE.search(rest)
    source = "" if found is None else found[0]
    sentences = re.split(r"(?<=\.)\s+(?=[^a-z(])", rest.removesuffix(source))
    speaks = [bool(re.search(r"∂|gradient", sentence, re.IGNORECASE)) for sentence in sentences]
    forward = [sentence for sentence, of_gradient in zip(sentences, speaks, strict=True) if not of_gradient]
    backward = [sentence for sentence, of_gradient in zip(sentences, speaks, strict=True) if of_gradient]
    return Documentation(equation, " ".join(forward), (" ".join(backward) + source) if backward else "")
