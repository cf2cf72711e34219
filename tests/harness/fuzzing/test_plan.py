"""Every op is planned in turn, each time beside other ones."""

from math import ceil

from harness.fuzzing.calls import MAKERS
from harness.fuzzing.plan import PER_PROGRAM, planned_ops


def test_as_many_programs_as_it_takes_plan_every_op_once() -> None:
    ops = list(MAKERS)
    programs = ceil(len(ops) / PER_PROGRAM)
    planned = [op for number in range(programs) for op in planned_ops(ops, number)]
    assert set(planned[: len(ops)]) == set(planned) == set(ops)


def test_ops_meet_others_in_each_turn() -> None:
    ops = list(MAKERS)
    programs = ceil(len(ops) / PER_PROGRAM)
    turns = [{frozenset(planned_ops(ops, turn * programs + number)) for number in range(programs)} for turn in (0, 1)]
    assert turns[0].isdisjoint(turns[1])


def test_fewer_ops_than_a_program_has_places_are_planned_again() -> None:
    assert planned_ops(["relu"], 3, count=2) == ("relu", "relu")
    assert planned_ops([], 3) == ()
