"""A backend's own accuracy widens its checks, says so, and widens nobody else's."""

from typing import Any

import numpy as np

from backends.contract import Array
from harness.recording.catalogue import built_in_scenarios
from harness.recording.loading import LoadedBackend, load_backend
from harness.results import Result
from harness.run import run_scenario
from harness.sentences import message
from tests.harness.broken import with_changes

NOTE = "mine declares its tanh accurate to 6 units (Lockstep charges 4)"


def tanh_off_by_five_units(x: Array) -> Any:
    y = (np.tanh(x.astype(np.float64)) * (1 + 5 * 2.0**-24)).astype(x.dtype)
    return y, lambda grad_y: (grad_y * (1 - y * y),)


def run(**backends: Any) -> Result:
    loaded = [LoadedBackend(name, with_changes(**changes)) for name, changes in backends.items()]
    chosen = built_in_scenarios()["mlp_tanh"].vary(epochs=3)
    return run_scenario(chosen, [load_backend("numpy"), *loaded], dtype="float32")


def test_a_less_accurate_function_is_certified_where_it_is_declared() -> None:
    undeclared = run(mine={"tanh": tanh_off_by_five_units})
    assert undeclared.certified["mine"]["failed"] > 0
    assert undeclared.culprits[0].op == "tanh"
    declared = run(mine={"tanh": tanh_off_by_five_units, "ACCURACY": {"tanh": 6}})
    assert declared.verdict == "agree"
    assert declared.certified["mine"]["failed"] == 0
    assert NOTE in declared.notes
    assert NOTE in message(declared)


def test_it_widens_no_check_of_another_backend() -> None:
    result = run(mine={"tanh": tanh_off_by_five_units, "ACCURACY": {"tanh": 6}}, other={"tanh": tanh_off_by_five_units})
    assert result.certified["mine"]["failed"] == 0
    assert result.certified["other"]["failed"] > 0
    assert {culprit.backend for culprit in result.culprits} == {"other"}
    assert [note for note in result.notes if "accurate" in note and "declares" in note] == [NOTE]


def test_an_accuracy_of_one_dtype_counts_only_there() -> None:
    result = run(mine={"tanh": tanh_off_by_five_units, "ACCURACY": {"tanh": {"float64": 6}}})
    assert result.certified["mine"]["failed"] > 0
    assert NOTE not in result.notes


def test_a_larger_error_than_declared_fails() -> None:
    result = run(mine={"tanh": tanh_off_by_five_units, "ACCURACY": {"tanh": 4.5}})
    assert result.certified["mine"]["failed"] > 0
