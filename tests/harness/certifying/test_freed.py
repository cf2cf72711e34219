"""A certificate keeps nothing of the updates that it has seen."""

import gc
import weakref
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from backends.contract import Array
from harness.certifying.evaluating.update import EvaluatedUpdate
from harness.recording.catalogue import built_in_scenarios
from harness.recording.loading import load_backend
from harness.running.experiment import prepare
from harness.running.updates import Update
from tests.harness.certifying.test_certifier import UPDATES, as_it_is, certified, setting


def off(array: Array) -> Array:
    return np.asarray(array + array.dtype.type(0.1))


@pytest.mark.parametrize("change", [as_it_is, setting("h", off), setting("w1", off)], ids=["right", "h", "w1"])
def test_evaluated_updates_are_freed_without_a_search_for_cycles(
    change: Callable[[Update], Update], monkeypatch: pytest.MonkeyPatch
) -> None:
    evaluated: list[weakref.ref[EvaluatedUpdate]] = []
    begin = EvaluatedUpdate.__init__

    def begun(self: EvaluatedUpdate, *arguments: Any) -> None:
        evaluated.append(weakref.ref(self))
        begin(self, *arguments)

    monkeypatch.setattr(EvaluatedUpdate, "__init__", begun)
    numpy = load_backend("numpy")
    experiment = prepare(built_in_scenarios()["two_layer_tiny"].vary(epochs=UPDATES), [numpy, numpy], "float32")
    gc.disable()
    try:
        certified(experiment, *[change] * UPDATES)
        assert evaluated
        assert sum(each() is not None for each in evaluated) == 0
    finally:
        gc.enable()
