"""Which weights are paired: by the order of the first use, whatever the order in which a model has its layers."""

from typing import Any

import torch
import torch.nn.functional as nnF
from torch import Tensor, nn

from backends.capture.training import Training
from harness.comparing.document.outcome import Outcome
from lockstep import compare
from tests.harness.comparing.networks import mlp


class InOrder(nn.Module):
    """Two layers of one shape, one behind the other."""

    def __init__(self) -> None:
        super().__init__()
        self.a, self.b = nn.Linear(mlp.FEATURES, mlp.FEATURES), nn.Linear(mlp.FEATURES, mlp.FEATURES)

    def forward(self, x: Tensor) -> Tensor:
        return self.b(self.a(x))  # type: ignore[no-any-return]


class SpareFirst(InOrder):
    """Has a layer of the same shape before them, which it does not use."""

    def __init__(self) -> None:
        nn.Module.__init__(self)
        self.spare = nn.Linear(mlp.FEATURES, mlp.FEATURES)
        self.a, self.b = nn.Linear(mlp.FEATURES, mlp.FEATURES), nn.Linear(mlp.FEATURES, mlp.FEATURES)


class BiasLast(InOrder):
    """The same, but the first layer's bias is used after the second layer."""

    def forward(self, x: Tensor) -> Tensor:
        y: Tensor = self.b(nnF.linear(x, self.a.weight))
        return y + nnF.linear(self.a.bias, self.b.weight)


def compared(left: nn.Module, right: nn.Module) -> Outcome:
    one, other = (Training(model, lambda m, x, t: m(x).square().sum()) for model in (left, right))
    return compare(one, other, mlp.batches(), updates=1)


def pairs(outcome: Outcome) -> list[tuple[str, str]]:
    return sorted((pair.left, pair.right) for pair in outcome.weights)


SAME: Any = [(name, name) for name in ("a.bias", "a.weight", "b.bias", "b.weight")]


def test_layers_that_are_not_used_are_paired_last() -> None:
    torch.manual_seed(0)
    for sides in ((SpareFirst(), InOrder()), (InOrder(), SpareFirst())):
        outcome = compared(*sides)
        assert pairs(outcome) == SAME
        assert outcome.verdict == "agree", str(outcome)
        assert [*outcome.only_left, *outcome.only_right] == ["spare.weight", "spare.bias"]


def test_a_layer_whose_weights_are_used_apart_has_its_place_by_the_first_of_them() -> None:
    torch.manual_seed(0)
    for sides in ((BiasLast(), InOrder()), (InOrder(), BiasLast())):
        outcome = compared(*sides)
        assert pairs(outcome) == SAME
        assert outcome.verdict == "agree", str(outcome)
