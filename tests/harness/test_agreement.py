"""Every scenario through every backend in every dtype: losses, gradients, state and weights agree at every epoch."""

from harness.recording.loading import LoadedBackend
from harness.run import run_scenario
from harness.sentences import message
from scenarios import Scenario

LEAST_ACCURACY = {"digits_cnn": 0.9}
"""Of a network that is trained on a part of the digits only."""


def test_backend_agrees_with_reference(
    scenario: Scenario, reference: LoadedBackend, backend: LoadedBackend, dtype: str
) -> None:
    result = run_scenario(scenario, [reference, backend], dtype=dtype)
    assert result.verdict in ("agree", "drift"), message(result)
    for counts in result.certified.values():
        assert counts["failed"] == 0
        assert counts["checks"] > counts["unchecked"]
    if scenario.accuracy is not None:
        assert min(result.accuracy.values()) >= LEAST_ACCURACY.get(scenario.name, 0.95)
