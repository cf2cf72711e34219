"""Every scenario through every backend in every dtype: losses, gradients, state and weights agree at every epoch."""

from typing import Any

import pytest

from harness.recording.catalogue import built_in_scenarios
from harness.recording.loading import LoadedBackend, load_backend, load_backends
from harness.results import Result
from harness.run import run_scenario
from harness.sentences import message
from scenarios import DTYPES, Scenario, param, randn, scenario, sgd
from tests.harness.broken import with_changes

MOST_EPOCHS = 500
"""The one scenario with more has shown by then how it drifts."""
QUICK_EPOCHS = 5
"""Every op of these is certified; that runs stay together for longer, and learn, is checked by the slow tests."""
LEAST_ACCURACY = {"digits_cnn": 0.9}
"""Of a network that is trained on a part of the digits only."""


def test_backend_agrees_with_reference(
    scenario: Scenario, reference: LoadedBackend, backend: LoadedBackend, dtype: str, pytestconfig: pytest.Config
) -> None:
    if pytestconfig.getoption("--scenario"):
        check_agreement(run_scenario(scenario, [reference, backend], dtype=dtype))
        return
    shortened = scenario.vary(epochs=min(scenario.epochs, QUICK_EPOCHS))
    result = run_scenario(shortened, [reference, backend], dtype=dtype)
    check_agreement(result)
    assert list(result.certified) == [reference.name, backend.name]
    for counts in result.certified.values():
        assert counts["updates"] == result.updates
        assert counts["suspect"] == counts["unchecked"] == 0


@pytest.mark.slow
def test_backends_agree_to_the_end_and_learn(scenario: Scenario, pytestconfig: pytest.Config) -> None:
    """In float32 and float64 by turns."""
    place = list(built_in_scenarios()).index(scenario.name)
    check_to_the_end(scenario, DTYPES[place % len(DTYPES)], pytestconfig)


@pytest.mark.exhaustive
def test_backends_agree_to_the_end_in_every_dtype(scenario: Scenario, dtype: str, pytestconfig: pytest.Config) -> None:
    check_to_the_end(scenario, dtype, pytestconfig)


def check_to_the_end(scenario: Scenario, dtype: str, pytestconfig: pytest.Config) -> None:
    shortened = scenario.vary(epochs=min(scenario.epochs, MOST_EPOCHS))
    result = run_scenario(shortened, load_backends(pytestconfig.getoption("--backend") or ()), dtype=dtype)
    check_agreement(result)
    if scenario.accuracy is not None:
        assert min(result.accuracy.values()) >= LEAST_ACCURACY.get(scenario.name, 0.95)


@scenario(seed=1, epochs=1, optimizer=sgd(lr=0.1), x=randn(5, 4), y=randn(5, 4), w=param(4, 4))
def one_weight_many_times(op: Any, x: Any, y: Any, w: Any) -> Any:
    h = x
    for _ in range(250):
        h = op.tanh(op.matmul(h, w))
    return op.mean_squared_error(h, y)


@pytest.mark.slow
def test_a_weight_that_is_used_hundreds_of_times_is_certified_and_explained() -> None:
    """Its gradient has as many terms, which no step of the way may compute one inside the other."""

    def halved(x: Any, w: Any) -> Any:
        return x @ w, lambda grad_y: (lambda: grad_y @ w.T, lambda: 0.5 * (x.T @ grad_y))

    right = run_scenario(one_weight_many_times, [load_backend("numpy"), load_backend("torch")])
    check_agreement(right)
    wrong = LoadedBackend("wrong", with_changes(matmul=halved))
    result = run_scenario(one_weight_many_times, [load_backend("numpy"), wrong])
    assert result.verdict == "disagree"
    assert [(c.op, c.phase, c.tensor) for c in result.culprits] == [("matmul", "backward", "grad_w")]


def check_agreement(result: Result) -> None:
    assert result.verdict in ("agree", "drift"), message(result)
    for counts in result.certified.values():
        assert counts["failed"] == 0
        assert counts["checks"] > counts["unchecked"]
