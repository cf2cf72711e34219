"""A number is believed where it is simple, and where one as simple is not within reach of any number."""

from fractions import Fraction

import pytest

from harness.explaining.solving import shortest, simplest, solution


def test_a_root_is_found_and_how_sure_it_is() -> None:
    root, room = solution(lambda x: x * x - 2, 1.0, 2.0, 1e-9) or (0.0, 0.0)
    assert root == pytest.approx(2**0.5, abs=room)
    assert room == pytest.approx(1e-9 / 2 / 2**0.5, rel=1e-2)


@pytest.mark.parametrize("function", [lambda x: 1.0, lambda x: float("nan"), lambda x: x * x + 1])
def test_where_there_is_no_root_there_is_none(function: object) -> None:
    assert solution(function, 1.0, 2.0, 1e-9) is None  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("value", "room", "expected"),
    [
        (0.0100000001, 1e-9, 0.01),
        (0.100001, 1e-12, 0.100001),  # few digits as a change of 0.1
        (0.1279294735801817, 1e-17, None),
        (0.0123, 2e-3, None),  # a number of one digit is never further off than that
        (1e-12, 1e-9, 0.0),
    ],
)
def test_a_setting_is_a_number_of_few_digits(value: float, room: float, expected: float | None) -> None:
    assert shortest(value, 0.1, room) == expected


@pytest.mark.parametrize(
    ("value", "room", "expected"),
    [
        (1 / 768 + 1e-10, 1e-9, Fraction(1, 768)),
        (13 / 18, 1e-9, Fraction(13, 18)),
        (1024.0000001, 1e-6, Fraction(1024)),
        (0.7234, 1e-2, None),
        (2**0.5, 1e-12, None),
    ],
)
def test_a_factor_is_a_fraction_of_small_numbers(value: float, room: float, expected: Fraction | None) -> None:
    assert simplest(value, room) == expected
