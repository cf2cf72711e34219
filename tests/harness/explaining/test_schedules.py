"""What is said of a wrong learning rate, which is computed from the number of its update alone."""

from typing import Any

import msgspec
import numpy as np
import pytest

from backends import numpy_manual
from backends.contract import Node
from harness.certifying.uses import Use
from harness.explaining.explanation import NUMBER_ALONE, explain_failure
from harness.results import Explanation, Mismatch

SETTINGS: dict[str, dict[str, Any]] = {
    "step_decay": {"every": 2, "factor": 0.5},
    "exponential_decay": {"factor": 0.8},
    "cosine_decay": {"updates": 12},
    "warm_up": {"updates": 8},
}
LR = 0.02


def value(schedule: str, t: int) -> float:
    """The right learning rate of an update."""
    return float(getattr(numpy_manual, schedule)(t, lr=LR, **SETTINGS[schedule]))


def explained_rate(schedule: str, t: int, got: float, epoch: int | None = None, dtype: str = "float32") -> Explanation:
    """The explanation of a wrong learning rate of update `t`, which is an epoch of its own unless said otherwise."""
    mismatch = Mismatch(
        backend="mine",
        epoch=t if epoch is None else epoch,
        update=t,
        phase="update",
        call=None,
        op=schedule,
        tensor="lr",
        index=(),
        got=got,
        want=value(schedule, t),
        error=0,
        allowed=0,
        ulps=0,
    )
    use = Use(schedule, (), {"t": t, "lr": LR, **SETTINGS[schedule]})
    return explain_failure(
        Node("scheduled", "", schedule, slot="lr"),
        mismatch,
        [use],
        vars(numpy_manual),
        got=np.asarray(got),
        allowed=np.asarray(1e-17),
        dtype=dtype,
    )


@pytest.mark.parametrize("schedule", SETTINGS)
def test_a_schedule_one_update_off_is_named(schedule: str, dtype: str) -> None:
    for t in (4, 5):
        for shift, says in ((-1, "the value of update t - 1"), (1, "the value of update t + 1")):
            if value(schedule, t + shift) != value(schedule, t):
                explanation = explained_rate(schedule, t, value(schedule, t + shift), dtype=dtype)
                assert explanation.diagnosis == f"got is that of a known variant: it is {says}"


def test_a_warm_up_from_zero_is_the_value_of_the_update_before() -> None:
    explanation = explained_rate("warm_up", 1, 0.0)
    assert explanation.diagnosis == "got is that of a known variant: it is the value of update t - 1"
    assert (explanation.op, explanation.tensor, explanation.phase) == ("warm_up", "lr", "update")
    assert (explanation.want, explanation.got) == (LR / 8, 0.0)
    assert explanation.unknown == NUMBER_ALONE
    assert (explanation.steps, explanation.leaves) == ([], [])
    assert msgspec.json.decode(msgspec.json.encode(explanation), type=Explanation) == explanation


def test_a_schedule_that_moves_once_per_epoch_is_named() -> None:
    says = explained_rate("exponential_decay", 9, value("exponential_decay", 3), epoch=3).diagnosis
    assert "it is the value of update 3, as where the schedule moves once per epoch" in says
    assert "(see `lockstep differences exponential_shift`)" in says
    assert "several" not in says


def test_all_that_fit_one_learning_rate_are_named() -> None:
    """At the second update, the rate of the first is late, or not scheduled, or scheduled by epochs."""
    says = explained_rate("exponential_decay", 2, LR, epoch=1).diagnosis
    assert says.startswith("several causes fit equally: ")
    for cause in (
        "it is the value of update t - 1",
        "the schedule is not used",
        "it is the value of update 1, as where",
    ):
        assert cause in says
    assert "t + 1" not in says


def test_a_whole_wave_is_named() -> None:
    got = LR * (1 + np.cos(2 * np.pi * 4 / 12)) / 2
    assert "it is a whole wave" in explained_rate("cosine_decay", 5, float(got)).diagnosis


def test_a_wrong_setting_of_a_schedule_is_named() -> None:
    assert "factor is 0.9, not 0.8" in explained_rate("exponential_decay", 4, LR * 0.9**3).diagnosis


def test_a_rounded_rate_is_not_that_of_another_update() -> None:
    """A learning rate is a float64 number in a float32 run, too."""
    got = value("exponential_decay", 4) * (1 + 1e-7)
    assert "known variant" not in explained_rate("exponential_decay", 5, got).diagnosis
