"""Losses are equal if their numbers are, whatever computed these."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
import torch.nn.functional as nnF
from torch import Tensor

from backends.capture.training import Training
from backends.contract import Array
from lockstep import compare
from tests.harness.comparing.networks import article_network, mlp


def plain(model: Any, x: Tensor, t: Tensor) -> Tensor:
    return nnF.cross_entropy(model(x), t)


def averaged(model: Any, x: Tensor, t: Tensor) -> Tensor:
    """As code for several devices ends."""
    return plain(model, x, t).mean()


def with_a_penalty_of_nothing(model: Any, x: Tensor, t: Tensor) -> Tensor:
    nothing: Tensor = 0 * model.l1.weight.square().sum()
    return nothing + plain(model, x, t)


def in_one_row(model: Any, x: Tensor, t: Tensor) -> Tensor:
    return plain(model, x, t).reshape(1)


@pytest.mark.parametrize("loss", [averaged, with_a_penalty_of_nothing, in_one_row])
def test_a_call_more_that_leaves_the_loss_as_it_is_is_nothing_wrong(loss: Callable[..., Tensor]) -> None:
    model = mlp.TorchMLP()
    sides = Training(model, plain), Training(model, loss)
    for left, right in (sides, sides[::-1]):
        outcome = compare(left, right, mlp.batches(), updates=1)
        assert outcome.verdict == "agree", str(outcome)
        assert not any(row.is_parting for row in outcome.side_by_side.rows)


def test_a_factor_on_the_loss_is_found() -> None:
    model = mlp.TorchMLP()
    for factor, verdict in ((1 + 1e-8, "disagree"), (1 + 1e-10, "agree")):
        scaled = Training(model, lambda m, x, t, factor=factor: factor * plain(m, x, t))
        assert compare(Training(model, plain), scaled, mlp.batches(), updates=1).verdict == verdict


def test_a_loss_of_code_is_held_to_the_same_tolerance() -> None:
    """A side that is not watched has no calls, so its loss alone is compared."""

    def scaled(factor: float) -> Training:
        def train(weights: dict[str, Array], batches: Iterator[Any]) -> Iterator[Any]:
            for loss, *rest in article_network.train(weights, batches):
                yield loss * factor, *rest

        return Training(step=train, weights=article_network.weights())

    for factor, is_wrong in ((1 + 1e-8, True), (1 + 1e-10, False)):
        outcome = compare(scaled(factor), article_network.in_chainer(), article_network.batches(), updates=1)
        assert any(finding.kind == "forward" for finding in outcome.findings) is is_wrong, str(outcome)
