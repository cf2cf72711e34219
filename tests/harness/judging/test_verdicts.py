"""The checker checked: broken backends are caught and named, and a run that tested nothing never agrees."""

import dataclasses
import math
import re
from typing import Any

import numpy as np
import pytest

from backends import numpy_manual
from backends.contract import Array, Step
from harness.errors import InputError
from harness.recording.arrays import draw_arrays
from harness.recording.catalogue import built_in_scenarios
from harness.recording.loading import LoadedBackend, load_backend, load_backends
from harness.run import run_scenario
from harness.running.courses.course import mean_loss
from harness.running.experiment import prepare
from harness.running.runner import Runner, check_memory
from harness.sentences import message
from lockstep import assert_agree
from lockstep.assertion import Drift
from scenarios import Scenario, param, randn, scenario, sgd
from tests.harness.broken import BROKEN, each_step, relu_without_mask, sgd_with_larger_steps, with_changes
from tests.harness.judging.kink import ends_first, in_order
from tests.harness.judging.kink.scenarios import kink_in_both, kink_in_float32


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_backend_is_caught_and_its_op_named(name: str) -> None:
    scenario_name, module, op, phase = BROKEN[name]
    chosen = built_in_scenarios()[scenario_name].vary(epochs=5)
    with pytest.raises(AssertionError, match="disagree") as caught:
        assert_agree(chosen, {"broken": module}, dtype="float64")
    assert f"disagree: broken: {op} {phase}" in str(caught.value)


def test_a_failing_comparison_says_what_where_and_by_how_much_in_its_first_line() -> None:
    chosen = built_in_scenarios()["two_layer_tiny"]
    with pytest.raises(AssertionError) as caught:
        assert_agree(chosen, {"broken": with_changes(relu=relu_without_mask)})
    first, second, *_ = str(caught.value).split("\n")
    assert re.fullmatch(
        r"two_layer_tiny float32: disagree: broken: relu backward, call h_r, epoch 1, grad_h\[0, 0\], "
        r"got 0\.24391\d+, want 0: off by 0\.244 \(1\.\d+e\+07 ulp\), allowed 0",
        first,
    )
    assert second.strip().startswith("numerical differentiation gives 0 ± ")


def test_the_first_mismatch_is_exact() -> None:
    """One wrong element, in the last row, from the second epoch on."""
    late = built_in_scenarios()["two_layer_tiny"].vary(epochs=4)
    calls = iter(range(1, 100))

    def wrong_later(w: Array, grad_w: Array, *, lr: float) -> Array:
        updated = numpy_manual.sgd(w, grad_w, lr=lr)
        if next(calls) > 4 and w.shape == (3, 2):  # a warm-up update and an epoch have two weights each
            updated[2, 1] += 1e-6
        return updated

    result = run_scenario(late, [load_backend("numpy"), _loaded(sgd=wrong_later)], dtype="float64")
    assert result.verdict == "disagree"
    first = result.first
    assert first is not None
    assert (first.backend, first.epoch, first.tensor, first.index) == ("changed", 2, "w1", (2, 1))
    assert float(first.error) == pytest.approx(1e-6, rel=1e-6)
    assert float(first.got) - float(first.want) == pytest.approx(1e-6, rel=1e-6)
    larger = max(abs(float(first.got)), abs(float(first.want)))
    assert float(first.ulps) == pytest.approx(1e-6 / np.spacing(larger), rel=1e-6)
    assert float(first.allowed) < 1e-12


def _wrong_once_small(y: Array, t: Array) -> Any:
    loss, backward = numpy_manual.mean_squared_error(y, t)
    return (loss * 1.01 if loss < 1e-6 else loss), backward


def test_a_loss_is_compared_with_what_rounding_does_to_it_now_not_to_what_it_was_at_first() -> None:
    converging = built_in_scenarios()["two_layer_tiny"].vary(epochs=150, settings={"lr": 0.1})
    result = run_scenario(
        converging, [load_backend("numpy"), _loaded(mean_squared_error=_wrong_once_small)], dtype="float64"
    )
    assert result.verdict == "disagree"
    assert result.first is not None
    assert (result.first.tensor, float(result.losses["numpy"][0]) > 1) == ("loss", True)
    assert result.culprits[0].op == "mean_squared_error"


def test_a_loss_of_which_rounding_leaves_nothing_is_said_to_be_untested() -> None:
    converged = built_in_scenarios()["two_layer_tiny"].vary(epochs=700, settings={"lr": 0.1})
    assert any("on, rounding alone may change the loss" in note for note in assert_agree(converged).notes)
    shorter = converged.vary(epochs=100)
    assert assert_agree(shorter).notes == []


KINK_BACKENDS = {"numpy": in_order, "changed": ends_first}


def test_float32_that_parts_while_float64_agrees_is_drift_and_names_the_unit() -> None:
    with pytest.warns(Drift, match=r"relu unit h\[0, 0\] is 0 in the reference and 1e-09 in changed") as warned:
        result = assert_agree(kink_in_float32, KINK_BACKENDS)
    assert "float64 agrees" in str(warned[0].message)
    assert result.verdict == "drift"
    assert result.first is not None
    assert result.flip is not None
    assert (result.first.epoch, result.flip.epoch, result.flip.index) == (1, 1, (0, 0))
    assert assert_agree(kink_in_float32, KINK_BACKENDS, dtype="float64").verdict == "agree"


def test_a_float64_excess_is_drift_where_a_unit_took_the_other_side_of_the_kink() -> None:
    with pytest.warns(Drift, match=r"relu unit h\[0, 0\] is 0 in the reference and 1e-17 in changed"):
        result = assert_agree(kink_in_both, KINK_BACKENDS)
    assert result.verdict == "drift"


def test_a_mask_that_differs_at_the_kink_is_no_drift() -> None:
    """The unit is on the same side in both, so it excuses nothing."""

    def relu_with_another_mask(x: Array) -> Any:
        return np.maximum(x, 0), lambda grad_y: (np.where(x >= 0, grad_y, 0),)

    changed = with_changes(matmul=in_order.matmul, relu=relu_with_another_mask)
    with pytest.raises(AssertionError, match="changed: relu backward, call h_r, epoch 1"):
        assert_agree(kink_in_both, {"numpy": in_order, "changed": changed})


def test_trajectories_that_part_late_are_drift() -> None:
    """A unit of the article's network crosses its kink at another epoch in PyTorch: for nearly every other seed."""
    backends = load_backends(["torch"])
    scenario = built_in_scenarios()["two_layer"]
    results = (run_scenario(scenario.vary(seed=seed), backends, certify=None) for seed in range(1002, 1010))
    parted = next(result for result in results if result.first is not None and result.first.epoch > 1)
    assert parted.verdict == "drift", message(parted)
    assert parted.flip is not None


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"settings": {"lr": 0.0}}, "the loss never moved"),
        ({"seed": 1019}, "the gradient of w1 is zero at every epoch"),
        ({"settings": {"lr": 1e30}}, "from epoch"),
    ],
    ids=["loss never moves", "dead units", "overflow"],
)
def test_where_nothing_is_tested_the_verdict_is_inconclusive(tiny: Scenario, changes: Any, reason: str) -> None:
    with pytest.raises(AssertionError, match="inconclusive") as caught:
        assert_agree(tiny.vary(**changes), backends=["torch"])
    assert reason in str(caught.value)


def test_nan_in_one_backend_is_a_disagreement(tiny: Scenario) -> None:
    def nan_at_last(w: Array, grad_w: Array, *, lr: float) -> Array:
        updated = numpy_manual.sgd(w, grad_w, lr=lr)
        updated[-1, -1] = math.nan
        return updated

    with pytest.raises(AssertionError, match=r"disagree: changed: sgd update, epoch 1, w1\[2, 1\], got nan"):
        assert_agree(tiny, {"changed": with_changes(sgd=nan_at_last)}, dtype="float64")


def test_nan_never_passes_a_users_tolerance(tiny: Scenario) -> None:
    def nan_at_last(w: Array, grad_w: Array, *, lr: float) -> Array:
        return numpy_manual.sgd(w, grad_w, lr=lr) * math.nan

    with pytest.raises(AssertionError, match="disagree"):
        assert_agree(tiny, {"changed": with_changes(sgd=nan_at_last)}, rtol=1e300, atol=1e300)


def test_tolerances_replace_the_measured_allowance(tiny: Scenario) -> None:
    def slightly_off(w: Array, grad_w: Array, *, lr: float) -> Array:
        return numpy_manual.sgd(w, grad_w, lr=lr * 1.01)

    changed = {"changed": with_changes(sgd=slightly_off)}
    with pytest.raises(AssertionError, match="disagree"):
        assert_agree(tiny, changed)
    assert assert_agree(tiny, changed, rtol=0.1, atol=0.1).verdict == "agree"
    with pytest.raises(AssertionError, match="disagree"):
        assert_agree(tiny, ["torch"], rtol=0, atol=0)


def test_a_lockstep_run_equals_every_backends_solo_run(tiny: Scenario) -> None:
    chosen = built_in_scenarios()["digits"].vary(epochs=2)
    for checked in (tiny, chosen):
        backends = load_backends([])
        result = run_scenario(checked, backends)
        experiment = prepare(checked, backends, checked.dtype)
        rows = experiment.draws.batch_rows
        for backend in backends:
            runner = Runner(backend, experiment.program, experiment.draws, checked.epochs, checked.dtype)
            losses = []
            for _ in range(checked.epochs):
                steps = [(count, float(runner.advance().loss)) for count in rows]
                losses.append(np.asarray(sum(c * loss for c, loss in steps) / sum(rows), checked.dtype))
            assert [float(loss) for loss in losses] == result.losses[backend.name]


@pytest.mark.parametrize("shared_with", ["draws", "another backend"])
def test_shared_memory_is_refused(tiny: Scenario, shared_with: str) -> None:
    draws = draw_arrays(tiny, "float32")
    own = {name: array.copy() for name, array in draws.weights.items()}
    theirs = draws.weights if shared_with == "draws" else own
    one = Step(loss=np.zeros((), np.float32), weights=own, grads={})
    other = Step(loss=np.zeros((), np.float32), weights={"w1": theirs["w1"][1:]}, grads={})
    with pytest.raises(InputError, match=r"backend (other|one)'s w1 shares memory with (the scenario|backend)"):
        check_memory({"one": one, "other": other}, draws)
    check_memory({"one": one, "other": dataclasses.replace(other, weights={"w1": own["w1"].copy()})}, draws)


def test_memory_that_two_backends_share_is_refused_in_a_run(tiny: Scenario) -> None:
    store: dict[str, Array] = {}

    def train_in_a_common_store(ops: Any, program: Any, weights: Any, batches: Any, *, trace: bool = False) -> Any:
        for step in numpy_manual.train(ops, program, weights, batches, trace=trace):
            for name, array in step.weights.items():
                store.setdefault(name, array.copy())[...] = array
            yield dataclasses.replace(step, weights=store)

    modules = {name: with_changes(train=train_in_a_common_store) for name in ("one", "other")}
    with pytest.raises(InputError, match="shares memory with backend"):
        assert_agree(tiny, modules)


def _loaded(**changes: Any) -> LoadedBackend:
    return LoadedBackend("changed", with_changes(**changes))


def test_an_epochs_loss_is_added_up_in_order_on_every_python() -> None:
    losses = [np.asarray(loss) for loss in (1e16, 1.0, -1e16)]
    assert mean_loss([1, 1, 1], losses) == 0
    assert mean_loss([2, 1], [np.asarray(loss, np.float32) for loss in (1, 4)]).dtype == np.float32


def train_tracing_every_other_update(ops: Any, program: Any, weights: Any, batches: Any, *, trace: bool = False) -> Any:
    """Yields its values at every other update only."""
    for number, step in enumerate(numpy_manual.train(ops, program, weights, batches, trace=trace)):
        yield dataclasses.replace(step, values={}, value_grads={}) if number % 2 else step


def test_a_reference_that_traces_some_updates_only_is_compared_by_what_it_yields(tiny: Scenario) -> None:
    reference = _loaded(train=train_tracing_every_other_update)
    other = LoadedBackend("other", with_changes(sgd=sgd_with_larger_steps))
    result = run_scenario(tiny.vary(epochs=4), [reference, other], dtype="float64", certify=None)
    assert result.verdict == "disagree"


def test_a_backend_without_values_is_held_by_bounds_through_the_network(tiny: Scenario) -> None:
    def silent(step: Step) -> Step:
        return dataclasses.replace(step, values={}, value_grads={})

    result = run_scenario(tiny.vary(epochs=3), [load_backend("numpy"), _loaded(train=each_step(silent))])
    assert result.verdict == "agree"
    assert result.certified["changed"] == {"checks": 15, "failed": 0, "suspect": 0, "unchecked": 0, "updates": 3}
    assert sum("changed yields no values with trace=True" in note for note in result.notes) == 1, result.notes


@scenario(seed=1, epochs=5, optimizer=sgd(lr=0.1), x=randn(1, 3), y=randn(1, 2), w1=param(3, 4), w2=param(4, 2))
def one_example(op: Any, x: Any, y: Any, w1: Any, w2: Any) -> Any:
    """Each unit has one input, so each ReLU takes one branch."""
    return op.mean_squared_error(op.matmul(op.relu(op.add(op.matmul(x, w1), op.matmul(x, w1))), w2), y)


def test_what_no_example_reaches_may_be_accepted_as_untested() -> None:
    all_on = one_example.vary(seed=next(seed for seed in range(1, 99) if _units_on(seed) == 4))
    with pytest.raises(AssertionError, match="inconclusive"):
        assert_agree(all_on, ["torch"])
    accepted = assert_agree(all_on, ["torch"], accept_untested=True)
    assert accepted.verdict == "agree"
    assert any("was ever below its kink" in note for note in accepted.notes)
    assert assert_agree(dataclasses.replace(all_on, untested="ok"), ["torch"]).verdict == "agree"


def _units_on(seed: int) -> int:
    draws = draw_arrays(one_example.vary(seed=seed), "float32")
    return int(np.count_nonzero(draws.data["x"] @ draws.weights["w1"] > 0))


def test_a_run_that_tested_nothing_is_not_accepted_as_untested(tiny: Scenario) -> None:
    with pytest.raises(AssertionError, match="inconclusive"):
        assert_agree(tiny.vary(settings={"lr": 0.0}), ["torch"], accept_untested=True)
