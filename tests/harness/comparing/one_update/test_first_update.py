"""The first update: what gradients and weights may be apart, and what is said of how they are laid out."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from backends.capture.calls import Pass
from backends.capture.training import Training
from backends.contract import Array
from harness.comparing.first_update import FACTOR, FirstUpdate, layout
from harness.comparing.following import SEED, Trainings
from harness.comparing.mates import unchanged
from harness.comparing.pairing.weights import Pair, Pairing
from harness.running.allowance import NUDGED_RUNS, nudged
from lockstep import compare
from tests.harness.comparing.by_hand import Weights, training
from tests.harness.comparing.one_update.passes import Building, kinds

BATCHES = [(np.ones(1),)]
AMPLIFIED = 1e12
"""How much a gradient of these tests makes of what its weights are off."""


def no_loss(weights: Weights, x: Array) -> Any:
    return 0.0


def amplified(weights: Weights) -> Weights:
    return {"w": AMPLIFIED * (weights["w"] - 1)}


def filled_with(number: float) -> Callable[[Weights], Weights]:
    return lambda weights: {name: np.full_like(array, number) for name, array in weights.items()}


@pytest.mark.parametrize("rate", [0.0, 1.0])
def test_gradients_and_weights_may_be_apart_by_so_much_more_than_nudges_move_them(rate: float) -> None:
    random = np.random.RandomState(SEED)
    moved = [float(np.abs(amplified(nudged({"w": np.ones(9)}, random))["w"]).max()) for _ in range(NUDGED_RUNS)]
    left = training(no_loss, amplified, rate=rate, w=np.ones(9))
    for share, verdict in ((0.98, "agree"), (1.02, "disagree")):
        constant = share * FACTOR * max(moved)
        right = training(no_loss, filled_with(constant), rate=rate, w=np.ones(9))
        outcome = compare(left, right, BATCHES, updates=1)
        assert outcome.verdict == verdict, str(outcome)
    assert FACTOR == 64


def test_a_weight_may_be_apart_by_the_tolerance_where_nudges_move_nothing() -> None:
    for share, verdict in ((9e-10, "agree"), (1.1e-9, "disagree")):
        left, right = (training(no_loss, filled_with(number), w=[1.0, 1.0]) for number in (1, 1 + share))
        assert compare(left, right, BATCHES, updates=1).verdict == verdict


@pytest.mark.parametrize("broken", [np.inf, np.nan])
def test_a_gradient_of_nudged_runs_that_is_not_finite_allows_nothing(broken: float) -> None:
    left = training(no_loss, lambda weights: {"w": np.where(weights["w"] == 1, 1.0, broken)}, w=np.ones(9))
    outcome = compare(left, training(no_loss, filled_with(2), w=np.ones(9)), BATCHES, updates=1)
    assert outcome.first is not None
    assert outcome.first.text == "the gradient of w is wrong"


def of_some_weights(*names: str) -> Callable[[Weights], Weights]:
    return lambda weights: {name: np.array([0.0, 1.0]) for name in names}


@pytest.mark.parametrize("missing", ["left", "right"])
def test_a_gradient_that_is_missing_is_the_same_as_zeros(missing: str) -> None:
    """One element of the gradient that is there is not zero."""
    one, both = (training(no_loss, of_some_weights(*names), w=[1, 1], v=[2, 2]) for names in ("v", "wv"))
    sides = (one, both) if missing == "left" else (both, one)
    outcome = compare(*sides, BATCHES, updates=1)
    assert outcome.first is not None
    assert outcome.first.text == f"the gradient of w is zero on the {missing}, that of v is right"
    zeros = training(no_loss, lambda weights: {**of_some_weights("v")(weights), "w": np.zeros(2)}, w=[1, 1], v=[2, 2])
    sides = (one, zeros) if missing == "left" else (zeros, one)
    assert compare(*sides, BATCHES, updates=1).verdict == "agree"


def test_a_gradient_that_is_wrong_beside_one_that_is_missing_is_not_zero() -> None:
    left = training(no_loss, of_some_weights("w", "v"), w=[1, 1], v=[2, 2])
    right = training(no_loss, lambda weights: {"w": np.array([1.0, 0.0])}, w=[1, 1], v=[2, 2])
    (pair, other) = (outcome := compare(left, right, BATCHES, updates=1)).weights
    assert outcome.first is not None
    assert outcome.first.text == "the gradients of w, v are wrong"
    assert (pair.gradient, other.gradient) == (1, 1)


def test_how_far_a_pair_is_apart_before_the_update_and_after_it() -> None:
    left = training(no_loss, lambda weights: {"w": np.array([1.0, 0.0])}, rate=1.0, w=[4.0, 8.0])
    right = training(no_loss, lambda weights: {"w": np.array([1.0, 0.0])}, rate=2.0, w=[4.0, 8.0])
    (pair,) = (outcome := compare(left, right, BATCHES, updates=1)).weights
    assert (pair.start, pair.gradient, pair.after) == (0, 0, 1 / 8)
    assert (pair.is_gradient_wrong, pair.is_wrong) == (False, True)
    assert outcome.first is not None
    assert outcome.first.text.endswith("; w is 1.2e-01 apart")


@pytest.mark.parametrize(
    ("of", "expected"),
    [
        (lambda array: array, "same"),
        (lambda array: array.reshape(3, 2), "reshaped"),
        (lambda array: array.T, "transposed"),
        (lambda array: array[::-1], "reordered"),
        (lambda array: array[:, ::-1].T, "reordered"),
    ],
)
def test_a_layout_is_told_by_where_elements_go(of: Callable[[Array], Array], expected: str) -> None:
    pair = Pair(("w",), "w", lambda arrays: of(arrays["w"]), lambda arrays: of(arrays["w"]))
    assert layout(pair, {"w": np.ones((2, 3))}) == expected


def test_a_layout_of_several_arrays_or_none() -> None:
    def of(arrays: Any) -> Array:
        return np.concatenate([arrays["a"], arrays["b"]])

    assert layout(Pair(("a", "b"), "w", of, of), {"a": np.ones(2), "b": np.ones(2)}) == "joined"
    assert layout(Pair(("a",), "w", of, of, is_surplus=True), {"a": np.ones(2)}) == "zeros"


@dataclass
class Given:
    """A training whose update is given."""

    captured: Pass

    def advance(self, *given: Any) -> Pass:
        return self.captured

    def arrays(self) -> Weights:
        return {name: self.captured.arrays[number] for name, number in self.captured.weights.items()}

    def buffers(self) -> Weights:
        return {}


def first_update(left: Pass, right: Pass, *nudged: Pass, pairing: Pairing) -> FirstUpdate:
    """The first update of trainings that give these passes."""
    given: Any = [Given(each) for each in (left, right, *nudged)]
    trainings = Trainings(given[0], given[1], given[2:])
    return FirstUpdate(trainings, (), pairing, are_trained=False)


def of_weights(gradients: dict[str, list[float]], **sizes: int) -> Pass:
    """A pass that uses these weights, and has gradients of some of them."""
    side = Building()
    numbers = {name: side.leaf(np.ones(size), name) for name, size in sizes.items()}
    side.call("f", tuple(numbers.values()), 1.0)
    return side.with_gradients({numbers[name]: gradient for name, gradient in gradients.items()})


@pytest.mark.parametrize("present", ["a", "b"])
def test_a_weight_of_several_has_zeros_where_one_has_no_gradient(present: str) -> None:
    def joined(arrays: Any) -> Array:
        return np.concatenate([arrays["a"], arrays["b"]])

    pair = Pair(("a", "b"), "w", joined, joined)
    left = of_weights({present: [3.0, 4.0]}, a=2, b=2)
    expected = [3.0, 4.0, 0.0, 0.0] if present == "a" else [0.0, 0.0, 3.0, 4.0]
    for gradient, wrong in ((expected, []), ([3.0, 4.0, 3.0, 4.0], [pair])):
        right = of_weights({"w": gradient}, w=4)
        assert first_update(left, right, pairing=Pairing([pair])).wrong == wrong
    update = first_update(of_weights({}, a=2, b=2), right, pairing=Pairing([pair]))
    assert update.wrong == [pair]
    assert update.is_missing(pair) == (True, False)


def test_gradients_of_results_may_be_apart_by_so_much_more_than_nudges_move_them() -> None:
    def passed(gradient: float) -> Pass:
        side = Building()
        weight = side.leaf(np.ones(2), "w")
        made = side.call("f", (weight,), [5.0, 6.0])
        side.call("g", (made,), 1.0)
        return side.with_gradients({made: [1.0, gradient]})

    pairing = Pairing([Pair(("w",), "w", lambda arrays: arrays["w"], lambda arrays: arrays["w"])])
    for share, is_wrong in ((0.9, False), (1.1, True)):
        nudged = passed(1 + 1e-6), passed(1 - 1e-7)
        update = first_update(passed(1), passed(1 + share * FACTOR * 1e-6), *nudged, pairing=pairing)
        apart = update.gradients_of_mates(2, 2, unchanged)
        assert apart is not None
        assert apart.is_wrong is is_wrong


def test_a_weight_that_two_are_made_of_is_wrong_if_one_of_them_is() -> None:
    """Otherwise its gradient would be right and wrong, and what arrived at its only call right."""
    left = Building()
    weight = left.leaf(np.ones(2), "w")
    left.call("g", (left.call("f", (weight,), [5.0, 6.0]),), 1.0)
    left.with_gradients({weight: [1.0, 2.0]})
    right = of_weights({"v": [1.0, 2.0], "u": [1.0, 3.0]}, v=2, u=2)
    pairs = [Pair(("w",), name, lambda arrays: arrays["w"], lambda arrays: arrays["w"]) for name in ("v", "u")]
    update = first_update(left.captured, right, pairing=Pairing(pairs))
    assert (update.right_ones, update.wrong) == (pairs[:1], pairs[1:])
    (bracket,) = update.brackets(is_left=True)
    assert kinds(bracket.calls) == ["f", "g"]


class Noisy(nn.Module):
    """A bias before a normalisation, whose gradient is nothing but rounding."""

    def __init__(self) -> None:
        super().__init__()
        self.linear, self.norm, self.last = nn.Linear(3, 4), nn.BatchNorm1d(4), nn.Linear(4, 2)

    def forward(self, x: Tensor) -> Tensor:
        return self.last(self.norm(self.linear(x)))  # type: ignore[no-any-return]


def test_results_that_are_no_calls_are_not_counted() -> None:
    torch.manual_seed(0)
    model = Noisy()
    side = Training(model, lambda m, x: m(x).square().sum())
    outcome = compare(side, side, [(np.random.RandomState(0).standard_normal((6, 3)),)], updates=1)
    assert outcome.verdict == "agree"
    assert outcome.compared == outcome.results == 5
