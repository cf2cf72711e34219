"""What a store keeps of mutants and correct runs: each run is known by its content."""

from dataclasses import replace

import pytest

from backends.mutants import MUTANTS
from backends.mutants.mutant import Mutant
from harness.studies.mutants.tasks import Task, Tasks
from harness.sweeping.rows import Row

(RELU,) = (mutant for mutant in MUTANTS if mutant.name == "relu_without_mask")
SHORT = replace(RELU, training=replace(RELU.training, epochs=2), dtypes=("float64",))


def row(mutant: Mutant) -> Row:
    (row,) = Tasks([mutant], 0).do(Task("mutant", 0)).rows
    return row


def test_a_mutant_is_the_same_run_whatever_it_is_called() -> None:
    first, second = row(SHORT), row(replace(SHORT, name="other", mistake="in other words", cause=""))
    assert first.run == second.run
    assert (first.origin, second.origin) == ("relu_without_mask float64", "other float64")


(CHANGED,) = SHORT.change.values()


@pytest.mark.parametrize(
    "changed",
    [
        replace(SHORT, change=dict.fromkeys(SHORT.change, f"2 * ({CHANGED})")),
        replace(SHORT, training=replace(SHORT.training, epochs=3)),
        replace(SHORT, is_silent=True),
        replace(SHORT, dtypes=("float32",)),
    ],
    ids=["change", "epochs", "silence", "dtype"],
)
def test_a_mutant_that_is_changed_is_another_run(changed: Mutant) -> None:
    assert row(changed).run != row(SHORT).run


def test_correct_runs_are_told_apart() -> None:
    rows = [each for number in (0, 2) for each in Tasks([], 3).do(Task("correct run", number)).rows]
    assert [each.dtype for each in rows] == ["float32", "float32"]
    assert len({each.run for each in rows}) == 2
