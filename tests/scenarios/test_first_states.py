"""What the state of an optimizer starts at: a setting where it is given, or else what the rule by hand says."""

from typing import Any

import pytest

from backends.contract import Program
from harness.errors import InputError
from harness.recording.arrays import draw_arrays
from harness.recording.loading import hand_written_ops, load_backends
from harness.recording.recorder import record_program
from harness.run import run_scenario
from scenarios import (
    Group,
    Optimizer,
    Scenario,
    ScenarioError,
    adabound,
    adagrad,
    group,
    nadam,
    param,
    randn,
    rmsprop,
    rmsprop_with_momentum,
    scenario,
    sgd,
)


def trained_by(optimizer: Optimizer, *groups: Group) -> Scenario:
    """Linear regression with a bias."""

    @scenario(
        seed=1, epochs=3, optimizer=optimizer, groups=groups, x=randn(5, 3), y=randn(5, 2), w=param(3, 2), b=param(2)
    )
    def regression(op: Any, x: Any, y: Any, w: Any, b: Any) -> Any:
        return op.mean_squared_error(op.linear(x, w, b), y)

    return regression


def program_of(chosen: Scenario) -> Program:
    return record_program(chosen, draw_arrays(chosen, "float64"), hand_written_ops(()))


@pytest.mark.parametrize(
    ("optimizer", "starts"),
    [
        (sgd(lr=0.1), {}),
        (adagrad(lr=0.1), {"h": 0.0}),
        (adagrad(lr=0.1, initial_h=0.5), {"h": 0.5}),
        (rmsprop(lr=0.1, initial_v=0.0), {"v": 0.0}),
        (rmsprop_with_momentum(lr=0.1, momentum=0.9, initial_v=1), {"v": 1.0, "b": 0.0}),
        (nadam(lr=0.1), {"m": 0.0, "v": 0.0, "mu": 1.0}),
    ],
)
def test_state_starts_at_its_setting_or_as_the_rule_says(optimizer: Optimizer, starts: dict[str, float]) -> None:
    assert program_of(trained_by(optimizer)).first_state == {"w": starts, "b": starts}


def test_an_optimizer_of_ones_own_has_such_a_setting_for_each_of_its_states() -> None:
    settings = {"lr": 0.1, "beta1": 0.9, "beta2": 0.99, "eps": 1e-8, "initial_m": 0.25}
    assert program_of(trained_by(Optimizer("adam", settings))).first_state["w"] == {"m": 0.25, "v": 0.0}


def test_the_optimizer_of_a_group_starts_as_it_says() -> None:
    chosen = trained_by(adagrad(lr=0.1, initial_h=0.5), group("b", optimizer=adagrad(lr=0.2)))
    assert program_of(chosen).first_state == {"w": {"h": 0.5}, "b": {"h": 0.0}}
    assert run_scenario(chosen, load_backends([]), dtype="float64").verdict == "agree"


def test_it_is_a_setting_where_it_is_given_alone() -> None:
    assert trained_by(adagrad(lr=0.1)).settings == {"lr": 0.1, "eps": 1e-8}
    varied = trained_by(adagrad(lr=0.1, initial_h=0.1)).vary(settings={"initial_h": 2.0})
    assert program_of(varied).first_state["w"] == {"h": 2.0}


def test_what_is_refused() -> None:
    with pytest.raises(ScenarioError, match="initial_h must be a finite number of at least 0, not -1"):
        adagrad(lr=0.1, initial_h=-1)
    with pytest.raises(ScenarioError, match="lr must be a finite number above 0"):
        adabound(lr=0.0)
    with pytest.raises(InputError, match="sgd takes lr, not lr, initial_v"):
        run_scenario(trained_by(Optimizer("sgd", {"lr": 0.1, "initial_v": 1.0})), load_backends([]))
