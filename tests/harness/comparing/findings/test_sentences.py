"""What a finding says of calls and of weights after the update, from an update that is given."""

from types import SimpleNamespace
from typing import Any

import numpy as np

from harness.comparing.document.outcome import Finding, WeightPair
from harness.comparing.findings import findings
from harness.comparing.mates import find_mates, unchanged
from harness.comparing.pairing.weights import Pairing
from tests.harness.comparing.one_update.passes import Building

RANDOM = np.random.RandomState(11)


def found(left: Building, right: Building, *weights: WeightPair, losses: tuple[float, float] = (1.0, 1.0)) -> Finding:
    """The one finding of an update with these weights; the first tensor of either side is the same data."""
    update: Any = SimpleNamespace(
        left=left.captured,
        right=right.captured,
        mates=find_mates(left.captured, right.captured, {1: (1, unchanged)}),
        losses=lambda: losses,
        weights=weights,
        wrong=[],
        right_ones=[],
        buffers=[],
    )
    (one,) = findings(update, Pairing(), [], [])
    return one


def started() -> Building:
    side = Building()
    side.leaf(np.ones(3))
    return side


def test_calls_that_look_the_same_are_counted_and_each_side_has_its_place() -> None:
    left, right = started(), started()
    data = [left.leaf(RANDOM.standard_normal(3)) for _ in range(2)]
    made = [left.call("p", (number,), RANDOM.standard_normal(3), line=9) for number in data]
    left.call("s", (made[0], made[1]), 1.0, line=10)
    right.call("r", (right.leaf(RANDOM.standard_normal(3)),), 2.0, line=20)
    finding = found(left, right, losses=(1.0, 2.0))
    assert finding.text == "forward parts at p (file.py:9) 2 times … s (file.py:10) | r (file.py:20)"
    assert (finding.left_place, finding.right_place) == ("file.py:9", "file.py:20")


def weight(name: str, after: float, *, is_wrong: bool = True, is_surplus: bool = False) -> WeightPair:
    return WeightPair(
        left=name,
        right=name,
        is_buffer=False,
        is_transposed=False,
        is_surplus=is_surplus,
        shape=[1],
        layout="same",
        start=0.0,
        gradient=0.0,
        after=after,
        is_gradient_wrong=False,
        is_wrong=is_wrong,
    )


def test_a_second_bias_that_is_trained_is_said_where_nothing_else_is_wrong() -> None:
    right_one, wrong = weight("w", 0.0, is_wrong=False), weight("v", 0.25)
    one, two = weight("b1", 0.5, is_surplus=True), weight("b2", 0.5, is_surplus=True)
    twice = "twice as far as the one bias on the left, unless it is frozen"
    for weights, text in (
        ((right_one, one), f"b1 is trained, too: it and its twin move {twice}"),
        ((right_one, one, two), f"b1, b2 are trained, too: each of them and its twin move {twice}"),
        ((one, wrong), "gradients agree at update 1, weights don't: the optimizer; b1 is 5.0e-01 apart"),
    ):
        finding = found(started(), started(), *weights)
        assert (finding.kind, finding.text) == ("optimizer", text)
