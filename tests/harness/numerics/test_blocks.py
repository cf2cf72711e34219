"""What is computed part by part is what is computed at once."""

import numpy as np
import pytest

from backends.contract import Array
from harness.certifying.check import Check
from harness.numerics.blocks import BLOCK, blocks, in_blocks
from harness.numerics.bounds.bounded import Bounded
from harness.numerics.rounding import arithmetic

LARGE = (BLOCK // 4 + 3, 8)


def numbers(shape: tuple[int, ...], seed: int = 1) -> Array:
    return np.random.RandomState(seed).standard_normal(shape)


def test_parts_are_views_that_make_up_the_whole() -> None:
    a, b = numbers(LARGE), numbers(LARGE, 2)
    parts = list(blocks(a, b))
    assert len(parts) == 3
    assert all(np.shares_memory(part, whole) for pair in parts for part, whole in zip(pair, (a, b), strict=True))
    for place, whole in enumerate((a, b)):
        np.testing.assert_array_equal(np.concatenate([pair[place] for pair in parts]), whole.reshape(-1))


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (numbers((3, 4)), numbers((3, 4))),
        (numbers(LARGE), numbers(LARGE[::-1]).T),
        (numbers(LARGE), numbers(LARGE[1:])),
        (numbers(LARGE), numbers(LARGE[::-1])),
        (numbers(LARGE), np.broadcast_to(numbers(LARGE[1:]), LARGE)),
    ],
    ids=["small", "transposed", "smaller", "of another shape", "broadcast"],
)
def test_what_can_not_be_divided_alike_is_whole(first: Array, second: Array) -> None:
    ((whole, other),) = blocks(first, second)
    assert whole is first
    assert other is second


@pytest.mark.parametrize("shape", [LARGE, (3, 4), ()])
def test_a_function_that_works_in_place_gives_the_same(shape: tuple[int, ...]) -> None:
    def compute(x: Array, y: Array) -> Array:
        x *= 3.0
        x += y
        return x

    x, y = np.asarray(numbers(shape)), np.asarray(numbers(shape, 2))
    np.testing.assert_array_equal(in_blocks(compute, x.copy(), y), compute(x.copy(), y))


@pytest.mark.parametrize("place", [0, BLOCK, 2 * BLOCK + 1])
@pytest.mark.parametrize(("wrong", "used"), [(np.nan, np.nan), (np.inf, np.inf), (1.0, 4.0)])
def test_a_wrong_element_is_found_wherever_it_is(place: int, wrong: float, used: float) -> None:
    bound = Bounded(np.ones(LARGE), arithmetic("float32"), np.full(LARGE, 0.25))
    got = np.ones(LARGE, np.float32)
    assert Check(bound, got, 1e38).used == 0
    got.flat[place] += wrong
    with np.errstate(all="ignore"):
        check = Check(bound, got, 1e38)
    assert check.failing is not None
    assert np.flatnonzero(check.failing).tolist() == [place]
    assert np.isnan(check.used) if np.isnan(used) else check.used == used
