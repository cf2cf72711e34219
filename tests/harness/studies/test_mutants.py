"""The corpus of broken backends: each is detected and located in float64, and correct backends raise no false alarm."""

import json
import re
import sys
from collections.abc import Sequence
from itertools import islice
from typing import get_args

import pytest
from msgspec import structs

from backends import numpy_manual
from backends.mutants import MUTANTS
from backends.mutants.mutant import Mutant, Training
from backends.peers.usual_checks import chainer_check_backward, torch_gradcheck
from backends.vocabulary import ACCUMULATION, BUILT_IN, KEEP
from harness.errors import BackendMissing, InputError
from harness.recording.catalogue import built_in_scenarios, probes
from harness.recording.loading import load_backend
from harness.results import Phase
from harness.run import run_scenario
from harness.studies.mutants.corpus import build
from harness.studies.mutants.measurement import Measurement
from harness.studies.mutants.random_networks import CorrectRun, random_runs
from harness.studies.mutants.score import Score
from harness.studies.mutants.trials import false_alarm, try_mutant
from harness.studies.mutants.usual_checks import calls_of, op_over_arrays, usual_checks
from reports.text.listing import listed_ops
from reports.text.studies.mutants import corpus_table, score_tables, summary
from scenarios import DTYPES
from tests.lockstep.commands.commands import Lockstep

FAST_RUNS, MANY_RUNS, RUNS_AT_ONCE = 20, 1000, 50
SHARES = ((), pytest.mark.exhaustive, pytest.mark.slow, pytest.mark.exhaustive)
"""Of four mutants, one is tried in the quick tests, one in the slow, and two by hand: `lockstep mutants` tries all."""

LOCATED_ELSEWHERE = {
    "max_of_last_axis_alone": "reduce_min or reduce_max backward",
    "maximum_gradient_to_smaller": "minimum or maximum backward",
    "sine_gradient_with_sign_of_cosine": "cos or sin backward",
    "triplet_of_first_row": "cosine_distance or triplet backward",
}
"""What is named in place of the mistake, where a gradient is a sum and each of its parts may be wrong.

At most 5 % of the corpus.
"""


@pytest.mark.parametrize(
    "mutant",
    [pytest.param(mutant, id=mutant.name, marks=SHARES[number % len(SHARES)]) for number, mutant in enumerate(MUTANTS)],
)
def test_a_mutant_is_detected_and_located(mutant: Mutant) -> None:
    outcome = try_mutant(mutant, mutant.dtypes[-1], {})
    assert outcome.detected, outcome
    assert outcome.located or outcome.culprit == LOCATED_ELSEWHERE.get(mutant.name), outcome


def test_the_exceptions_are_few_and_are_mutants() -> None:
    names = {mutant.name for mutant in MUTANTS}
    exceptions = LOCATED_ELSEWHERE.keys()
    assert exceptions <= names
    assert len(exceptions) <= 0.05 * len(MUTANTS)


def test_the_corpus_is_large_and_every_mutant_says_what_it_is() -> None:
    assert len({mutant.name for mutant in MUTANTS}) == len(MUTANTS) >= 60
    assert len({mutant.mistake for mutant in MUTANTS if mutant.backend == "numpy"}) >= 60
    assert all(mutant.mistake and mutant.family for mutant in MUTANTS)
    for mutant in MUTANTS:
        op, phase = mutant.location
        assert all(name in (KEEP, ACCUMULATION) or hasattr(numpy_manual, name) for name in op.split(" or "))
        assert phase in get_args(Phase)
        assert set(mutant.dtypes) <= set(DTYPES)


def test_every_mutant_trains_on_a_scenario_whose_name_stands_for_no_other() -> None:
    catalogue, small = built_in_scenarios().keys(), probes().keys()
    used = {mutant.training.scenario for mutant in MUTANTS}
    assert not catalogue & small
    assert small <= used <= catalogue | small


@pytest.mark.parametrize(
    ("function", "message"),
    [
        ("relu", r"mutant gone: 'np\.heaviside' stands 0 times in the code of relu"),
        ("step", r"mutant gone: backends\.numpy_manual has no function step"),
    ],
)
def test_a_mutant_whose_text_is_gone_is_refused(function: str, message: str) -> None:
    gone = Mutant("gone", "nothing", Training("plain"), ("relu", "backward"), function, {"np.heaviside": "np.sign"})
    with pytest.raises(InputError, match=message):
        build(gone)


@pytest.mark.parametrize(
    ("message", "detected", "located"),
    [
        ("backend mutant yielded h with shape (7, 5) at update 2; it should be (8, 5)", True, False),
        ("backend mutant yielded h with shape (7, 5) (relu backward); it should be (8, 5)", True, True),
        ("relu yields no h (relu backward)", True, True),
        ("scenario plain: x has no held-out part", False, False),
        ("backend numpy raised MemoryError at update 1", False, False),
    ],
)
def test_a_refusal_detects_a_mutant_only_if_it_names_it(
    message: str, detected: bool, located: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*given: object) -> None:
        raise InputError(message)

    (mutant,) = (mutant for mutant in MUTANTS if mutant.name == "relu_without_mask")
    monkeypatch.setattr("harness.studies.mutants.trials._run", refuse)
    outcome = try_mutant(mutant, "float64", {})
    assert mutant.location == ("relu", "backward")
    assert (outcome.verdict, outcome.detected, outcome.located) == ("refused", detected, located)
    assert outcome.culprit == message


def test_a_mutant_that_raises_an_error_is_not_detected() -> None:
    """What is wrong with its numbers was never looked at."""
    broken = Mutant(
        "broken", "nothing", Training("plain"), ("relu", "backward"), "relu", {"np.where(x > 0, grad_y, 0)": "missing"}
    )
    outcome = try_mutant(broken, "float64", {})
    assert (outcome.verdict, outcome.detected, outcome.located) == ("crashed", False, False)
    assert "backend mutant raised NameError at update 1" in outcome.culprit


@pytest.mark.parametrize(
    "name",
    [
        *("plain", "ties", "large", "large_scores", "steep", "offset", "branches", "batches"),
        *("exact_hits", "large_yes_and_no", "log_probabilities"),
        *("square_images", "pooled_below_zero"),
    ],
)
def test_the_right_backends_agree_on_what_the_mutants_train_on(name: str) -> None:
    backends = [load_backend(backend) for backend in ("numpy", "chainer", "torch")]
    for dtype in ("float32", "float64"):
        result = run_scenario(probes()[name], backends, dtype=dtype)
        assert result.verdict in ("agree", "drift", "inconclusive"), result.culprits
        assert all(counts["failed"] == 0 for counts in result.certified.values())


@pytest.mark.parametrize("check", [torch_gradcheck, chainer_check_backward])
@pytest.mark.parametrize("backend", ["numpy", "torch", "chainer"])
def test_numerical_gradients_pass_what_is_right(check: object, backend: str) -> None:
    assert callable(check)
    for op in ("matmul", "add", "mean_squared_error"):
        for call, inputs in calls_of(probes()["plain"], op):
            assert check(op_over_arrays(backend, load_backend(backend).module, call), inputs)


def test_numerical_gradients_catch_a_missing_mask_and_no_tie() -> None:
    by_name = {mutant.name: mutant for mutant in MUTANTS}
    checks = usual_checks("float64")
    for name, caught in (("relu_without_mask", True), ("relu_mask_at_zero", False)):
        mutant = by_name[name]
        outcome = try_mutant(mutant, "float64", checks)
        assert outcome.located
        assert outcome.baselines["torch.autograd.gradcheck"] == caught
    assert by_name["relu_mask_at_zero"].training == Training("ties")


def test_correct_backends_raise_no_false_alarm() -> None:
    _check_correct_runs(list(random_runs(FAST_RUNS)))


@pytest.mark.parametrize(
    "start",
    [
        pytest.param(start, marks=pytest.mark.exhaustive if start else pytest.mark.slow)
        for start in range(0, MANY_RUNS, RUNS_AT_ONCE)
    ],
)
def test_a_thousand_runs_of_correct_backends_raise_no_false_alarm(start: int) -> None:
    _check_correct_runs(list(islice(random_runs(MANY_RUNS), start, start + RUNS_AT_ONCE)))


def _check_correct_runs(runs: Sequence[CorrectRun]) -> None:
    verdicts = [false_alarm(run) for run in runs]
    assert [alarm for _, alarm in verdicts if alarm] == []
    assert sum(verdict == "agree" for verdict, _ in verdicts) >= 0.8 * len(verdicts)


def test_random_runs_are_the_same_every_time_and_cover_the_vocabulary() -> None:
    one, other = (list(random_runs(80)) for _ in range(2))
    assert [(s.settings, s.seed, d) for s, d, _ in one] == [(s.settings, s.seed, d) for s, d, _ in other]
    used = {rule.name for s, _, _ in one for rule in s.rules.values()}
    assert used == {op.name for op in listed_ops(BUILT_IN) if op.kind != "op"}
    assert {d for _, d, _ in one} == {"float32", "float64"}


@pytest.mark.parametrize(
    ("module", "message"),
    [
        ("backends.hips_autograd.rounded", r"HIPS autograd, which can't be imported: run .* `python -m pip install"),
        (
            "backends.peers.usual_checks",
            r"the usual checks need both frameworks: .*; `lockstep doctor` says what to do",
        ),
    ],
)
def test_a_missing_framework_is_said_before_the_first_mutant_is_tried(
    module: str, message: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, module, None)
    with pytest.raises(BackendMissing, match=message):
        Measurement(MUTANTS, 1)


@pytest.fixture(scope="module")
def small_score() -> Score:
    names = ("sgd_larger_steps", "maximum_gradient_to_smaller", "mse_in_single", "torch_mse_summed")
    measurement = Measurement([mutant for mutant in MUTANTS if mutant.name in names], 2)
    measurement.run(lambda _: None)
    assert not measurement.missing
    return measurement.score


def test_what_was_tried_before_a_stop_has_a_score() -> None:
    measurement = Measurement(MUTANTS[:3], 2)

    def stop_at_the_third(what: str) -> None:
        if what.startswith("2 of 3 mutants"):
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        measurement.run(stop_at_the_third)
    assert measurement.missing == "2 of 3 mutants and 0 of 2 correct runs were tried"
    assert [trial.name for trial in measurement.score.trials] == [mutant.name for mutant in MUTANTS[:2]]
    assert measurement.score.correct_runs == 0
    assert MUTANTS[1].name in score_tables(measurement.score, "json")


def test_a_score_counts_what_was_found_and_says_what_was_missed(small_score: Score) -> None:
    assert (small_score.mutants, small_score.detected, small_score.located) == (4, 4, 3)
    assert (small_score.causes_named, small_score.causes_named_rightly) == (3, 3)  # float32 sums have no words
    assert (small_score.false_alarms, small_score.correct_runs) == (0, 2)
    assert not small_score.meets_targets  # one of four is more than 5 %
    assert small_score.dtypes["float32"].mutants == 3  # float32 is no lower precision in a float32 run
    text = score_tables(small_score, "text")
    assert "maximum_gradient_to_smaller" in text
    assert "4 of 4 mutants detected, 3 located exactly, 3 causes named, 3 of them rightly" in summary(small_score)
    rows = json.loads(score_tables(small_score, "json"))
    assert len(rows) == 7
    assert {row["mutant"] for row in rows if row["cause_is_right"]} == {
        "sgd_larger_steps",
        "maximum_gradient_to_smaller",
        "torch_mse_summed",
    }


def test_false_alarms_are_counted_of_checks_that_were_made_on_the_correct_runs(small_score: Score) -> None:
    made = {"np.allclose", "torch.testing.assert_close"}
    assert {*small_score.baselines_false_alarms} == made
    assert made < {*small_score.baselines}
    text = score_tables(small_score, "text")
    assert re.search(r"np\.allclose .* 0 of 2$", text, re.MULTILINE)
    assert re.search(r"chainer\.gradient_check .* -$", text, re.MULTILINE)


def test_causes_are_counted_by_family_and_in_total(small_score: Score) -> None:
    text = score_tables(small_score, "text")
    assert re.search(r"lockstep: cause named +3 of 4 +", text)
    assert re.search(r"lockstep: of these rightly +3 of 3 +", text)
    assert re.search(r"family +mutants +detected +located +cause named +rightly", text)
    assert "cause declared" not in text
    trial = small_score.trials[0]
    wrong = structs.replace(trial, found={"float64": structs.replace(trial.found["float64"], cause_is_right=False)})
    assert "cause declared" in score_tables(structs.replace(small_score, trials=[wrong]), "text")


def test_the_command_lists_the_corpus_and_scores_it_as_json(
    lockstep: Lockstep, monkeypatch: pytest.MonkeyPatch
) -> None:
    listed = lockstep("mutants", "--list")
    assert listed.exit_code == 0
    assert all(mutant.name in listed.stdout for mutant in MUTANTS)
    assert corpus_table(MUTANTS, "csv").count("\n") == len(MUTANTS) + 1
    monkeypatch.setattr("lockstep.commands.mutants.MUTANTS", MUTANTS[:2])
    scored = lockstep("mutants", "--correct-runs", "1", "--json", "-")
    score = json.loads(scored.stdout)
    promised = {
        "mutants",
        "detected",
        "located",
        "causes_named",
        "causes_named_rightly",
        "false_alarms",
        "correct_runs",
        "baselines",
        "dtypes",
        "trials",
    }
    assert promised <= score.keys()
    assert (scored.exit_code, score["mutants"], score["detected"], score["located"]) == (0, 2, 2, 2)
    assert all(isinstance(count, int) for count in score["baselines"].values())
    assert "targets met" in scored.stderr
