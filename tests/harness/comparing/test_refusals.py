"""What can't be compared is refused in words that say what would be right."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch
from torch import nn

from backends.capture.errors import TrainingError
from backends.capture.training import Training
from harness.comparing.comparison import Comparison
from harness.errors import Crashed, InputError
from lockstep import compare
from tests.harness.comparing.networks import article_network, mlp

chainer: Any = mlp.chainer


def loss(model: Any, x: Any, t: Any) -> Any:
    return model(x).sum()


def of_chainer(model: Any, x: Any, t: Any) -> Any:
    return chainer.functions.softmax_cross_entropy(model(x), t)


def of_torch(model: Any, x: Any, t: Any) -> Any:
    return nn.functional.cross_entropy(model(x), t)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: Training(), r"needs a model and its loss, or step= and weights="),
        (lambda: Training(object(), loss), r"Training\(object\): no chainer.Link and no torch.nn.Module"),
        (lambda: Training(mlp.TorchMLP()), r"loss must be a function, loss\(model, \*batch\)"),
        (lambda: Training(mlp.TorchMLP(), loss, weights={"w": np.zeros(2)}), r"are for code without a model"),
        (lambda: Training(step=loss, weights={}), r"the starting weights by name"),
        (lambda: Training(step=loss, weights={"w": np.zeros(2, np.int64)}), r"weight w must be .* floats, not int64"),
        (lambda: Training(step=loss, weights={"w": [1.0]}), r"weight w must be a NumPy array of floats, not list"),  # type: ignore[dict-item]
    ],
)
def test_a_training_that_is_none(make: Callable[[], Training], message: str) -> None:
    with pytest.raises(TrainingError, match=message):
        make()


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"left": mlp.TorchMLP()}, r"left must be a lockstep.Training, not TorchMLP"),
        ({"batches": []}, r"batches must be a list of tuples"),
        ({"batches": [np.zeros(2)]}, r"each of batches must be a tuple .* not ndarray"),
        ({"updates": 0}, r"updates must be a whole number of at least 1, not 0"),
        ({"updates": True}, r"updates must be a whole number of at least 1, not True"),
        ({"updates": 1.5}, r"updates must be a whole number of at least 1, not 1.5"),
        ({"weights": "both"}, r'weights must be "copy" or "check", not \'both\''),
    ],
)
def test_a_comparison_that_is_none(changes: dict[str, Any], message: str) -> None:
    training = mlp.in_torch(mlp.TorchMLP(), torch.optim.SGD, lr=0.1)
    arguments: dict[str, Any] = {"left": training, "right": training, "batches": mlp.batches(), **changes}
    with pytest.raises(InputError, match=message):
        Comparison(**arguments)


def run(left: Training) -> None:
    compare(left, mlp.in_torch(mlp.TorchMLP(), torch.optim.SGD, lr=0.1), mlp.batches())


def test_an_optimizer_of_another_model() -> None:
    other = torch.optim.SGD(mlp.TorchMLP().parameters(), lr=0.1)
    with pytest.raises(InputError, match="left: the optimizer SGD has none of the model's parameters"):
        run(Training(mlp.TorchMLP(), loss, other))


def test_an_optimizer_that_was_not_set_up() -> None:
    with pytest.raises(InputError, match=r"left: the optimizer SGD was not set up .* call optimizer.setup\(model\)"):
        run(Training(mlp.ChainerMLP(), loss, chainer.optimizers.SGD()))


def test_an_optimizer_on_one_side_only() -> None:
    with pytest.raises(InputError, match="left: there is no optimizer; give one, or leave out the other side's"):
        run(Training(mlp.TorchMLP(), loss))
    with_one = mlp.in_torch(mlp.TorchMLP(), torch.optim.SGD, lr=0.1)
    with pytest.raises(InputError, match="right: there is no optimizer; give one, or leave out the other side's"):
        compare(with_one, Training(mlp.TorchMLP(), loss), mlp.batches())


def test_without_optimizers_the_loss_and_the_gradients_are_compared_alone_and_the_verdict_says_so() -> None:
    left, right = Training(mlp.ChainerMLP(), of_chainer), Training(mlp.TorchMLP(), of_torch)
    outcome = compare(left, right, mlp.batches())
    first, *others = str(outcome).splitlines()
    assert first.endswith(": agree without an optimizer: the loss and the gradients of update 1")
    assert "  update 1: the gradients of 6 of 6 weights agree" in others
    assert outcome.updates == []
    assert all(pair.after is None for pair in outcome.weights)


def test_code_with_named_arrays_against_a_model_without_an_optimizer() -> None:
    """Such code updates its weights, the model doesn't: that is no disagreement."""
    chain = article_network.in_chainer()
    by_hand = Training(step=article_network.train, weights=article_network.weights())
    for pair in ((by_hand, replace(chain, optimizer=None)), (replace(chain, optimizer=None), by_hand)):
        outcome = compare(*pair, article_network.batches())
        assert outcome.verdict == "agree", str(outcome)
        assert not outcome.is_updated
        assert outcome.gradients == (2, 2)
    assert compare(by_hand, chain, article_network.batches()).is_updated


def test_a_loss_that_uses_another_model_than_it_is_given() -> None:
    model = mlp.TorchMLP().double()
    training = Training(model, lambda m, x, t: model(x).sum(), torch.optim.SGD(model.parameters(), lr=0.1))
    with pytest.raises(
        InputError,
        match="left: no weight has a gradient; the loss uses model, the model itself; it must use its first argument,",
    ):
        run(training)
    other = mlp.TorchMLP().double()
    with pytest.raises(
        InputError, match="left: no weight has a gradient; the loss must use the model that it is given"
    ):
        run(Training(model, lambda m, x, t: other(x).sum(), training.optimizer))


def test_a_loss_that_uses_the_model_itself_and_fails_for_its_dtype() -> None:
    hint = "the loss uses model, the model itself; it must use its first argument, m, which is the copy that trains"
    model: Any = mlp.TorchMLP()
    with pytest.raises(Crashed, match=f"left: its code, computing in float64, raised RuntimeError, .*; {hint}$"):
        run(Training(model, lambda m, x, t: model(x).sum(), torch.optim.SGD(model.parameters(), lr=0.1)))
    model = mlp.ChainerMLP()
    model(mlp.batches()[0][0])
    training = Training(model, lambda m, x, t: of_chainer(model, x, t), chainer.optimizers.SGD().setup(model))
    with pytest.raises(Crashed, match=rf"(?s)left: its code, computing in float64, raised InvalidType.*; {hint}$"):
        run(training)


def test_a_penalty_of_the_models_own_weights_is_found_and_hinted_at() -> None:
    model = mlp.TorchMLP()
    left = mlp.in_torch(model, torch.optim.SGD, lr=0.1)

    def penalised(m: Any, x: Any, t: Any) -> Any:
        return of_torch(m, x, t) + sum(p.square().sum() for p in model.parameters())

    right = Training(model, penalised, torch.optim.SGD(model.parameters(), lr=0.1))
    hint = (
        "right: the loss uses model, the model itself; it must use its first argument, m, which is the copy that trains"
    )
    assert hint in compare(left, right, mlp.batches()).notes
    nested = Training(model, lambda m, x, t: m.l3.weight.sum() + m(x).sum())
    assert nested.use_of_outer_model() == ""


def test_an_attribute_that_is_called_like_the_model_is_not_the_model() -> None:
    l1 = mlp.TorchMLP()
    assert Training(l1, lambda m, x: m.l1(x).sum()).use_of_outer_model() == ""
    assert Training(l1, lambda m, x: l1(x).sum()).use_of_outer_model().startswith("the loss uses l1,")


def test_an_optimizer_that_needs_a_closure() -> None:
    with pytest.raises(InputError, match="left: the optimizer LBFGS computes the loss several times in an update"):
        run(mlp.in_torch(mlp.TorchMLP(), torch.optim.LBFGS))


def test_a_loss_of_several_numbers() -> None:
    model = mlp.TorchMLP()
    with pytest.raises(
        InputError, match=r"left: the loss must be a tensor with one number, not Tensor of shape \(8, 5\)"
    ):
        run(Training(model, lambda m, x, t: m(x), torch.optim.SGD(model.parameters(), lr=0.1)))


@pytest.mark.parametrize(
    ("training", "needed"),
    [
        (mlp.in_torch(mlp.TorchMLP(), torch.optim.SGD, lr=0.1), "a tensor"),
        (mlp.in_chainer(chainer.optimizers.SGD()), "a Variable"),
    ],
    ids=["torch", "chainer"],
)
def test_a_loss_that_is_no_tensor(training: Training, needed: str) -> None:
    with pytest.raises(InputError) as caught:
        run(replace(training, loss=lambda m, x, t: 0.5))
    assert f"left: the loss must be {needed} with one number, not float" in str(caught.value)
    assert "shape" not in str(caught.value)


def test_a_model_that_raises_an_error_is_a_crash_of_its_side() -> None:
    model = nn.Linear(3, 2)
    with pytest.raises(
        Crashed,
        match=r"left: its code, computing in float64, raised RuntimeError, at .*: mat1 and mat2",
    ):
        run(Training(model, loss, torch.optim.SGD(model.parameters(), lr=0.1)))


@pytest.mark.parametrize(
    ("step", "message"),
    [
        (lambda w, x, y: 1.0, "step must return two things: the loss, and the gradients by name"),
        (lambda w, x, y: (np.zeros(2), {}), r"step must give the loss as one real number, not ndarray of shape \(2,\)"),
        (lambda w, x, y: (1.0, {"W3": w["W1"]}), "a gradient for W3, which is no weight; the weights are W1, W2"),
        (lambda w, x, y: (1.0, {"W1": w["W2"]}), r"a gradient of shape \(12, 4\) for W1, whose shape is \(30, 12\)"),
    ],
)
def test_a_step_that_gives_something_else(step: Callable[..., Any], message: str) -> None:
    left = Training(step=step, weights=article_network.weights())
    with pytest.raises(InputError, match=f"left: .*{message}"):
        compare(left, article_network.in_chainer(), article_network.batches())


def test_weights_that_are_to_be_checked_and_differ() -> None:
    left, right = (mlp.in_torch(mlp.TorchMLP(), torch.optim.SGD, lr=0.1) for _ in range(2))
    outcome = compare(left, right, mlp.batches(), weights="check")
    assert outcome.first is not None
    assert outcome.first.kind == "weights"
    assert outcome.first.text == "l1.weight does not start as the same numbers on both sides"
    assert {finding.kind for finding in outcome.findings} == {"weights", "forward"}  # each starts from its own
    right.model.load_state_dict(left.model.state_dict())
    assert compare(left, right, mlp.batches(), weights="check").verdict == "agree"


def test_buffers_are_copied_or_checked_as_weights_are() -> None:
    def normalised(mean: float) -> Training:
        torch.manual_seed(0)
        model = nn.Sequential(nn.Linear(mlp.FEATURES, 4), nn.BatchNorm1d(4), nn.Linear(4, mlp.CLASSES))
        model[1].running_mean.fill_(mean)  # type: ignore[operator]
        return mlp.in_torch(model, torch.optim.SGD, lr=0.1)

    sides = normalised(0.0), normalised(1.0)
    assert compare(*sides, mlp.batches(), updates=2).verdict == "agree"
    outcome = compare(*sides, mlp.batches(), updates=2, weights="check")
    assert outcome.first is not None
    assert outcome.first.text == "1.running_mean does not start as the same numbers on both sides"


def test_neither_model_is_changed() -> None:
    left, right = mlp.in_chainer(chainer.optimizers.Adam()), mlp.in_torch(mlp.TorchMLP(), torch.optim.Adam)
    before = {name: tensor.clone() for name, tensor in right.model.state_dict().items()}
    random = np.random.get_state()[1].copy()  # type: ignore[index]
    of_torch = torch.random.get_rng_state()
    compare(left, right, mlp.batches())
    assert torch.equal(of_torch, torch.random.get_rng_state())
    assert all(torch.equal(before[name], tensor) for name, tensor in right.model.state_dict().items())
    assert left.model.l1.W.array is None
    assert right.optimizer.state == {}
    assert left.optimizer.t == 0
    assert torch.get_default_dtype() == torch.float32
    assert np.array_equal(random, np.random.get_state()[1])  # type: ignore[index]
