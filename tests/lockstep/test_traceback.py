"""What pytest shows of a failing assertion of Lockstep ends in the user's own test."""

from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest
import torch

import lockstep
from scenarios import Scenario
from tests.harness.broken import relu_without_mask, with_changes


def of_a_scenario(tiny: Scenario) -> Any:
    changed: ModuleType = with_changes(relu=relu_without_mask)
    return lockstep.assert_agree(tiny.vary(epochs=2), {"changed": changed})


def of_two_trainings(_: Scenario) -> Any:
    left, right = (
        lockstep.Training(model, lambda model, x: model(x).sum())
        for model in (torch.nn.Linear(2, 1), torch.nn.Linear(2, 1))
    )
    return lockstep.assert_same_training(left, right, [(np.ones((1, 2), np.float32),)], weights="check")


@pytest.mark.parametrize("assertion", [of_a_scenario, of_two_trainings])
def test_no_frame_of_locksteps_is_shown(assertion: Callable[[Scenario], Any], tiny: Scenario) -> None:
    with pytest.raises(AssertionError) as failure:
        assertion(tiny)
    shown = [Path(str(entry.path)) for entry in failure.traceback.filter(failure)]
    assert set(shown) == {Path(__file__)}
    assert len(failure.traceback) > len(shown)
