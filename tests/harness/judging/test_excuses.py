"""What excuses a run over its allowance: further runs that show as much of this backend, and no doubt."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import msgspec
import numpy as np
import pytest

from backends.contract import Array
from harness.certifying.certificate import Certificate
from harness.certifying.certifier import formulas_of
from harness.certifying.expectations import Evaluation
from harness.judging import parting
from harness.judging.parting import Parting, Partings
from harness.numerics.rounding import arithmetic
from harness.recording.loading import LoadedBackend, load_backend
from harness.results import Mismatch
from harness.running.allowance import Tolerances
from harness.running.deviations import Deviations
from harness.running.experiment import Experiment, prepare
from harness.running.runner import Runner
from harness.running.trajectories import Trajectories
from harness.running.updates import Update
from scenarios import Scenario
from tests.harness.judging.test_parting import FLIP, mismatch

EPOCHS = 4
NAN = np.nan
CERTIFIED = "every op of every update of mine is certified"


@pytest.fixture
def experiment(tiny: Scenario) -> Experiment:
    numpy = load_backend("numpy")
    return prepare(
        tiny.vary(epochs=EPOCHS), [numpy, *(LoadedBackend(name, numpy.module) for name in ("mine", "other"))], "float32"
    )


def runs(
    *, losses: Any = (4.0, 3.0, 2.0, 1.0), flips: Any = (), untraced: Any = (), **firsts: Mismatch | None
) -> Trajectories:
    """What a run leaves in which these backends part from numpy; None for one that doesn't."""
    array = np.array(losses)
    return Trajectories(
        losses=dict.fromkeys(("numpy", "mine", "other"), array),
        deviations=[Deviations(name, "float32", first=first) for name, first in firsts.items()],
        seconds={},
        final_weights={},
        dead_gradients=[],
        horizon=None,
        loss_untested_from=None,
        untraced=list(untraced),
        flips=dict(flips),
    )


@dataclass
class FurtherRuns:
    """The further runs as a test wants them, and up to which epoch they were asked for."""

    traced: Trajectories
    nudged: Trajectories
    again: tuple[Trajectories, dict[str, Certificate]] | None = None
    asked: list[tuple[str, Any]] = field(default_factory=list)

    def replace_those_of(self, monkeypatch: pytest.MonkeyPatch) -> None:
        def trace(experiment: Experiment, last: int, names: list[str]) -> Trajectories:
            self.asked.append(("traced", (last, names)))
            return self.traced

        def nudge(experiment: Experiment, last: int) -> Trajectories:
            self.asked.append(("nudged", last))
            return self.nudged

        def repeat(experiment: Experiment) -> Any:
            self.asked.append(("again", experiment.scenario.epochs))
            assert self.again is not None
            return self.again

        monkeypatch.setattr(parting, "trace_to_first_mismatch", trace)
        monkeypatch.setattr(parting, "train_with_more_nudged_runs", nudge)
        monkeypatch.setattr(parting, "train_and_certify", repeat)


LATE = mismatch(update=3)
PARTS, AGREES = runs(mine=LATE, other=LATE), runs(mine=None, other=None)


def complete(experiment: Experiment, **changed: Certificate) -> dict[str, Certificate]:
    """Certificates of all backends and updates, some of them others."""
    return {**{b.name: Certificate(updates=experiment.updates) for b in experiment.backends}, **changed}


def found(
    experiment: Experiment,
    monkeypatch: pytest.MonkeyPatch,
    further: FurtherRuns,
    certificates: dict[str, Certificate] | None = None,
    first: Mismatch = LATE,
) -> Parting:
    """What is found of mine, which alone parts."""
    further.replace_those_of(monkeypatch)
    certificates = complete(experiment) if certificates is None else certificates
    (one,) = Partings(experiment, runs(mine=first, other=None), certificates).found()
    assert (one.backend, one.mismatch) == ("mine", first)
    return one


def test_a_unit_on_the_other_side_of_its_kink_is_drift(experiment: Experiment, monkeypatch: pytest.MonkeyPatch) -> None:
    further = FurtherRuns(runs(mine=LATE, flips={"mine": FLIP}), PARTS)
    one = found(experiment, monkeypatch, further)
    assert (one.finding, one.flip) == ("drift", FLIP)
    assert one.reasons[0].startswith("epoch 1: relu unit h[0, 0] is 1e-09 in the reference and -1e-09 in mine")
    assert one.reasons[1:] == (CERTIFIED,)
    assert further.asked == [("traced", (3, ["mine"]))]


@pytest.mark.parametrize("phase", ["forward", "loss"])
def test_a_unit_on_the_other_side_does_not_explain_values_and_losses(
    phase: str, experiment: Experiment, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = mismatch(update=3, phase=phase)
    further = FurtherRuns(runs(mine=first, flips={"mine": FLIP}), PARTS)
    one = found(experiment, monkeypatch, further, first=first)
    assert one.finding == "inconclusive"
    assert one.reasons[0].startswith("mine parts further from the reference than runs of the reference that are nudged")


def test_another_backends_unit_explains_nothing(experiment: Experiment, monkeypatch: pytest.MonkeyPatch) -> None:
    further = FurtherRuns(runs(mine=LATE, flips={"other": FLIP, "mine": None}), PARTS)
    assert found(experiment, monkeypatch, further).finding == "inconclusive"


def test_within_the_allowance_of_every_update_it_is_drift(
    experiment: Experiment, monkeypatch: pytest.MonkeyPatch
) -> None:
    one = found(experiment, monkeypatch, FurtherRuns(AGREES, PARTS))
    assert one.finding == "drift"
    assert one.reasons == (
        "compared at every update, mine stays within what nudged runs of the reference do",
        CERTIFIED,
    )


def test_within_the_allowance_of_more_nudged_runs_it_is_drift(
    experiment: Experiment, monkeypatch: pytest.MonkeyPatch
) -> None:
    further = FurtherRuns(PARTS, runs(mine=None, other=LATE))
    one = found(experiment, monkeypatch, further)
    assert one.finding == "drift"
    assert one.reasons == ("nudged runs of the reference part from it as far as mine does", CERTIFIED)
    assert further.asked == [("traced", (3, ["mine"])), ("nudged", 3)]
    further = FurtherRuns(PARTS, runs(mine=LATE, other=None))
    assert found(experiment, monkeypatch, further).finding == "inconclusive"


@pytest.mark.parametrize("name", ["numpy", "mine", "other"])
def test_a_doubt_about_either_run_takes_the_excuse(
    name: str, experiment: Experiment, monkeypatch: pytest.MonkeyPatch
) -> None:
    certificates = complete(experiment, **{name: Certificate(updates=experiment.updates, suspect=2)})
    one = found(experiment, monkeypatch, FurtherRuns(AGREES, PARTS), certificates)
    if name == "other":
        assert one.finding == "drift"
    else:
        assert one.finding == "inconclusive"
        assert one.reasons[1:] == (f"2 checks of {name} are suspect",)


@pytest.mark.parametrize("is_missing", [True, False])
def test_where_some_updates_are_not_certified_a_second_training_that_repeats_the_first_is(
    is_missing: bool, experiment: Experiment, monkeypatch: pytest.MonkeyPatch
) -> None:
    partly = complete(experiment, other=Certificate(updates=experiment.updates - 1))
    if is_missing:
        partly = {name: certificate for name, certificate in complete(experiment).items() if name != "other"}
    repeated = runs(losses=(4.0, 3.0, 2.0), mine=LATE, other=None)
    further = FurtherRuns(AGREES, PARTS, (repeated, complete(experiment)))
    assert found(experiment, monkeypatch, further, partly).finding == "drift"
    assert ("again", 3) in further.asked
    suspect = complete(experiment, mine=Certificate(suspect=1))
    further = FurtherRuns(AGREES, PARTS, (repeated, suspect))
    assert found(experiment, monkeypatch, further, partly).finding == "inconclusive"
    for other in (runs(losses=(4.0, 3.0, 9.0), mine=LATE), runs(losses=(4.0, 3.0, 2.0), mine=None)):
        further = FurtherRuns(AGREES, PARTS, (other, complete(experiment)))
        one = found(experiment, monkeypatch, further, partly)
        assert one.finding == "disagree"
        assert one.reasons == (
            "mine does not repeat itself: trained again from the same start, it computes something else",
        )


def test_a_run_that_parts_within_its_allowance_is_asked_the_same(
    experiment: Experiment, monkeypatch: pytest.MonkeyPatch
) -> None:
    within = Trajectories(**{**vars(AGREES), "deviations": [Deviations("mine", "float32", parted=LATE)]})
    for losses, finding in (((4.0, 3.0, 2.0), "drift"), ((4.0, 3.0, 9.0), "disagree")):
        again = Trajectories(**{**vars(runs(losses=losses)), "deviations": within.deviations})
        FurtherRuns(AGREES, PARTS, (again, complete(experiment))).replace_those_of(monkeypatch)
        (one,) = Partings(experiment, within, {}).found()
        assert one.finding == finding


def traced_update(experiment: Experiment, weights: Mapping[str, Array]) -> Update:
    """The hand-written backend's update from these weights, which says that it is a later one."""
    reference, draws = experiment.backends[0], experiment.draws
    runner = Runner(
        reference,
        experiment.program,
        draws,
        1,
        experiment.dtype,
        weights={n: w.copy() for n, w in weights.items()},
        trace=True,
    )
    step = runner.advance()
    return Update(3, draws.data, weights, {}, step).copy()


@pytest.mark.parametrize(("off", "finding"), [(0.0, "drift"), (1e-3, "inconclusive"), (np.nan, "inconclusive")])
def test_what_an_op_makes_of_its_inputs_is_drift_if_it_is_all_of_it(
    off: float, finding: str, experiment: Experiment, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One element of the op's result is off by more than its inputs are."""
    first = msgspec.structs.replace(mismatch(update=3, phase="forward"), tensor="h", op="matmul", allowed=1e-5)
    weights = experiment.draws.weights
    one = traced_update(experiment, weights)
    other = traced_update(experiment, {**weights, "w1": weights["w1"] * np.float32(1.5)})
    np.asarray(other.step.values["h"])[-1, -1] += np.float32(off)
    traced = runs(mine=first)
    traced.at_mismatch = {"mine": (one, other)}
    found_one = found(experiment, monkeypatch, FurtherRuns(traced, PARTS), first=first)
    assert found_one.finding == finding
    if finding == "drift":
        assert found_one.reasons[0].startswith("matmul makes this much of differences in its inputs")


def rounding(
    experiment: Experiment,
    monkeypatch: pytest.MonkeyPatch,
    off: float,
    *,
    certificates: dict[str, Certificate] | None = None,
    flips: Any = (),
    without: str = "",
    **changes: Any,
) -> dict[str, float]:
    """What is allowed where a result at the first update is off by so many times what its op is likely to round."""
    values: dict[str, Any] = {"update": 1, "phase": "forward", "tensor": "h", **changes}
    first = msgspec.structs.replace(mismatch(), **values)
    one, other = (traced_update(experiment, experiment.draws.weights) for _ in range(2))
    array = np.asarray(other.step.values["h"])
    array[...] = one.step.values["h"] + off * likely(experiment)
    other.step.values = {name: value for name, value in other.step.values.items() if name != without}
    traced = runs(mine=first, flips=flips)
    traced.at_mismatch = {"mine": (one, other)}
    FurtherRuns(traced, PARTS).replace_those_of(monkeypatch)
    partings = Partings(experiment, runs(mine=first, other=None), certificates or complete(experiment))
    return {str(node): allowed for node, allowed in partings.rounding_at_start().items() if node.phase == "forward"}


def likely(experiment: Experiment) -> Array:
    """What rounding in float32 is likely to make of each element of the first product."""
    draws = experiment.draws
    update = traced_update(experiment, draws.weights)
    evaluation = Evaluation(experiment.program, arithmetic("float32"))
    expectations = evaluation.expectations(update, formulas_of(experiment.program, experiment.find_op))
    (bound,) = (each.bound for each in expectations if str(each.node) == "h" and each.node.phase == "forward")
    assert bound is not None
    return np.asarray(bound.likely_radius)


def test_what_rounding_in_its_op_makes_is_allowed_of_what_parts_by_it_at_the_first_update(
    experiment: Experiment, monkeypatch: pytest.MonkeyPatch
) -> None:
    for off in (0.0, 0.5, 1.5):
        allowed = rounding(experiment, monkeypatch, off)
        assert allowed["h"] == pytest.approx((2 + off) * float(likely(experiment).max()), rel=0.1)
        assert {"h", "h_r", "y_p"} <= allowed.keys()
    for off in (3.0, NAN):
        assert rounding(experiment, monkeypatch, off) == {}


@pytest.mark.parametrize(
    "changes",
    [
        {"update": 2},
        {"phase": "update"},
        {"tensor": "no tensor"},
        {"phase": "backward", "tensor": "grad_w1", "flips": {"mine": FLIP}},
        {"without": "h_r"},
    ],
    ids=str,
)
def test_no_rounding_is_allowed_of_anything_else(
    changes: dict[str, Any], experiment: Experiment, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert rounding(experiment, monkeypatch, 0.5, **changes) == {}


def test_no_rounding_is_allowed_where_a_check_is_in_doubt(
    experiment: Experiment, monkeypatch: pytest.MonkeyPatch
) -> None:
    certificates = complete(experiment, mine=Certificate(updates=experiment.updates, suspect=1))
    assert rounding(experiment, monkeypatch, 0.5, certificates=certificates) == {}


def test_every_backend_that_parts_is_found_and_runs_go_on_to_the_last(
    experiment: Experiment, monkeypatch: pytest.MonkeyPatch
) -> None:
    early = mismatch(update=2)
    deviations = [Deviations("mine", "float32", first=early), Deviations("other", "float32", parted=LATE)]
    both = Trajectories(**{**vars(AGREES), "deviations": deviations})
    further = FurtherRuns(runs(mine=None), PARTS)
    further.replace_those_of(monkeypatch)
    one, other = Partings(experiment, both, complete(experiment)).found()
    assert (one.backend, other.backend) == ("mine", "other")
    assert further.asked == [("traced", (3, ["mine"]))]


def test_where_an_update_shows_the_mismatch_first_it_is_that_one(
    experiment: Experiment, monkeypatch: pytest.MonkeyPatch
) -> None:
    earlier = mismatch(update=2, phase="state")
    FurtherRuns(runs(mine=earlier), PARTS).replace_those_of(monkeypatch)
    (one,) = Partings(experiment, runs(mine=LATE, other=None), complete(experiment)).found()
    assert one.mismatch == earlier


def test_beyond_a_users_tolerance_nothing_is_excused(experiment: Experiment, monkeypatch: pytest.MonkeyPatch) -> None:
    FurtherRuns(runs(mine=LATE, flips={"mine": FLIP}), AGREES).replace_those_of(monkeypatch)
    within = Deviations("other", "float32", parted=LATE)
    both = Trajectories(**{**vars(AGREES), "deviations": [Deviations("mine", "float32", first=LATE), within]})
    strict = replace(experiment, tolerances=Tolerances(0.0, 0.0))
    (one,) = Partings(strict, both, complete(experiment)).found()
    assert (one.backend, one.finding, one.reasons) == ("mine", "disagree", ())
