"""A decay that went wrong inside an optimizer is named, and not the optimizer."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from backends import numpy_manual, torch_autograd
from backends.contract import Array, Program, Step
from harness.recording.catalogue import built_in_scenarios
from harness.recording.loading import LoadedBackend, load_backend
from harness.results import Result
from harness.run import run_scenario
from scenarios import Scenario, exponential_decay, gradient_accumulation, group, weight_decay
from tests.harness.broken import with_changes

TIMES = pytest.mark.parametrize(("times", "said"), [(0, "the decay is left out"), (2, "the decay is applied twice")])


def tiny(**changes: Any) -> Scenario:
    """A network whose decay is halved after every update."""
    falls = exponential_decay(factor=0.5, of="rate")
    chosen = built_in_scenarios()["two_layer_tiny"].vary(epochs=4)
    return replace(chosen, schedule=falls, decay=weight_decay(rate=0.2), **changes)


def unrecorded(*given: Any, **settings: Any) -> Iterator[Step]:
    """The hand-written `train`, which keeps the decayed gradients to itself."""
    for step in numpy_manual.train(*given, **settings):
        yield replace(step, decayed={})


def run(chosen: Scenario, **changes: Any) -> Result:
    result = run_scenario(chosen, [load_backend("numpy"), LoadedBackend("mine", with_changes(**changes))])
    assert result.verdict == "disagree"
    return result


@TIMES
def test_a_decay_inside_an_optimizer_is_named_and_not_the_optimizer(times: int, said: str) -> None:
    def decay(optimizer: Any, *, rate: float) -> None:
        torch_autograd.weight_decay(optimizer, rate=times * rate)

    module = type(torch_autograd)("mine")
    module.__dict__.update({**vars(torch_autograd), "weight_decay": decay})
    decayed = built_in_scenarios()["decayed"].vary(epochs=3)
    result = run_scenario(decayed, [load_backend("numpy"), LoadedBackend("mine", module)])
    assert result.verdict == "disagree"
    assert {(culprit.op, culprit.phase) for culprit in result.culprits} == {("weight_decay", "update")}
    assert result.explanations[0].diagnosis == said


@TIMES
def test_it_is_named_at_an_update_where_a_schedule_has_changed_its_rate(times: int, said: str) -> None:
    def decay(w: Array, grad_w: Array, *, rate: float) -> Array:
        return numpy_manual.weight_decay(w, grad_w, rate=rate if rate == 0.2 else times * rate)

    result = run(tiny(), weight_decay=decay, train=unrecorded)
    assert {(culprit.op, culprit.update) for culprit in result.culprits} == {("weight_decay", 2)}
    assert result.explanations[0].diagnosis == said


def test_the_rate_of_the_update_is_said_where_another_group_s_is_used() -> None:
    def train(ops: Any, program: Program, *given: Any, **settings: Any) -> Iterator[Step]:
        def decay(w: Array, grad_w: Array, *, rate: float) -> Array:
            return numpy_manual.weight_decay(w, grad_w, rate=0.1 if rate == 0.02 else rate)

        yield from unrecorded(with_changes(weight_decay=decay), program, *given, **settings)

    result = run(tiny(groups=[group("w2", rate=0.04)]), train=train)
    assert [(culprit.op, culprit.update, culprit.tensor) for culprit in result.culprits] == [("weight_decay", 2, "w2")]
    assert result.explanations[0].diagnosis == "w2 decays at the rate 0.1, as without a group, not 0.02"


def test_a_step_at_a_batch_that_only_adds_to_the_gradients_is_no_decay() -> None:
    """No rate is recorded there."""

    def train(*given: Any, **settings: Any) -> Iterator[Step]:
        for number, step in enumerate(unrecorded(*given, **settings), 1):
            moved = {name: weight + 1 for name, weight in step.weights.items()}
            yield replace(step, weights=moved) if number == 1 else step

    halves = tiny(batch_size=1, accumulation=gradient_accumulation(batches=2))
    result = run(halves, train=train)
    assert "was changed" in result.explanations[0].diagnosis
