"""Every scenario through every backend in every dtype: losses, gradients, state and weights agree at every epoch."""

from lockstep.loading import LoadedBackend
from lockstep.verdict import run_scenario
from reports.verdicts import message
from scenarios import Scenario


def test_backend_agrees_with_reference(
    scenario: Scenario, reference: LoadedBackend, backend: LoadedBackend, dtype: str
) -> None:
    result = run_scenario(scenario, [reference, backend], dtype=dtype)
    assert result.verdict in ("agree", "drift"), message(result)
    if scenario.accuracy is not None:
        assert min(result.accuracy.values()) >= 0.9
