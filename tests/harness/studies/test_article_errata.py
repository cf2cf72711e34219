"""What the article gets wrong, each proved by running it."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from backends import numpy_manual
from backends.contract import Array
from backends.correct import strict_numpy
from harness.studies.article_numbers import (
    CHANGES_BY_EPOCH_300,
    CORRECTED,
    LOSS_DIVIDED_BY_FOUR,
    LOSS_WITH_W1_MOVED_TWICE,
    LOSS_WITHOUT_CLEARING,
    LOSS_WITHOUT_MASK,
    PRINTED,
    has_the_digits,
    is_within_ulp,
)
from lockstep.pytest_plugin import loaded_or_skipped
from tests.harness.studies.article_runs import (
    ARITHMETICS,
    DRAWS,
    TINY,
    program,
    prompt,
    relu_that_masks_nothing,
    relu_with_the_hand_mask,
    sgd_that_doubles_the_gradient_of_w1,
    sgd_that_updates_w1_twice,
    squared_error,
    squared_error_divided_by_four,
    train,
)

FIRST_LOSS, LAST_LOSS = CORRECTED["program-epoch-1-loss"], CORRECTED["program-epoch-300-loss"]
LR = TINY.optimizer.settings["lr"]


@pytest.fixture
def framework(pytestconfig: pytest.Config) -> Callable[[str], Any]:
    """Return a function that loads a backend's module by name."""
    required = pytestconfig.getoption("--require-backends")
    return lambda name: loaded_or_skipped(name, required=required).module


def test_float32_is_not_spelt_floas32() -> None:
    with pytest.raises(AttributeError, match="floas32"):
        np.random.RandomState(1).standard_normal((2, 3)).astype(np.floas32)  # type: ignore[attr-defined]


def test_subtracting_zero_masks_nothing() -> None:
    step = prompt("strict")[0]
    negative = step.values["h"] < 0
    assert negative.any()
    assert (step.value_grads["h"][negative] != 0).all()
    np.testing.assert_array_equal(step.value_grads["h"], step.value_grads["h_r"])


def test_training_without_the_mask_ends_elsewhere() -> None:
    assert has_the_digits(program("strict", relu=relu_that_masks_nothing)[-1].loss, LOSS_WITHOUT_MASK)
    assert is_within_ulp(program("blas", relu=relu_that_masks_nothing)[-1].loss, LOSS_WITHOUT_MASK, 4)


@pytest.mark.parametrize("arithmetic", ARITHMETICS)
def test_dividing_by_four_ends_elsewhere(arithmetic: str) -> None:
    """The number has the digits of a BLAS that fuses; strictly the program ends at 1.4724060, two ulp below."""
    steps = program(arithmetic, mean_squared_error=squared_error_divided_by_four)
    assert is_within_ulp(steps[-1].loss, LOSS_DIVIDED_BY_FOUR, 4)


@pytest.mark.parametrize("arithmetic", ARITHMETICS)
def test_moving_w1_twice_ends_elsewhere(arithmetic: str) -> None:
    """With the mask, Y_size 6 and one update by the doubled gradient of w1.

    The number has the digits of a BLAS that fuses; strictly the program ends at 0.9267265, two ulp above. Two updates,
    each rounded, end at 0.9267291.
    """
    steps = program(arithmetic, sgd=sgd_that_doubles_the_gradient_of_w1)
    assert is_within_ulp(steps[-1].loss, LOSS_WITH_W1_MOVED_TWICE, 4)


def sgd_that_updates_both_twice(w: Array, grad_w: Array, *, lr: float) -> Array:
    return w - lr * grad_w - lr * grad_w


@pytest.mark.parametrize(
    ("changed", "is_the_printed_one"),
    [
        pytest.param({"sgd": sgd_that_updates_w1_twice}, True, id="w1-twice-and-w2-once-both-unmasked"),
        pytest.param({}, False, id="each-once"),
        pytest.param({"sgd": sgd_that_updates_both_twice}, False, id="each-twice"),
        pytest.param(
            {"sgd": sgd_that_updates_w1_twice, "relu": relu_with_the_hand_mask}, False, id="w1-twice-and-masked"
        ),
    ],
)
def test_the_matrix_after_one_update_is_after_two_of_w1(
    changed: dict[str, Callable[..., Any]], is_the_printed_one: bool
) -> None:
    printed = np.array([row.split() for row in PRINTED["prompt-squared-error-after-update"].split(" / ")], np.float32)
    errors = squared_error(prompt("strict", **changed)[1], 4)
    assert np.array_equal(errors, printed) == is_the_printed_one


@pytest.mark.parametrize("name", ["numpy", "chainer", "torch"])
def test_the_loss_has_no_root_and_no_framework_needs_its_size(name: str, framework: Callable[[str], Any]) -> None:
    module = framework(name)
    y_p, y = program("strict")[0].values["y_p"], DRAWS.data["y"]
    if name == "numpy":
        loss, _ = module.mean_squared_error(y_p, y)
    elif name == "chainer":
        loss = module.F.mean_squared_error(y_p, y).array
    else:
        loss = module.F.mse_loss(module.torch.tensor(y_p), module.torch.tensor(y)).numpy()
    assert is_within_ulp(loss, FIRST_LOSS, 4)


def test_a_smaller_learning_rate_can_end_worse() -> None:
    def sgd_at_a_tenth_of_the_learning_rate(w: Array, grad_w: Array, *, lr: float) -> Array:
        return w - lr / 10 * grad_w

    end = float(program("strict", sgd=sgd_at_a_tenth_of_the_learning_rate)[-1].loss)
    assert float(LAST_LOSS) < end < float(FIRST_LOSS)


def test_after_the_update_only_the_second_of_the_first_row_rose() -> None:
    before, after = (
        squared_error(step, 4) for step in (prompt("strict")[0], prompt("strict", sgd=sgd_that_updates_w1_twice)[1])
    )
    assert (after > before).tolist() == [[False, True, False], [False, False, False]]
    assert (after < before).tolist() == [[True, False, True], [True, True, True]]


@pytest.mark.parametrize("arithmetic", ARITHMETICS)
@pytest.mark.parametrize(("position", "percent"), CHANGES_BY_EPOCH_300.items(), ids=str)
def test_squared_errors_change_by_epoch_300(position: tuple[int, int], percent: str, arithmetic: str) -> None:
    index = position[0] - 1, position[1] - 1
    first, last = (squared_error(program(arithmetic)[epoch - 1], 6)[index] for epoch in (1, 300))
    decimals = len(percent.partition(".")[2])
    assert f"{100 * (float(last) / float(first) - 1):+.{decimals}f}" == percent


def losses_of_the_typed_function(given_w1: Array, given_w2: Array) -> list[float]:
    """The article's training function: `w1 = W1` gives the array another name, and `-=` writes into it."""
    w1, w2 = given_w1, given_w2
    losses = []
    for _ in range(300):
        h, backward_of_h = strict_numpy.matmul(DRAWS.data["x"], w1)
        h_r, backward_of_relu = relu_with_the_hand_mask(h)
        y_p, backward_of_y_p = strict_numpy.matmul(h_r, w2)
        loss, backward_of_loss = numpy_manual.mean_squared_error(y_p, DRAWS.data["y"])
        losses.append(float(loss))
        grad_y_p, _ = backward_of_loss(np.float32(1))
        grad_h_r, grad_w2 = backward_of_y_p(grad_y_p)
        (grad_h,) = backward_of_relu(grad_h_r())  # type: ignore[operator,misc]
        _, grad_w1 = backward_of_h(grad_h)
        w1 -= LR * grad_w1()  # type: ignore[operator,misc]
        w2 -= LR * grad_w2()  # type: ignore[operator,misc]
    return losses


def test_naming_an_array_twice_makes_the_second_training_go_on_from_the_first() -> None:
    w1, w2 = DRAWS.weights["w1"].copy(), DRAWS.weights["w2"].copy()
    first, second = losses_of_the_typed_function(w1, w2), losses_of_the_typed_function(w1, w2)
    assert has_the_digits(first[0], FIRST_LOSS)
    assert has_the_digits(first[-1], LAST_LOSS)
    assert [*first, *second] == [float(step.loss) for step in train(strict_numpy, 600)]


@pytest.mark.parametrize("name", ["numpy", "chainer", "torch"])
def test_the_backends_leave_the_given_weights_alone(name: str, framework: Callable[[str], Any]) -> None:
    module = framework(name)
    first, second = (train(module, 3) for _ in range(2))
    assert is_within_ulp(first[0].loss, FIRST_LOSS, 4)
    assert [float(step.loss) for step in second] == [float(step.loss) for step in first]
    assert first[2].loss < first[0].loss


def test_gradients_that_torch_keeps_add_up(framework: Callable[[str], Any]) -> None:
    module = framework("torch")

    class NeverCleared(module.torch.optim.SGD):  # type: ignore[misc,name-defined]
        def zero_grad(self, set_to_none: bool = True) -> None:
            pass

    steps = train(module, TINY.epochs, sgd=lambda parameters, lr: NeverCleared(parameters, lr=lr))
    assert is_within_ulp(steps[0].loss, FIRST_LOSS, 4)
    assert has_the_digits(steps[-1].loss, LOSS_WITHOUT_CLEARING)


def chainer_losses_without_clearing(
    chainer: Any, forward: Callable[[Any], Any], weights: list[Any], epochs: int
) -> list[float]:
    losses = []
    for _ in range(epochs):
        loss = chainer.functions.mean_squared_error(forward(DRAWS.data["x"]), DRAWS.data["y"])
        loss.backward()
        for weight in weights:
            weight.array -= LR * weight.grad
        losses.append(float(loss.array))
    return losses


def test_gradients_that_a_chainer_variable_keeps_add_up(framework: Callable[[str], Any]) -> None:
    chainer = framework("chainer").chainer
    w1, w2 = (chainer.Variable(DRAWS.weights[name].copy()) for name in ("w1", "w2"))

    def forward(x: Array) -> Any:
        return chainer.functions.matmul(chainer.functions.relu(chainer.functions.matmul(x, w1)), w2)

    losses = chainer_losses_without_clearing(chainer, forward, [w1, w2], 300)
    assert is_within_ulp(losses[0], FIRST_LOSS, 4)
    assert has_the_digits(losses[-1], LOSS_WITHOUT_CLEARING)


def test_gradients_that_a_chainer_chain_keeps_start_as_nan(framework: Callable[[str], Any]) -> None:
    chainer = framework("chainer").chainer
    # A Linear keeps its weight transposed, and makes it by its shape.
    first, second = (
        chainer.links.Linear(*DRAWS.weights[name].shape, nobias=True, initialW=DRAWS.weights[name].T)
        for name in ("w1", "w2")
    )
    chain = chainer.Chain(first=first, second=second)
    assert all(np.isnan(parameter.grad).all() for parameter in chain.params())

    def forward(x: Array) -> Any:
        return second(chainer.functions.relu(first(x)))

    losses = chainer_losses_without_clearing(chainer, forward, list(chain.params()), 2)
    assert is_within_ulp(losses[0], FIRST_LOSS, 4)
    assert np.isnan(losses[1])


GRADIENTS_AT_ZERO: list[tuple[str, str, Callable[[Any, Any], Any], float]] = [
    ("torch", "relu", lambda module, x: module.F.relu(x), 0),
    ("torch", "clamp", lambda module, x: module.torch.clamp(x, min=0), 1),
    ("torch", "maximum", lambda module, x: module.torch.maximum(x, module.torch.zeros_like(x)), 0.5),
    ("chainer", "relu", lambda module, x: module.F.relu(x), 0),
    ("chainer", "maximum", lambda module, x: module.F.maximum(x, np.zeros(1, np.float32)), 1),
    ("chainer", "clip", lambda module, x: module.F.clip(x, 0.0, 1e9), 1),
]


@pytest.mark.parametrize(
    ("name", "function", "gradient"),
    [pytest.param(name, function, gradient, id=f"{name}-{op}") for name, op, function, gradient in GRADIENTS_AT_ZERO],
)
def test_gradient_of_relu_at_exactly_zero(
    name: str, function: Callable[[Any, Any], Any], gradient: float, framework: Callable[[str], Any]
) -> None:
    module = framework(name)
    zero = np.zeros(1, np.float32)
    x = module.torch.tensor(zero, requires_grad=True) if name == "torch" else module.chainer.Variable(zero)
    y = function(module, x)
    (y.sum() if name == "torch" else module.F.sum(y)).backward()
    assert float(x.grad[0]) == gradient


@pytest.mark.parametrize(("relu", "gradient"), [(relu_with_the_hand_mask, 1), (numpy_manual.relu, 0)])
def test_gradient_of_the_hand_written_relu_at_exactly_zero(relu: Callable[..., Any], gradient: float) -> None:
    _, backward = relu(np.zeros(1, np.float32))
    assert backward(np.ones(1, np.float32))[0].tolist() == [gradient]


def test_the_two_hand_written_masks_train_alike_where_nothing_is_exactly_zero() -> None:
    ours, typed = program("strict"), program("strict", relu=relu_with_the_hand_mask)
    assert [float(step.loss) for step in ours] == [float(step.loss) for step in typed]
    assert all((step.values["h"] != 0).all() for step in ours)
