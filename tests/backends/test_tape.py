"""An op that does not fit the contract is named at once: op, call, file and line, what it returned, what is right."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from backends import numpy_manual
from backends.contract import Array
from harness.errors import InputError
from harness.recording.catalogue import built_in_scenarios
from harness.recording.loading import LoadedBackend, load_backend
from harness.run import run_scenario
from tests.harness.broken import with_changes


def matmul_returning(leaving: Callable[[Array, Array, Array], Any]) -> Callable[..., Any]:
    def matmul(x: Array, w: Array) -> Any:
        return x @ w, lambda grad_y: leaving(x, w, grad_y)

    return matmul


BACKWARDS: dict[str, tuple[Callable[[Array, Array, Array], Any], str]] = {
    "too few": (
        lambda x, w, g: (g @ w.T,),
        r"returned 1 gradient for 2 inputs; it must return a tuple of one .* h_r, w2",
    ),
    "an array": (lambda x, w, g: g @ w.T, r"returned one array of shape \(2, 2\); it must return a tuple"),
    "None": (lambda x, w, g: None, r"returned None; it must return a tuple of one gradient for each of h_r, w2"),
    "transposed": (lambda x, w, g: (g @ w.T, g.T @ x), r"the gradient of w2 is \(3, 2\), w2 is \(2, 3\)"),
    "another dtype": (
        lambda x, w, g: (g @ w.T, np.float64(1) * (x.T @ g).astype(np.float64)),
        r"the gradient of w2 is float64, w2 is float32",
    ),
    "no gradient": (lambda x, w, g: (g @ w.T, None), r"gives None as the gradient of w2; it must be an array"),
    "a list of numbers": (lambda x, w, g: (g @ w.T, 0.5), r"gives a float as the gradient of w2"),
}


@pytest.mark.parametrize(("leaving", "said"), BACKWARDS.values(), ids=BACKWARDS)
def test_a_backward_that_does_not_fit_is_named(leaving: Callable[..., Any], said: str) -> None:
    where = r"backend mine: the backward of matmul \(test_tape.py, line \d+; call y_p\)"
    _refused({"matmul": matmul_returning(leaving)}, f"{where}:? {said}")


FORWARDS: dict[str, tuple[Callable[[Array], Any], str]] = {
    "no backward": (lambda x: np.maximum(x, 0), r"returned one array of shape .*; it must return its output and its"),
    "None": (lambda x: None, r"returned None; it must return its output and its backward"),
    "two outputs": (lambda x: ((x, x), lambda *g: g), r"returned 2 outputs in place of h_r"),
    "a float": (lambda x: (1.5, lambda g: (g,)), r"returned a float as h_r; it must be a NumPy array"),
    "float64": (
        lambda x: (x * np.sqrt(2 / np.pi), lambda g: (g,)),
        r"returned float64, its inputs are float32\. A float64 number of NumPy's does that, as np\.sqrt\(2 / np\.pi\)",
    ),
}


@pytest.mark.parametrize(("relu", "said"), FORWARDS.values(), ids=FORWARDS)
def test_an_op_that_does_not_fit_is_named(relu: Callable[..., Any], said: str) -> None:
    _refused({"relu": relu}, rf"backend mine: relu \(test_tape.py, line \d+; call h_r\) {said}")


def _refused(changes: dict[str, Any], said: str) -> None:
    mine = LoadedBackend("mine", with_changes(**changes))
    with pytest.raises(InputError, match=said):
        run_scenario(built_in_scenarios()["two_layer_tiny"].vary(epochs=2), [load_backend("numpy"), mine])


def test_labels_need_no_gradient() -> None:
    assert numpy_manual.softmax_cross_entropy(np.zeros((2, 3)), np.zeros(2, int))[1](1.0)[1] is None
