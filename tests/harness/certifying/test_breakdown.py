"""Where a gradient has no finite value, nobody is wrong; every other element is still checked."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from backends import numpy_manual
from backends.contract import Array
from harness.recording.loading import LoadedBackend, load_backend, load_backends
from harness.results import Result
from harness.run import run_scenario
from scenarios import Scenario, data, param, scenario, sgd
from tests.harness.broken import with_changes

POLE = (0, 1)
"""Where both scenarios have a 0, at which a logarithm and a root have no finite slope."""


@scenario(
    seed=1,
    epochs=1,
    dtype="float64",
    optimizer=sgd(lr=0.01),
    untested="ok",
    log_p=param(load=lambda: np.array([[-1.0, -2.0, -0.5]])),
    w=param(load=lambda: np.array([[0.5, 2.0, 0.25]])),
    mask=data(lambda: np.array([[1.0, 0.0, 1.0]])),
)
def divergence(op: Any, log_p: Any, w: Any, mask: Any) -> Any:
    """A target with a probability of 0 that is trained."""
    t = op.multiply(w, mask)
    return op.kl_divergence(log_p, t)


@scenario(
    seed=1,
    epochs=1,
    dtype="float64",
    optimizer=sgd(lr=0.01),
    untested="ok",
    w=param(load=lambda: np.array([[0.5, 2.0, 0.25]])),
    mask=data(lambda: np.array([[1.0, 0.0, 1.0]])),
)
def root(op: Any, w: Any, mask: Any) -> Any:
    """A root of 0."""
    t = op.multiply(w, mask)
    y = op.sqrt(t)
    return op.reduce_sum(y)


Wrong = Callable[[Array], Array]


def changed(op: str, wrong_forward: Wrong | None = None, wrong_backward: Wrong | None = None) -> LoadedBackend:
    """The hand-written backend with one op's output, or the last of its gradients, changed."""
    right = getattr(numpy_manual, op)

    def wrong(*inputs: Array, **settings: Any) -> Any:
        y, right_backward = right(*inputs, **settings)

        def backward(grad_y: Array) -> Any:
            *others, last = right_backward(grad_y)
            grad = last() if callable(last) else last
            return *others, wrong_backward(grad) if wrong_backward else grad

        return wrong_forward(y) if wrong_forward else y, backward

    return LoadedBackend("mine", with_changes(**{op: wrong}))


def run(program: Scenario, backend: LoadedBackend) -> Result:
    return run_scenario(program, [load_backend("numpy"), backend], certify=1)


CASES = pytest.mark.parametrize(("program", "op"), [(divergence, "kl_divergence"), (root, "sqrt")])


@pytest.mark.parametrize("program", [divergence, root])
def test_the_backends_may_differ_where_there_is_no_slope_and_the_run_says_where(program: Scenario) -> None:
    result = run_scenario(program, load_backends([]), certify=1)
    assert (result.verdict, result.culprits) == ("inconclusive", [])
    assert all(counts["unchecked"] for counts in result.certified.values())
    assert any("grad_t[0, 1] is not finite at update 1, though all that" in note for note in result.notes)


@CASES
@pytest.mark.parametrize("value", [0.0, 3.0, np.nan, -np.inf, np.inf])
def test_no_value_is_wrong_where_there_is_no_slope(program: Scenario, op: str, value: float) -> None:
    replaced: list[list[tuple[int, ...]]] = []

    def filled(grad: Array) -> Array:
        replaced.append([(int(row), int(column)) for row, column in np.argwhere(~np.isfinite(grad))])
        return np.where(np.isfinite(grad), grad, value)

    result = run(program, changed(op, wrong_backward=filled))
    assert replaced == [[POLE]] * len(replaced) != []
    assert result.verdict != "disagree"
    assert not result.culprits
    assert result.certified["mine"]["failed"] == 0


@CASES
@pytest.mark.parametrize("wrong", [lambda grad: 2 * grad, lambda grad: grad + 1e-12, np.zeros_like])
def test_a_wrong_gradient_is_found_in_the_other_elements(program: Scenario, op: str, wrong: Wrong) -> None:
    result = run(program, changed(op, wrong_backward=wrong))
    assert result.verdict == "disagree"
    culprit = result.culprits[0]
    assert (culprit.backend, culprit.op, culprit.phase) == ("mine", op, "backward")
    assert culprit.index != POLE


@CASES
def test_a_wrong_output_is_found_where_the_gradient_is_infinite(program: Scenario, op: str) -> None:
    result = run(program, changed(op, wrong_forward=lambda y: y * (1 + 1e-9)))
    assert result.verdict == "disagree"
    assert (result.culprits[0].op, result.culprits[0].phase) == (op, "forward")
