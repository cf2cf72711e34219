"""A cause that is named is the right one: over the corpus of mutants, each of which has one known mistake."""

import re
from collections.abc import Sequence

import pytest

from backends.mutants import MUTANTS
from backends.mutants.mutant import Mutant
from harness.errors import InputError
from harness.explaining.causes import NO_CAUSE
from harness.recording.loading import LoadedBackend, load_backend
from harness.run import run_scenario
from harness.studies.mutants.corpus import build, scenario_of
from harness.studies.mutants.score import SHARP
from harness.studies.mutants.trials import MUTANT
from tests.harness.explaining.causes_of_mutants import CAUSES

RIGHT, NAMED = 0.95, 0.6
"""Shares: of the causes that are named, those that are right; of all mutants, those for which one is named."""


def diagnosis(mutant: Mutant) -> str:
    """What is said of the first wrong element; nothing where there is none or its op is not run again."""
    backends = [load_backend("numpy"), LoadedBackend(MUTANT, build(mutant))]
    try:
        result = run_scenario(scenario_of(mutant), backends, dtype=SHARP)
    except InputError:
        return ""
    said = result.explanations[0].diagnosis if result.explanations else ""
    return "" if said == NO_CAUSE else said


def is_right(mutant: Mutant, said: str) -> bool:
    """Whether the cause is among those that are named; one sentence ends where another cause begins."""
    expected = CAUSES.get(mutant.name)
    return expected is not None and re.search("[^;]*".join(map(re.escape, expected.split("…"))), said) is not None


def check(mutants: Sequence[Mutant]) -> None:
    named = [(mutant, said) for mutant in mutants if (said := diagnosis(mutant))]
    wrong = [f"{mutant.name}: {said}" for mutant, said in named if not is_right(mutant, said)]
    assert len(wrong) <= (1 - RIGHT) * len(named), "\n".join(wrong)
    assert len(named) >= NAMED * len(mutants)


def test_named_causes_are_right_for_every_fourth_mutant() -> None:
    check(MUTANTS[::4])


@pytest.mark.slow
def test_named_causes_are_right_for_all_mutants() -> None:
    check(MUTANTS)


def test_the_expected_causes_are_of_mutants() -> None:
    assert CAUSES.keys() <= {mutant.name for mutant in MUTANTS}
