"""The arbiter: rulings that name who is right."""

import math
from typing import Any

import msgspec
import numpy as np
import pytest

from backends import numpy_manual
from backends.contract import Array
from backends.deferred import computed
from backends.mutants import MUTANTS
from harness.explaining.arbiter import ruling
from harness.numerics.differentiation import derivative
from harness.recording.loading import LoadedBackend, load_backend
from harness.results import Ruling
from harness.run import run_scenario
from harness.studies.mutants.corpus import build, scenario_of
from tests.backends.gradient_check import gradient_check
from tests.backends.test_gradient_check import OPS
from tests.harness import broken


def rule(op: Any, inputs: list[Any], index: tuple[int, ...], got: float, want: float, **options: Any) -> Ruling:
    y, _ = op(*inputs)
    random = np.random.RandomState(0)
    outputs = y if isinstance(y, tuple) else (y,)
    above = [np.asarray(random.uniform(1, 2, np.shape(part)), np.asarray(part).dtype) for part in outputs]
    return ruling(op, inputs, {}, above, options.pop("position", 0), index, got, want, **options)


def matrices(dtype: str) -> list[Array]:
    random = np.random.RandomState(1)
    return [random.standard_normal(shape).astype(dtype) for shape in ((4, 3), (3, 2))]


def hand_written(op: Any, inputs: list[Any], position: int, index: tuple[int, ...]) -> float:
    y, backward = op(*inputs)
    above = np.asarray(np.random.RandomState(0).uniform(1, 2, np.shape(y)), np.asarray(y).dtype)
    gradient = backward(above)[position]
    return float(computed(gradient)[index])


@pytest.mark.parametrize("op", ["matmul", "relu", "mean_squared_error", "softmax_cross_entropy"])
def test_rulings(op: str, dtype: str) -> None:
    """Right and wrong values in both roles; wrong by a thousandth."""
    random = np.random.RandomState(2)
    x = random.standard_normal((4, 3)).astype(dtype)
    others = {
        "matmul": [random.standard_normal((3, 2)).astype(dtype)],
        "mean_squared_error": [random.standard_normal((4, 3)).astype(dtype)],
        "softmax_cross_entropy": [np.array([0, 2, 1, 1])],
    }
    inputs, index = [np.abs(x), *others.get(op, [])], (2, 1)
    right = hand_written(OPS[op], inputs, 0, index)
    wrong = right * 1.001
    assert rule(OPS[op], inputs, index, wrong, right).right == "hand-written"
    assert rule(OPS[op], inputs, index, right, wrong).right == "backend"
    assert rule(OPS[op], inputs, index, wrong, -right).right == "neither"
    assert rule(OPS[op], inputs, index, right, right).right == "both"
    assert rule(OPS[op], inputs, index, right * (1 + float(np.finfo(dtype).eps)), right).right == "both"


def test_a_wrong_hand_written_op_does_not_vouch_for_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    inputs = matrices("float32")
    right = hand_written(OPS["matmul"], inputs, 0, (1, 1))
    monkeypatch.setattr(numpy_manual, "matmul", broken.matmul_with_wrong_sign)
    wrong = hand_written(numpy_manual.matmul, inputs, 0, (1, 1))
    verdict = rule(numpy_manual.matmul, inputs, (1, 1), right, wrong, backend="torch")
    assert (verdict.right, verdict.got_fits, verdict.want_fits) == ("backend", True, False)
    assert f"the hand-written backward is wrong with {wrong:.9g}, torch is right with {right:.9g}" in verdict.text


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
def test_a_value_that_is_not_finite_is_not_right(value: float) -> None:
    inputs = matrices("float64")
    right = hand_written(OPS["matmul"], inputs, 1, (0, 0))
    assert rule(OPS["matmul"], inputs, (0, 0), value, right, position=1).right == "hand-written"
    assert rule(OPS["matmul"], inputs, (0, 0), right, value, position=1).right == "backend"
    assert rule(OPS["matmul"], inputs, (0, 0), value, value, position=1).right == "neither"


def test_infinity_is_right_where_the_dtype_holds_no_larger_number() -> None:
    inputs = [np.array([[1e20]], np.float32), np.array([[1]], np.float32)]
    above = [np.array([[1e20]], np.float32)]
    assert ruling(OPS["matmul"], inputs, {}, above, 1, (0, 0), "inf", "inf").right == "both"
    assert ruling(OPS["matmul"], inputs, {}, above, 1, (0, 0), "-inf", "inf").right == "hand-written"


@pytest.mark.parametrize("x", [6.0, 9.5, 30.0, 200.0])
def test_a_saturated_unit_is_no_fault(dtype: str, x: float) -> None:
    """1 − y² has no digits left where y is all but 1, and both may have lost them."""
    inputs = [np.array([x, 0.5, -70], dtype)]
    y = np.tanh(inputs[0])
    want = float(np.ones(1, dtype)[0] - y[0] * y[0])
    exact = 1 / math.cosh(x) ** 2
    assert ruling(lambda x: (np.tanh(x), None), inputs, {}, [np.ones(3, dtype)], 0, (0,), exact, want).right == "both"


@pytest.mark.parametrize("value", [math.nan, math.inf])
def test_inputs_that_are_not_finite_decide_nothing(value: float) -> None:
    verdict = rule(OPS["matmul"], [np.array([[1.0, value]]), np.ones((2, 1))], (0, 0), 1.0, 2.0)
    assert verdict.right == "undecided"
    assert not verdict.got_fits
    assert not verdict.want_fits
    assert "nothing is decided" in verdict.text


def test_at_a_kink_the_interval_says_who_is_in_it() -> None:
    verdict = ruling(OPS["relu"], [np.zeros(3, np.float32)], {}, [np.full(3, 2, np.float32)], 0, (1,), 2.5, 0.0)
    assert verdict.right == "kink"
    assert verdict.interval == pytest.approx((0, 2))
    assert (verdict.got_fits, verdict.want_fits) == (False, True)
    assert verdict.text.startswith(
        "at a kink any value between 0 and 2 is a subgradient: the hand-written backward has 0"
    )
    assert msgspec.json.decode(msgspec.json.encode(verdict), type=Ruling) == verdict


def test_labels_have_no_derivative() -> None:
    inputs = [np.zeros((2, 3)), np.array([0, 1])]
    with pytest.raises(ValueError, match="inputs\\[1\\] holds int64: there is no derivative"):
        rule(OPS["softmax_cross_entropy"], inputs, (0,), 0.0, 0.0, position=1)


def test_an_op_with_two_outputs() -> None:
    def halves(x: Array) -> Any:
        middle = x.shape[1] // 2
        return (x[:, :middle], x[:, middle:]), lambda grad_a, grad_b: (np.concatenate([grad_a, grad_b], axis=1),)

    def swapped(x: Array) -> Any:
        return halves(x)[0], lambda grad_a, grad_b: (np.concatenate([grad_b, grad_a], axis=1),)

    x, random = np.arange(8.0).reshape(2, 4), np.random.RandomState(0)
    assert gradient_check(halves, [x], {}, random) == []
    assert gradient_check(swapped, [x], {}, random) != []
    above = [np.full((2, 2), 3.0), np.full((2, 2), 5.0)]
    assert ruling(halves, [x], {}, above, 0, (1, 3), 3.0, 5.0).right == "hand-written"
    assert ruling(halves, [x], {}, above, 0, (1, 0), 3.0, 5.0).right == "backend"


def test_an_input_used_twice() -> None:
    """x·x: the gradient towards x is the sum over both of its uses."""
    x = np.random.RandomState(0).standard_normal((3, 3)).astype(np.float32)
    above = np.ones((3, 3), np.float32)
    both = float((above @ x.T + x.T @ above)[0, 1])
    once = float((above @ x.T)[0, 1])
    assert ruling(OPS["matmul"], [x, x], {}, [above], (0, 1), (0, 1), once, both).right == "hand-written"
    assert ruling(OPS["matmul"], [x, x], {}, [above], 0, (0, 1), once, both).right == "backend"


def test_a_certificate_s_radius_is_what_rounding_may_do() -> None:
    inputs = matrices("float32")
    right = hand_written(OPS["matmul"], inputs, 0, (0, 0))
    assert rule(OPS["matmul"], inputs, (0, 0), right + 0.01, right, rounding=0.1).right == "both"
    assert rule(OPS["matmul"], inputs, (0, 0), right + 0.01, right, rounding=1e-6).right == "hand-written"


def test_shapes_that_do_not_fit_are_said() -> None:
    with pytest.raises(ValueError, match="the direction is"):
        derivative(np.exp, [np.ones(3)], {}, [np.ones(3)], 0, np.ones(2))
    with pytest.raises(ValueError, match="their cotangents"):
        derivative(np.exp, [np.ones(3)], {}, [np.ones(2)], 0, np.ones(3))
    with pytest.raises(IndexError):
        rule(OPS["relu"], [np.ones(3)], (3,), 1.0, 1.0)


def test_what_an_op_takes_for_a_constant_has_no_derivative() -> None:
    """A backend that has a gradient for the row of padding is wrong, although the output depends on the row."""
    mutant = next(mutant for mutant in MUTANTS if mutant.name == "embedding_of_padding_learns")
    backends = [load_backend("numpy"), LoadedBackend("mine", build(mutant))]
    result = run_scenario(scenario_of(mutant), backends, dtype="float64")
    (ruling, *_) = result.rulings
    assert ruling is not None
    assert (ruling.right, ruling.derivative) == ("hand-written", 0)
