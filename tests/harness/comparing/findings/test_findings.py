"""What is found is put into words in the order in which it goes wrong, and only as far as it is known."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest
import torch
import torch.nn.functional as nnF
from torch import Tensor, nn

from backends.capture.training import Training
from backends.contract import Array
from harness.comparing.document.outcome import Outcome
from lockstep import compare
from tests.harness.comparing.by_hand import Weights, training
from tests.harness.comparing.networks import mlp

BATCHES = [(np.ones(1),)]


@dataclass
class Gradients:
    """Gradients of one element, by name, whatever the weights are."""

    of: dict[str, float]

    def __call__(self, weights: Weights) -> Weights:
        return {name: np.full(1, number) for name, number in self.of.items()}


def by_hand(loss: float = 1.0, rate: float = 0.0, **gradients: float) -> Training:
    """A loss and gradients, as they are given."""
    weights: Any = {name: [2.0] for name in gradients}
    return training(lambda weights, x: loss, Gradients(gradients), rate=rate, **weights)


def texts(left: Training, right: Training) -> list[str]:
    """All findings of the first update."""
    return [finding.text for finding in compare(left, right, BATCHES, updates=1).findings]


def test_gradients_are_only_looked_at_where_the_losses_are_equal() -> None:
    assert texts(by_hand(loss=1.0, w=1.0), by_hand(loss=2.0, w=2.0)) == ["the losses of update 1 are 1 | 2"]


def test_weights_are_only_looked_at_where_the_gradients_are_equal() -> None:
    left, right = by_hand(rate=1.0, w=1.0), by_hand(rate=1.0, w=2.0)
    assert texts(left, right) == ["the gradient of w is wrong"]
    (found,) = texts(by_hand(rate=1.0, w=1.0), by_hand(rate=2.0, w=1.0))
    assert found.startswith("gradients agree at update 1, weights don't: the optimizer; ")


def test_wrong_and_right_gradients_are_named_one_or_several() -> None:
    right = {"a": 1.0, "b": 1.0, "c": 1.0}
    for wrong, text in (
        ({"a": 2.0}, "the gradient of a is wrong, those of b, c are right"),
        ({"a": 2.0, "b": 2.0}, "the gradients of a, b are wrong, that of c is right"),
        ({"a": 2.0, "b": 2.0, "c": 2.0}, "the gradients of a, b, c are wrong"),
        ({"a": 0.0}, "the gradient of a is zero on the right, those of b, c are right"),
        ({"a": 0.0, "b": 2.0}, "the gradients of a, b are wrong, that of c is right"),
    ):
        assert texts(by_hand(**right), by_hand(**{**right, **wrong})) == [text]
    (found,) = texts(by_hand(**{**right, "a": 0.0}), by_hand(**right))
    assert found.startswith("the gradient of a is zero on the left, ")


def test_the_weight_that_is_farthest_apart_after_the_update_is_named() -> None:
    left = training(lambda weights, x: 0.0, Gradients({"a": 1.0, "b": 1.0}), rate=1.0, a=[2.0], b=[5.0])

    def step(weights: Weights, x: Array) -> tuple[Any, Weights]:
        gradients = Gradients({"a": 1.0, "b": 1.0})(weights)
        weights["a"] -= 1.0 + 1e-3
        weights["b"] -= 1.0 + 2e-2
        return 0.0, gradients

    (found,) = texts(left, Training(step=step, weights={"a": np.full(1, 2.0), "b": np.full(1, 5.0)}))
    assert found.endswith("; b is 5.0e-03 apart")


class Unused(mlp.TorchMLP):
    """Has a layer that its loss does not use."""

    def __init__(self) -> None:
        super().__init__()
        self.unused = nn.Linear(3, 2)


class WithScale(mlp.TorchMLP):
    """Has a weight of its own, which it uses."""

    def __init__(self) -> None:
        super().__init__()
        self.scale = nn.Parameter(torch.ones(mlp.CLASSES))

    def forward(self, x: Tensor) -> Tensor:
        return super().forward(x) * self.scale


def in_order(one: nn.Module, other: nn.Module, side: str) -> tuple[nn.Module, nn.Module]:
    """Both modules, of which one stands on this side."""
    return (one, other) if side == "left" else (other, one)


def of_modules(left: nn.Module, right: nn.Module) -> Outcome:
    one, other = (Training(model, lambda m, x, t: nnF.cross_entropy(m(x), t)) for model in (left, right))
    return compare(one, other, mlp.batches(), updates=1)


def test_a_weight_that_fits_nothing_is_wrong_only_if_it_is_used() -> None:
    for side in ("left", "right"):
        outcome = of_modules(*in_order(Unused(), mlp.TorchMLP(), side))
        assert outcome.verdict == "agree", str(outcome)
        only = {"left": outcome.only_left, "right": outcome.only_right}
        assert only.pop(side) == ["unused.weight", "unused.bias"]
        assert [*only.values()] == [[]]
    for side in ("left", "right"):
        outcome = of_modules(*in_order(WithScale(), mlp.TorchMLP(), side))
        assert outcome.first is not None
        assert outcome.first.text.startswith(
            f"scale of shape ({mlp.CLASSES},) fits nothing on the other side, it is only on the {side}, in mul ("
        )
        assert len(outcome.findings) == 1


def test_gradients_are_looked_at_beside_a_weight_that_fits_nothing_and_changes_nothing() -> None:
    outcome = of_modules(WithScale(), mlp.DetachedMLP())
    assert [finding.kind for finding in outcome.findings] == ["weights", "backward"]


class Detached(mlp.TorchMLP):
    """Two detaches, one behind the other's layer."""

    def forward(self, x: Tensor) -> Tensor:
        h1 = torch.relu(self.l1(x)).detach()
        h2 = torch.relu(self.l2(h1)).detach()
        return self.l3(h2)  # type: ignore[no-any-return]


def test_tensors_are_named_only_around_a_single_place() -> None:
    one, two = of_modules(mlp.TorchMLP(), mlp.DetachedMLP()), of_modules(mlp.TorchMLP(), Detached())
    for outcome in (one, two):
        assert outcome.first is not None
        assert outcome.first.kind == "backward"
    assert one.first is not None
    assert ": between h2 and h1, in " in one.first.text


class Branches(nn.Module):
    """Two layers of the same data, with a layer behind each; or with a detach behind each."""

    def __init__(self, *, is_detached: bool) -> None:
        super().__init__()
        self.is_detached = is_detached
        self.l1, self.l2 = nn.Linear(mlp.FEATURES, 4), nn.Linear(mlp.FEATURES, 6)
        self.l3, self.l4 = nn.Linear(4, mlp.CLASSES), nn.Linear(6, mlp.CLASSES)

    def forward(self, x: Tensor) -> Tensor:
        h1 = torch.tanh(self.l1(x))
        h2 = torch.tanh(self.l2(x))
        s1 = self.l3(h1.detach() if self.is_detached else h1)
        s2 = self.l4(h2.detach() if self.is_detached else h2)
        return s1 + s2  # type: ignore[no-any-return]


class OneName(nn.Module):
    """Calls all its results h."""

    def __init__(self, *, is_detached: bool) -> None:
        super().__init__()
        self.is_detached = is_detached
        self.l1, self.l2 = nn.Linear(mlp.FEATURES, 4), nn.Linear(4, mlp.CLASSES)

    def forward(self, x: Tensor) -> Tensor:
        h = torch.tanh(self.l1(x))
        h = self.l2(h.detach() if self.is_detached else h)
        return 1 * h  # type: ignore[no-any-return]


@pytest.mark.parametrize("network", [Branches, OneName])
def test_no_tensors_are_named_around_several_places_or_by_one_name(network: Callable[..., nn.Module]) -> None:
    first = of_modules(network(is_detached=False), network(is_detached=True)).first
    assert first is not None
    assert first.kind == "backward"
    assert "between" not in first.text
