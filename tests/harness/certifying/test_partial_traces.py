"""A backend that yields only some of its tensors is certified by bounds in between, and a mistake is bracketed."""

import dataclasses
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from backends import numpy_manual
from backends.contract import Array, Step
from harness.recording.catalogue import built_in_scenarios
from harness.recording.loading import LoadedBackend, load_backend
from harness.results import Result
from harness.run import run_scenario
from harness.running.allowance import Tolerances
from harness.sentences import headline, message
from scenarios import Scenario, param, randn, scenario, sgd
from tests.harness.broken import each_step, relu_without_mask, with_changes


@scenario(
    seed=1,
    epochs=6,
    optimizer=sgd(lr=0.05),
    x=randn(20, 5),
    y=randn(20, 2),
    w1=param(5, 8, scale=0.5),
    b1=param(8, fill=0.1),
    w2=param(8, 2, scale=0.5),
    b2=param(2, fill=0.0),
)
def mlp(op: Any, x: Any, y: Any, w1: Any, b1: Any, w2: Any, b2: Any) -> Any:
    """One hidden layer."""
    h = op.relu(op.linear(x, w1, b1))
    return op.mean_squared_error(op.linear(h, w2, b2), y)


Gradients = Callable[[dict[str, Array], Array, Array], tuple[Array, dict[str, Array]]]


def whole_network(w: dict[str, Array], x: Array, y: Array, *, mask: bool = True) -> tuple[Array, dict[str, Array]]:
    """The loss and all gradients in one go."""
    z = x @ w["w1"] + w["b1"]
    h = np.maximum(z, 0)
    o = h @ w["w2"] + w["b2"]
    grad_o = 2 * (o - y) / y.size
    grad_z = grad_o @ w["w2"].T
    if mask:
        grad_z = grad_z * (z > 0)
    gradients = {"w1": x.T @ grad_z, "b1": grad_z.sum(0), "w2": h.T @ grad_o, "b2": grad_o.sum(0)}
    return np.asarray(((o - y) ** 2).mean()), gradients


def training_loop(gradients_of: Gradients, *, stale: bool = False, added_up: bool = False) -> Any:
    """A backend of its own, without ops: only `train`, and the names that the scenario's ops must have."""

    def train(ops: Any, program: Any, weights: Any, batches: Any, *, trace: bool = False) -> Any:
        w = {name: array.copy() for name, array in weights.items()}
        before = w
        total = {name: np.zeros_like(array) for name, array in w.items()}
        for batch in batches:
            loss, gradients = gradients_of(before if stale else w, batch["x"], batch["y"])
            if added_up:
                gradients = total = {name: total[name] + gradient for name, gradient in gradients.items()}
            lr = program.optimizer.settings["lr"]
            before, w = w, {name: w[name] - lr * gradients[name] for name in w}
            yield Step(loss=loss, weights=w, grads=gradients)

    return with_changes(train=train)


def against_numpy(module: Any, chosen: Scenario = mlp, **options: Any) -> Result:
    return run_scenario(chosen, [load_backend("numpy"), LoadedBackend("mine", module)], **options)


def test_a_gradient_of_the_whole_network_is_certified(dtype: str) -> None:
    result = against_numpy(training_loop(whole_network), dtype=dtype)
    assert result.verdict == "agree", message(result)
    counts = result.certified["mine"]
    assert (counts["checks"], counts["failed"], counts["unchecked"]) == (6 * (1 + 4 + 4), 0, 0)


def test_a_wrong_gradient_of_the_whole_network_is_bracketed(dtype: str) -> None:
    result = against_numpy(training_loop(lambda w, x, y: whole_network(w, x, y, mask=False)), dtype=dtype)
    assert "disagree: mine: backward between h and x (linear or relu), epoch 1, grad_w1" in headline(result)
    assert (
        "grad_w2 and grad_b2 are right, grad_w1 and grad_b1 are wrong: "
        "the mistake is between h and x, in linear (call linear_1), relu (call h) and linear (call linear_2)"
        in result.notes
    )


def test_values_that_are_yielded_narrow_the_bracket() -> None:
    def some(step: Step) -> Step:
        kept = {name: step.value_grads[name] for name in step.value_grads if name in ("linear_1", "linear_2")}
        return dataclasses.replace(step, value_grads=kept)

    result = against_numpy(with_changes(relu=relu_without_mask, train=each_step(some)))
    assert result.culprits[0].tensor == "grad_linear_1"
    assert result.culprits[0].between == ("h", "linear_1")


CAUSES = {
    "stale": "it is computed from the weights before update 1: they are out of date",
    "added_up": "it is the gradient of update 1 plus that of update 2: gradients are added up, not cleared",
}


@pytest.mark.parametrize("mistake", CAUSES)
def test_the_update_before_explains_a_wrong_gradient(mistake: str) -> None:
    result = against_numpy(training_loop(whole_network, **{mistake: True}), dtype="float64")
    assert result.verdict == "disagree"
    assert result.culprits[0].update == 2
    assert any(CAUSES[mistake] in each.diagnosis for each in result.explanations)


def test_right_gradients_and_wrong_weights_are_the_optimizers_mistake(tiny: Scenario) -> None:
    def sgd_of_half_a_step(w: Array, grad_w: Array, *, lr: float) -> Array:
        return numpy_manual.sgd(w, grad_w, lr=lr / 2)

    changed = with_changes(sgd=sgd_of_half_a_step)
    for certify in (1, None):  # where runs part, they are certified all the same
        notes = against_numpy(changed, tiny, certify=certify).notes
        assert "no gradient of update 1 failed its check: the mistake is in sgd" in notes
    compared = against_numpy(changed, tiny, tolerances=Tolerances(rtol=1e-6, atol=0.0), certify=None).notes
    assert "the gradients of update 1 agree: runs part in the sgd" in compared


def test_a_network_of_another_family_is_bounded_too() -> None:
    """A convolution, a pooling and batch normalisation between the data and the loss."""
    silent = each_step(lambda step: dataclasses.replace(step, values={}, value_grads={}))
    for name in ("digits_cnn", "batch_norm_mlp", "mlp_tanh"):
        chosen = built_in_scenarios()[name].vary(epochs=1)
        result = against_numpy(with_changes(train=silent), chosen, dtype="float64")
        assert result.verdict in ("agree", "inconclusive"), message(result)
        assert result.certified["mine"]["failed"] == 0
