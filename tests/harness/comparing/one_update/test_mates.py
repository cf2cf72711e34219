"""Which tensors of two passes are mates: equal numbers, each once, by the likeliest of several."""

from typing import Any

import numpy as np
import pytest

from harness.comparing.mates import Digest, Mates, find_mates, is_close, same_numbers, unchanged
from tests.harness.comparing.one_update.passes import Building

RANDOM = np.random.RandomState(5)
X = RANDOM.standard_normal((4, 3))


def mates_of(left: Building, right: Building) -> Mates:
    """The mates, where the first tensor of either is the same data."""
    return find_mates(left.captured, right.captured, {1: (1, unchanged)})


def started() -> tuple[Building, Building]:
    """Two passes of the same data."""
    left, right = Building(), Building()
    assert left.leaf(X) == right.leaf(X) == 1
    return left, right


def test_the_same_numbers_in_another_arrangement_are_mates() -> None:
    left, right = started()
    array = RANDOM.standard_normal((2, 3, 5))
    forms = [array, array.reshape(6, 5), array.transpose(2, 0, 1), array.transpose(1, 2, 0)[None], array[:, :, None, :]]
    for form in forms:
        mine, theirs = left.call("a", (1,), array), right.call("b", (1,), form)
        mates = mates_of(left, right)
        assert mates.right[mine] == theirs
        np.testing.assert_array_equal(mates.forms[mine](array), form)


@pytest.mark.parametrize("axes", [2, 3, 4, 5])
def test_axes_may_stand_in_another_order_up_to_five(axes: int) -> None:
    array = np.arange(2.0**axes).reshape((2,) * axes)
    moved = array.transpose(*range(1, axes), 0)
    form = same_numbers(array, moved)
    assert form is not None
    np.testing.assert_array_equal(form(array), moved)


def test_other_numbers_are_no_mates() -> None:
    left, right = started()
    array = RANDOM.standard_normal((3, 4))
    mine = left.call("a", (1,), array)
    for other in (array + 1e-8, -array, array[:, ::-1], np.where(array == array.max(), np.nan, array), array[:2]):
        right.call("a", (1,), other)
    assert mine not in mates_of(left, right).right
    theirs = right.call("a", (1,), array * (1 + 1e-11))
    assert mates_of(left, right).right[mine] == theirs


def test_the_tolerance_is_a_share_of_the_larger_of_both() -> None:
    for other, expected in ((1 + 9e-10, True), (1 + 1.1e-9, False)):
        assert is_close(np.array([1.0, 0.5]), np.array([other, 0.5])) is expected
    assert is_close(np.array([0.0]), np.array([0.0]))
    assert not is_close(np.array([0.0]), np.array([1e-300]))
    assert not is_close(np.array([1e-300]), np.array([0.0]))


def test_no_tensor_is_the_mate_of_two() -> None:
    left, right = started()
    ones = np.ones((2, 2))
    mine = [left.call("a", (1,), ones) for _ in range(3)]
    theirs = [right.call("a", (1,), ones) for _ in range(2)]
    mates = mates_of(left, right)
    assert sorted(mates.right[number] for number in mine[:2]) == theirs
    assert mine[2] not in mates.right


def test_of_several_equal_results_the_one_of_mates_is_taken_and_then_the_one_of_the_same_kind() -> None:
    left, right = started()
    w, w_right = left.leaf(X + 1, "w"), right.leaf(X + 1, "w")
    zeros = np.zeros((4, 3))
    mine = left.call("relu", (w,), zeros)
    right.call("relu", (1,), zeros)
    by_mates = right.call("clamp", (w_right,), zeros)
    known = {1: (1, unchanged), w: (w_right, unchanged)}
    assert find_mates(left.captured, right.captured, known).right[mine] == by_mates
    by_kind = right.call("relu", (w_right,), zeros)
    assert find_mates(left.captured, right.captured, known).right[mine] == by_kind


def test_what_one_side_computes_may_be_given_to_the_other() -> None:
    for is_left in (True, False):
        sides = started()
        giving, computing = sides if is_left else sides[::-1]
        given = giving.leaf(2 * X)
        giving.call("add", (1, given), 3 * X)
        made = computing.call("mul", (1,), 2 * X)
        mates = mates_of(*sides)
        pair = (given, made) if is_left else (made, given)
        assert (mates.right[pair[0]], mates.left[pair[1]]) == pair[::-1]


@pytest.mark.parametrize("constant", [np.float64(2.0), np.array([2]), np.array([1, 2, 3])])
def test_a_single_number_or_whole_ones_that_are_given_are_no_mates(constant: Any) -> None:
    left, right = started()
    given = left.leaf(constant)
    left.call("mul", (1, given), 2 * X)
    right.call("sum", (1,), constant)
    assert given not in mates_of(left, right).right


@pytest.mark.parametrize("axis", [0, 1])
@pytest.mark.parametrize("is_left", [True, False])
def test_a_step_is_the_mate_of_its_sequence(axis: int, is_left: bool) -> None:
    sides = started()
    by_step, at_once = sides if is_left else sides[::-1]
    steps = RANDOM.standard_normal((5, 4, 3))
    numbers = [by_step.call("cell", (1,), step) for step in steps]
    whole = at_once.call("rnn", (1,), np.moveaxis(steps, 0, axis))
    other = at_once.call("rnn", (1,), RANDOM.standard_normal((5, 4, 3)))
    mates = mates_of(*sides)
    mated, others = (mates.right, mates.left) if is_left else (mates.left, mates.right)
    assert [mated[number] for number in numbers] == [whole] * 5
    assert whole in others
    assert other not in others
    assert not mates.forms.keys() & {*numbers, whole}


def test_what_has_a_mate_is_the_step_of_no_sequence() -> None:
    left, right = started()
    steps = RANDOM.standard_normal((5, 4, 3))
    mine, theirs = left.call("cell", (1,), steps[2]), right.call("cell", (1,), steps[2])
    sequence = right.call("stack", (theirs,), steps)
    mates = mates_of(left, right)
    assert mates.right[mine] == theirs
    assert sequence not in mates.left


def test_a_digest_holds_the_largest_and_how_many_are_infinite() -> None:
    """The sums of these are the same."""
    for one, other in (([1.0, 3.0], [2.0, 2.0]), ([1.0, np.inf], [1.0, 0.0])):
        assert not Digest.of(np.array(one)).may_equal(Digest.of(np.array(other)))
        assert not Digest.of(np.array(other)).may_equal(Digest.of(np.array(one)))


def test_a_sequence_that_has_a_mate_has_no_steps() -> None:
    left, right = started()
    steps = RANDOM.standard_normal((5, 4, 3))
    step = left.call("cell", (1,), steps[2])
    left.call("stack", (step,), steps)
    right.call("rnn", (1,), steps)
    assert step not in mates_of(left, right).right


@pytest.mark.parametrize("is_left", [True, False])
def test_what_rearranges_a_mate_has_its_mate(is_left: bool) -> None:
    sides = started()
    longer, shorter = sides if is_left else sides[::-1]
    array = RANDOM.standard_normal((2, 3, 4))
    made, other = longer.call("a", (1,), array), shorter.call("a", (1,), array)
    turned = longer.call("transpose", (made,), array.T)
    column = longer.call("getitem", (made,), array.reshape(-1))
    negated = longer.call("neg", (made,), -array)
    mates = mates_of(*sides)
    mated = mates.right if is_left else mates.left
    assert (mated[turned], mated[column]) == (other, other)
    assert negated not in mated


def test_a_rearrangement_keeps_a_mate_of_its_own() -> None:
    left, right = started()
    array = RANDOM.standard_normal((2, 3))
    numbers = []
    for side in (left, right):
        made = side.call("a", (1,), array)
        numbers.append((made, side.call("reshape", (made,), array.reshape(6))))
    mates = mates_of(left, right)
    assert [mates.right[number] for number in numbers[0]] == [*numbers[1]]


def test_mates_that_are_known_keep_their_form() -> None:
    left, right = Building(), Building()
    left.leaf(X, "w")
    right.leaf(X.T, "w")
    mates = find_mates(left.captured, right.captured, {1: (1, np.transpose)})
    assert mates.forms[1] is np.transpose


@pytest.mark.parametrize("seed", range(20))
def test_what_is_close_has_digests_that_may_be_equal(seed: int) -> None:
    random = np.random.RandomState(seed)
    array = random.standard_normal((3, 4)) * 10.0 ** random.randint(-5, 5)
    near = array + 5e-10 * np.abs(array).max() * random.uniform(-1, 1, array.shape)
    assert is_close(array, near)
    assert Digest.of(array).may_equal(Digest.of(near.T))
    for far in (1.001 * array, np.abs(array), np.where(array == array.max(), 0, array), array.ravel()[1:]):
        assert not Digest.of(array).may_equal(Digest.of(far))


def test_a_rearrangement_takes_no_mate_that_another_call_computes() -> None:
    """Of two equal results that are computed one after the other, with a reshape between them on one side."""
    left, right = started()
    array = RANDOM.standard_normal((4, 2))
    first = left.call("linear", (1,), array)
    reshaped = left.call("reshape", (first,), array.reshape(2, 4))
    second = left.call("linear", (1,), array)
    theirs = [right.call("linear", (1,), array) for _ in range(2)]
    mates = mates_of(left, right)
    assert [mates.right[first], mates.right[second]] == theirs
    assert mates.right[reshaped] == theirs[0]


def test_a_rearrangement_is_the_mate_of_one() -> None:
    left, right = started()
    array = RANDOM.standard_normal((4, 2))
    sides = []
    for side in (left, right):
        computed = side.call("linear", (1,), array)
        sides.append((computed, side.call("transpose", (computed,), array.T)))
    mates = mates_of(left, right)
    assert [(mine, mates.right[mine]) for mine in sides[0]] == list(zip(*sides, strict=True))
    np.testing.assert_array_equal(mates.forms[sides[0][1]](array.T), array.T)
