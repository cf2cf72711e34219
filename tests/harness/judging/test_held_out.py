"""The accuracy on held-out data is that of each backend's own weights."""

from dataclasses import replace

import numpy as np

from harness.judging.held_out import held_out_accuracy
from harness.recording.catalogue import built_in_scenarios
from harness.recording.loading import LoadedBackend, load_backend
from harness.running.experiment import prepare
from scenarios import Scenario


def test_each_backend_predicts_by_its_own_final_weights() -> None:
    numpy = load_backend("numpy")
    scenario = built_in_scenarios()["digits"]
    experiment = prepare(scenario, [numpy, LoadedBackend("zeros", numpy.module)], "float32")
    weights = experiment.draws.weights
    zeros = {name: np.zeros_like(array) for name, array in weights.items()}
    assert scenario.accuracy is not None
    labels = experiment.draws.held_out[scenario.accuracy[1]]
    found = held_out_accuracy(experiment, {"numpy": weights, "zeros": zeros})
    assert found["zeros"] == np.mean(labels == 0)
    assert found["numpy"] != found["zeros"]
    assert held_out_accuracy(experiment, {"numpy": zeros, "zeros": weights}) == {
        "numpy": found["zeros"],
        "zeros": found["numpy"],
    }


def test_a_scenario_without_held_out_data_has_none() -> None:
    numpy = load_backend("numpy")
    experiment = prepare(built_in_scenarios()["two_layer_tiny"], [numpy, numpy], "float32")
    assert held_out_accuracy(experiment, {"numpy": experiment.draws.weights}) == {}


def test_a_scenario_that_asks_for_accuracy_and_holds_out_nothing_has_none(tiny: Scenario) -> None:
    numpy = load_backend("numpy")
    experiment = prepare(tiny, [numpy, numpy], "float32")
    experiment = replace(experiment, scenario=replace(experiment.scenario, accuracy=("h", "y")))
    assert experiment.scenario.accuracy is not None
    assert held_out_accuracy(experiment, {"numpy": experiment.draws.weights}) == {}
