"""What a run did not test: each reason stands beside an agreement, or in its place."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from backends.contract import Array, WeightGroup
from harness.certifying.certificate import Certificate
from harness.judging.coverage import nothing_tested, untested, untested_loss
from harness.recording.loading import LoadedBackend, load_backend
from harness.running.experiment import Experiment, prepare
from harness.running.trajectories import Trajectories
from reports.languages.translation import translated
from scenarios import Scenario

NAN, INF = np.nan, np.inf


@pytest.fixture
def experiment(tiny: Scenario) -> Experiment:
    numpy = load_backend("numpy")
    return prepare(tiny.vary(epochs=3), [numpy, LoadedBackend("mine", numpy.module)], "float32")


def runs(losses: list[float] | None = None, weight: float = 1.0, **changes: Any) -> Trajectories:
    """What two runs of these losses leave, whose weights end with this number."""
    array: Array = np.array([3.0, 2.0, 1.0] if losses is None else losses)
    values: Mapping[str, Any] = {"dead_gradients": [], "loss_untested_from": None, **changes}
    return Trajectories(
        losses={"numpy": array, "mine": array},
        deviations=[],
        seconds={},
        final_weights={name: {"w1": np.array([1.0, weight])} for name in ("numpy", "mine")},
        horizon=None,
        **values,
    )


def test_a_run_that_trained_tested_something(experiment: Experiment) -> None:
    certificates = {name: Certificate(checks=5, unchecked=4) for name in ("numpy", "mine")}
    assert nothing_tested(experiment, runs(), certificates) == []
    assert nothing_tested(experiment, runs(), {}) == []
    assert untested(experiment, runs(), certificates) == []


@pytest.mark.parametrize("broken", [NAN, INF])
def test_a_loss_that_is_not_finite(experiment: Experiment, broken: float) -> None:
    (reason,) = nothing_tested(experiment, runs([3.0, broken, NAN], weight=NAN), {})
    assert reason.startswith(f"the loss is {broken} from epoch 2 on;")
    (reason,) = nothing_tested(experiment, runs([3.0, broken, 1.0]), {})
    assert reason.startswith(f"the loss is {broken} at epoch 2;")


def test_a_loss_that_never_moves(experiment: Experiment) -> None:
    assert nothing_tested(experiment, runs([2.0, 2.0]), {}) == ["the loss never moved: it is 2 at every epoch"]
    assert nothing_tested(experiment, runs([2.0]), {}) == []


@pytest.mark.parametrize("broken", [NAN, INF, -INF])
def test_weights_that_end_as_no_number(experiment: Experiment, broken: float) -> None:
    assert nothing_tested(experiment, runs(weight=broken), {}) == ["NaN or infinity in w1 at the end"]


@pytest.mark.parametrize("name", ["numpy", "mine"])
def test_checks_that_say_nothing_at_all(experiment: Experiment, name: str) -> None:
    certificates = {each: Certificate(checks=5, unchecked=5 * (each == name)) for each in ("numpy", "mine")}
    (reason,) = nothing_tested(experiment, runs(), certificates)
    assert reason.startswith(f"no check of {name} could say anything")


def test_gradients_that_are_always_zero(experiment: Experiment) -> None:
    reference = Certificate(without_gradient={"h", "a"})
    assert untested(experiment, runs(dead_gradients=["w2"]), {"numpy": reference}) == [
        "the gradient of w2 is zero at every epoch, so nothing tested it",
        "the gradient of a is zero at every update, so nothing tested it",
        "the gradient of h is zero at every update, so nothing tested it",
    ]


@pytest.mark.parametrize(
    ("first", "why"),
    [
        (4, "w2 is frozen in every epoch of this run (trained_from=4)"),
        (3, "the gradient of w2 is zero at every epoch"),
    ],
)
def test_a_weight_that_is_to_be_trained_after_the_run(experiment: Experiment, first: int, why: str) -> None:
    later = replace(experiment.program, groups=(WeightGroup(("w2",), {}, trained_from=first),))
    (reason,) = untested(replace(experiment, program=later), runs(dead_gradients=["w2"]), {})
    assert reason == f"{why}, so nothing tested it"
    assert translated(reason, "ja") is not None


@pytest.mark.parametrize(("seen", "missing"), [({"below"}, "above"), ({"above"}, "below")])
def test_a_side_of_a_kink_without_inputs(experiment: Experiment, seen: set[str], missing: str) -> None:
    reference = Certificate(sides={("h_r", 0.0): seen, ("other", 0.5): {"below", "above"}})
    other = Certificate(sides={("h_r", 0.0): set()})
    (reason,) = untested(experiment, runs(), {"numpy": reference, "mine": other})
    assert reason == f"no input of h_r was ever {missing} its kink at 0, so nothing tested that"


def test_a_loss_that_rounding_explains_is_said_with_its_epoch() -> None:
    assert untested_loss(runs()) == []
    (reason,) = untested_loss(runs(loss_untested_from=7))
    assert reason.startswith("from epoch 7 on, rounding alone may change the loss by as much as its size")
