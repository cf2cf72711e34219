"""What pages write of updates: other formulas where other weights are trained, or where a step goes on."""

from functools import cache

import numpy as np
import pytest

from harness.certifying.certifier import formulas_of
from harness.explaining.every_element.elements import Writer, WrittenSteps
from harness.recording.catalogue import built_in_scenarios
from harness.recording.loading import load_backends
from harness.running.experiment import prepare
from harness.running.traced import first_update


@cache
def written(name: str, *numbers: int) -> WrittenSteps:
    """The steps of every element, for some updates of a built-in scenario."""
    experiment = prepare(built_in_scenarios()[name], load_backends([]), "float64")
    formulas = formulas_of(experiment.program, experiment.find_op)
    writer = Writer(
        experiment.program, formulas, "float64", places=lambda _, shape: np.ndindex(shape), is_shown=lambda *_: True
    )
    return writer.written(first_update(experiment), numbers, most_characters=1_000_000)


def formula(steps: WrittenSteps, number: int, tensor: str) -> object:
    """The last step of the first element of a tensor at an update."""
    group = steps.forms[steps.form_at[number]].groups[tensor][0]
    step = steps.templates.steps[group["steps"][-1]]
    return step.get("is", step.get("sum"))


@pytest.mark.parametrize(
    ("number", "tensor", "reads"),
    [
        (1, "new encoder.b", "encoder.b[{0}]"),
        (1, "new m_encoder.b", "m_encoder.b[{0}]"),
        (1, "grad_encoder.b", "0"),
        (4, "new m_encoder.b", "beta1 · m_encoder.b[{0}] + (1 - beta1) · grad_encoder.b[{0}]"),
        (4, "new middle.b", "middle.b[{0}]"),
    ],
)
def test_a_weight_stays_until_its_training_begins(number: int, tensor: str, reads: str) -> None:
    assert formula(written("gradual_unfreezing", 1, 4, 10), number, tensor) == reads


def test_a_weight_counts_its_own_steps() -> None:
    steps = written("gradual_unfreezing", 1, 4, 10)
    assert "beta1 ** (t - 3)" in str(formula(steps, 4, "new encoder.b"))
    assert "beta1 ** (t - 3)" in str(formula(steps, 10, "new encoder.b"))
    assert "beta1 ** (t - 9)" in str(formula(steps, 10, "new middle.b"))
    assert "beta1 ** t" in str(formula(steps, 10, "new head.w"))


def test_updates_of_one_form_are_written_once() -> None:
    steps = written("gradual_unfreezing", 1, 2, 4, 5, 9, 10, 30)
    assert steps.form_at == {1: 0, 2: 0, 4: 1, 5: 1, 9: 1, 10: 2, 30: 2}
    assert len(steps.forms) == 3
    assert written("two_layer_tiny", 1, 2, 100).form_at == {1: 0, 2: 0, 100: 0}


def test_a_step_goes_on_from_batch_to_batch() -> None:
    steps = written("accumulated_gradients", 3, 1, 2, 5, 9)
    assert steps.form_at == {3: 0, 1: 1, 2: 2, 5: 3, 9: 0}
    assert [formula(steps, number, "new b1") for number in (1, 2, 3)] == [
        "b1[{0}]",
        "b1[{0}]",
        "b1[{0}] - lr · grad_b1[{0}]",
    ]
    assert [formula(steps, number, "grad_loss") for number in (1, 2, 3, 5)] == ["4 / 12", "4 / 12", "4 / 12", "4 / 10"]
    earlier = ["earlier_grad_b1" in str(formula(steps, number, "grad_b1")) for number in (1, 2, 3)]
    assert earlier == [False, True, True]
