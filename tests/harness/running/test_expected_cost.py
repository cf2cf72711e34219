"""The cost that is expected of a run, by which workers begin with the longest."""

from harness.recording.catalogue import find_scenarios
from harness.recording.loading import load_backends
from harness.running.experiment import Experiment, prepare


def experiments(*names: str, epochs: int | None = None) -> list[Experiment]:
    return [prepare(scenario.vary(epochs=epochs), load_backends(())) for scenario in find_scenarios(names)]


def test_the_longest_of_the_catalogue_are_expected_to_be() -> None:
    """Measured, they take 17, 5 and 1 seconds: one has the most elements, one the most updates, one neither."""
    two_layer, digits, lstm = experiments("two_layer", "digits", "lstm_adding")
    assert two_layer.expected_cost > digits.expected_cost > lstm.expected_cost


def test_twice_the_epochs_cost_twice_as_much() -> None:
    (once,), (twice,) = experiments("xor", epochs=10), experiments("xor", epochs=20)
    assert twice.expected_cost == 2 * once.expected_cost
