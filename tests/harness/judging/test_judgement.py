"""The verdict on runs and certificates, which are given here: what decides where several things are found."""

from dataclasses import dataclass, replace
from typing import Any, Literal

import msgspec
import numpy as np
import pytest

from backends.contract import Node, Overwriting
from harness.certifying.certificate import Certificate, Failure
from harness.judging import judgement
from harness.judging.judgement import NOT_SHOWN_WRONG, train_and_judge
from harness.judging.parting import Parting
from harness.recording.loading import LoadedBackend, load_backend
from harness.results import Mismatch, Result
from harness.running.allowance import Tolerances
from harness.running.deviations import Deviations
from harness.running.experiment import Experiment, prepare
from harness.running.trajectories import Trajectories
from scenarios import Scenario
from tests.harness.judging.test_parting import FLIP, mismatch

LATE = mismatch(update=3)
Finding = Literal["drift", "disagree", "inconclusive"]


@pytest.fixture
def experiment(tiny: Scenario) -> Experiment:
    numpy = load_backend("numpy")
    others = [LoadedBackend(name, numpy.module) for name in ("mine", "other")]
    return prepare(tiny.vary(epochs=3), [numpy, *others], "float32")


def runs(
    first: Mismatch | None = None, parted: Mismatch | None = None, losses: Any = (3.0, 2.0, 1.0), **changes: Any
) -> Trajectories:
    """What a run leaves in which mine parts from numpy, or doesn't."""
    names = "numpy", "mine", "other"
    values: dict[str, Any] = {"dead_gradients": [], "loss_untested_from": None, **changes}
    return Trajectories(
        losses=dict.fromkeys(names, np.array(losses)),
        deviations=[Deviations("mine", "float32", first=first, parted=parted), Deviations("other", "float32")],
        seconds=dict.fromkeys(names, 0.0),
        final_weights={name: {"w1": np.ones(2)} for name in names},
        horizon=None,
        **values,
    )


@dataclass
class Given:
    """What Partings find, in place of what further runs would show."""

    findings: list[Parting]
    certificates: dict[str, Certificate]
    untraced: list[str]
    rounding: dict[Node, float]

    def __call__(self, *given: Any) -> "Given":
        return self

    def rounding_at_start(self) -> dict[Node, float]:
        return self.rounding

    def found(self) -> list[Parting]:
        return self.findings


def judged(
    experiment: Experiment,
    monkeypatch: pytest.MonkeyPatch,
    made: Trajectories,
    *findings: Parting,
    certificates: dict[str, Certificate] | None = None,
    again: dict[str, Certificate] | None = None,
    untraced: Any = (),
    sharp: Trajectories | None = None,
    sharp_certificates: dict[str, Certificate] | None = None,
    rounding: dict[Node, float] | None = None,
) -> Result:
    """The result where the runs and the findings about them are these, and those in float64."""

    def train(of: Experiment, progress: Any = None) -> tuple[Trajectories, dict[str, Certificate]]:
        if of.dtype == "float64" and experiment.dtype != "float64":
            assert sharp is not None
            return sharp, sharp_certificates or {}
        return made, certificates or {}

    monkeypatch.setattr(judgement, "train_and_certify", train)
    monkeypatch.setattr(judgement, "Partings", Given(list(findings), again or {}, list(untraced), rounding or {}))
    return train_and_judge(experiment)


def parting(finding: Finding, *reasons: str, backend: str = "mine", **changes: Any) -> Parting:
    return Parting(backend, finding, reasons, LATE, **changes)


def failing(*slight: bool) -> dict[str, Certificate]:
    """Certificates with a failure of an op each, slight or plain."""
    failures: dict[Any, Failure] = {}
    for number, _ in enumerate(slight):
        of = msgspec.structs.replace(mismatch(update=1, phase="update"), op=f"op{number}")
        node = Node("weight", "w1", "sgd")
        failures[f"op{number}", "update"] = Failure(node, of, (), np.zeros(1), np.ones(1), np.zeros(1))
    those = {(f"op{number}", "update") for number, each in enumerate(slight) if each}
    return {"mine": Certificate(failures=failures, slight=those)}  # type: ignore[arg-type]


@pytest.fixture(autouse=True)
def explained(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is wrong with an element is another room's."""
    monkeypatch.setattr(judgement, "explanation", lambda failure, experiment: None)
    monkeypatch.setattr(judgement, "ruling", lambda failure, experiment: None)
    monkeypatch.setattr(judgement, "notes_on", lambda failures, experiment: ["about the failures"])


def test_within_its_allowance_a_run_agrees(experiment: Experiment, monkeypatch: pytest.MonkeyPatch) -> None:
    assert judged(experiment, monkeypatch, runs()).verdict == "agree"


def test_what_was_not_tested_is_inconclusive_unless_it_is_accepted(
    experiment: Experiment, monkeypatch: pytest.MonkeyPatch
) -> None:
    dead, still = runs(dead_gradients=["w1"]), runs(losses=(2.0, 2.0, 2.0), dead_gradients=["w1"])
    accepting = replace(experiment, accepts_untested=True)
    assert judged(experiment, monkeypatch, dead).verdict == "inconclusive"
    assert judged(accepting, monkeypatch, dead).verdict == "agree"
    assert judged(accepting, monkeypatch, still).verdict == "inconclusive"
    assert judged(accepting, monkeypatch, runs(losses=(2.0, 2.0, 2.0))).verdict == "inconclusive"
    noted = judged(accepting, monkeypatch, runs(dead_gradients=["w1"], loss_untested_from=2)).notes
    assert [note.split(",")[0] for note in noted] == [
        "the gradient of w1 is zero at every epoch",
        "from epoch 2 on",
    ]


def test_slight_failures_are_inconclusive_only_where_all_are_and_the_runs_agree(
    experiment: Experiment, monkeypatch: pytest.MonkeyPatch
) -> None:
    for made, slight, verdict in (
        (runs(), (True, True), "inconclusive"),
        (runs(), (True, False), "disagree"),
        (runs(first=LATE), (True, True), "disagree"),
        (runs(parted=LATE), (True, True), "disagree"),
    ):
        result = judged(experiment, monkeypatch, made, certificates=failing(*slight))
        assert result.verdict == verdict
        assert (NOT_SHOWN_WRONG in result.notes) is (verdict == "inconclusive")
        assert len(result.culprits) == 2
        assert "about the failures" in result.notes


def test_of_several_backends_the_worst_finding_decides(experiment: Experiment, monkeypatch: pytest.MonkeyPatch) -> None:
    drift, unknown, wrong = (
        parting(finding, f"why {finding}", backend=finding) for finding in ("drift", "inconclusive", "disagree")
    )
    made, sharp = runs(first=LATE), runs()
    result = judged(experiment, monkeypatch, made, drift, unknown, wrong, sharp=sharp)
    assert (result.verdict, result.notes) == (
        "disagree",
        ["why disagree", "the gradients of update 3 agree: runs part in the sgd"],
    )
    assert result.culprits == [LATE]
    result = judged(experiment, monkeypatch, made, drift, unknown, sharp=sharp)
    assert (result.verdict, result.notes) == ("inconclusive", ["float64 agrees", "why inconclusive"])
    result = judged(experiment, monkeypatch, made, drift, sharp=sharp)
    assert (result.verdict, result.notes) == ("drift", ["float64 agrees", "why drift"])


@pytest.mark.parametrize(
    ("phase", "is_noted"), [("forward", False), ("backward", False), ("state", True), ("update", True)]
)
def test_gradients_that_agree_are_noted_where_the_rule_parts(
    phase: Any, is_noted: bool, experiment: Experiment, monkeypatch: pytest.MonkeyPatch
) -> None:
    of = Parting("mine", "disagree", (), mismatch(update=3, phase=phase))
    notes = judged(experiment, monkeypatch, runs(first=LATE), of).notes
    assert notes == (["the gradients of update 3 agree: runs part in the sgd"] if is_noted else [])


@pytest.mark.parametrize(("silent", "is_located"), [("numpy", False), ("mine", False), ("other", True)])
def test_the_op_is_located_where_both_runs_yield_their_values(
    silent: str, is_located: bool, experiment: Experiment, monkeypatch: pytest.MonkeyPatch
) -> None:
    result = judged(experiment, monkeypatch, runs(first=LATE), parting("disagree"), untraced=[silent])
    assert (result.culprits == [LATE]) is is_located
    not_located = f"op not located: {silent} yields no values with trace=True"
    assert (not_located in result.notes) is not is_located


def test_a_check_that_fails_in_the_second_training_decides(
    experiment: Experiment, monkeypatch: pytest.MonkeyPatch
) -> None:
    made, sharp = runs(first=LATE), runs()
    result = judged(experiment, monkeypatch, made, parting("drift"), again=failing(False), sharp=sharp)
    assert (result.verdict, result.notes) == ("disagree", ["about the failures"])


def test_the_rounding_at_start_is_allowed_where_the_allowance_is_measured_and_no_check_failed(
    experiment: Experiment, monkeypatch: pytest.MonkeyPatch
) -> None:
    rounding = {Node("value", "h", "matmul", "h"): 1.0}

    def train_again(of: Experiment) -> Trajectories:
        assert of.rounding == rounding
        return runs()

    monkeypatch.setattr(judgement, "train_in_lockstep", train_again)
    made, wrong = runs(first=LATE), parting("disagree")
    assert judged(experiment, monkeypatch, made, wrong, rounding=rounding).verdict == "agree"
    assert judged(experiment, monkeypatch, made, wrong).verdict == "disagree"
    strict = replace(experiment, tolerances=Tolerances(0.0, 0.0))
    assert judged(strict, monkeypatch, made, wrong, rounding=rounding).verdict == "disagree"
    failed = judged(experiment, monkeypatch, made, wrong, rounding=rounding, certificates=failing(True))
    assert failed.verdict == "disagree"


def test_float64_allows_the_rounding_of_its_own_ops(experiment: Experiment, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        judgement, "train_in_lockstep", lambda of: runs() if of.dtype == "float64" else runs(first=LATE)
    )
    rounding = {Node("value", "h", "matmul", "h"): 1.0}
    made = runs(first=LATE)
    result = judged(experiment, monkeypatch, made, parting("drift", "why"), sharp=made, rounding=rounding)
    assert (result.verdict, result.notes) == ("drift", ["float64 agrees", "why"])


def test_float64_is_asked_of_what_looks_like_rounding(experiment: Experiment, monkeypatch: pytest.MonkeyPatch) -> None:
    drift = parting("drift", "why", flip=FLIP)
    made, still = runs(first=LATE), runs(losses=(2.0, 2.0, 2.0))
    result = judged(experiment, monkeypatch, made, drift, sharp=runs())
    assert (result.verdict, result.notes, result.flip) == ("drift", ["float64 agrees", "why"], FLIP)
    result = judged(experiment, monkeypatch, made, drift, sharp=made)
    assert (result.verdict, result.notes) == ("drift", ["float64 drifts, too", "why"])
    result = judged(experiment, monkeypatch, made, drift, sharp=still)
    assert result.verdict == "drift"
    assert result.notes == ["float64 is inconclusive", "why", "the loss never moved: it is 2 at every epoch"]
    result = judged(experiment, monkeypatch, made, drift, sharp=runs(), sharp_certificates=failing(False))
    assert (result.verdict, result.notes) == ("disagree", ["float64 disagrees, too", "about the failures"])
    assert [culprit.op for culprit in result.culprits] == ["op0"]


def test_float64_and_a_users_tolerance_ask_nothing_more(
    experiment: Experiment, monkeypatch: pytest.MonkeyPatch
) -> None:
    sharp = experiment.in_dtype("float64")
    result = judged(sharp, monkeypatch, runs(first=LATE), parting("drift", "why", flip=FLIP))
    assert (result.verdict, result.notes, result.flip) == ("drift", ["why"], FLIP)
    loose = replace(experiment, tolerances=Tolerances(1.0, 1.0))
    assert judged(loose, monkeypatch, runs(parted=LATE)).verdict == "agree"
    assert judged(experiment, monkeypatch, runs(parted=LATE), parting("drift"), sharp=runs()).verdict == "drift"
    assert judged(loose, monkeypatch, runs(first=LATE), parting("disagree")).verdict == "disagree"


def test_what_was_not_certified_or_written_over_is_noted(
    experiment: Experiment, monkeypatch: pytest.MonkeyPatch
) -> None:
    overwriting = Overwriting(op="relu", phase="forward", call="h_r", tensor="h")
    certificates = {
        "mine": Certificate(refused={"sort": "it has no bound"}),
        "other": Certificate(overwritten={("relu", "forward", "h"): overwriting}),
    }
    made = runs(untraced=["mine"])
    assert judged(experiment, monkeypatch, made, certificates=certificates).notes == []
    certified = replace(experiment, certify=1)
    assert judged(certified, monkeypatch, made, certificates=certificates).notes == [
        "mine yields no values with trace=True: bounds through the whole network hold its loss and gradients",
        "sort is not certified: it has no bound",
        "other: relu wrote over h; every op is judged by what it was given",
    ]


NAN = float("nan")


@pytest.mark.parametrize(
    ("got", "want", "is_certified", "verdict"),
    [
        (NAN, NAN, False, "inconclusive"),
        (NAN, 1.0, False, "disagree"),
        (1.0, NAN, False, "disagree"),
        (1.0, 2.0, True, "inconclusive"),
        (1.0, 2.0, False, "disagree"),
    ],
)
def test_runs_that_all_end_in_nan_are_inconclusive_if_nothing_before_is_wrong(
    got: float, want: float, is_certified: bool, verdict: str, experiment: Experiment, monkeypatch: pytest.MonkeyPatch
) -> None:
    certificates = {name: Certificate() for name in ("numpy", "mine", "other")} if is_certified else {}
    made = runs(first=mismatch(got=got, want=want, update=2), losses=(3.0, 2.0, NAN))
    result = judged(experiment, monkeypatch, made, parting("disagree"), certificates=certificates)
    assert result.verdict == verdict


def test_a_run_that_ends_in_a_number_did_not_break_down_like_the_others(
    experiment: Experiment, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = runs(first=mismatch(got=NAN, want=NAN, update=2), losses=(3.0, 2.0, NAN))
    made.losses["other"] = np.array([3.0, 2.0, 1.0])
    assert judged(experiment, monkeypatch, made, parting("disagree")).verdict == "disagree"
