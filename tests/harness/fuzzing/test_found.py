"""What fuzzing found stays mended."""

import pytest

from harness.recording.loading import load_backends
from harness.run import run_scenario
from scenarios import Scenario
from tests.harness.fuzzing.found import FOUND


@pytest.mark.parametrize(("program", "verdict"), [pytest.param(*found, id=found[0].name) for found in FOUND])
def test_a_program_that_was_found_comes_to_its_verdict(program: Scenario, verdict: str) -> None:
    result = run_scenario(program, load_backends([]))
    assert (result.verdict, result.culprits) == (verdict, [])
