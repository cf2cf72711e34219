"""Solves for the parameter value that reproduces a recorded number, and tests whether a simple value fits by chance."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from math import isfinite

CHANCE = 0.01
"""A simple number is rejected if one fits by chance with a probability above this."""

MOST_STEPS = 24
MOST_DIGITS = 16

LARGEST_COUNT = 1_000_000
"""A factor n or 1/n may be a count up to this one. In other fractions both numbers have to be small."""

LARGEST_OF_FRACTION = 1_000


def solution(function: Callable[[float], float], start: float, other: float, room: float) -> tuple[float, float] | None:
    """Find a root by the secant method; return it and how far a change of `room` in the function's value moves it.

    Return None if the method does not converge.
    """
    at_start, at_other = function(start), function(other)
    for _ in range(MOST_STEPS):
        if not isfinite(at_other) or at_other == at_start:
            return None
        slope = (at_other - at_start) / (other - start)
        if abs(at_other) <= room / 16:
            return other, abs(room / slope)
        start, at_start, other = other, at_other, other - at_other / slope
        if other == start:
            return (other, abs(room / slope)) if abs(at_other) <= room else None
        at_other = function(other)
    return None


def is_by_chance(candidates: float, room: float) -> bool:
    """Whether one of `candidates` numbers is likely to lie within the relative distance `room` of any number."""
    return candidates * room > CHANCE


def shortest(value: float, usual: float, room: float, most_digits: int = MOST_DIGITS) -> float | None:
    """The decimal number with the fewest digits within `room` of a value.

    Its relative change from `usual` may have the fewest digits instead. Return None if a number with as few digits
    would be that close by chance.
    """
    change = value / usual - 1 if usual else 0.0
    for digits in range(1, most_digits):
        near = float(f"{value:.{digits}g}")
        if near and abs(near - value) <= room and not is_by_chance(10**digits, room / abs(near)):
            return near
        near = float(f"{change:.{digits}g}")
        if near and abs(near - change) <= room / abs(usual) and not is_by_chance(10**digits, room / abs(usual * near)):
            return usual * (1 + near)
    return 0.0 if abs(value) <= room else None


def simplest(value: float, room: float) -> Fraction | None:
    """The simplest fraction within `room` of a positive value; None if one would be that close by chance."""
    part = round(1 / value)
    nearby = [Fraction(value).limit_denominator(largest) for largest in (1, 10, LARGEST_OF_FRACTION)]
    for fraction in (*nearby, *([Fraction(1, part)] if part else [])):
        p, q = fraction.numerator, fraction.denominator
        small = max(p, q) <= LARGEST_OF_FRACTION or (min(p, q) == 1 and max(p, q) <= LARGEST_COUNT)
        if p and small and abs(p / q - value) <= room and not is_by_chance(p * q, room / value):
            return fraction
    return None
