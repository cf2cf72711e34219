"""The loss of an epoch: the mean over its updates."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np

from backends import numpy_manual
from backends.contract import Step
from harness.guarding.guest import Guest
from harness.recording.catalogue import find_scenarios
from harness.recording.loading import LoadedBackend, load_backend
from harness.running.experiment import prepare
from harness.running.lockstep import train_in_lockstep
from tests.harness.broken import with_changes


def test_a_loss_in_memory_that_is_used_again_counts_as_it_was() -> None:
    """Over several updates of an epoch."""
    kept = np.zeros((), np.float32)

    def train(*given: Any, trace: bool = False) -> Iterator[Step]:
        for step in numpy_manual.train(*given, trace=trace):
            kept[...] = step.loss
            yield replace(step, loss=kept)

    (scenario,) = find_scenarios(["accumulated_and_clipped"])
    mine = LoadedBackend("mine", with_changes(train=train), Guest())
    experiment = prepare(scenario.vary(epochs=3), [load_backend("numpy"), mine], "float32")
    assert len(experiment.draws.batch_rows) > 1
    losses = train_in_lockstep(experiment).losses
    np.testing.assert_array_equal(losses["mine"], losses["numpy"])
