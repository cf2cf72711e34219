"""Every scenario through every backend in every dtype: losses, gradients, state and weights agree at every epoch."""

import pytest

from harness.recording.loading import LoadedBackend
from harness.results import Result
from harness.run import run_scenario
from harness.sentences import message
from scenarios import Scenario

QUICK_EPOCHS = 5
"""Every op of these is certified; that runs stay together for longer, and learn, is checked by the slow tests."""
LEAST_ACCURACY = {"digits_cnn": 0.9}
"""Of a network that is trained on a part of the digits only."""


def test_backend_agrees_with_reference(
    scenario: Scenario, reference: LoadedBackend, backend: LoadedBackend, dtype: str, pytestconfig: pytest.Config
) -> None:
    if pytestconfig.getoption("--scenario"):
        check_agreement(run_scenario(scenario, [reference, backend], dtype=dtype))
        return
    shortened = scenario.vary(epochs=min(scenario.epochs, QUICK_EPOCHS))
    result = run_scenario(shortened, [reference, backend], dtype=dtype)
    check_agreement(result)
    assert list(result.certified) == [reference.name, backend.name]
    for counts in result.certified.values():
        assert counts["updates"] == result.updates
        assert counts["suspect"] == counts["unchecked"] == 0


@pytest.mark.slow
def test_backend_agrees_with_reference_to_the_end_and_learns(
    scenario: Scenario, reference: LoadedBackend, backend: LoadedBackend, dtype: str
) -> None:
    result = run_scenario(scenario, [reference, backend], dtype=dtype)
    check_agreement(result)
    if scenario.accuracy is not None:
        assert min(result.accuracy.values()) >= LEAST_ACCURACY.get(scenario.name, 0.95)


def check_agreement(result: Result) -> None:
    assert result.verdict in ("agree", "drift"), message(result)
    for counts in result.certified.values():
        assert counts["failed"] == 0
        assert counts["checks"] > counts["unchecked"]
