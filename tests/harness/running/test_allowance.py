"""What is allowed to a backend, by the formula of the allowance, and what exceeds it."""

import numpy as np
import pytest

from backends.contract import Array, Node
from harness.running.allowance import BASE_ULPS, FLOOR_FACTOR, HALF_LIFE, MeasuredFloor, Tolerances, nudged
from harness.running.deviations import Deviations, Scratch, difference

LOSS = Node("loss", "loss", "mean_squared_error")
WEIGHT = Node("weight", "w", "sgd")
INF, NAN = np.inf, np.nan
UNIT = {"float32": 2.0**-24, "float64": 2.0**-53}


def allowed(floor: MeasuredFloor, node: Node) -> float:
    return floor.allowed(node)


def test_the_allowance_is_what_a_nudge_moved_and_some_roundings(dtype: str) -> None:
    floor = MeasuredFloor(dtype, 1)
    floor.observe(1, WEIGHT, 2.0, 1e-3)
    assert allowed(floor, WEIGHT) == FLOOR_FACTOR[dtype] * 1e-3 + BASE_ULPS * UNIT[dtype] * 2.0


def test_what_was_measured_halves_in_a_half_life_and_sizes_do_not_but_for_the_loss() -> None:
    for node, size_left in ((WEIGHT, 1.0), (LOSS, 0.5)):
        floor = MeasuredFloor("float64", 1)
        floor.observe(1, node, 4.0, 1e-3)
        for epoch in range(2, 2 + int(HALF_LIFE)):
            floor.observe(epoch, node, 0.0, 0.0)
        expected = FLOOR_FACTOR["float64"] * 0.5e-3 + BASE_ULPS * UNIT["float64"] * 4.0 * size_left
        assert allowed(floor, node) == pytest.approx(expected, rel=1e-12)


def test_a_weight_of_zeros_that_only_its_nudge_moves_has_no_horizon(dtype: str) -> None:
    floor = MeasuredFloor(dtype, 1)
    floor.observe(1, WEIGHT, 0.0, float(np.finfo(dtype).smallest_subnormal))
    assert floor.horizon is None
    floor.observe(2, WEIGHT, 0.0, 1e-3)
    assert floor.horizon == 2


def test_points_within_an_epoch_share_its_half_life() -> None:
    floor = MeasuredFloor("float64", 10)
    floor.observe(1, WEIGHT, 0.0, 1.0)
    for _ in range(10 * int(HALF_LIFE)):
        floor.observe(2, WEIGHT, 0.0, 0.0)
    assert allowed(floor, WEIGHT) == pytest.approx(FLOOR_FACTOR["float64"] * 0.5, rel=1e-12)


@pytest.mark.parametrize("broken", [NAN, INF])
def test_what_is_not_finite_widens_no_allowance(broken: float) -> None:
    floor = MeasuredFloor("float32", 1)
    floor.observe(1, WEIGHT, 2.0, 1e-3)
    floor.observe(2, WEIGHT, broken, broken)
    assert allowed(floor, WEIGHT) <= FLOOR_FACTOR["float32"] * 1e-3 + BASE_ULPS * UNIT["float32"] * 2.0
    assert np.isfinite(allowed(floor, WEIGHT))


def test_the_horizon_is_where_rounding_may_move_a_weight_that_far() -> None:
    floor = MeasuredFloor("float64", 1)
    for epoch, moved in ((1, 1e-9), (2, 0.9e-3 / 64), (3, 1.1e-3 / 64), (4, 1.0)):
        floor.observe(epoch, LOSS, 1.0, 1.0)
        floor.observe(epoch, WEIGHT, 1.0, moved)
    assert floor.horizon == 3


def test_the_loss_is_untested_from_where_rounding_explains_any_to_the_end() -> None:
    floor = MeasuredFloor("float64", 1)
    for epoch, moved in ((1, 1.0), (2, 0.0)):
        floor.observe(epoch, LOSS, 1.0, moved)
    assert floor.loss_untested_from == 1
    floor.observe(3, LOSS, 1e6, 0.0)
    assert floor.loss_untested_from is None
    floor.observe(4, LOSS, 1e-6, 0.0)
    assert floor.loss_untested_from == 4


def test_a_nudge_is_an_ulp_up_or_down_or_none() -> None:
    start = np.full(4000, 0.3, np.float32)
    moved = nudged({"w": start}, np.random.RandomState(1))["w"]
    assert moved.dtype == np.float32
    steps = (moved - start) / np.spacing(start)
    assert [np.mean(steps == step) for step in (-1, 0, 1)] == pytest.approx([0.25, 0.5, 0.25], abs=0.03)


@pytest.mark.parametrize(
    ("want", "got", "exceeds"),
    [
        ([1.0, 2.0], [1.0, 2.1], False),
        ([1.0, 2.0], [1.0, 2.3], True),
        ([1.0, 2.0], [1.0, NAN], True),
        ([1.0, 2.0], [INF, 2.0], True),
        ([1.0, INF], [1.0, 2.0], True),
        ([1.0, -INF], [1.0, INF], True),
        ([1.0, NAN], [1.0, 2.0], True),
        ([1.0, NAN], [1.0, NAN], True),
    ],
)
@pytest.mark.parametrize("rtol", [0.0, 0.05])
def test_nothing_but_a_number_is_within_a_users_tolerance(
    want: list[float], got: list[float], exceeds: bool, rtol: float
) -> None:
    reference, array = np.array(want), np.array(got)
    tolerances = Tolerances(rtol=rtol, atol=0.15 - 0.1 * (rtol > 0))
    assert (compared(reference, array, tolerances).first is not None) is exceeds


@pytest.mark.parametrize("broken", [NAN, INF, -INF])
@pytest.mark.parametrize("side", ["want", "got", "both"])
def test_nothing_but_a_number_is_within_a_measured_allowance(broken: float, side: str) -> None:
    want, got = np.array([1.0, 2.0]), np.array([1.0, 2.0])
    for name, array in (("want", want), ("got", got)):
        if side in (name, "both"):
            array[1] = broken
    first = compared(want, got, 1e300).first
    assert first is not None
    assert first.index == (1,)


def test_the_element_that_exceeds_its_own_tolerance_the_most_is_named() -> None:
    want, got = np.array([100.0, 1.0, 1.0]), np.array([101.0, 1.5, 1.1])
    first = compared(want, got, Tolerances(rtol=0.1, atol=0.0)).first
    assert first is not None
    assert (first.index, first.error, first.allowed) == ((1,), 0.5, 0.1)


def test_a_weight_parts_beyond_a_thousandth_whatever_is_allowed() -> None:
    want = np.array([2.0, -4.0])
    assert compared(want, want + 0.003, 1.0).parted is None
    parted = compared(want, want + 0.005, 1.0)
    assert parted.first is None
    assert parted.parted is not None


def compared(want: Array, got: Array, allowance: float | Tolerances) -> Deviations:
    """The deviations of one weight."""
    deviations = Deviations("mine", "float64")
    size = float(np.max(np.abs(want)))
    tolerances, allowed = (None, allowance) if isinstance(allowance, float) else (allowance.of_elements(want), 0.0)
    with np.errstate(all="ignore"):
        worst = difference(got, want, tolerances, Scratch("float64"))
    deviations.note(1, 1, WEIGHT, want.shape, size, worst, allowed + worst.tolerance)
    return deviations
