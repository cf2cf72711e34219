"""An outcome in counts and in words, and a saved one whose parts must fit together."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from msgspec.structs import replace

from backends.capture.training import Training
from backends.contract import Array
from harness.comparing.comparison import Comparison
from harness.comparing.document.outcome import Certified, Followed, Outcome, WeightPair, lines, to_json
from harness.comparing.document.reading import read_comparisons
from harness.comparing.document.side_by_side import CapturedCall, Losses, Row
from harness.comparing.settings import SettingDifference
from harness.errors import InputError
from lockstep import compare
from tests.harness.comparing.by_hand import Weights, training
from tests.harness.comparing.networks import article_network


def no_loss(weights: Weights, x: Array) -> Any:
    return 0.0


@pytest.fixture(scope="module")
def agreeing() -> Outcome:
    """Two weights, followed for two updates."""
    side = training(no_loss, w=[1.0], v=[2.0])
    return compare(side, side, [(np.ones(1),)], updates=2)


def changed(pair: WeightPair, **changes: Any) -> WeightPair:
    return replace(pair, **changes)


def said(outcome: Outcome, start: str) -> str:
    """The one line that starts so, but for its indentation."""
    (line,) = (line.strip() for line in lines(outcome) if line.strip().startswith(start))
    return line


def test_a_comparison_keeps_the_name_that_it_has() -> None:
    side = training(lambda weights, x: 1.0, w=np.ones(2))
    unnamed = Comparison(side, side, [(np.ones(2),)])
    assert unnamed.named("given").name == "given"
    assert unnamed.named("given").named("other").name == "given"


def test_the_losses_go_on_only_where_the_first_update_is_wrong(agreeing: Outcome) -> None:
    assert agreeing.losses is None
    left, right = (training(lambda weights, x: weights["w"].sum(), rate=rate, w=np.ones(2)) for rate in (0.1, 0.2))
    parting = compare(left, right, [(np.ones(2),)], updates=3)
    assert parting.updates == []
    assert parting.losses is not None
    assert np.allclose(parting.losses.left, [2.0, 1.8, 1.6])
    assert np.allclose(parting.losses.right, [2.0, 1.6, 1.2])


def test_weights_are_counted_by_what_agrees(agreeing: Outcome) -> None:
    w, v = agreeing.weights
    buffer = changed(v, is_buffer=True, gradient=None, is_wrong=True)
    without = [changed(pair, gradient=None) for pair in (w, v)]
    cases = [
        ([w, v], (2, 2, (2, 2)), "2 of 2 weights agree; after it 2 of 2 weights agree"),
        ([w, v, buffer], (2, 2, (2, 2)), "2 of 2 weights agree; after it 2 of 2 weights agree"),
        (
            [w, changed(v, is_gradient_wrong=True)],
            (2, 1, (1, 2)),
            "1 of 2 weights agree; after it 2 of 2 weights agree",
        ),
        ([w, changed(v, is_wrong=True)], (2, 1, (2, 2)), "2 of 2 weights agree; after it 1 of 2 weights agree"),
        (
            [w, without[1]],
            (2, 2, (1, 1)),
            "1 of 1 weights agree, 1 weight has none on either side; after it 2 of 2 weights agree",
        ),
        (
            without,
            (2, 2, (0, 0)),
            "0 of 0 weights agree, 2 weights have none on either side; after it 2 of 2 weights agree",
        ),
    ]
    for weights, counts, text in cases:
        outcome = replace(agreeing, weights=weights)
        assert (outcome.trained_weights, outcome.agreeing_weights, outcome.gradients) == counts
        assert said(outcome, "update 1") == f"update 1: the gradients of {text}"


def test_weights_after_the_update_are_counted_where_they_were_compared(agreeing: Outcome) -> None:
    w, v = (changed(pair, after=None) for pair in agreeing.weights)
    outcome = replace(agreeing, weights=[w, v, changed(v, is_buffer=True, gradient=None, after=0.0)])
    assert said(outcome, "update 1") == "update 1: the gradients of 2 of 2 weights agree"
    assert lines(outcome)[0].endswith(": agree without an optimizer: the loss and the gradients of update 1")


def test_every_finding_is_said_and_what_is_only_on_a_side(agreeing: Outcome) -> None:
    wrong = compare(
        training(no_loss, lambda weights: {"w": np.ones(1)}, w=[1.0]),
        training(no_loss, lambda weights: {"w": np.zeros(1)}, w=[1.0]),
        [(np.ones(1),)],
        updates=1,
    )
    findings = [replace(wrong.findings[0], text=text) for text in ("one", "two", "three")]
    outcome = replace(agreeing, findings=findings, only_left=["a", "b"], only_right=["c"])
    assert lines(outcome)[0] == "code (numpy) | code (numpy): agree: one"
    assert lines(outcome)[1:5] == ["  also two", "  also three", "  only on the left: a, b", "  only on the right: c"]


def difference(setting: str, left: Any, right: Any, place: str) -> SettingDifference:
    return SettingDifference(
        kind="layer", setting=setting, left=left, right=right, left_place=place, right_place=f"other {place}"
    )


def test_settings_with_the_same_values_are_one_line(agreeing: Outcome) -> None:
    settings = [
        difference("eps", 1, 2, "a"),
        difference("eps", 1, 2, "b"),
        difference("eps", 1, 3, "c"),
        difference("pad", 1, 2, "d"),
    ]
    assert lines(replace(agreeing, settings=settings))[1:4] == [
        "  layer: eps 1 | 2, in a | other a and 1 more",
        "  layer: eps 1 | 3, in c | other c",
        "  layer: pad 1 | 2, in d | other d",
    ]


def test_failed_checks_are_said(agreeing: Outcome) -> None:
    found = Certified(certified=4, opaque=[], checks=1234, failed=0, unchecked=0)
    for changes, text in (
        ({}, "left: 4 calls certified by 1,234 checks"),
        ({"failed": 2}, "left: 4 calls certified by 1,234 checks, 2 failed"),
        ({"opaque": ["a", "b"]}, "left: 4 calls certified by 1,234 checks, 2 compared only, such as a"),
    ):
        left = replace(agreeing.left, calls=4, certificate=replace(found, **changes))
        assert said(replace(agreeing, left=left), "left:") == text


def test_a_side_that_cannot_be_watched_is_said(agreeing: Outcome) -> None:
    text = "its calls can't be seen, so its loss, gradients and weights alone are compared"
    assert [said(agreeing, f"{side}:") for side in ("left", "right")] == [f"left: {text}", f"right: {text}"]


def test_results_are_not_counted_where_a_side_cannot_be_watched() -> None:
    by_hand = Training(step=article_network.train, weights=article_network.weights())
    for sides in ((by_hand, article_network.in_chainer()), (article_network.in_chainer(), by_hand)):
        outcome = compare(*sides, article_network.batches(), updates=1)
        assert (outcome.compared, outcome.results) == (0, 0)
        assert "results have an equal" not in str(outcome)


def test_updates_are_counted_in_words(agreeing: Outcome) -> None:
    (followed,) = agreeing.updates
    assert said(agreeing, "float64:") == "float64: 2 updates agree, weights within 0.0e+00 of the largest"
    one = replace(followed, left_losses=[0])
    assert said(replace(agreeing, updates=[one]), "float64:").startswith("float64: 1 update agree")
    parted = replace(followed, parted=2, tensor="w", off=0.5, allowed=1e-6)
    text = "float64: parts at update 2: w is 5.0e-01 apart, allowed 1.0e-06"
    assert said(replace(agreeing, updates=[parted]), "float64:") == text


CALL = CapturedCall(function="f", layer="", place="", settings={}, shapes=[[1]], has_equal=False)


def row(left: int | None, right: int | None, equal_in: int | None = None) -> Row:
    return Row(
        left=left,
        right=right,
        apart=None,
        gradient=None,
        is_gradient_wrong=False,
        differing=[],
        is_parting=False,
        equal_in=equal_in,
    )


def beside(outcome: Outcome, *rows: Row) -> Outcome:
    """The outcome with two calls on the left and one on the right, in these rows."""
    return replace(outcome, side_by_side=replace(outcome.side_by_side, left=[CALL, CALL], right=[CALL], rows=[*rows]))


def with_followed(outcome: Outcome, **changes: Any) -> Outcome:
    followed: Followed = outcome.updates[0]
    return replace(outcome, updates=[replace(followed, **changes)])


def written(outcome: Outcome, folder: Path) -> Path:
    path = folder / "port.json"
    path.write_text(to_json([outcome]), encoding="utf-8")
    return path


def test_an_outcome_whose_parts_fit_is_read_back(agreeing: Outcome, tmp_path: Path) -> None:
    outcome = beside(replace(agreeing, name="mine"), row(0, None, 2), row(1, None), row(None, 0, 0))
    assert read_comparisons(written(outcome, tmp_path)).outcomes == [outcome]


PARTS: dict[str, tuple[Callable[[Outcome], Outcome], str]] = {
    "a left call is missing": (lambda o: beside(o, row(0, 0)), "do not hold each call of the left side once"),
    "a right call is missing": (lambda o: beside(o, row(0, None), row(1, None)), "each call of the right side once"),
    "a call stands twice": (lambda o: beside(o, row(0, 0), row(1, 0)), "each call of the right side once, in order"),
    "another order": (lambda o: beside(o, row(1, 0), row(0, None)), "each call of the left side once, in order"),
    "a row after the last": (lambda o: beside(o, row(0, None, 2), row(1, 0)), "names a row that is not there"),
    "a row before the first": (lambda o: beside(o, row(0, None, -1), row(1, 0)), "names a row that is not there"),
    "a loss is missing": (
        lambda o: with_followed(o, right_losses=[0]),
        "right_losses` has 1 numbers, and left_losses 2",
    ),
    "a weight is missing": (lambda o: with_followed(o, weights=[0]), "weights` has 1 numbers for 2 weights"),
    "other losses": (
        lambda o: replace(o, losses=Losses(dtype="float32", left=[0, 1], right=[0])),
        "losses.right` has 1 numbers, and left 2",
    ),
    "an update that is none": (lambda o: with_followed(o, parted=3), "parted` is 3, which is none of the 2 updates"),
    "a name that is none": (lambda o: replace(o, name="a\x1b[2J"), "which is no name"),
}


@pytest.mark.parametrize("name", PARTS)
def test_an_outcome_whose_parts_do_not_fit_is_refused(name: str, agreeing: Outcome, tmp_path: Path) -> None:
    change, message = PARTS[name]
    with pytest.raises(InputError) as raised:
        read_comparisons(written(change(agreeing), tmp_path))
    assert message in str(raised.value)
    assert json.loads(to_json([agreeing]))["schema"] == "lockstep.comparison/1"
