"""The schedules of a scenario: in sequence, by updates or epochs, what can be set, and what is refused."""

from dataclasses import replace
from typing import Any

import pytest

from backends.contract import Program, RuleCall
from harness.recording.arrays import draw_arrays
from harness.recording.loading import hand_written_ops
from harness.recording.recorder import record_program
from scenarios import (
    Scenario,
    ScenarioError,
    Schedule,
    cosine_decay,
    in_sequence,
    param,
    randn,
    scenario,
    sgd,
    step_decay,
    warm_up,
)

RISE_AND_FALL = in_sequence(warm_up(updates=3), cosine_decay(updates=9), after=[3])
THREE = in_sequence(step_decay(every=2, factor=0.5), warm_up(updates=4), step_decay(every=1, factor=0.1), after=[4, 8])


def scheduled(schedule: Schedule, batch_size: int | None = None) -> Scenario:
    """Linear regression on five rows."""

    @scenario(
        seed=1,
        epochs=6,
        optimizer=sgd(lr=0.1),
        schedule=schedule,
        batch_size=batch_size,
        x=randn(5, 3),
        y=randn(5, 2),
        w=param(3, 2),
    )
    def regression(op: Any, x: Any, y: Any, w: Any) -> Any:
        return op.mean_squared_error(op.matmul(x, w), y)

    return regression


def program_of(chosen: Scenario) -> Program:
    return record_program(chosen, draw_arrays(chosen, "float64"), hand_written_ops(()))


def test_the_settings_of_a_part_are_called_after_it() -> None:
    assert scheduled(RISE_AND_FALL).settings == {"lr": 0.1, "warm_up.updates": 3, "cosine_decay.updates": 9, "after": 3}


def test_of_two_alike_the_second_is_numbered_and_so_are_several_ends() -> None:
    settings = scheduled(THREE).settings
    assert settings["step_decay.every"] == 2
    assert settings["step_decay_2.every"] == 1
    assert (settings["after_1"], settings["after_2"]) == (4, 8)
    assert "after" not in settings


def test_every_setting_of_a_sequence_can_be_varied() -> None:
    changed = scheduled(THREE).vary(settings={"step_decay_2.factor": 0.3, "warm_up.updates": 5.0, "after_2": 10.0})
    expected = in_sequence(
        step_decay(every=2, factor=0.5), warm_up(updates=5), step_decay(every=1, factor=0.3), after=[4, 10]
    )
    assert changed.schedule == expected
    assert scheduled(THREE).schedule == THREE


def test_a_varied_schedule_still_counts_epochs() -> None:
    chosen = scheduled(step_decay(every=2, factor=0.5, per="epoch")).vary(settings={"every": 3})
    assert chosen.schedule == step_decay(every=3, factor=0.5, per="epoch")


@pytest.mark.parametrize(
    ("make", "says"),
    [
        (lambda: in_sequence(warm_up(updates=3), after=[]), "takes two schedules or more; write it as in_sequence("),
        (lambda: in_sequence(warm_up(updates=3), sgd(lr=0.1), after=[3]), "is no schedule; write it as"),  # type: ignore[arg-type]
        (lambda: in_sequence(RISE_AND_FALL, warm_up(updates=3), after=[20]), "name all schedules in one"),
        (
            lambda: in_sequence(warm_up(updates=3, per="epoch"), cosine_decay(updates=3), after=[3]),
            'give per="epoch" to in_sequence, not to warm_up',
        ),
        (lambda: in_sequence(warm_up(updates=3), cosine_decay(updates=9), after=3), "must be a list of 1 number,"),  # type: ignore[arg-type]
        (
            lambda: in_sequence(warm_up(updates=3), cosine_decay(updates=9), after=[3, 5]),
            "after= says when each schedule but the last ends, so it must be a list of 1 number, not [3, 5]",
        ),
        (
            lambda: in_sequence(warm_up(updates=3), cosine_decay(updates=9), after=[0]),
            "a number of after= must be a whole number of at least 1, not 0",
        ),
        (
            lambda: in_sequence(warm_up(updates=3), warm_up(updates=3), warm_up(updates=3), after=[5, 5]),
            "the numbers of after= must increase, not [5, 5]",
        ),
        (lambda: warm_up(updates=3, per="batch"), 'per must be "update" or "epoch", not \'batch\''),
        (lambda: scheduled(THREE).vary(settings={"after_1": 9}), "the numbers of after= must increase"),
        (lambda: scheduled(THREE).vary(settings={"warm_up.update": 9}), "did you mean 'warm_up.updates'"),
    ],
)
def test_what_can_not_be_is_said(make: Any, says: str) -> None:
    with pytest.raises(ScenarioError) as raised:
        make()
    assert says in str(raised.value)


def test_a_program_knows_whose_turn_it_is() -> None:
    schedule = program_of(scheduled(RISE_AND_FALL)).schedule
    assert schedule is not None
    rise, fall = RuleCall("warm_up", {"updates": 3}), RuleCall("cosine_decay", {"updates": 9})
    turns = [(part.op, part.settings, turn) for part, turn in map(schedule.at, range(1, 6))]
    assert turns == [
        *((rise.op, rise.settings, turn) for turn in (1, 2, 3)),
        *((fall.op, fall.settings, turn) for turn in (1, 2)),
    ]


def test_a_schedule_of_epochs_turns_after_the_last_batch() -> None:
    schedule = program_of(scheduled(step_decay(every=1, factor=0.5, per="epoch"), batch_size=2)).schedule
    assert schedule is not None
    assert [schedule.turn(update) for update in range(1, 8)] == [1, 1, 1, 2, 2, 2, 3]
    assert [schedule.ends_turn(update) for update in range(1, 8)] == [False, False, True] * 2 + [False]


def test_backends_need_the_parts_too() -> None:
    assert [rule.op for rule in program_of(scheduled(RISE_AND_FALL)).rules] == [
        *("sgd", "in_sequence", "warm_up", "cosine_decay")
    ]


@pytest.mark.parametrize(
    ("optimizer", "schedule", "around", "says"),
    [
        (sgd(lr=0.1), warm_up(updates=3, of="momentum"), {}, "warm_up changes the setting momentum, and sgd has none"),
        (sgd(lr=0.1), warm_up(updates=3, of="rate"), {}, "the rate of a weight decay, and the scenario has no decay="),
    ],
)
def test_a_schedule_of_what_there_is_not_is_refused(
    optimizer: Any, schedule: Schedule, around: dict[str, Any], says: str
) -> None:
    with pytest.raises(ScenarioError, match=says):
        replace(scheduled(step_decay(every=1, factor=0.5)), optimizer=optimizer, schedule=schedule, **around)


def test_a_schedule_of_a_setting_that_stays_is_refused() -> None:
    with pytest.raises(ScenarioError, match=r"of must be a setting such as lr, momentum, .* not 'eps'"):
        warm_up(updates=3, of="eps")
    with pytest.raises(ScenarioError, match='give of="momentum" to in_sequence, not to warm_up'):
        in_sequence(warm_up(updates=3, of="momentum"), warm_up(updates=3), after=[3])
