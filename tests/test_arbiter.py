"""The arbiter: right about every hand-written backward, wrong ones caught, and rulings that name who is right."""

import inspect
import math
from collections.abc import Callable
from typing import Any

import msgspec
import numpy as np
import pytest

from backends import numpy_manual
from backends.contract import Array
from lockstep.arbiter import ruling
from lockstep.differentiation import derivative
from lockstep.gradient_check import gradient_check
from lockstep.results import Ruling
from tests import broken
from tests.op_inputs import DETACHED, MAKERS, inputs_of
from tests.op_inputs.kinds import Detached

ONE = [np.ones(1)]


OPS: dict[str, Callable[..., Any]] = {name: getattr(numpy_manual, name) for name in MAKERS}
WRONG = {
    name: (max((op for op in OPS if name.startswith(op)), key=len), function)
    for name, function in vars(broken).items()
    if any(name.startswith(op) for op in OPS) and "grad_w" not in inspect.signature(function).parameters
}
"""By name, the op that each is a broken copy of, and the copy."""
SEEDS, MORE_SEEDS = range(2), range(2, 4)


def without_detached(op: str, inputs: list[Array]) -> tuple[Callable[..., Any], list[Array]]:
    """An op as a function of the inputs that it has gradients for, or that are labels, and these inputs."""
    detached = DETACHED.get(op, Detached())
    if detached == Detached():
        return OPS[op], inputs
    kept = [i for i in range(len(inputs)) if i not in detached.inputs]

    def attached(*given: Array, **settings: Any) -> Any:
        every = list(inputs)
        for i, array in zip(kept, given, strict=True):
            every[i] = array
        result, backward = OPS[op](*every, **settings)
        outputs = result if isinstance(result, tuple) else (result,)
        reports = [np.zeros_like(outputs[i]) for i in detached.outputs]
        return outputs[: len(outputs) - len(reports)], lambda *above: [backward(*above, *reports)[i] for i in kept]

    return attached, [inputs[i] for i in kept]


@pytest.mark.parametrize("op", OPS)
@pytest.mark.parametrize("seed", [*SEEDS, *(pytest.param(seed, marks=pytest.mark.slow) for seed in MORE_SEEDS)])
def test_every_hand_written_backward_is_the_derivative(op: str, seed: int) -> None:
    random = np.random.RandomState(seed)
    inputs, settings = inputs_of(op, random)
    function, attached = without_detached(op, inputs)
    assert gradient_check(function, attached, settings, random) == []


@pytest.mark.parametrize("name", WRONG)
def test_every_broken_backward_is_caught(name: str) -> None:
    op, function = WRONG[name]
    random = np.random.RandomState(3)
    found = []
    for _ in range(3):
        inputs, settings = inputs_of(op, random)
        if not np.array_equal(function(*inputs, **settings)[0], OPS[op](*inputs, **settings)[0]):
            return  # its forward is wrong, which other backends' forwards show
        found += gradient_check(function, inputs, settings, random)
    assert found
    assert "numerical differentiation" in found[0].text


def test_an_error_at_the_kink_alone_is_caught() -> None:
    def relu(x: Array) -> Any:
        return np.maximum(x, 0), lambda grad_y: (np.where(x > 0, grad_y, np.where(x == 0, 2 * grad_y, 0)),)

    found = gradient_check(relu, [np.random.RandomState(0).standard_normal((3, 4))], {}, np.random.RandomState(1))
    assert [one.where for one in found] == ["at kinks"]
    assert found[0].derivative.interval is not None
    assert " between " in found[0].text


def test_an_error_at_ties_alone_is_caught() -> None:
    """Of two that are the largest, both get the whole gradient: no subgradient along both, yet one along each."""

    def larger(x: Array, y: Array) -> Any:
        def backward(grad: Array) -> Any:
            return np.where(x >= y, grad, 0), np.where(x < y, grad, np.where(x == y, -grad, 0))

        return np.maximum(x, y), backward

    random = np.random.RandomState(0)
    found = gradient_check(larger, [random.standard_normal(6), random.standard_normal(6)], {}, random)
    assert {(one.position, one.where) for one in found} == {(1, "at kinks"), (1, "with ties")}


@pytest.mark.parametrize(
    "forward",
    [
        lambda x: np.exp(x) * np.log(1 + x * x),
        lambda x: np.sqrt(np.where(x > 0, x, -x) + 1),
        lambda x: np.tanh(x) / (1 + np.exp(-np.abs(x))),
        lambda x: np.mean(x * x, axis=1, keepdims=True) - x,
        lambda x: np.log1p(np.exp(-np.abs(x))) + np.maximum(x, 0),
        lambda x: np.logaddexp(x, 0),
        lambda x: np.var(x, axis=0),
        lambda x: np.max(x, axis=1),
        lambda x: np.concatenate([np.sort(x, axis=1), np.cumsum(x, axis=1)], axis=1),
        lambda x: (np.einsum("ij,kj->ik", x, x), np.clip(x, -1, 1)),
        lambda x: np.linalg.norm(x, axis=1),
        lambda x: np.real(x * 2.0),
        lambda x: np.stack([float(value) ** 3 for value in x.ravel()]),
    ],
)
def test_derivatives_of_anything_are_those_of_automatic_precision(forward: Callable[..., Any]) -> None:
    """Against a plain central difference, which shares nothing with the tables and is right to about 1e-8."""
    random = np.random.RandomState(5)
    x, direction = random.standard_normal((3, 4)), random.standard_normal((3, 4))

    def outputs(step: float) -> list[Array]:
        y = forward(x + step * direction)
        return list(y) if isinstance(y, tuple) else [y]

    above = [random.standard_normal(np.shape(y)) for y in outputs(0)]
    want = sum(np.sum(c * (a - b)) for c, a, b in zip(above, outputs(1e-6), outputs(-1e-6), strict=True)) / 2e-6
    found = derivative(forward, [x], {}, above, 0, direction)
    assert found.interval is None
    assert found.value == pytest.approx(want, rel=1e-7, abs=1e-8)
    assert found.error < 1e-9


@pytest.mark.parametrize(
    ("forward", "at", "want"),
    [
        (np.exp, 1.0, math.e),
        (np.logaddexp2, 0.5, None),
        (np.cbrt, 2.0, 2 ** (-2 / 3) / 3),
        (np.tanh, 12.0, 1 / math.cosh(12.0) ** 2),
        (np.tanh, 40.0, 1 / math.cosh(40.0) ** 2),
        (np.log, 1e-3, 1e3),
        (np.abs, -1e-9, -1.0),
        (np.sin, 1e3, math.cos(1e3)),
    ],
)
def test_the_error_estimate_holds(forward: Any, at: float, want: float | None) -> None:
    if want is None:
        want, forward = 2**at / (2**at + 1), lambda x: np.logaddexp2(x, 0)
    found = derivative(forward, [np.array([at])], {}, ONE, 0, np.ones(1))
    assert abs(found.value - want) <= found.error + 1e-14 * abs(want)
    assert found.error <= 1e-8 * max(1, abs(want))


@pytest.mark.parametrize(
    ("forward", "at", "interval"),
    [
        (lambda x: np.maximum(x, 0), 0.0, (0, 1)),
        (np.abs, 0.0, (-1, 1)),
        (lambda x: np.where(x > 2, 3 * x, x + 4), 2.0, (1, 3)),
        (lambda x: np.log(1 + np.abs(np.sin(x))), 0.0, (-1, 1)),
    ],
)
def test_kinks_have_an_interval(forward: Any, at: float, interval: tuple[float, float]) -> None:
    found = derivative(forward, [np.array([at])], {}, ONE, 0, np.ones(1))
    assert found.interval == pytest.approx(interval, abs=1e-6)
    assert found.error >= (interval[1] - interval[0]) / 2 - 1e-6


@pytest.mark.parametrize("x", [5e-324, -1e-300, 1e-12, -1e-8])
def test_beside_a_kink_there_is_none(x: float) -> None:
    found = derivative(lambda x: np.maximum(x, 0), [np.array([x])], {}, ONE, 0, np.ones(1))
    assert found.interval is None
    assert found.value == pytest.approx(float(x > 0), abs=1e-12)
    assert found.error < 1e-12


@pytest.mark.parametrize("at", [0.0, -1.0, math.nan, math.inf])
def test_where_there_is_no_derivative_none_is_made_up(at: float) -> None:
    found = derivative(np.sqrt, [np.array([at])], {}, ONE, 0, np.ones(1))
    assert math.isnan(found.value)
    assert found.error == math.inf


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
    return float((gradient() if callable(gradient) else gradient)[index])


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
    found = rule(numpy_manual.matmul, inputs, (1, 1), right, wrong, backend="torch")
    assert (found.right, found.got_fits, found.want_fits) == ("backend", True, False)
    assert f"the hand-written backward is wrong with {wrong:.9g}, torch is right with {right:.9g}" in found.text


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
    found = rule(OPS["matmul"], [np.array([[1.0, value]]), np.ones((2, 1))], (0, 0), 1.0, 2.0)
    assert found.right == "undecided"
    assert not found.got_fits
    assert not found.want_fits
    assert "nothing is decided" in found.text


def test_at_a_kink_the_interval_says_who_is_in_it() -> None:
    found = ruling(OPS["relu"], [np.zeros(3, np.float32)], {}, [np.full(3, 2, np.float32)], 0, (1,), 2.5, 0.0)
    assert found.right == "kink"
    assert found.interval == pytest.approx((0, 2))
    assert (found.got_fits, found.want_fits) == (False, True)
    assert found.text.startswith(
        "at a kink any value between 0 and 2 is a subgradient: the hand-written backward has 0"
    )
    assert msgspec.json.decode(msgspec.json.encode(found), type=Ruling) == found


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


@pytest.mark.parametrize(
    ("backward", "sentence"),
    [
        (lambda grad: (grad,), "backward hands back 1 gradients for 2 inputs"),
        (lambda grad: (grad, np.zeros(7)), "its gradient is (7,), the input (3,)"),
        (lambda grad: (grad, None), "the backward has 0, numerical differentiation"),
        (lambda grad: (grad, np.full(3, np.nan)), "the backward has nan, numerical differentiation"),
    ],
)
def test_gradients_of_the_wrong_form_are_said(backward: Any, sentence: str) -> None:
    found = gradient_check(lambda x, b: (x + b, backward), [np.ones(3), np.arange(3.0)], {}, np.random.RandomState(0))
    assert sentence in found[-1].text


def test_a_forward_that_is_not_finite_was_not_tested() -> None:
    def logarithm(x: Array) -> Any:
        return np.log(x), lambda grad: (grad / x,)

    assert gradient_check(logarithm, [np.array([0.5, 2.0])], {}, np.random.RandomState(0)) == []
    found = gradient_check(logarithm, [np.array([0.0, 2.0])], {}, np.random.RandomState(0))
    assert "nothing was tested" in found[0].text


def test_shapes_that_do_not_fit_are_said() -> None:
    with pytest.raises(ValueError, match="the direction is"):
        derivative(np.exp, [np.ones(3)], {}, [np.ones(3)], 0, np.ones(2))
    with pytest.raises(ValueError, match="their cotangents"):
        derivative(np.exp, [np.ones(3)], {}, [np.ones(2)], 0, np.ones(3))
    with pytest.raises(IndexError):
        rule(OPS["relu"], [np.ones(3)], (3,), 1.0, 1.0)
