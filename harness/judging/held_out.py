"""Accuracy on held-out data."""

import numpy as np

from harness.running.experiment import Experiment
from harness.running.runner import Runner
from harness.running.trajectories import Trajectories


def held_out_accuracy(experiment: Experiment, runs: Trajectories) -> dict[str, float]:
    """The share of correct labels per backend that traces, from its own forward pass with its own final weights.

    With their averages, if it keeps them: that is what averages are for. Empty if the scenario asks for none or holds
    out no data.
    """
    scenario, draws = experiment.scenario, experiment.draws
    if scenario.accuracy is None or not draws.held_out:
        return {}
    scores, labels = scenario.accuracy
    accuracy = {}
    for backend in experiment.backends:
        batch = {name: array.copy() for name, array in draws.held_out.items()}
        # The first step of a training that starts from these weights holds their forward pass.
        runner = Runner(
            backend,
            experiment.program,
            draws,
            1,
            experiment.dtype,
            weights=runs.final_averages.get(backend.name) or runs.final_weights[backend.name],
            batches=[batch],
            trace=True,
        )
        values = runner.advance().values
        if scores in values:
            predicted = np.asarray(values[scores]).argmax(axis=1)
            accuracy[backend.name] = float(np.mean(predicted == draws.held_out[labels]))
    return accuracy
