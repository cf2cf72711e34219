"""Failed certificates as a result has them: each once, in order, under the op that is wrong, with what is known."""

import dataclasses
from collections.abc import Callable
from types import ModuleType
from typing import Any

import msgspec
import numpy as np
import pytest

from backends import numpy_manual
from backends.contract import Node, Overwriting, Phase, RuleCall
from backends.vocabulary import KEEP, TRAIN
from harness.certifying.certificate import Certificate, Failure
from harness.certifying.failures.brackets import Bracket
from harness.certifying.uses import Use
from harness.judging import findings
from harness.judging.findings import (
    about_overwriting,
    culprit,
    explanation,
    failures_of,
    listed,
    notes_on,
    overwriting_notes,
    ruling,
)
from harness.recording.loading import LoadedBackend, load_backend
from harness.results import Explanation
from harness.run import run_experiment
from harness.running.experiment import Experiment, prepare
from scenarios import Scenario, param, randn, scenario, sgd
from tests.harness.judging.test_parting import mismatch

OVERWRITING = Overwriting(op="relu", phase="forward", call="h_r", tensor="h")


@pytest.fixture
def experiment(tiny: Scenario) -> Experiment:
    numpy = load_backend("numpy")
    return prepare(tiny, [numpy, numpy], "float32")


def failure(op: str = "matmul", phase: Phase = "backward", update: int = 1, **changes: Any) -> Failure:
    """A failed check of the first weight's gradient, unless it is of another phase."""
    of = msgspec.structs.replace(mismatch(update=update, phase=phase), op=op)
    node = Node("gradient" if phase == "backward" else "weight", "w1", "matmul" if phase == "backward" else "sgd")
    return Failure(node, of, (), np.zeros(1), np.ones(1), np.zeros(1), **changes)


def certificates(*failures: Failure, slight: Any = ()) -> dict[str, Certificate]:
    """One certificate with these failures."""
    by_number: dict[Any, Failure] = {(str(number), "forward"): each for number, each in enumerate(failures)}
    return {"mine": Certificate(failures=by_number, slight={*slight})}


def of(found: list[Failure]) -> list[tuple[str, Phase, int, bool]]:
    return [(f.mismatch.op, f.mismatch.phase, f.mismatch.update, f.mismatch.slight) for f in found]


def test_failures_stand_in_the_order_of_the_training_and_slight_ones_last(experiment: Experiment) -> None:
    some = failure("relu", update=3), failure("exp", update=1), failure("matmul", update=2)
    assert of(failures_of(certificates(*some, slight={("exp", "backward")}), experiment)) == [
        ("matmul", "backward", 2, False),
        ("relu", "backward", 3, False),
        ("exp", "backward", 1, True),
    ]


def test_a_failure_is_slight_by_its_op_and_phase(experiment: Experiment) -> None:
    both = failure("exp", "forward"), failure("exp", "backward")
    assert [each[3] for each in of(failures_of(certificates(*both, slight={("exp", "forward")}), experiment))] == [
        False,
        True,
    ]


def test_what_comes_of_one_mistake_is_one_failure(experiment: Experiment) -> None:
    written_over = [failure(op, overwriting=OVERWRITING) for op in ("relu", "matmul")]
    assert len(failures_of(certificates(*written_over), experiment)) == 1
    decayed = [failure(op, "update", decay="it decays twice") for op in ("sgd", "weight_decay")]
    assert len(failures_of(certificates(*decayed), experiment)) == 1
    assert len(failures_of(certificates(failure("relu"), failure("exp")), experiment)) == 2
    assert len(failures_of(certificates(failure("relu"), failure("relu", update=2)), experiment)) == 1
    assert len(failures_of({**certificates(failure()), "other": certificates(failure())["mine"]}, experiment)) == 1


def test_the_culprit_is_what_wrote_over_a_tensor(experiment: Experiment) -> None:
    found = culprit(failure("matmul", overwriting=OVERWRITING), experiment)
    assert (found.op, found.phase, found.call) == ("relu", "forward", "h_r")
    found = culprit(failure("matmul"), experiment)
    assert (found.op, found.phase) == ("matmul", "backward")


@scenario(seed=1, epochs=1, untested="ok", optimizer=sgd(lr=0.1), w=param(3), x=randn(3))
def fork(op: Any, w: Any, x: Any) -> Any:
    """A weight that two calls use, so that its gradient is a sum."""
    h1 = op.relu(w)
    h2 = op.multiply(w, x)
    return op.reduce_sum(op.add(h1, h2))


def doubled(op: Callable[..., Any]) -> Callable[..., Any]:
    """An op whose gradients are twice what they should be."""

    def broken(*inputs: Any, **settings: Any) -> Any:
        result, backward = op(*inputs, **settings)
        return result, lambda *grads: backward(*[2 * grad for grad in grads])

    return broken


def same(op: Callable[..., Any]) -> Callable[..., Any]:
    """An op under another function."""
    return lambda *inputs, **settings: op(*inputs, **settings)


@pytest.mark.parametrize(
    ("own", "op", "call"),
    [
        ({"relu": doubled(numpy_manual.relu)}, "relu", "h1"),
        ({"multiply": doubled(numpy_manual.multiply)}, "multiply", "h2"),
        ({"relu": doubled(numpy_manual.relu), "multiply": same(numpy_manual.multiply)}, "multiply or relu", "h2 or h1"),
    ],
)
def test_the_culprit_of_a_sum_is_a_call_that_the_backend_defines(own: dict[str, Any], op: str, call: str) -> None:
    module = ModuleType("mine")
    module.__dict__.update({**vars(numpy_manual), **own})
    result = run_experiment(prepare(fork, [load_backend("numpy"), LoadedBackend("mine", module)], certify=1))
    (found,) = result.culprits
    assert (found.op, found.phase, found.call) == (op, "backward", call)


def test_a_decay_is_the_culprit_where_the_program_has_one(experiment: Experiment) -> None:
    decayed = failure("sgd", "state", decay="it decays twice")
    assert culprit(decayed, experiment).op == "sgd"
    program = dataclasses.replace(experiment.program, decay=RuleCall("weight_decay", {"rate": 0.1}))
    found = culprit(decayed, dataclasses.replace(experiment, program=program))
    assert (found.op, found.phase) == ("weight_decay", "update")
    assert culprit(failure("sgd", "state"), experiment).op == "sgd"


def bracketed(experiment: Experiment, *right: Node) -> Failure:
    """A failure that is placed among the first two calls of the program."""
    wrong = (Node("gradient", "w1", "matmul"),)
    return failure(bracket=Bracket(experiment.program.calls[:2], ("grad_y_p", "grad_w1"), right, wrong))


def test_where_tensors_are_missing_the_ops_in_between_are_the_culprits(experiment: Experiment) -> None:
    found = culprit(bracketed(experiment), experiment)
    assert (found.op, found.between) == ("matmul or relu", ("grad_y_p", "grad_w1"))
    (note,) = notes_on([bracketed(experiment)], experiment)
    where = "the mistake is between grad_y_p and grad_w1, in matmul (call h) and relu (call h_r)"
    assert note == f"grad_w1 is wrong: {where}"
    (note,) = notes_on([bracketed(experiment, Node("gradient", "w2", "matmul"))], experiment)
    assert note == f"grad_w2 is right, grad_w1 is wrong: {where}"
    both = bracketed(experiment, Node("gradient", "w2", "matmul"), Node("gradient", "w3", "matmul"))
    (note,) = notes_on([both, bracketed(experiment)], experiment)
    assert note == f"grad_w2 and grad_w3 are right, grad_w1 is wrong: {where}"


def test_a_ruling_is_asked_for_gradients_that_are_plainly_wrong(
    experiment: Experiment, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[Any] = []
    monkeypatch.setattr(findings, "ruling_on_failure", lambda *given: asked.append(given))
    slight = failure()
    slight = type(slight)(**{**vars(slight), "mismatch": msgspec.structs.replace(slight.mismatch, slight=True)})
    for other in (failure(phase="forward"), failure(phase="update"), slight, failure(overwriting=OVERWRITING)):
        assert ruling(other, experiment) is None
    assert not asked
    of_matmul = Use("matmul", [("x", np.ones((1, 1))), ("w1", np.ones((1, 1)))], {}, call="h")
    ruling(dataclasses.replace(failure(), uses=(of_matmul,)), experiment)
    assert len(asked) == 1


EXPLAINED = Explanation(
    op="op",
    phase="update",
    tensor="w1",
    index=(0,),
    dtype="float32",
    source=[],
    names={},
    leaves=[],
    steps=[],
    steps_left_out=0,
    want=1.0,
    got=0.0,
    difference=-1.0,
    diagnosis="what the numbers say",
    unknown="",
)


def test_what_is_known_of_a_failure_goes_before_what_its_numbers_say(
    experiment: Experiment, monkeypatch: pytest.MonkeyPatch
) -> None:
    cause = "of the update before"
    monkeypatch.setattr(findings, "explain_failure", lambda *given, **named: EXPLAINED)
    monkeypatch.setattr(findings, "cause_in_the_update_before", lambda failure, dtype: cause)

    def diagnosis(of: Failure) -> str:
        return explanation(of, experiment).diagnosis

    frozen = dataclasses.replace(failure(phase="update"), node=Node("buffer", "w1", KEEP))
    assert diagnosis(frozen) == "w1 was changed; a frozen weight stays as it is"
    between_steps = dataclasses.replace(failure(phase="update"), node=Node("weight", "w1", KEEP))
    assert diagnosis(between_steps) == "w1 was changed; the optimizer changes weights only at the last batch of a step"
    assert diagnosis(failure(overwriting=OVERWRITING)) == "relu (call h_r) wrote over its input h"
    assert diagnosis(failure("sgd", "update", decay="it decays twice")) == "it decays twice"
    assert diagnosis(failure()) == cause
    yielded = dataclasses.replace(failure(phase="update"), node=Node("loss", "loss", TRAIN))
    assert explanation(yielded, experiment).unknown == "a step's loss must be its values['loss'], bit for bit"
    cause = ""
    assert diagnosis(failure()) == "what the numbers say"


def test_the_rule_is_blamed_where_no_gradient_is_wrong(experiment: Experiment) -> None:
    blamed = "no gradient of update 2 failed its check: the mistake is in sgd"
    rule = failure("sgd", "update", 2)
    assert notes_on([rule], experiment) == [blamed]
    assert notes_on([rule, failure("relu", "backward", 2)], experiment) == []
    assert notes_on([failure("relu", "backward"), rule], experiment) == []
    assert notes_on([failure("relu", "forward", 1), rule], experiment) == []
    assert notes_on([], experiment) == []


def test_what_was_written_over_is_said(experiment: Experiment) -> None:
    (note,) = notes_on([failure(overwriting=OVERWRITING)], experiment)
    assert note == "relu (call h_r) wrote over its input h, which grad_w1 is computed from"
    own = Overwriting(op="relu", phase="backward", call="h_r", tensor="grad_w1")
    assert notes_on([failure(overwriting=own)], experiment) == ["the backward of relu (call h_r) wrote over grad_w1"]
    assert about_overwriting(own, experiment.program) == "the backward of relu (call h_r) wrote over grad_w1"


def test_what_was_written_over_without_harm_is_listed_by_op() -> None:
    def over(op: str, phase: Phase, tensor: str) -> Overwriting:
        return Overwriting(op=op, phase=phase, call="c", tensor=tensor)

    some = [
        over("relu", "forward", "a"),
        over("relu", "forward", "b"),
        over("relu", "backward", "c"),
        over("sgd", "update", "d"),
    ]
    certificate = Certificate(overwritten={(each.op, each.phase, each.tensor): each for each in some})
    assert overwriting_notes({"mine": certificate, "other": Certificate()}) == [
        "mine: relu wrote over a and b; every op is judged by what it was given",
        "mine: the backward of relu wrote over c; every op is judged by what it was given",
        "mine: sgd wrote over d; every op is judged by what it was given",
    ]


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        ("a", "a"),
        ("ab", "a and b"),
        ("abc", "a, b and c"),
        ("abcd", "a, b, c and d"),
        ("abcde", "a, b, c, d and 1 more"),
        ("abcdefg", "a, b, c, d and 3 more"),
    ],
)
def test_a_list_in_words(names: str, expected: str) -> None:
    assert listed(names) == expected
