"""What an op is tried on: the cases that there should be, and what they find."""

from inspect import isfunction
from pathlib import Path
from types import FunctionType

import numpy as np
import pytest

from backends import numpy_manual
from backends.mutants import MUTANTS
from backends.mutants.mutant import Mutant
from backends.numpy_manual.kinks import KINKS
from backends.op_inputs import with_gradient
from harness.guarding.guest import Guest
from harness.studies.lab.answers import answer_to
from harness.studies.lab.cases import ODD, cases_of
from harness.studies.lab.judging import judge_tensor
from harness.studies.lab.questions import questions_on
from harness.studies.lab.submission import ALL_OPS, Submission
from harness.studies.mutants.corpus import build

OF_THE_TAPE = ("branch_detached", "skip_detached", "branches_averaged")
"""Mutants whose op is right, and what becomes of its gradients is not."""
NOTED = ("relu_in_place", "sigmoid_in_place", "relu_gradient_in_place")
"""Mutants whose op is right by itself, and writes into what another op reads."""


def of_ops() -> list[Mutant]:
    """The hand-written ops of the corpus with a mistake."""
    return [mutant for mutant in MUTANTS if mutant.backend == "numpy" and mutant.location[0] in ALL_OPS]


def is_seen(mutant: Mutant) -> bool | None:
    """Whether an op with a mistake loses a point, or has a note; None if the mistake is not in the op itself."""
    op = mutant.location[0]
    function = getattr(build(mutant), op)
    if function is getattr(numpy_manual, op):
        return None
    assert isfunction(function)
    return loses_a_point(op, function)


def loses_a_point(op: str, function: FunctionType) -> bool:
    submission = Submission(Path("mine.py"), function.__code__.co_filename, {op: function}, {}, Guest(), "")
    for dtype in ("float64", "float32"):
        for question in questions_on(op, dtype):
            answer = answer_to(question, function, submission)
            if answer.complaints or answer.wrote_over:
                return True
            if any(not judge_tensor(question, name, got, "mine.py").is_right for name, got in answer.tensors.items()):
                return True
    return False


@pytest.mark.slow
def test_every_mistake_with_an_op_in_the_corpus_is_seen() -> None:
    seen = {mutant.name: is_seen(mutant) for mutant in of_ops()}
    assert {name for name, found in seen.items() if found is False} == set(OF_THE_TAPE)
    assert sum(found is True for found in seen.values()) > 380


@pytest.mark.parametrize(
    "name", ["relu_threshold", "average_pool_without_padding", "norm_variance_by_difference", *NOTED]
)
def test_a_mistake_that_few_inputs_show_is_seen(name: str) -> None:
    (mutant,) = (mutant for mutant in of_ops() if mutant.name == name)
    assert is_seen(mutant)


@pytest.mark.parametrize("op", ALL_OPS)
def test_the_cases_are_what_their_names_say(op: str) -> None:
    cases = {case.name: case for case in cases_of(op)}
    odd = cases[ODD].inputs
    assert ODD in cases
    assert "far from zero" in cases or "large values" in cases or op == "binary_cross_entropy"
    if "a batch of one" in cases:
        assert cases["a batch of one"].inputs[0].shape[0] == 1
    if "large values" in cases:
        moved = with_gradient(op, odd)
        for usual, large, has_it in zip(odd, cases["large values"].inputs, moved, strict=True):
            assert np.max(np.abs(large), initial=0) >= 9.9 * np.max(np.abs(usual), initial=0) or not has_it
    if "ties and exact zeros" in cases:
        x = cases["ties and exact zeros"].inputs[0 if odd[0].dtype.kind == "f" else 1]
        assert len(np.unique(x)) < x.size or x.size == 1


@pytest.mark.parametrize("op", [op for op in KINKS if op != "prelu"])
def test_a_kink_has_elements_on_it_and_beside_it(op: str) -> None:
    (case,) = (case for case in cases_of(op) if case.name == "ties and exact zeros")
    for at in KINKS[op]:
        kink = np.float32(case.settings[at] if isinstance(at, str) else at)
        apart = np.abs(case.inputs[0] - float(kink))
        assert np.any(apart == 0)
        assert np.any((apart > 0) & (apart < 1e-5))


def test_the_cases_are_always_the_same() -> None:
    before = cases_of("linear")
    cases_of.cache_clear()
    for one, other in zip(before, cases_of("linear"), strict=True):
        for first, second in zip(one.inputs, other.inputs, strict=True):
            np.testing.assert_array_equal(first, second)


def test_an_op_without_inputs_is_refused_by_name() -> None:
    with pytest.raises(LookupError, match="mine has no inputs"):
        cases_of("mine")
