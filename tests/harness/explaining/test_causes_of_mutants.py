"""A cause that is named is the right one: over the corpus of mutants, each of which has one known mistake."""

from collections.abc import Sequence

import pytest

from backends.mutants import MUTANTS
from backends.mutants.mutant import Mutant
from harness.errors import InputError
from harness.recording.loading import LoadedBackend, load_backend
from harness.run import run_scenario
from harness.studies.mutants.causes import is_right, named_cause
from harness.studies.mutants.corpus import build, scenario_of
from harness.studies.mutants.score import SHARP
from harness.studies.mutants.trials import MUTANT

RIGHT, NAMED = 0.95, 0.6
"""Shares: of the causes that are named, those that are right; of all mutants, those for which one is named."""


def cause_named(mutant: Mutant, dtype: str = SHARP) -> str:
    """What is named as the cause; nothing where none is, or where the run is refused."""
    backends = [load_backend("numpy"), LoadedBackend(MUTANT, build(mutant))]
    try:
        return named_cause(run_scenario(scenario_of(mutant), backends, dtype=dtype))
    except InputError:
        return ""


def check(mutants: Sequence[Mutant]) -> None:
    named = [(mutant, said) for mutant in mutants if (said := cause_named(mutant))]
    wrong = [f"{mutant.name}: {said}" for mutant, said in named if not is_right(mutant, said)]
    assert len(wrong) <= (1 - RIGHT) * len(named), "\n".join(wrong)
    assert len(named) >= NAMED * len(mutants)


def test_named_causes_are_right_for_every_fourth_mutant() -> None:
    check(MUTANTS[::4])


@pytest.mark.slow
def test_named_causes_are_right_for_all_mutants() -> None:
    check(MUTANTS)
