"""What is said of a wrong element where no mistake accounts for it or its op can't be written out; text, JSON, time."""

import time
from typing import Any

import msgspec
import numpy as np
import pytest
from threadpoolctl import threadpool_limits

from backends import numpy_manual
from backends.contract import Node
from harness.certifying import uses
from harness.explaining.causes import Case, Cause, Rank, diagnosis
from harness.explaining.computation import Computation
from harness.explaining.explanation import explain_failure
from harness.explaining.observation import Observation
from harness.explaining.uses import NamedUse
from harness.numerics.written.nodes import Input
from harness.results import Explanation, Mismatch
from reports.text.runs.explanations import explanation_text
from tests.harness.explaining.explaining import GRAD_Y, MASKED, MATMUL, RELU, W, X, draw, explained


def test_what_nothing_accounts_for_is_said() -> None:
    got, _ = numpy_manual.matmul(X, W)
    got[2, 1] += 0.777
    explanation = explained(got, "y_p", (2, 1), [NamedUse(numpy_manual.matmul, MATMUL)], "forward")
    assert explanation.diagnosis == "no single cause explains the difference"
    got[2, 1] = np.nan
    explanation = explained(got, "y_p", (2, 1), [NamedUse(numpy_manual.matmul, MATMUL)], "forward")
    assert (explanation.got, explanation.diagnosis) == ("nan", "no single cause explains the difference")


def test_a_mistake_that_explains_one_element_only_is_not_the_mistake() -> None:
    got, _ = numpy_manual.matmul(X, W)
    got += draw(64, 3, seed=9)
    got[2, 1] = X[2, :4] @ W[:4, 1]
    explanation = explained(got, "y_p", (2, 1), [NamedUse(numpy_manual.matmul, MATMUL)], "forward")
    assert explanation.diagnosis == "no single cause explains the difference"


def cumulative(x: Any) -> Any:
    return np.cumprod(x, axis=0), lambda grad_y: (grad_y,)


def test_what_cannot_be_written_out_still_has_its_want_and_a_diagnosis() -> None:
    x = draw(3, 4)
    explanation = explained(np.cumprod(x, axis=0) * 2, "y", (1, 1), [NamedUse(cumulative, [("x", x)])], "forward")
    assert explanation.unknown == "np.cumprod can't be written out"
    assert explanation.diagnosis.startswith("got is twice want")
    assert "inputs at that element unknown: np.cumprod can't be written out" in explanation_text(explanation)
    failing = explained(x, "y", (1, 1), [NamedUse(numpy_manual.matmul, [("x", x), ("x", x)])], "forward")
    assert failing.want == "nan"
    assert failing.unknown.startswith("the op failed: ValueError")


def test_all_variants_that_fit_are_named() -> None:
    """With a ratio of ½, both are the same; a known variant may differ from another in its settings alone."""
    x, mask = draw(3, 4), np.where(draw(3, 4, seed=1) > 0, np.float32(1), np.float32(0))
    use = NamedUse(numpy_manual.dropout, [("x", x), ("mask", mask)], {"ratio": 0.5})
    got = x * mask / 2
    index = tuple(int(i) for i in np.argwhere(got)[0])
    says = explained(got, "y", index, [use], "forward").diagnosis
    assert "what is kept is multiplied by 1 - ratio, not divided; or" in says
    assert "what is kept is multiplied by ratio" in says


def test_of_other_causes_some_are_only_counted() -> None:
    got = draw(3, 4)
    observation = Observation(got, 2 * got, np.full((3, 4), 1e-6), "float32")
    uses = [NamedUse(numpy_manual.negative, [("x", got)])]
    case = Case(uses, Computation(Input("x", got)))

    def causes(rank: Rank) -> list[Cause]:
        others = np.random.RandomState(0).standard_normal((5, 3, 4))
        return [
            Cause(rank, f"cause {i}", lambda asked, i=i: got if asked is case else others[i])  # type: ignore[misc]
            for i in range(5)
        ]

    other = Case(uses, Computation(Input("x", got)))
    variants = diagnosis(causes(Rank.VARIANT), observation, case, other)
    assert all(f"cause {i}" in variants for i in range(5))
    assert "more" not in variants
    structures = diagnosis(causes(Rank.STRUCTURE), observation, case, other)
    assert structures == "several causes fit equally: cause 0; or cause 1; or cause 2; or one of 2 more"


def test_an_explanation_survives_json() -> None:
    use = NamedUse(numpy_manual.matmul, MATMUL, arriving=[("grad_y_p", GRAD_Y)], positions=[1])
    explanation = explained(-X.T @ GRAD_Y, "grad_w2", (0, 0), [use])
    assert msgspec.json.decode(msgspec.json.encode(explanation), type=Explanation) == explanation


def test_the_text_has_every_number() -> None:
    use = NamedUse(numpy_manual.relu, RELU, arriving=[("grad_h_r", draw(4, 5, seed=1))])
    got = draw(4, 5, seed=1)
    hidden = explanation_text(explained(got, "grad_h", MASKED, [use], allowed=0.0))
    assert "rectifiers.py" not in hidden
    assert "where grad_y" not in hidden
    shown = explanation_text(explained(got, "grad_h", MASKED, [use], allowed=0.0), solution=True)
    assert shown.splitlines()[2:] == [
        "  where grad_y is grad_h_r, x is h",
        "inputs at that element:",
        "  h[1, 0]         -0.977277875",
        "  grad_h_r[1, 0]  -2.30153871",
        "arithmetic:",
        "  grad_h[1, 0] = where(h[1, 0] > 0, grad_h_r[1, 0], 0) = where(-0.977277875 > 0, -2.30153871, 0) = 0",
        "want        0",
        "got         -2.30153871",
        "difference  -2.30153871",
        "got is the other branch, grad_h_r[1, 0] = -2.30153871, though h[1, 0] > 0, -0.977277875 > 0, is",
        "  false; it fits all 5 wrong elements",
    ]


def test_a_large_matmul_is_explained_in_no_time() -> None:
    x, w = draw(64, 1000), draw(1000, 100, seed=2)
    got = x[:, :-1] @ w[:-1]
    use = NamedUse(numpy_manual.matmul, [("x", x), ("w", w)])
    with threadpool_limits(1):  # as in a run
        started = time.perf_counter()
        explanation = explained(got, "h", (3, 7), [use], "forward", 1e-4)
        assert time.perf_counter() - started < 0.5
    assert "the sum without its last term, x[3, 999] · w[999, 7] = " in explanation.diagnosis
    assert explanation.steps[-1].more == 994


def failed(node: Node, index: tuple[int, ...]) -> Mismatch:
    return Mismatch(
        backend="mine",
        epoch=1,
        update=1,
        phase=node.phase,
        call=None,
        op=node.op,
        tensor=str(node),
        index=index,
        got=0,
        want=0,
        error=0,
        allowed=0,
        ulps=0,
    )


@pytest.mark.parametrize(
    ("node", "position", "names", "arriving", "last"),
    [
        (Node("gradient", "x", "add"), 0, ("x", "x"), ("grad_y",), "grad_x[0, 1] = grad_y[0, 1] + grad_y[0, 1]"),
        (Node("value", "y", "add"), 0, ("x", "b"), (), "y[0, 1] = x[0, 1] + b[0, 1]"),
        (Node("weight", "w1", "sgd"), 0, ("w1", "grad_w1"), (), "new w1[0, 1] = w1[0, 1] - lr · grad_w1[0, 1]"),
        (
            Node("state", "w1", "momentum", slot="v"),
            1,
            ("w1", "grad_w1", "v_w1"),
            (),
            "new v_w1[0, 1] = momentum · v_w1[0, 1] + grad_w1[0, 1]",
        ),
    ],
    ids=str,
)
def test_a_failed_certificate_is_explained(
    node: Node, position: int, names: tuple[str, ...], arriving: tuple[str, ...], last: str
) -> None:
    arrays = {name: draw(3, 4, seed=seed) for seed, name in enumerate((*names, *arriving))}
    settings = {"sgd": {"lr": 0.1}, "momentum": {"lr": 0.1, "momentum": 0.9}}.get(node.op, {})
    inputs, arrived = ([(name, arrays[name]) for name in part] for part in (names, arriving))
    use = uses.Use(node.op, inputs, settings, arrived)
    explanation = explain_failure(
        node,
        failed(node, (0, 1)),
        [use],
        vars(numpy_manual),
        got=np.zeros((3, 4), np.float32),
        allowed=np.full((3, 4), 1e-6),
        dtype="float32",
        position=position,
    )
    assert f"{explanation.steps[-1].what} = {explanation.steps[-1].formula}" == last
    assert explanation.diagnosis.startswith("got is 0; it fits all")
