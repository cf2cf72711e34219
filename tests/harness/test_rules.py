"""What stands around the ops: buffers that are carried on, masks drawn anew, schedules, clipping and weight decay."""

from collections.abc import Callable, Iterator
from types import ModuleType
from typing import Any

import numpy as np
import pytest

from backends import numpy_manual
from backends.contract import Array, Step
from harness.errors import InputError
from harness.recording.arrays import draw_arrays
from harness.recording.catalogue import built_in_scenarios
from harness.recording.loading import LoadedBackend, load_backend, load_backends
from harness.results import Result
from harness.run import run_scenario
from harness.running.experiment import prepare
from harness.running.runner import Runner
from harness.sentences import message
from scenarios import (
    Scenario,
    ScenarioError,
    adadelta,
    adam,
    adamw,
    bernoulli,
    buffer,
    clip_by_norm,
    clip_by_value,
    data,
    momentum,
    param,
    randn,
    scenario,
    sgd,
    step_decay,
    warm_up,
    weight_decay,
)
from tests.harness.broken import with_changes

SMALL: dict[str, Any] = {"seed": 1, "epochs": 4, "optimizer": sgd(lr=0.1), "x": randn(4, 3), "y": randn(4, 2)}


def against(name: str, module: ModuleType) -> Result:
    """Run a built-in scenario with a changed backend beside the hand-written one."""
    chosen = built_in_scenarios()[name].vary(epochs=6)
    return run_scenario(chosen, [load_backend("numpy"), LoadedBackend("changed", module)])


def changing_steps(change: Callable[[Step], None]) -> ModuleType:
    """The hand-written backend, whose steps are changed after they were made."""

    def train(ops: Any, *given: Any, **settings: Any) -> Iterator[Step]:
        for step in numpy_manual.train(numpy_manual, *given, **settings):
            change(step)
            yield step

    return with_changes(train=train)


# masks


@scenario(**SMALL, mask=bernoulli(4, 2, keep=0.5), w=param(3, 2))
def masked(op: Any, x: Any, y: Any, mask: Any, w: Any) -> Any:
    return op.mean_squared_error(op.add(op.matmul(x, w), mask), y)


def test_a_mask_is_drawn_anew_for_every_epoch_and_alike_for_everybody() -> None:
    draws = draw_arrays(masked.vary(epochs=6), "float32")
    one, other = ([batch["mask"] for batch in draws.batches(6)] for _ in range(2))
    assert all(np.array_equal(a, b) for a, b in zip(one, other, strict=True))
    assert len({array.tobytes() for array in one}) > 3
    assert {float(value) for array in one for value in array.flat} == {0.0, 1.0}
    np.testing.assert_array_equal(one[0], draws.data["mask"])


def test_a_mask_follows_its_rows_into_mini_batches() -> None:
    chosen = masked.vary(batch_size=3)
    batches = list(draw_arrays(chosen, "float64").batches(2))
    assert [batch["mask"].shape for batch in batches] == [(3, 2), (1, 2)] * 2


def test_held_out_data_meets_the_mean_of_the_mask() -> None:
    def images() -> Array:
        return np.ones((4, 3))

    def three_images() -> Array:
        return np.ones((3, 3))

    @scenario(
        seed=1,
        epochs=1,
        optimizer=sgd(lr=0.1),
        x=data(images, held_out=three_images),
        mask=bernoulli(4, 3, keep=0.75),
        w=param(3, 3),
    )
    def held_out(op: Any, x: Any, mask: Any, w: Any) -> Any:
        return op.mean_squared_error(op.matmul(x, w), mask)

    np.testing.assert_array_equal(draw_arrays(held_out, "float32").held_out["mask"], np.full((3, 3), 0.75, np.float32))


def test_masked_runs_agree() -> None:
    result = run_scenario(masked.vary(epochs=10, batch_size=3), load_backends([]), dtype="float64")
    assert result.verdict == "agree", message(result)


# buffers


def running_mean(x: Array, mean: Array, *, decay: float) -> Any:
    """y = x less its mean over rows; mean ← decay·mean + (1 − decay)·that of the batch."""
    batch_mean = np.mean(x, axis=0)

    def backward(grad_y: Array, grad_mean: Array) -> Any:
        return grad_y - np.mean(grad_y, axis=0), np.zeros_like(mean)

    return (x - batch_mean, decay * mean + (1 - decay) * batch_mean), backward


def running_mean_of_before(x: Array, mean: Array, *, decay: float) -> Any:
    (y, _), backward = running_mean(x, mean, decay=decay)
    return (y, mean * 1), backward


@scenario(**SMALL, mean=buffer(2, fill=0.5), w=param(3, 2))
def with_buffer(op: Any, x: Any, y: Any, mean: Any, w: Any) -> Any:
    centred, new_mean = op.running_mean(op.matmul(x, w), mean, decay=0.9)
    return op.mean_squared_error(centred, y), {"mean": new_mean}


def test_a_buffer_is_carried_from_update_to_update() -> None:
    module = with_changes(running_mean=running_mean)
    backends = [LoadedBackend("numpy", module), LoadedBackend("same", module)]
    experiment = prepare(with_buffer, backends, "float64")
    assert (dict(experiment.program.carried), experiment.program.data) == ({"mean": "new_mean"}, ("x", "y"))
    runner = Runner(backends[0], experiment.program, experiment.draws, 4, "float64", trace=True)
    kept = np.full(2, 0.5)
    for _ in range(4):
        step = runner.advance()
        kept = 0.9 * kept + 0.1 * np.mean(step.values["matmul_1"], axis=0)
        np.testing.assert_allclose(step.state["mean"], kept, rtol=1e-14)
    result = run_scenario(with_buffer, backends, dtype="float64")
    assert result.verdict == "agree"
    assert sum(counts["unchecked"] + counts["failed"] for counts in result.certified.values()) == 0


def test_a_buffer_that_is_not_carried_on_is_named() -> None:
    right, wrong = with_changes(running_mean=running_mean), with_changes(running_mean=running_mean)

    def forgetful(ops: Any, program: Any, weights: Any, batches: Any, *, trace: bool = False) -> Iterator[Step]:
        for step in numpy_manual.train(ops, program, weights, batches, trace=trace):
            step.state = {**step.state, "mean": np.array(program.buffers["mean"])}
            yield step

    wrong.train = forgetful  # type: ignore[attr-defined]
    backends = [LoadedBackend("numpy", right), LoadedBackend("forgetful", wrong)]
    result = run_scenario(with_buffer, backends, dtype="float64")
    assert result.verdict == "disagree"
    first = result.culprits[0]
    assert (first.backend, first.phase, first.op, first.tensor) == ("forgetful", "state", "running_mean", "mean")
    assert result.explanations[0].steps


def test_a_wrong_next_value_is_found_in_the_op() -> None:
    backends = [
        LoadedBackend("numpy", with_changes(running_mean=running_mean)),
        LoadedBackend("stale", with_changes(running_mean=running_mean_of_before)),
    ]
    first = run_scenario(with_buffer, backends, dtype="float32").culprits[0]
    assert (first.backend, first.phase, first.tensor) == ("stale", "forward", "new_mean")


@pytest.mark.parametrize(
    ("returned", "says"),
    [
        (lambda loss, new: loss, 'return loss, {"mean": new_mean}'),
        (lambda loss, new: (loss, {}), 'return loss, {"mean": new_mean}'),
        (lambda loss, new: (loss, {"mena": new}), 'return loss, {"mean": new_mean}'),
        (lambda loss, new: (loss, {"mean": loss}), "the buffer mean has shape (2,), its next value"),
        (lambda loss, new: (loss, {"mean": 3.0}), "must be an op's output, or the buffer itself, not 3.0"),
    ],
)
def test_what_is_wrong_with_a_buffers_next_value_is_said(returned: Callable[[Any, Any], Any], says: str) -> None:
    @scenario(**SMALL, mean=buffer(2, fill=0.0), w=param(3, 2))
    def wrong(op: Any, x: Any, y: Any, mean: Any, w: Any) -> Any:
        centred, new_mean = op.running_mean(op.matmul(x, w), mean, decay=0.9)
        return returned(op.mean_squared_error(centred, y), new_mean)

    module = with_changes(running_mean=running_mean)
    with pytest.raises(InputError) as raised:
        prepare(wrong, [LoadedBackend("numpy", module), LoadedBackend("same", module)], "float32")
    assert says in str(raised.value)


# schedules, clipping, decay


def test_a_wrong_learning_rate_is_named_as_the_schedules() -> None:
    def halve_it(step: Step) -> None:
        step.scheduled = {"lr": step.scheduled["lr"] * (1 + 1e-9)}

    result = against("scheduled_by_steps", changing_steps(halve_it))
    assert result.verdict == "disagree"
    first = result.culprits[0]
    assert (first.op, first.phase, first.tensor) == ("step_decay", "update", "lr")
    assert result.explanations[0].unknown == "it is computed from the number of the update alone"
    assert "step_decay update, epoch 1, lr, got" in message(result)


def test_clipping_that_was_not_done_is_named_and_explained() -> None:
    def unclipped(step: Step) -> None:
        step.clipped = dict(step.grads)

    result = against("clipped_by_norm", changing_steps(unclipped))
    named = {(culprit.op, culprit.tensor): i for i, culprit in enumerate(result.culprits)}
    assert ("clip_by_norm", "clipped_grad_w1") in named or ("clip_by_norm", "clipped_grad_w2") in named
    assert result.explanations[0].steps


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (lambda step: setattr(step, "scheduled", {}), "yielded no scheduled lr, which the schedule of the scenario"),
        (lambda step: setattr(step, "clipped", {}), "yielded clipped none; they should be w1, b1, w2"),
    ],
)
def test_what_a_backend_does_not_record_is_said(change: Callable[[Step], None], says: str) -> None:
    with pytest.raises(InputError) as raised:
        against("warmed_up", changing_steps(change))
    assert says in str(raised.value)


@pytest.mark.parametrize(
    ("settings", "says"),
    [
        ({"schedule": sgd(lr=0.1)}, "schedule must be a schedule, such as step_decay(every=10, factor=0.5)"),
        ({"clipping": 1.0}, "clipping must be a clipping, such as clip_by_norm(max_norm=1.0), not 1.0"),
        ({"decay": step_decay(every=1, factor=0.5)}, "decay must be weight_decay(rate=0.01)"),
        ({"optimizer": adadelta(), "schedule": step_decay(every=1, factor=0.5)}, "adadelta has none"),
        ({"optimizer": adamw(lr=0.1, weight_decay=0.1), "decay": weight_decay(rate=0.1)}, "leave out decay="),
        ({"sizes": {"max_norm": 3}, "clipping": clip_by_norm(max_norm=1.0)}, "has a setting max_norm"),
    ],
)
def test_rules_that_can_not_be_are_said(settings: dict[str, Any], says: str) -> None:
    with pytest.raises(ScenarioError) as raised:

        @scenario(**{**SMALL, **settings}, w=param(3, 2))
        def wrong(op: Any, x: Any, y: Any, w: Any) -> Any:
            return op.mean_squared_error(op.matmul(x, w), y)

    assert says in str(raised.value)


def varied(**settings: float) -> Scenario:
    @scenario(
        **{**SMALL, "optimizer": momentum(lr=0.1, momentum=0.9)},
        schedule=step_decay(every=2, factor=0.5),
        clipping=clip_by_norm(max_norm=1.0),
        decay=weight_decay(rate=0.01),
        w=param(3, 2),
    )
    def all_rules(op: Any, x: Any, y: Any, w: Any) -> Any:
        return op.mean_squared_error(op.matmul(x, w), y)

    return all_rules.vary(settings=settings)


@pytest.mark.parametrize(
    ("rule", "settings", "says"),
    [
        (warm_up, {"updates": 2.5}, "warm_up(...): updates must be a whole number of at least 1, not 2.5"),
        (step_decay, {"every": 0, "factor": 0.5}, "step_decay(...): every must be a whole number of at least 1, not 0"),
        (clip_by_value, {"limit": -1}, "clip_by_value(...): limit must be a finite number of at least 0, not -1"),
        (
            momentum,
            {"lr": 1, "momentum": 0},
            "momentum must be a finite number above 0 (with 0 it is sgd), not 0",
        ),
        (adam, {"lr": 1, "beta1": 1}, "adam(...): beta1 must be a number from 0 to below 1, not 1"),
    ],
)
def test_settings_that_a_framework_would_refuse(rule: Any, settings: dict[str, float], says: str) -> None:
    with pytest.raises(ScenarioError) as raised:
        rule(**settings)
    assert says in str(raised.value)


def test_every_rules_settings_can_be_varied() -> None:
    changed = varied(every=3, max_norm=2.0, rate=0.5, lr=0.2)
    assert changed.settings == {"lr": 0.2, "momentum": 0.9, "every": 3, "factor": 0.5, "max_norm": 2.0, "rate": 0.5}
    assert run_scenario(changed, load_backends([]), dtype="float64").verdict == "agree"
    with pytest.raises(ScenarioError, match="did you mean 'max_norm'"):
        varied(max_nrm=2.0)


def test_a_cosine_that_has_fallen_rises_again_in_every_framework() -> None:
    chosen = built_in_scenarios()["scheduled_by_cosine"].vary(epochs=12, settings={"updates": 5})
    result = run_scenario(chosen, load_backends([]), dtype="float64")
    assert result.verdict == "agree", message(result)


def test_a_rate_that_rises_may_round_in_proportion_to_what_it_has_become() -> None:
    chosen = built_in_scenarios()["scheduled_exponentially"].vary(epochs=100, settings={"lr": 1e-5, "factor": 1.11})
    result = run_scenario(chosen, load_backends([]), dtype="float64")
    assert result.verdict == "agree", message(result)


def test_what_overflows_in_a_run_that_diverges_is_no_failure() -> None:
    """Numbers whose squares are infinite may become infinity by one right formula and not by another."""

    def huge(x: Array, *, factor: float) -> Any:
        return x * factor, lambda grad_y: (grad_y * factor,)

    def huge_by_squares(x: Array, *, factor: float) -> Any:
        return np.sqrt(x * x) * np.sign(x) * factor, lambda grad_y: (grad_y * factor,)

    @scenario(**{**SMALL, "x": randn(4, 3, scale=1e25)}, w=param(3, 2))
    def diverged(op: Any, x: Any, y: Any, w: Any) -> Any:
        return op.mean_squared_error(op.huge(op.matmul(x, w), factor=1e-30), y)

    backends = [
        LoadedBackend("numpy", with_changes(huge=huge)),
        LoadedBackend("squares", with_changes(huge=huge_by_squares)),
    ]
    result = run_scenario(diverged, backends, dtype="float32")
    assert result.certified["squares"]["failed"] == 0
    assert result.certified["squares"]["unchecked"] > 0
