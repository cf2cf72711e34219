"""What a step takes: the gradients of several batches, weights from a later epoch on, and optimizers of groups."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from backends.contract import Array, Program, Step
from backends.contract.epoch import Epoch
from backends.vocabulary import BUILT_IN
from harness.errors import InputError
from harness.recording.arrays import Draws, draw_arrays
from harness.recording.catalogue import built_in_scenarios
from harness.recording.loading import LoadedBackend, hand_written_ops, load_backend, load_backends
from harness.recording.recorder import record_program
from harness.run import run_scenario
from harness.running.runner import Runner
from harness.sentences import message
from scenarios import Optimizer, Scenario, adam, clip_by_norm, group, sgd, step_decay
from tests.harness.broken import with_changes
from tests.harness.grouped import OPTIMIZERS

CATALOGUE = built_in_scenarios()
ACCUMULATED = replace(CATALOGUE["accumulated_gradients"], shuffle=False, dtype="float64")
UNFREEZING = CATALOGUE["gradual_unfreezing"]
BACKENDS = list(BUILT_IN)


def steps_of(backend: str, chosen: Scenario, count: int) -> tuple[Program, Draws, list[Step]]:
    """A program, what it draws, and copies of the first steps that a backend yields."""
    draws = draw_arrays(chosen, "float64")
    program = record_program(chosen, draws, hand_written_ops(()))
    runner = Runner(load_backend(backend), program, draws, chosen.epochs, "float64")
    steps = []
    for _ in range(count):
        step = runner.advance()
        runner.check(step)
        steps.append(replace(step, weights=copied(step.weights), grads=copied(step.grads), state=copied(step.state)))
    return program, draws, steps


def copied(arrays: Any) -> dict[str, Array]:
    return {name: np.array(array) for name, array in arrays.items()}


def test_an_epoch_of_unequal_batches() -> None:
    epoch = Epoch((4, 4, 4, 4, 2), 3)
    assert epoch.steps == 2
    assert [epoch.step(update) for update in range(1, 11)] == [1, 1, 1, 2, 2, 3, 3, 3, 4, 4]
    assert [epoch.begins_step(update) for update in range(1, 6)] == [True, False, False, True, False]
    assert [epoch.ends_step(update) for update in range(1, 6)] == [False, False, True, False, True]
    assert [epoch.share(update) for update in range(1, 6)] == [1 / 3, 1 / 3, 1 / 3, 2 / 3, 1 / 3]
    assert epoch.batches(5) == epoch.batches(9) == (4, 2)
    assert epoch.first_update(3) == 11


@pytest.mark.parametrize("backend", BACKENDS)
def test_a_step_over_batches_is_that_of_their_rows_together(backend: str) -> None:
    together = replace(ACCUMULATED, accumulation=None, batch_size=12)
    _, _, apart = steps_of(backend, ACCUMULATED, 12)
    _, _, at_once = steps_of(backend, together, 4)
    for step, large in zip(apart[2::3], at_once, strict=True):
        for name, weight in large.weights.items():
            np.testing.assert_allclose(step.weights[name], weight, rtol=1e-13, atol=1e-15)
            np.testing.assert_allclose(step.grads[name], large.grads[name], rtol=1e-12, atol=1e-15)


@pytest.mark.parametrize("backend", BACKENDS)
def test_weights_move_at_the_last_batch_of_a_step_only(backend: str) -> None:
    _, draws, steps = steps_of(backend, ACCUMULATED, 6)
    before: Mapping[str, Array] = draws.weights
    for number, step in enumerate(steps, 1):
        moved = {name for name, weight in step.weights.items() if not np.array_equal(weight, before[name])}
        assert moved == (set() if number % 3 else set(before)), number
        before = step.weights


@pytest.mark.parametrize("backend", BACKENDS)
def test_a_frozen_weight_and_its_state_wait_for_their_epoch(backend: str) -> None:
    program, draws, steps = steps_of(backend, UNFREEZING, 12)
    for number, step in enumerate(steps, 1):
        waits = {name for name, weight in step.weights.items() if np.array_equal(weight, draws.weights[name])}
        assert waits == set(program.not_yet_trained(number))
        for name in waits:
            assert not step.grads[name].any()
            assert not step.state[f"m_{name}"].any()
    thawed = program.epoch.first_update(2)
    assert program.trained_first(thawed) == ["encoder.w", "encoder.b"]
    first = steps[thawed - 1].weights["encoder.w"] - draws.weights["encoder.w"]
    # Adam's first step of a weight is lr, whatever its gradient, but for eps.
    np.testing.assert_allclose(np.abs(first), 0.02, rtol=1e-3)


def trained(optimizer: Optimizer, **around: Any) -> Scenario:
    """The network of unequal batches, trained otherwise."""
    return replace(ACCUMULATED, name="trained", epochs=5, optimizer=optimizer, **around)


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_backends_agree_with_every_optimizer(name: str) -> None:
    """Whose state starts late, counts steps, and is only its own."""
    optimizer, _ = OPTIMIZERS[name]
    result = run_scenario(trained(optimizer, groups=[group("b1", trained_from=3)]), load_backends([]))
    assert result.verdict == "agree", message(result)
    in_a_group = trained(sgd(lr=0.05), groups=[group("w1", optimizer=optimizer), group("w2", lr=0.02)])
    result = run_scenario(in_a_group, load_backends([]))
    assert result.verdict == "agree", message(result)


def test_a_backend_with_a_loop_of_its_own_agrees_where_weights_are_trained_later(dtype: str) -> None:
    chosen = replace(CATALOGUE["two_layer_tiny"], epochs=4, groups=[group("w1", trained_from=3)])
    autograd = load_backend("autograd=backends.hips_autograd")
    result = run_scenario(chosen, [load_backend("numpy"), autograd], dtype=dtype)
    assert result.verdict == "agree", message(result)
    assert result.certified["autograd"]["unchecked"] == 0


@pytest.mark.parametrize("per", ["update", "epoch"])
def test_schedules_and_clipping_are_once_per_step(per: str, dtype: str) -> None:
    groups = [group("b1", optimizer=adam(lr=0.02)), group("w1", lr=0.05, trained_from=2)]
    schedule, clipping = step_decay(every=2, factor=0.5, per=per), clip_by_norm(max_norm=0.3)
    chosen = trained(sgd(lr=0.1), groups=groups, schedule=schedule, clipping=clipping)
    result = run_scenario(chosen, load_backends([]), dtype=dtype)
    assert result.verdict == "agree", message(result)
    assert all(counts["unchecked"] == 0 for counts in result.certified.values())


def against_changed(chosen: Scenario, change: Any) -> Any:
    """A run against the hand-written backend with changed steps."""
    numpy_manual = load_backend("numpy").module

    def train(ops: Any, *given: Any, **settings: Any) -> Iterator[Step]:
        for number, step in enumerate(numpy_manual.train(numpy_manual, *given, **settings), 1):
            yield change(number, step)

    return run_scenario(chosen, [load_backend("numpy"), LoadedBackend("changed", with_changes(train=train))])


def diagnosis(chosen: Scenario, change: Any) -> str:
    result = against_changed(chosen, change)
    assert result.verdict == "disagree"
    return str(result.explanations[0].diagnosis)


def test_a_weight_that_moves_before_the_last_batch_is_found() -> None:
    def change(number: int, step: Step) -> Step:
        if number != 4:
            return step
        return replace(step, weights={**step.weights, "w1": step.weights["w1"] * 1.01})

    assert (
        diagnosis(ACCUMULATED, change)
        == "w1 was changed; the optimizer changes weights only at the last batch of a step"
    )


def test_a_frozen_weight_that_moves_is_found() -> None:
    def change(number: int, step: Step) -> Step:
        moved = {**step.weights, "middle.b": step.weights["middle.b"] + np.float32(0.01)}
        return replace(step, weights=moved) if number == 2 else step

    assert diagnosis(UNFREEZING, change) == "middle.b was changed; middle.b is frozen until epoch 4"


def test_a_gradient_of_a_frozen_weight_is_found() -> None:
    def change(number: int, step: Step) -> Step:
        return replace(step, grads={**step.grads, "middle.b": np.ones_like(step.grads["middle.b"])})

    result = against_changed(UNFREEZING, change)
    assert result.verdict == "disagree"
    assert result.culprits[0].tensor == "grad_middle.b"


def test_a_learning_rate_where_no_step_is_made_is_refused() -> None:
    chosen = trained(sgd(lr=0.1), schedule=step_decay(every=2, factor=0.5))

    def change(number: int, step: Step) -> Step:
        return replace(step, scheduled={"lr": 0.1}) if number == 1 else step

    with pytest.raises(InputError, match="yielded scheduled lr, though its optimizer makes no step at this update"):
        against_changed(chosen, change)
