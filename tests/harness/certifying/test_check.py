"""One tensor against its bound: what fails, what says nothing, and what is suspect."""

import numpy as np
import pytest

from harness.certifying.check import Check, is_finite
from harness.numerics.bounds.bounded import Bounded
from harness.numerics.rounding import arithmetic

ARITHMETIC = arithmetic("float32")
LARGEST = float(np.finfo(np.float32).max)
INF, NAN = np.inf, np.nan


def check(got: list[float], midpoint: list[float], radius: list[float] | None) -> Check:
    """A check of an array of float32."""
    bound = Bounded(np.array(midpoint), ARITHMETIC, None if radius is None else np.array(radius))
    with np.errstate(all="ignore"):
        return Check(bound, np.array(got, np.float32), LARGEST)


@pytest.mark.parametrize(
    ("got", "failing"),
    [
        ([1.0, 2.0], None),
        ([1.25, 2.0], None),
        ([1.0, 1.5], None),
        ([1.375, 2.0], [True, False]),
        ([1.0, 1.375], [False, True]),
        ([NAN, 2.0], [True, False]),
        ([INF, -INF], [True, True]),
    ],
)
def test_what_is_outside_its_radius_fails(got: list[float], failing: list[bool] | None) -> None:
    found = check(got, [1.0, 2.0], [0.25, 0.5]).failing
    assert (None if found is None else found.tolist()) == failing


def test_without_a_radius_the_last_bit_counts() -> None:
    assert check([1.0, -0.0], [1.0, 0.0], None).failing is None
    next_one = float(np.nextafter(np.float32(1), np.float32(2)))
    assert check([next_one, 0.0], [1.0, 0.0], None).failing is not None
    assert check([1.0, float(np.finfo(np.float32).smallest_subnormal)], [1.0, 0.0], None).failing is not None


def test_what_is_computed_below_the_smallest_normal_number_may_lose_all_of_its_digits() -> None:
    assert check([1e-39, 1.0], [0.0, 1.0], [1e-45, 0.0]).used < 1
    assert check([2e-38, 1.0], [0.0, 1.0], [1e-45, 0.0]).failing is not None


@pytest.mark.parametrize(("midpoint", "radius"), [(1.0, INF), (1.0, NAN), (NAN, 0.0), (INF, 0.0), (LARGEST, 1e35)])
@pytest.mark.parametrize("got", [1.0, NAN, INF])
def test_where_there_is_no_bound_nothing_fails_and_nothing_is_told(midpoint: float, radius: float, got: float) -> None:
    found = check([got, 2.0], [midpoint, 2.0], [radius, 0.0])
    assert found.failing is None
    assert not found.tells(1e-3)


def test_one_element_without_a_bound_hides_no_other() -> None:
    found = check([5.0, 3.0], [1.0, 2.0], [INF, 0.5])
    assert found.failing is not None
    assert found.failing.tolist() == [False, True]


def test_a_tensor_tells_something_if_its_bound_is_narrow_and_holds() -> None:
    assert check([1.0, 2.0], [1.0, 2.0], [0.002, 0.002]).tells(1e-3)
    assert not check([1.0, 2.0], [1.0, 2.0], [0.003, 0.0]).tells(1e-3)
    assert not check([1.0, 2.1], [1.0, 2.0], [0.001, 0.001]).tells(1e-3)


def test_sharpness_is_the_widest_radius_as_a_share_of_the_largest_element() -> None:
    assert check([1.0, -4.0], [1.0, -4.0], [0.5, 0.25]).sharpness == 0.125
    assert check([0.0, 0.0], [0.0, 0.0], [0.5, 0.25]).sharpness == 0
    assert check([1.0, 1.0], [1.0, 1.0], [INF, 0.0]).sharpness == 0


def test_an_error_beyond_the_likely_one_of_a_long_sum_is_suspect() -> None:
    terms = np.ones(1000, np.float32)
    bound = np.sum(Bounded(terms.astype(np.float64), ARITHMETIC))
    likely, radius = float(np.max(bound.likely_radius)), float(np.max(bound.radius))
    assert likely < radius / 2
    for error, is_suspect in ((0.9 * likely, False), (1.1 * likely + 1e-4, True), (0.99 * radius, True)):
        found = Check(bound, np.asarray(1000 + error), LARGEST)
        assert found.failing is None
        assert found.is_suspect(ARITHMETIC.likely_from) is is_suspect
    short = np.sum(Bounded(terms[:3].astype(np.float64), ARITHMETIC))
    assert not Check(short, np.asarray(3 + float(np.max(short.radius))), LARGEST).is_suspect(ARITHMETIC.likely_from)


def test_a_sum_cancels_where_it_is_likely_right_to_a_share_of_its_terms() -> None:
    terms = np.resize([1.0, -1.0], 1000)
    bound = np.sum(Bounded(terms, ARITHMETIC))
    likely = float(np.max(bound.likely_radius))
    share = likely / 1000
    for error, of, cancels in (
        (0.0, 1.1 * share, True),
        (0.0, 0.9 * share, False),
        (0.9 * likely, 1e-3, True),
        (1.1 * likely, 1e-3, False),
        (NAN, 1e-3, False),
    ):
        assert Check(bound, np.asarray(error), LARGEST).cancels(of) is cancels


def test_what_is_no_sum_does_not_cancel() -> None:
    product = Bounded(np.array([0.3]), ARITHMETIC) * Bounded(np.array([0.7]), ARITHMETIC)
    assert not Check(product, np.asarray(product.midpoint), LARGEST).cancels(1.0)
    assert not check([0.0], [0.0], [0.5]).cancels(1.0)
    assert not check([0.0], [0.0], None).cancels(1.0)


def test_whole_numbers_are_always_finite() -> None:
    assert is_finite(np.arange(3))
    assert is_finite(np.ones(2))
    assert not is_finite(np.array([1.0, NAN]))
    assert not is_finite(np.array([-INF]))
