"""One call of an op as it is put to a student's function, and what each of its tensors should be, within bounds."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from typing import Any

import numpy as np

from backends.contract import Array, Node, Step
from backends.documentation import HEADING, Derivation, documentation
from harness.certifying.certifier import formulas_of
from harness.certifying.evaluating.update import EvaluatedUpdate
from harness.certifying.expectations import Evaluation
from harness.certifying.one_op import OneOp, one_op
from harness.certifying.uses import Expectation, Formulas
from harness.numerics.rounding import arithmetic
from harness.recording.loading import hand_written_ops
from harness.recording.parameters import input_names_of, output_names_of
from harness.running.updates import Update
from harness.studies.lab.cases import Case, cases_of


@dataclass(frozen=True)
class Question:
    """One call of an op in one dtype."""

    op: str
    reference: Callable[..., Any]
    """What computes it by hand."""
    dtype: str
    case: Case
    one: OneOp
    evaluation: Evaluation
    formulas: Formulas
    expectations: Mapping[str, Expectation] = field(default_factory=dict)
    """By tensor, outputs first: those that have a bound."""
    unbounded: Mapping[str, Expectation] = field(default_factory=dict)
    """The others, which say why."""

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


def question_of(op: str, case: Case, dtype: str, reference: Callable[..., Any] | None = None) -> Question:
    """What each tensor of one call should be, by the hand-written op or by a `reference` that is written as one is.

    The arrays of the case are of that dtype.
    """
    find_op = hand_written_ops(())
    reference = reference or find_op(op)
    names = input_names_of(reference, len(case.inputs))
    outputs = output_names_of(reference, len(case.above))
    one = one_op(lambda _: True, op, case.inputs, case.settings, case.above, names, outputs, reference)
    formulas = formulas_of(one.program, lambda name: reference if name == op else find_op(name))
    question = Question(op, reference, dtype, case, one, Evaluation(one.program, arithmetic(dtype)), formulas)
    nodes = [Node("value", name, op, one.outputs[0]) for name in one.outputs]
    nodes += [Node("gradient", name, op, one.outputs[0]) for name in one.weights]
    with np.errstate(all="ignore"):
        evaluated = EvaluatedUpdate(question.evaluation, question.update(), formulas)
        found = {str(node): evaluated.expectation(node) for node in nodes}
    bounded = {name: each for name, each in found.items() if each.bound is not None}
    unbounded = {name: each for name, each in found.items() if each.bound is None}
    return replace(question, expectations=bounded, unbounded=unbounded)


@dataclass(frozen=True)
class Explanation:
    """The docstring of a hand-written op, in parts."""

    equation: str
    shapes: str
    gradient: str
    """How the gradients come about, with the source of the formula."""
    derivation: Derivation | None
    """Why they are what they are."""


def explanation_of(op: Callable[..., Any]) -> Explanation:
    """What an op says of itself: its equation, its shapes and its gradient, each on one line, and the derivation."""
    text = op.__doc__ or ""
    try:
        said = documentation(text)
    except ValueError:  # a function of one's own may say why in another form
        said = documentation(text.partition(HEADING)[0])
    found = SOURCE.search(said.details)
    source = "" if found is None else found[0]
    sentences = re.split(r"(?<=\.)\s+(?=[^a-z(])", said.details.removesuffix(source))
    speaks = [bool(re.search(r"∂|gradient", sentence, re.IGNORECASE)) for sentence in sentences]
    forward = [sentence for sentence, of_gradient in zip(sentences, speaks, strict=True) if not of_gradient]
    backward = [sentence for sentence, of_gradient in zip(sentences, speaks, strict=True) if of_gradient]
    gradient = (" ".join(backward) + source) if backward else ""
    return Explanation(said.equation, " ".join(forward), gradient, said.derivation)
