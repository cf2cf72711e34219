"""NaN and infinity are equal to nothing that trains, and an infinite result is no mate of a finite one."""

from typing import Any

import numpy as np
import pytest
import torch
import torch.nn.functional as nnF
from torch import Tensor

from backends.capture.training import Training
from backends.contract import Array, Node
from harness.certifying.certificate import Failure
from harness.comparing.certified import is_off
from harness.comparing.distances import share_apart
from harness.comparing.document.outcome import Outcome
from harness.comparing.mates import Digest, is_close, same_numbers
from harness.running.deviations import mismatch_at
from lockstep import compare
from tests.harness.comparing.networks import mlp

INF, NAN = np.inf, np.nan


@pytest.mark.parametrize(
    ("left", "right", "expected"),
    [
        ([1.0, 2.0], [1.0, 2.0 + 1e-9], True),
        ([1.0, 2.0], [1.0, 2.0 + 4e-9], False),
        ([1.0, 2.0], [2.0, 1.0], False),
        ([1.0, -INF], [1.0, -INF], True),
        ([1.0, -INF], [1.0, INF], False),
        ([1.0, -INF], [1.0, 3.0], False),
        ([1.0, 3.0], [1.0, INF], False),
        ([1.0, -INF], [1.1, -INF], False),
        ([1.0, -INF], [-INF, 1.0], False),
        ([1.0, NAN], [1.0, NAN], False),
        ([NAN, NAN], [1.0, 1.0], False),
    ],
)
def test_the_same_numbers(left: list[float], right: list[float], expected: bool) -> None:
    mine, theirs = np.array(left), np.array(right)
    assert is_close(mine, theirs) is expected
    assert (same_numbers(mine, theirs) is not None) is expected
    assert Digest.of(mine).may_equal(Digest.of(theirs)) or not expected


def test_a_digest_tells_infinite_elements_from_finite_ones() -> None:
    finite, infinite = (Digest.of(np.array([1.0, last])) for last in (3.0, INF))
    assert not finite.may_equal(infinite)
    assert not infinite.may_equal(finite)


@pytest.mark.parametrize(
    ("left", "right", "expected"),
    [
        ([2.0, -4.0], [2.0, -3.0], 0.25),
        ([0.0, 0.0], [0.5, 0.0], 0.5),
        ([2.0, INF], [1.0, INF], 0.5),
        ([2.0, INF], [2.0, 3.0], INF),
        ([2.0, 3.0], [2.0, -INF], INF),
        ([2.0, NAN], [2.0, NAN], NAN),
    ],
)
def test_how_far_arrays_are_apart(left: list[float], right: list[float], expected: float) -> None:
    assert share_apart(np.array(left), np.array(right)) == pytest.approx(expected, nan_ok=True)


@pytest.mark.parametrize(
    ("want", "error", "expected"),
    [
        ([2.0, 4.0], 3e-9, False),
        ([2.0, 4.0], 5e-9, True),
        ([0.0, 0.0], 5e-10, False),
        ([0.0, 0.0], 5e-9, True),
        ([2.0, INF], 5e-9, True),
        ([2.0, NAN], 5e-9, True),
        ([2.0, 4.0], NAN, True),
        ([2.0, 4.0], INF, True),
    ],
)
def test_a_failed_certificate_is_a_finding_beyond_the_tolerance(
    want: list[float], error: float, expected: bool
) -> None:
    node = Node("value", "y", "tanh", "y")
    array = np.array(want)
    mismatch = mismatch_at("left", "float64", 1, 1, node, (0,), want[0], want[0], error, 0.0)
    assert is_off(Failure(node, mismatch, (), array, array, np.zeros(2))) is expected


def divided(by: float) -> Training:
    """A loss that is infinite where it is divided by 0."""
    torch.manual_seed(0)
    return Training(mlp.TorchMLP(), lambda m, x, t: nnF.cross_entropy(m(x), t) / torch.full((), by))


@pytest.mark.parametrize(("left", "right"), [(0.0, 1.0), (1.0, 0.0)])
def test_an_infinite_result_is_no_mate_of_a_finite_one(left: float, right: float) -> None:
    outcome = compare(divided(left), divided(right), mlp.batches())
    assert outcome.first is not None
    assert outcome.first.text.startswith("forward parts at div (")


def by_hand(loss: float = 1.0, gradient: float = 1.0) -> Training:
    """Code that reports this loss and gradient, and updates its weight all the same."""

    def step(weights: dict[str, Array], x: Array) -> tuple[float, dict[str, Array]]:
        weights["w"] -= 0.1
        return loss, {"w": np.full((3, 2), gradient)}

    return Training(step=step, weights={"w": np.ones((3, 2))})


@pytest.mark.parametrize("loss", [INF, NAN])
@pytest.mark.parametrize("sides", [("left",), ("right",), ("left", "right")])
def test_a_loss_that_is_not_finite_agrees_with_none(loss: float, sides: tuple[str, ...]) -> None:
    left, right = (by_hand(loss if side in sides else 1.0) for side in ("left", "right"))
    outcome = compare(left, right, [(np.ones(1),)], updates=1)
    assert outcome.first is not None
    shown = [f"{loss:.9g}" if side in sides else "1" for side in ("left", "right")]
    assert outcome.first.text == f"the losses of update 1 are {shown[0]} | {shown[1]}"


@pytest.mark.parametrize("gradient", [INF, NAN])
@pytest.mark.parametrize("sides", [("left",), ("right",), ("left", "right")])
def test_a_gradient_that_is_not_finite_agrees_with_none(gradient: float, sides: tuple[str, ...]) -> None:
    left, right = (by_hand(1.0, gradient if side in sides else 1.0) for side in ("left", "right"))
    outcome = compare(left, right, [(np.ones(1),)], updates=1)
    assert outcome.first is not None
    assert outcome.first.text == "the gradient of w is wrong"


def later_infinite(from_update: int) -> Training:
    """Code whose loss becomes infinite."""
    done = [0]

    def step(weights: dict[str, Array], x: Array) -> tuple[float, dict[str, Array]]:
        done[0] = int(weights["count"][0])
        weights["count"] = weights["count"] + 1
        return INF if done[0] + 1 >= from_update else 1.0, {"count": np.ones(1)}

    return Training(step=step, weights={"count": np.zeros(1)})


@pytest.mark.parametrize(("left", "right"), [(3, 9), (9, 3), (3, 3)])
def test_a_loss_that_becomes_infinite_parts_there(left: int, right: int) -> None:
    outcome = compare(later_infinite(left), later_infinite(right), [(np.ones(1),)], updates=4)
    assert outcome.verdict == "disagree"
    assert outcome.updates[0].parted == 3
    assert outcome.updates[0].tensor == "loss"


def masked(mask: Any) -> Outcome:
    """Scores that are masked with −∞, compared with scores that are masked so by another call."""
    torch.manual_seed(0)
    model = mlp.TorchMLP()

    def left(m: Any, x: Tensor, t: Tensor) -> Tensor:
        scores = m(x)
        return nnF.softmax(scores.masked_fill(scores < scores.mean(1, keepdim=True), -INF), 1).square().sum()

    def right(m: Any, x: Tensor, t: Tensor) -> Tensor:
        scores = m(x)
        return nnF.softmax(torch.where(mask(scores), scores, torch.full_like(scores, -INF)), 1).square().sum()

    return compare(Training(model, left), Training(model, right), mlp.batches())


def test_masks_of_scores_are_mates() -> None:
    outcome = masked(lambda scores: scores >= scores.mean(1, keepdim=True))
    assert outcome.verdict == "agree"
    assert outcome.compared == outcome.results


def test_another_mask_of_scores_is_none() -> None:
    outcome = masked(lambda scores: scores > scores.median())
    assert outcome.first is not None
    assert outcome.first.text.startswith("forward parts at masked_fill (")
