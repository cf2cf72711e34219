"""Where gradients go wrong on the way back, each call is named once, and a detach is named itself."""

from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from backends.capture.training import Training
from backends.contract import Array
from harness.comparing.document.outcome import Finding, Outcome
from lockstep import compare
from tests.harness.comparing.networks import mlp


class DetachedBeforeTanh(mlp.TorchMLP):
    """A call without weights comes after the detach, if there is one."""

    def __init__(self, is_detached: bool) -> None:
        super().__init__()
        self.is_detached = is_detached

    def forward(self, x: Tensor) -> Tensor:
        h1 = torch.relu(self.l1(x))
        if self.is_detached:
            h1 = h1.detach()
        h2 = torch.tanh(h1)
        return self.l3(self.l2(h2))  # type: ignore[no-any-return]


def detached(*, is_left: bool) -> tuple[Outcome, Finding]:
    """Two modules, one of which detaches, and what is found first."""
    modules = DetachedBeforeTanh(is_left), DetachedBeforeTanh(not is_left)
    left, right = (mlp.in_torch(module, torch.optim.SGD, lr=0.1) for module in modules)
    outcome = compare(left, right, mlp.batches(), updates=1)
    assert outcome.first is not None
    return outcome, outcome.first


def test_a_detach_before_a_call_without_weights_is_named_first() -> None:
    _, first = detached(is_left=False)
    assert "zero on the right" in first.text
    assert " | detach (" in first.text
    _, first = detached(is_left=True)
    assert "zero on the left" in first.text
    assert ", in detach (" in first.text


class WithoutGradient(mlp.TorchMLP):
    """A layer, and what activates it if that is within, are computed under no_grad."""

    def __init__(self, *, is_longer: bool) -> None:
        super().__init__()
        self.is_longer = is_longer

    def forward(self, x: Tensor) -> Tensor:
        h1 = torch.relu(self.l1(x))
        with torch.no_grad():
            h2 = self.l2(h1)
            if self.is_longer:
                h2 = torch.relu(h2)
        if not self.is_longer:
            h2 = torch.relu(h2)
        return self.l3(h2)  # type: ignore[no-any-return]


@pytest.mark.parametrize("is_longer", [True, False])
def test_the_first_call_under_no_grad_is_named_alone(is_longer: bool) -> None:
    module = WithoutGradient(is_longer=is_longer)
    outcome = compare(
        mlp.in_chainer(mlp.chainer.optimizers.SGD(lr=0.1)), mlp.in_torch(module, torch.optim.SGD, lr=0.1), mlp.batches()
    )
    assert outcome.first is not None
    said = outcome.first.text
    assert "l2.b | l2.bias are zero on the right, those of l3.W | l3.weight, l3.b | l3.bias are right" in said
    assert ", in l2: LinearFunction (" in said
    assert " | l2: linear (" in said
    assert said.endswith("), which lets no gradient through on the right")
    assert "l3: linear" not in said


def test_the_first_call_under_no_backprop_mode_is_named_alone() -> None:
    class Chain(mlp.ChainerMLP):
        def forward(self, x: Any) -> Any:
            h1 = mlp.F.relu(self.l1(x))
            with mlp.chainer.no_backprop_mode():
                h2 = mlp.F.relu(self.l2(h1))
            return self.l3(h2)

    left = mlp.in_chainer(mlp.chainer.optimizers.SGD(lr=0.1), Chain())
    outcome = compare(left, mlp.in_torch(mlp.TorchMLP(), torch.optim.SGD, lr=0.1), mlp.batches())
    assert outcome.first is not None
    assert ", in l2: LinearFunction (" in outcome.first.text
    assert outcome.first.text.endswith("), which lets no gradient through on the left")


def test_what_stops_gradients_on_both_sides_is_not_what_parts() -> None:
    """Both detach what goes into the mean; one of them detaches the rest as well."""

    class Centred(mlp.TorchMLP):
        def __init__(self, is_wrong: bool) -> None:
            super().__init__()
            self.is_wrong = is_wrong

        def forward(self, x: Tensor) -> Tensor:
            h1 = torch.relu(self.l1(x))
            centred = h1 - h1.detach().mean(dim=0)
            h2 = torch.relu(self.l2(centred.detach() if self.is_wrong else centred))
            return self.l3(h2)  # type: ignore[no-any-return]

    left, right = (mlp.in_torch(Centred(is_wrong), torch.optim.SGD, lr=0.1) for is_wrong in (False, True))
    outcome = compare(left, right, mlp.batches(), updates=1)
    assert outcome.first is not None
    place = outcome.first.right_place
    assert outcome.side_by_side.sources[place].startswith("h2 = torch.relu(self.l2(centred.detach() if")
    assert compare(left, left, mlp.batches(), updates=1).verdict == "agree"


def test_a_result_of_detached_tensors_alone_has_no_wrong_gradient() -> None:
    outcome, _ = detached(is_left=False)
    beside = outcome.side_by_side
    wrong = [beside.left[row.left].function for row in beside.rows if row.is_gradient_wrong and row.left is not None]
    assert wrong == ["linear", "relu"]
    (tanh,) = (row for row in beside.rows if row.left is not None and beside.left[row.left].function == "tanh")
    assert (tanh.gradient, tanh.is_parting) == (None, True)


class Bare(nn.Module):
    """Three matrices with ReLU between them."""

    def __init__(self) -> None:
        super().__init__()
        self.w1, self.w2, self.w3 = (nn.Parameter(torch.tensor(array)) for array in weights().values())

    def forward(self, x: Tensor) -> Tensor:
        h = torch.relu(x @ self.w1)
        h = torch.relu(h @ self.w2)
        return h @ self.w3


def weights() -> dict[str, Array]:
    """The matrices."""
    random = np.random.RandomState(3)
    sizes = [mlp.FEATURES, mlp.UNITS, mlp.UNITS, mlp.CLASSES]
    return {f"w{i + 1}": random.standard_normal((sizes[i], sizes[i + 1])) for i in range(3)}


def step(weights: dict[str, Array], x: Array, t: Array) -> tuple[Any, dict[str, Array]]:
    """The same by hand, without the mask of the second ReLU on the way back."""
    h1 = np.maximum(x @ weights["w1"], 0)
    h2 = np.maximum(h1 @ weights["w2"], 0)
    y = h2 @ weights["w3"]
    grad_y = 2 * y
    grad_h2 = grad_y @ weights["w3"].T
    grad_h1 = (grad_h2 @ weights["w2"].T) * (h1 > 0)
    return np.square(y).sum(), {"w1": x.T @ grad_h1, "w2": h1.T @ grad_h2, "w3": h2.T @ grad_y}


@pytest.fixture(scope="module")
def by_hand() -> Outcome:
    module = Bare()
    right = Training(module, lambda m, x, t: m(x).square().sum(), torch.optim.SGD(module.parameters(), lr=0.1))
    return compare(Training(step=step, weights=weights()), right, mlp.batches(), updates=1)


def test_a_call_that_two_wrong_gradients_pass_is_named_once(by_hand: Outcome) -> None:
    assert by_hand.first is not None
    said = by_hand.first.text
    assert said.startswith("the gradients of w1, w2 are wrong, that of w3 is right")
    assert " times" not in said
    assert [said.count(f"{function} (") for function in ("matmul", "relu")] == [3, 2]


def test_a_weight_without_a_gradient_on_either_side_is_not_counted_as_agreeing() -> None:
    modules = [mlp.TorchMLP() for _ in range(2)]
    for module in modules:
        module.l1.bias.requires_grad_(False)
    left, right = (
        Training(each, lambda m, x, t: m(x).square().sum(), torch.optim.SGD(each.l2.parameters(), lr=0.01))
        for each in modules
    )
    outcome = compare(left, right, mlp.batches(), updates=1)
    assert outcome.verdict == "agree"
    assert outcome.gradients == (5, 5)
    assert (
        "the gradients of 5 of 5 weights agree, 1 weight has none on either side; after it 6 of 6 weights agree"
        in str(outcome)
    )
