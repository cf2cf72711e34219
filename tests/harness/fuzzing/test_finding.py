"""What an outcome says is wrong, and what findings of one cause have in common."""

from typing import Any

import msgspec
import pytest

from harness.errors import InputError
from harness.fuzzing.finding import OUT_OF_RANGE, Signature, finding_in, is_refusal
from harness.recording.loading import load_backends
from harness.results import Result, Right
from harness.run import run_scenario
from scenarios import Scenario
from tests.harness.fuzzing.test_search import BROKEN_RELU


@pytest.fixture
def wrong(tiny: Scenario) -> Result:
    """A run in which a backend's relu is wrong on the way back."""
    return run_scenario(tiny.vary(epochs=2), load_backends([BROKEN_RELU]))


def test_agreement_is_no_finding(tiny: Scenario) -> None:
    assert finding_in(run_scenario(tiny.vary(epochs=2), load_backends([]))) is None


@pytest.mark.parametrize(
    ("right", "kind"),
    [
        ("hand-written", "wrong backend"),
        ("neither", "wrong backend"),
        ("backend", "false accusation"),
        ("both", "undecided accusation"),
        ("kink", "wrong backend"),
        ("undecided", "undecided accusation"),
    ],
)
def test_a_failed_certificate_is_a_mistake_where_the_arbiter_says_so(wrong: Result, right: Right, kind: str) -> None:
    ruling = wrong.rulings[0]
    assert ruling is not None
    ruled = msgspec.structs.replace(wrong, rulings=[msgspec.structs.replace(ruling, right=right)])
    finding = finding_in(ruled)
    assert finding is not None
    assert finding.signature == Signature(kind, "broken", "relu backward")  # type: ignore[arg-type]


def test_runs_that_part_without_a_failed_certificate_are_unexplained(wrong: Result) -> None:
    certified = {name: {**counts, "failed": 0} for name, counts in wrong.certified.items()}
    finding = finding_in(msgspec.structs.replace(wrong, certified=certified))
    assert finding is not None
    assert finding.signature == Signature("unexplained parting", "broken", "relu backward")


@pytest.mark.parametrize(
    ("error", "signature"),
    [
        (InputError("backend mine raised KeyError at update 3: 'w1'"), ("error of a backend", "mine")),
        (InputError("scenario fuzz_1 can't be run"), ("crash of Lockstep", "")),
        (ZeroDivisionError("backend mine"), ("crash of Lockstep", "")),
        (InputError("backend my-relu raised ValueError at update 1"), ("error of a backend", "my-relu")),
        (InputError("backend my.relu's train() returned list"), ("error of a backend", "my.relu")),
        (KeyError(), ("crash of Lockstep", "")),
    ],
)
def test_an_error_is_the_backends_if_it_names_it(error: Exception, signature: tuple[str, str]) -> None:
    finding = finding_in(error)
    assert finding is not None
    assert (finding.signature.kind, finding.signature.backend) == signature


def test_errors_that_differ_in_numbers_and_tensors_have_one_cause() -> None:
    def signature(text: str) -> Any:
        finding = finding_in(InputError(text))
        assert finding is not None
        return finding.signature

    one, other = (signature(f"backend mine yielded h{i} of shape ({i}, 2) at update {i}") for i in (1, 2))
    assert one == other
    assert one != signature("backend mine yielded nothing at update 1")
    shapes = "()", "(3,)", "(1, 2, 3)"
    returned = (
        "backend mine: the backward of relu (mine.py, line 8; call h{}) returned one array of shape {}; it must not"
    )
    causes = {signature(returned.format(i, shape)) for i, shape in enumerate(shapes)}
    assert len(causes) == 1
    tensors = {signature(f"backend mine yielded {names} at update 1") for names in ("w1", "w1, w2", "w1, f1, s3")}
    assert len(tensors) == 1


@pytest.mark.parametrize(
    ("error", "refuses"),
    [
        (InputError("backend numpy raised ValueError at update 3: p must hold probabilities"), True),
        (InputError("backend numpy raised KeyError at update 3: 'w'"), False),
        (InputError("backend mine raised ValueError at update 3: p must hold probabilities"), False),
        (ValueError("backend numpy raised ValueError at update 3"), False),
        (InputError(f"backend torch raised RuntimeError at update 1: {OUT_OF_RANGE}"), True),
        (InputError(f"backend mine raised RuntimeError at update 1: {OUT_OF_RANGE}"), False),
        (InputError("backend torch raised RuntimeError at update 1: expected scalar type Float"), False),
    ],
)
def test_an_op_may_refuse_what_training_made(error: Exception, refuses: bool) -> None:
    assert is_refusal(error) is refuses
