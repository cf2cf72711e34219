"""Where two passes first part, on the way to the loss and on the way back."""

import pytest

from harness.comparing.mates import Mates
from harness.comparing.parting import Bracket, backward_partings, forward_partings, with_gradient
from tests.harness.comparing.one_update.passes import Building, kinds


def partings(
    left: Building, right: Building, mates: dict[int, int], back: dict[int, int] | None = None
) -> list[tuple[list[str], list[str]]]:
    """The kinds of calls at which they part, where the tensors of these numbers are mates."""
    theirs = {other: mine for mine, other in mates.items()} if back is None else back
    found = forward_partings(left.captured, right.captured, Mates(mates, theirs))
    return [(kinds(each.left), kinds(each.right)) for each in found]


def started() -> tuple[Building, Building]:
    """Two passes with data of their own, which are mates."""
    sides = Building(), Building()
    for side in sides:
        assert side.leaf([1.0, 2.0]) == 1
    return sides


def test_equal_losses_do_not_part_whatever_is_in_between() -> None:
    left, right = started()
    left.call("sum", (left.call("exp", (1,), [2.0]),), 3.0)
    right.call("mean", (right.call("log", (1,), [4.0]),), 3.0 + 1e-12)
    assert partings(left, right, {1: 1}) == []


def test_calls_that_were_given_mates_and_gave_none_part_and_none_behind_them() -> None:
    left, right = started()
    for side, factor in ((left, 1.0), (right, 2.0)):
        h = side.call("linear", (1,), [5.0])
        h = side.call("tanh", (h,), [factor])
        side.call("sum", (side.call("exp", (h,), [3 * factor]),), 7 * factor)
    assert partings(left, right, {1: 1, 2: 2}) == [(["tanh"], ["tanh"])]


def test_a_result_that_does_not_lead_to_the_loss_does_not_count() -> None:
    left, right = started()
    left.call("accuracy", (1,), 0.5)
    left.call("sum", (1,), 1.0)
    right.call("sum", (1,), 2.0)
    assert partings(left, right, {1: 1}) == [(["sum"], ["sum"])]


def test_of_calls_that_are_fed_by_the_same_those_of_one_kind_belong_together() -> None:
    left, right = started()
    mine = [left.call(kind, (1,), [number]) for kind, number in (("relu", 1.0), ("sin", 2.0))]
    theirs = [right.call(kind, (1,), [number]) for kind, number in (("cos", 3.0), ("relu", 4.0))]
    left.call("add", (*mine,), 1.0)
    right.call("add", (*theirs,), 2.0)
    assert partings(left, right, {1: 1}) == [(["relu"], ["relu"]), (["sin"], ["cos"])]


def test_calls_of_different_kinds_belong_together_one_by_one() -> None:
    left, right = started()
    mine = [left.call(kind, (1,), [number]) for kind, number in (("sin", 1.0), ("exp", 2.0))]
    theirs = [right.call(kind, (1,), [number]) for kind, number in (("cos", 3.0), ("log", 4.0))]
    left.call("add", (*mine,), 1.0)
    right.call("add", (*theirs,), 2.0)
    assert partings(left, right, {1: 1}) == [(["sin"], ["cos"]), (["exp"], ["log"])]


def test_calls_that_are_fed_by_others_are_shown_by_themselves() -> None:
    left, right = started()
    for side in (left, right):
        side.leaf([3.0])
    left.call("add", (left.call("relu", (1,), [1.0]), left.call("relu", (1,), [2.0])), 1.0)
    right.call("add", (right.call("relu", (1,), [3.0]), right.call("relu", (2,), [4.0])), 2.0)
    assert partings(left, right, {1: 1, 2: 2}) == [(["relu"], ["relu"]), (["relu"], ["relu"])]


@pytest.mark.parametrize("is_left", [True, False])
def test_a_call_too_many_stands_alone(is_left: bool) -> None:
    longer, shorter = started() if is_left else started()[::-1]
    h, other = longer.call("linear", (1,), [5.0]), shorter.call("linear", (1,), [5.0])
    longer.call("mul", (h,), 6.0)
    shorter.captured.loss = other
    shorter.captured.arrays[other] = shorter.captured.arrays[other].reshape(())
    sides = (longer, shorter) if is_left else (shorter, longer)
    alone, nothing = ["mul"], ["linear"]
    expected = (alone, nothing) if is_left else (nothing, alone)
    assert partings(*sides, {1: 1, 2: 2}) == [expected]


@pytest.mark.parametrize("is_left", [True, False])
def test_a_branch_too_many_stands_beside_nothing(is_left: bool) -> None:
    longer, shorter = started() if is_left else started()[::-1]
    longer.call("add", (longer.call("relu", (1,), [1.0]), longer.call("tanh", (1,), [2.0])), 1.0)
    shorter.call("sum", (shorter.call("relu", (1,), [3.0]),), 2.0)
    sides = (longer, shorter) if is_left else (shorter, longer)
    alone: tuple[list[str], list[str]] = (["tanh"], []) if is_left else ([], ["tanh"])
    assert partings(*sides, {1: 1}) == [(["relu"], ["relu"]), alone]


def test_a_loss_that_is_the_mate_of_another_result_parts_all_the_same() -> None:
    left, right = started()
    left.call("sum", (1,), 3.0)
    right.call("mul", (right.call("sum", (1,), 3.0),), 6.0)
    assert partings(left, right, {1: 1, 2: 2}) == [(["sum"], ["mul"])]


def network() -> Building:
    """x, w1 and w2 are 1 to 3; matmul, relu, matmul and sum follow as 4 to 7."""
    built = Building()
    x, w1, w2 = built.leaf([1.0]), built.leaf([1.0], "w1"), built.leaf([1.0], "w2")
    h = built.call("matmul", (x, w1), [1.0])
    y = built.call("matmul", (built.call("relu", (h,), [1.0]), w2), [1.0])
    built.call("sum", (y,), 1.0)
    return built


def numbers(brackets: list[Bracket]) -> list[list[int]]:
    """The results of the calls in each bracket."""
    return [[call.outputs[0] for call in bracket.calls] for bracket in brackets]


@pytest.mark.parametrize(
    ("wrong", "right", "expected"),
    [
        ({2}, {3}, [[4, 5, 6]]),
        ({2}, set(), [[4, 5, 6, 7]]),
        ({2, 4}, {3}, [[5, 6]]),
        ({2, 4, 5}, {3}, [[6]]),
        ({2, 4}, {3, 5}, [[5]]),
        ({2}, {3, 4}, [[4]]),
        ({2, 3}, {6}, [[6], [4, 5, 6]]),
        ({2, 3, 6}, set(), [[7]]),
        (set(), {2, 3}, []),
    ],
)
def test_gradients_go_wrong_between_the_last_right_ones_and_the_first_wrong_ones(
    wrong: set[int], right: set[int], expected: list[list[int]]
) -> None:
    assert numbers(backward_partings(network().captured, wrong, right)) == expected


def test_a_weight_that_is_used_twice_says_nothing_of_what_arrived_at_one_use() -> None:
    built = network()
    built.call("sum", (built.call("matmul", (6, 3), [1.0]),), 1.0)
    assert numbers(backward_partings(built.captured, {2}, {3})) == [[4, 5, 6, 7, 8, 9]]


def test_the_calls_of_a_bracket_stand_in_the_order_in_which_they_are_made() -> None:
    built = Building()
    w = built.leaf([1.0], "w")
    first = built.call("b", (built.call("a", (w,), [1.0]),), [1.0])
    second = built.call("d", (built.call("c", (w,), [1.0]),), [1.0])
    built.call("sum", (first, second), 1.0)
    assert numbers(backward_partings(built.captured, {w}, set())) == [[2, 3, 4, 5, 6]]


def test_a_gradient_passes_from_weights_through_everything_but_a_detach() -> None:
    built = network()
    assert with_gradient(built.captured) == {2, 3, 4, 5, 6, 7}
    detached = built.call("detach", (6,), [1.0])
    of_detached = built.call("relu", (detached,), [1.0])
    of_data = built.call("relu", (1,), [1.0])
    both = built.call("add", (of_detached, 6), [1.0])
    assert with_gradient(built.captured) & {detached, of_detached, of_data, both} == {both}
