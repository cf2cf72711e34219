"""What excuses a run that parts: no mismatch that can't be rounding, no second training that differs, no doubt."""

from typing import Any

import msgspec
import numpy as np
import pytest

from backends.contract import Array
from harness.certifying.certificate import Certificate
from harness.judging.parting import NOT_OF_AN_OP, ONE_SIDE_ONLY, Partings, cannot_be_rounding, repeats
from harness.recording.loading import LoadedBackend, load_backend
from harness.results import Flip, Mismatch, number
from harness.running.deviations import Deviations
from harness.running.experiment import Experiment, prepare
from harness.running.trajectories import Trajectories
from scenarios import Scenario

INF, NAN = np.inf, np.nan
FLIP = Flip(
    backend="mine",
    epoch=1,
    update=1,
    call="h_r",
    op="relu",
    tensor="h",
    index=(0, 0),
    reference_value=1e-9,
    backend_value=-1e-9,
)


def mismatch(*, got: float = 1.1, want: float = 1.0, update: int = 2, phase: Any = "update") -> Mismatch:
    """A mismatch at an epoch of one update."""
    return Mismatch(
        backend="mine",
        epoch=update,
        update=update,
        phase=phase,
        call=None,
        op="sgd",
        tensor="w1",
        index=(0, 0),
        got=number(got),
        want=number(want),
        error=number(abs(got - want)),
        allowed=1e-6,
        ulps=1.0,
    )


@pytest.mark.parametrize("phase", ["forward", "loss"])
def test_in_the_first_update_only_an_op_amplifies_rounding(phase: str) -> None:
    assert cannot_be_rounding(mismatch(update=1, phase=phase), FLIP, "float32") == NOT_OF_AN_OP
    assert cannot_be_rounding(mismatch(update=2, phase=phase), None, "float32") == ""


def test_the_first_gradients_part_by_rounding_only_where_a_unit_is_at_a_kink() -> None:
    first = mismatch(update=1, phase="backward")
    assert "no unit is at a kink" in cannot_be_rounding(first, None, "float32")
    assert cannot_be_rounding(first, FLIP, "float32") == ""
    assert cannot_be_rounding(mismatch(update=2, phase="backward"), None, "float32") == ""


@pytest.mark.parametrize("broken", [NAN, INF, -INF])
@pytest.mark.parametrize(
    ("run_in", "other", "is_excused"),
    [("float32", 1.0, False), ("float32", -1e19, False), ("float32", -2e19, True), ("float64", 2e19, False)],
)
def test_a_number_on_one_side_only_is_rounding_near_overflow_alone(
    broken: float, run_in: str, other: float, is_excused: bool
) -> None:
    for got, want in ((broken, other), (other, broken)):
        early = mismatch(got=got, want=want, update=1, phase="backward")
        assert cannot_be_rounding(early, None, run_in) == ("" if is_excused else ONE_SIDE_ONLY)
        assert cannot_be_rounding(mismatch(got=got, want=want), FLIP, run_in) == ("" if is_excused else ONE_SIDE_ONLY)


def test_two_results_that_overflowed_tell_nothing() -> None:
    assert cannot_be_rounding(mismatch(got=NAN, want=INF, update=1, phase="forward"), None, "float32") == ""


def runs(losses: list[float], first: Mismatch | None = None, parted: Mismatch | None = None) -> Trajectories:
    """What a run leaves in which mine parts from numpy."""
    array: Array = np.array(losses)
    return Trajectories(
        losses={"numpy": array, "mine": array},
        deviations=[Deviations("mine", "float32", first=first, parted=parted)],
        seconds={},
        final_weights={},
        dead_gradients=[],
        horizon=None,
        loss_untested_from=None,
    )


def test_a_training_repeats_itself_if_every_bit_is_the_same() -> None:
    one = mismatch()
    before = runs([1.0, NAN, 3.0], one, one)
    assert repeats("mine", before, runs([1.0, NAN], one, one), 2)
    assert not repeats("mine", before, runs([1.0, 2.0], one, one), 2)
    assert not repeats("mine", before, runs([float(np.nextafter(1, 2)), NAN], one, one), 2)
    assert not repeats("mine", before, runs([1.0, NAN], None, one), 2)
    assert not repeats("mine", before, runs([1.0, NAN], one, mismatch(got=1.2)), 2)


def test_a_mismatch_after_the_repeated_epochs_is_not_asked_for() -> None:
    assert repeats("mine", runs([1.0, 2.0, 3.0], mismatch(update=3)), runs([1.0, 2.0]), 2)
    assert not repeats("mine", runs([1.0, 2.0, 3.0]), runs([1.0, 2.0], mismatch(update=2)), 2)


@pytest.fixture
def experiment(tiny: Scenario) -> Experiment:
    numpy = load_backend("numpy")
    return prepare(tiny.vary(epochs=3), [numpy, LoadedBackend("mine", numpy.module)], "float32")


def found_within_allowance(experiment: Experiment, parted: Mismatch, **certificates: Certificate) -> Any:
    """What is found of mine, which is within its allowance and parts, where every update is certified."""
    complete = {name: Certificate(updates=experiment.updates) for name in ("numpy", "mine")}
    (parting,) = Partings(experiment, runs([1.0] * 3, None, parted), {**complete, **certificates}).found()
    return parting


def test_within_its_allowance_a_certified_run_that_parts_is_drift(experiment: Experiment) -> None:
    parting = found_within_allowance(experiment, mismatch())
    assert parting.finding == "drift"
    assert "every op of every update of mine is certified" in parting.reasons


@pytest.mark.parametrize("name", ["numpy", "mine"])
def test_a_suspect_check_is_a_doubt(experiment: Experiment, name: str) -> None:
    suspect = {name: Certificate(updates=experiment.updates, suspect=1)}
    parting = found_within_allowance(experiment, mismatch(), **suspect)
    assert parting.finding == "inconclusive"
    assert f"1 checks of {name} are suspect" in parting.reasons


@pytest.mark.parametrize("name", ["numpy", "mine"])
@pytest.mark.parametrize(("first_unchecked", "finding"), [(1, "inconclusive"), (2, "inconclusive"), (3, "drift")])
def test_a_check_that_says_nothing_is_a_doubt_up_to_the_parting(
    experiment: Experiment, name: str, first_unchecked: int, finding: str
) -> None:
    unchecked = Certificate(updates=experiment.updates, unchecked=1, first_unchecked=first_unchecked)
    assert found_within_allowance(experiment, mismatch(), **{name: unchecked}).finding == finding


@pytest.mark.parametrize("field", ["got", "want"])
def test_nan_is_a_doubt(experiment: Experiment, field: str) -> None:
    parted = msgspec.structs.replace(mismatch(), **{field: "nan"})
    parting = found_within_allowance(experiment, parted)
    assert parting.finding == "inconclusive"
    assert ONE_SIDE_ONLY in parting.reasons
