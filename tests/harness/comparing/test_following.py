"""Both trainings are followed on the same batches and draws, within an allowance that nudged runs of the left set."""

from typing import Any

import numpy as np
import pytest
import torch

from backends.capture.training import Training
from backends.contract import Array
from harness.comparing.document.outcome import Followed, Outcome
from harness.comparing.following import SEED
from harness.running.allowance import BASE_ULPS, FLOOR_FACTOR, MANY_NUDGED_RUNS, nudged
from lockstep import compare
from tests.harness.comparing.by_hand import Weights, training

BATCHES = [(np.array([float(number)]),) for number in (1, 2, 3)]
AMPLIFIED = 1e12
"""How much a loss of these tests makes of what its weights are off."""


def of_batch(weights: Weights, x: Array) -> Any:
    return x[0]


def followed(outcome: Outcome) -> Followed:
    """The training in float64, which is the only one here."""
    (found,) = outcome.updates
    assert found.dtype == "float64"
    return found


def test_batches_are_taken_in_turn() -> None:
    outcome = compare(training(of_batch, w=[1.0]), training(of_batch, w=[1.0]), BATCHES, updates=5)
    assert followed(outcome).left_losses == followed(outcome).right_losses == [1, 2, 3, 1, 2]
    wrong = training(of_batch, lambda weights: {"w": np.full(1, 2.0)}, w=[1.0])
    outcome = compare(training(of_batch, w=[1.0]), wrong, BATCHES, updates=5)
    assert outcome.verdict == "disagree"
    assert outcome.losses is not None
    assert outcome.losses.left == outcome.losses.right == [1, 2, 3, 1, 2]


def test_every_update_has_draws_of_its_own() -> None:
    def noise(model: Any, x: Any) -> Any:
        return (model.weight * torch.randn(3)).sum()

    model = torch.nn.Linear(3, 1, bias=False)
    side = Training(model, noise, torch.optim.SGD(model.parameters(), lr=0.0))
    outcome = compare(side, side, BATCHES, updates=4)
    assert len({*outcome.updates[0].left_losses}) == 4
    assert outcome.updates[0].left_losses == outcome.updates[0].right_losses


def amplifying(element: int, constant: float | None = None) -> Training:
    """A loss that an ulp of one weight moves; or, from the second update on, this constant."""

    def loss(weights: Weights, x: Array) -> Any:
        if constant is not None and x[0] > 1:
            return constant
        return AMPLIFIED * (weights["w"][element] - 1)

    return training(loss, w=np.ones(9))


def moves(runs: int) -> Array:
    """How far each of the nudged runs moves the loss, by run and weight."""
    random = np.random.RandomState(SEED)
    return np.array([np.abs(AMPLIFIED * (nudged({"w": np.ones(9)}, random)["w"] - 1)) for _ in range(runs)])


def test_the_allowance_is_what_the_farthest_of_the_nudged_runs_makes_of_an_ulp() -> None:
    moved = moves(MANY_NUDGED_RUNS)
    first, second = moved[:2]
    (element, *_) = np.flatnonzero(
        (first != second) & (np.maximum(first, second) == moved.max(axis=0)) & (second > 0)
    ).tolist()
    allowed = FLOOR_FACTOR["float64"] * float(moved[:, element].max())
    for share, verdict in ((0.99, "agree"), (1.01, "disagree")):
        outcome = compare(amplifying(element), amplifying(element, share * allowed), BATCHES, updates=3)
        assert outcome.verdict == verdict, str(outcome)
    assert followed(outcome).parted == 2
    assert followed(outcome).tensor == "loss"
    assert float(followed(outcome).allowed) == pytest.approx(allowed, rel=1e-12)
    assert outcome.findings[0].kind == "training"


def test_more_nudged_runs_are_asked_where_the_first_two_move_nothing() -> None:
    moved = moves(MANY_NUDGED_RUNS)
    (element, *_) = np.flatnonzero((moved[:2].max(axis=0) == 0) & (moved.max(axis=0) > 0)).tolist()
    off = FLOOR_FACTOR["float64"] * float(moved[:, element].max()) / 2
    assert compare(amplifying(element), amplifying(element, off), BATCHES, updates=3).verdict == "agree"


def drifting(of: dict[str, float]) -> Training:
    """Weights that differ by these shares from the second update on."""

    def gradient(weights: Weights) -> Weights:
        is_later = weights["count"][0] > 0
        changed = {name: np.array([-share * is_later]) for name, share in of.items()}
        return {**changed, "count": np.array([-1.0])}

    return training(lambda weights, x: 0.0, gradient, rate=1.0, a=[4.0], b=[2.0], c=[1.0], count=[0.0])


def test_a_weight_that_parts_is_named_and_its_distance_is_relative_to_its_size() -> None:
    left, right = drifting({"a": 0, "b": 0, "c": 0}), drifting({"a": 0, "b": 1e-3, "c": 0})
    found = followed(compare(left, right, BATCHES, updates=3))
    assert (found.parted, found.tensor) == (2, "b")
    assert float(found.off) == pytest.approx(1e-3 / 2)
    assert float(found.allowed) == pytest.approx(BASE_ULPS * np.finfo(np.float64).eps / 2)
    assert [float(each) for each in found.weights] == pytest.approx([0, 1e-3 / 2, 0, 0])
    assert len(found.left_losses) == 2


def test_where_nothing_parts_the_farthest_weight_is_named_relative_to_the_largest() -> None:
    eps = float(np.finfo(np.float64).eps)
    left, right = drifting({"a": 0, "b": 0, "c": 0}), drifting({"a": 0, "b": 2 * eps, "c": eps})
    found = followed(compare(left, right, BATCHES, updates=2))
    assert (found.parted, found.tensor) == (None, "b")
    assert float(found.off) == pytest.approx(2 * eps / 4)
    assert float(found.allowed) == pytest.approx(BASE_ULPS * 2 * eps / 2 / 4)
    assert [float(each) for each in found.weights] == pytest.approx([0, eps, eps, 0])


@pytest.mark.parametrize("size", [0.0, np.inf])
def test_a_distance_from_a_loss_of_no_size_is_shown_as_it_is(size: float) -> None:
    def loss(weights: Weights, x: Array) -> Any:
        return size if x[0] > 1 else 0.0

    left = training(loss, w=[1.0])
    right = training(lambda weights, x: 0.5 if x[0] > 1 else 0.0, w=[1.0])
    found = followed(compare(left, right, [(np.ones(1),), (np.full(1, 2.0),)], updates=2))
    assert (found.parted, found.tensor) == (2, "loss")
    assert float(found.off) == (0.5 if size == 0 else np.inf)


def off_in_float32(from_update: int) -> Training:
    """Code in float32 that moves its weight too far from an update on, unless it computes in float64."""

    def step(weights: Weights, x: Array) -> tuple[float, Weights]:
        weights["count"] = weights["count"] + 1
        if weights["w"].dtype == np.float32 and weights["count"][0] >= from_update:
            weights["w"] = weights["w"] + np.float32(0.5)
        return 0.0, {name: np.ones(1, array.dtype) for name, array in weights.items()}

    return Training(step=step, weights={"w": np.ones(1, np.float32), "count": np.zeros(1, np.float32)})


@pytest.mark.parametrize(
    ("update", "verdict", "said"), [(1, "disagree", ["float32 parts at update 1"]), (2, "drift", []), (9, "agree", [])]
)
def test_what_parts_in_float32_alone_is_wrong_at_the_first_update_and_drift_later(
    update: int, verdict: str, said: list[str]
) -> None:
    outcome = compare(off_in_float32(9), off_in_float32(update), [(np.ones(1),)], updates=3)
    assert [followed.parted for followed in outcome.updates] == [None, None if update == 9 else update]
    assert outcome.verdict == verdict
    assert [finding.text.partition(":")[0] for finding in outcome.findings] == said
