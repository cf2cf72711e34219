"""The accuracy on held-out data is that of each backend's own weights, or of their averages."""

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from backends.contract import Array
from harness.judging.held_out import held_out_accuracy
from harness.recording.catalogue import built_in_scenarios
from harness.recording.loading import LoadedBackend, load_backend
from harness.run import run_scenario
from harness.running.experiment import prepare
from harness.running.trajectories import Trajectories
from harness.sentences import details
from scenarios import Scenario, weight_average

Weights = Mapping[str, Mapping[str, Array]]


def runs(weights: Weights, averages: Weights | None = None) -> Trajectories:
    """What runs leave that end with these weights."""
    return Trajectories(
        losses={},
        deviations=[],
        seconds={},
        final_weights={name: dict(each) for name, each in weights.items()},
        final_averages=averages or {},
        dead_gradients=[],
        horizon=None,
        loss_untested_from=None,
    )


def test_each_backend_predicts_by_its_own_final_weights() -> None:
    numpy = load_backend("numpy")
    scenario = built_in_scenarios()["digits"]
    experiment = prepare(scenario, [numpy, LoadedBackend("zeros", numpy.module)], "float32")
    weights = experiment.draws.weights
    zeros = {name: np.zeros_like(array) for name, array in weights.items()}
    assert scenario.accuracy is not None
    labels = experiment.draws.held_out[scenario.accuracy[1]]
    found = held_out_accuracy(experiment, runs({"numpy": weights, "zeros": zeros}))
    assert found["zeros"] == np.mean(labels == 0)
    assert found["numpy"] != found["zeros"]
    swapped = {"numpy": found["zeros"], "zeros": found["numpy"]}
    assert held_out_accuracy(experiment, runs({"numpy": zeros, "zeros": weights})) == swapped
    averages = {"numpy": zeros, "zeros": weights}
    assert held_out_accuracy(experiment, runs({"numpy": weights, "zeros": zeros}, averages)) == swapped


def test_it_is_that_of_the_averages_where_they_are_kept() -> None:
    digits = replace(built_in_scenarios()["digits"].vary(epochs=1), average=weight_average(share=0.999999))
    experiment = prepare(digits, [load_backend("numpy"), load_backend("torch")], "float64")
    result = run_scenario(digits, experiment.backends, dtype="float64", certify=None)
    untrained = held_out_accuracy(experiment, runs(dict.fromkeys(("numpy", "torch"), experiment.draws.weights)))
    assert result.averaged
    assert result.accuracy == untrained
    shown = f"{untrained['numpy']:.2%}"
    assert f"held-out accuracy of the averaged weights: numpy {shown}" in "\n".join(details(result))


def test_a_scenario_without_held_out_data_has_none() -> None:
    numpy = load_backend("numpy")
    experiment = prepare(built_in_scenarios()["two_layer_tiny"], [numpy, numpy], "float32")
    assert held_out_accuracy(experiment, runs({"numpy": experiment.draws.weights})) == {}


def test_a_scenario_that_asks_for_accuracy_and_holds_out_nothing_has_none(tiny: Scenario) -> None:
    numpy = load_backend("numpy")
    experiment = prepare(tiny, [numpy, numpy], "float32")
    experiment = replace(experiment, scenario=replace(experiment.scenario, accuracy=("h", "y")))
    assert experiment.scenario.accuracy is not None
    assert held_out_accuracy(experiment, runs({"numpy": experiment.draws.weights})) == {}
