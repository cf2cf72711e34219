"""Nothing is excused as amplified rounding that training did not amplify, and a yielded loss is the program's."""

import dataclasses
from collections.abc import Callable
from itertools import count
from typing import Any

import numpy as np
import pytest

from backends import numpy_manual, torch_autograd
from backends.contract import Array, Step
from harness.recording.catalogue import built_in_scenarios
from harness.recording.loading import LoadedBackend, load_backend
from harness.results import Result
from harness.run import run_scenario
from harness.sentences import headline, message
from scenarios import Scenario
from tests.harness.broken import each_step, with_changes
from tests.harness.judging.kink import ends_first, in_order
from tests.harness.judging.kink.scenarios import kink_in_float32

Change = Callable[[Step], Step]


def against_numpy(scenario: Scenario, *, dtype: str | None = None, certify: int | None = 1, **changes: Any) -> Result:
    mine = LoadedBackend("mine", with_changes(**changes))
    return run_scenario(scenario, [load_backend("numpy"), mine], dtype=dtype, certify=certify)


def with_loss(change: Callable[[Array], Any]) -> Change:
    return lambda step: dataclasses.replace(step, loss=np.asarray(change(step.loss), step.loss.dtype))


def silent(step: Step) -> Step:
    return dataclasses.replace(step, values={}, value_grads={})


LOSSES: dict[str, Callable[[Array], Any]] = {
    "NaN": lambda loss: loss * np.nan,
    "one and a half": lambda loss: 1.5 * loss,
    "a sum for a mean": lambda loss: 6 * loss,
    "an ulp": lambda loss: np.nextafter(loss, np.inf),
}


@pytest.mark.parametrize("change", LOSSES.values(), ids=LOSSES)
def test_a_yielded_loss_that_is_not_the_programs_is_a_disagreement(
    change: Callable[[Array], Any], dtype: str, tiny: Scenario
) -> None:
    result = against_numpy(tiny.vary(epochs=12), dtype=dtype, train=each_step(with_loss(change)))
    assert result.verdict == "disagree"
    assert "mine: the loss that it yields is not the one that it computed, epoch 1" in headline(result)


def train_with_the_loss_after(ops: Any, program: Any, weights: Any, batches: Any, *, trace: bool = False) -> Any:
    """A well-known slip of training loops."""
    kept: list[Any] = []

    def watched() -> Any:
        for batch in batches:
            kept.append(batch)
            yield batch

    for step in numpy_manual.train(ops, program, weights, watched(), trace=trace):
        again = numpy_manual.train(ops, program, {n: v.copy() for n, v in step.weights.items()}, [kept[-1]])
        yield dataclasses.replace(step, loss=next(again).loss)


@pytest.mark.parametrize("certify", [1, None])
def test_the_loss_after_the_update_is_a_disagreement(certify: int | None, tiny: Scenario) -> None:
    result = against_numpy(tiny.vary(epochs=12), dtype="float64", certify=certify, train=train_with_the_loss_after)
    assert result.verdict == "disagree"


def test_a_wrong_loss_at_the_last_epoch_alone_is_a_disagreement(tiny: Scenario) -> None:
    result = against_numpy(tiny.vary(epochs=5), train=train_with_last_loss(99))
    assert result.verdict == "disagree"
    assert result.culprits[0].epoch == 5


def train_with_last_loss(loss: float) -> Callable[..., Any]:
    """A `train` whose last step, of five, yields another loss."""

    def train(ops: Any, program: Any, weights: Any, batches: Any, *, trace: bool = False) -> Any:
        for number, step in enumerate(numpy_manual.train(ops, program, weights, batches, trace=trace), 1):
            yield dataclasses.replace(step, loss=np.asarray(loss, step.loss.dtype)) if number == 5 else step

    return train


@pytest.mark.parametrize("name", [name for name in LOSSES if name != "an ulp"])  # which is rounding there
def test_a_wrong_loss_of_a_backend_without_values_is_a_disagreement(name: str, tiny: Scenario) -> None:
    result = against_numpy(tiny, train=each_step(lambda step: silent(with_loss(LOSSES[name])(step))))
    assert result.verdict == "disagree"


def relu_with_its_mask_in_float64_only(x: Array) -> Any:
    return np.maximum(x, 0), lambda grad_y: (grad_y if x.dtype == np.float32 else np.where(x > 0, grad_y, 0),)


@pytest.mark.parametrize("certify", [1, None])
def test_a_gradient_that_is_wrong_at_the_first_update_is_no_drift(certify: int | None, tiny: Scenario) -> None:
    """Float64, in which this backend is right, must not excuse it."""
    result = against_numpy(tiny, certify=certify, relu=relu_with_its_mask_in_float64_only)
    assert result.verdict == "disagree"
    assert (result.culprits[0].op, result.culprits[0].phase) == ("relu", "backward")


def low_precision(x: Any, w: Any) -> Any:
    return (x.bfloat16() @ w.bfloat16()).to(x.dtype) if x.dtype.itemsize == 4 else x @ w


@pytest.mark.parametrize("certify", [1, None])
def test_products_of_low_precision_without_values_are_no_drift(certify: int | None) -> None:
    def train(ops: Any, program: Any, weights: Any, batches: Any, *, trace: bool = False) -> Any:
        return torch_autograd.train(ops, program, weights, batches, trace=False)

    module = type(torch_autograd)("mine")
    module.__dict__.update({**vars(torch_autograd), "matmul": low_precision, "train": train})
    backends = [load_backend("numpy"), LoadedBackend("mine", module)]
    result = run_scenario(built_in_scenarios()["two_layer"].vary(epochs=3), backends, certify=certify)
    assert result.verdict == "disagree"


def sgd_that_skips_once(at: int) -> Callable[..., Array]:
    """Forgets one update of the first weight, counted over the process, so no second run repeats it."""
    calls = count(1)

    def sgd(w: Array, grad_w: Array, *, lr: float) -> Array:
        return w if next(calls) == at else numpy_manual.sgd(w, grad_w, lr=lr)

    return sgd


@pytest.mark.parametrize("certify", [1, 10, None])
def test_a_slip_that_happens_once_is_a_disagreement(certify: int | None, dtype: str, tiny: Scenario) -> None:
    """One update makes two calls, and another update goes before the run: this is update 16 of it."""
    result = against_numpy(tiny.vary(epochs=40), certify=certify, dtype=dtype, sgd=sgd_that_skips_once(2 + 2 * 16))
    assert result.verdict == "disagree"
    if certify == 1:
        assert (result.culprits[0].op, result.culprits[0].update) == ("sgd", 16)
    else:
        assert "mine does not repeat itself" in message(result)


def test_a_silent_backend_with_longer_steps_is_found_without_certificates(tiny: Scenario) -> None:
    """Its rule is wrong at the first update already, where it yields nothing but its gradients and weights."""

    def sgd(w: Array, grad_w: Array, *, lr: float) -> Array:
        return numpy_manual.sgd(w, grad_w, lr=lr * (1 + 1e-3))

    result = against_numpy(tiny, certify=None, train=each_step(silent), sgd=sgd)
    assert result.verdict == "disagree"


def test_every_backend_that_parts_is_judged(tiny: Scenario) -> None:
    """A kink that excuses one backend says nothing of another, whichever parts first."""

    def late(w: Array, grad_w: Array, *, lr: float) -> Array:
        return numpy_manual.sgd(w, grad_w, lr=lr * 1.01)

    wrong = with_changes(matmul=in_order.matmul, sgd=late, train=each_step(silent))
    backends = [LoadedBackend("numpy", in_order), LoadedBackend("kink", ends_first), LoadedBackend("wrong", wrong)]
    assert run_scenario(kink_in_float32, backends[:2]).verdict == "drift"
    assert run_scenario(kink_in_float32, backends, certify=None).verdict == "disagree"


def test_drift_in_float32_excuses_nothing_that_is_wrong_in_float64() -> None:
    def sgd(w: Array, grad_w: Array, *, lr: float) -> Array:
        return numpy_manual.sgd(w, grad_w, lr=lr * (1.01 if w.dtype == np.float64 else 1))

    mine = LoadedBackend("mine", with_changes(matmul=ends_first.matmul, sgd=sgd))
    result = run_scenario(kink_in_float32, [LoadedBackend("numpy", in_order), mine])
    assert result.verdict == "disagree"
    assert result.notes[0] == "float64 disagrees, too"
    assert (result.culprits[0].op, result.culprits[0].phase) == ("sgd", "update")


def test_runs_that_all_end_in_nan_excuse_nothing_before(tiny: Scenario) -> None:
    def sgd(w: Array, grad_w: Array, *, lr: float) -> Array:
        return numpy_manual.sgd(w, grad_w, lr=lr * 1.01)

    diverging = tiny.vary(epochs=40, settings={"lr": 1e3})
    result = against_numpy(diverging, certify=None, sgd=sgd)
    assert not np.isfinite([float(losses[-1]) for losses in result.losses.values()]).any()
    assert result.verdict == "disagree"
    assert against_numpy(diverging, certify=None).verdict == "inconclusive"
