"""What ops give where a value is an odd one: none, or exactly where a function bends."""

from functools import partial
from typing import Any

import numpy as np
import pytest

from backends import numpy_manual
from backends.op_inputs import inputs_of
from backends.vocabulary import OPS
from harness.recording.loading import LoadedBackend
from tests.backends.computing import alone, by_hand

FOLLOWING = {"leaky_relu": {"slope": 0.1}, "elu": {"alpha": 1.0}, "clipped_relu": {"ceiling": 6.0}}
"""Settings of the activations that pass every element on by itself."""


@pytest.mark.parametrize("op", [*OPS["rectifiers"], *OPS["smooth"]])
def test_an_activation_passes_a_nan_on(op: str, any_backend: LoadedBackend) -> None:
    """A network that has diverged says so: no activation makes a number of what is none."""
    x = np.array([[np.nan, 1.0, -1.0, 0.5], [0.3, 2.0, np.nan, -2.0]])
    others = [np.full(4, 0.25)] if op == "prelu" else []
    settings = {"pieces": 2} if op == "maxout" else FOLLOWING.get(op, {})
    with np.errstate(invalid="ignore"):
        above = [np.ones_like(getattr(numpy_manual, op)(x, *others, **settings)[0])]
        (y, *_) = alone(any_backend, op, [x, *others], settings, above).results
    is_nan = np.isnan(y)
    where = np.isnan(x)
    if op in ("softmax", "log_softmax"):
        where = np.repeat(where.any(axis=1, keepdims=True), 4, axis=1)
    if op == "maxout":
        where = where.reshape(2, 2, 2).any(axis=2)
    assert np.array_equal(is_nan, where)


def test_a_loss_passes_a_nan_of_its_target_on(any_backend: LoadedBackend) -> None:
    """The answers of a teacher that has diverged are no mistake of who wrote the scenario."""
    inputs = [np.array([0.5, 0.25]), np.array([np.nan, 1.0])]
    op = "binary_cross_entropy_with_logits"
    each, *_ = alone(any_backend, op, inputs, {"reduction": "none"}, [np.ones(2)]).results
    assert np.isnan(each).tolist() == [True, False]


@pytest.mark.parametrize("p", [1.0, 1.5, 2.0, 3.0])
def test_equal_rows_pull_at_nothing(p: float, any_backend: LoadedBackend) -> None:
    """Without an eps, anchor and positive are at a distance of 0, where the root of a sum has no slope."""
    anchor, negative = np.array([[1.0, -2.0, 0.5]]), np.array([[1.5, -2.0, 0.25]])
    inputs, above = [anchor, anchor.copy(), negative], [np.asarray(1.0)]
    settings: dict[str, Any] = {"margin": 2.0, "p": p, "eps": 0.0}
    want = by_hand(partial(numpy_manual.triplet_margin, **settings), inputs, above, [True] * 3)
    got = alone(any_backend, "triplet_margin", inputs, settings, above).results
    assert np.all(want[2] == 0)
    for ours, theirs in zip(want, got, strict=True):
        np.testing.assert_allclose(theirs, ours, rtol=0, atol=1e-12)


@pytest.mark.parametrize("op", ["matmul", "batch_matmul", "einsum", "conv2d", "resize_bilinear"])
def test_a_gradient_that_costs_as_much_as_the_op_is_left_until_it_is_needed(op: str) -> None:
    """That of the data never is."""
    inputs, settings = inputs_of(op, np.random.RandomState(1))
    y, backward = getattr(numpy_manual, op)(*inputs, **settings)
    assert all(gradient is None or callable(gradient) for gradient in backward(y)[:2])


@pytest.mark.parametrize(
    ("op", "shapes"),
    [
        ("linear", [(2, 3, 0), (0, 4), (4,)]),
        ("linear", [(2, 3, 4), (4, 0), (0,)]),
        ("linear", [(0, 3, 4), (4, 2), (2,)]),
        ("swiglu", [(2, 3, 0), (0, 4), (0, 4), (4, 5)]),
    ],
)
def test_a_layer_without_units_has_gradients(op: str, shapes: list[tuple[int, ...]]) -> None:
    inputs = [np.ones(shape) for shape in shapes]
    y, _ = getattr(numpy_manual, op)(*inputs)
    _, *grads = by_hand(getattr(numpy_manual, op), inputs, [np.ones_like(y)], [True] * len(inputs))
    assert [grad.shape for grad in grads] == shapes


def test_a_length_of_eps_is_differentiated_as_a_length() -> None:
    """Where the frameworks, too, take the length itself, the gradient has no part along x."""
    x, y = np.full((1, 4), 0.5), np.array([[1.0, 0.0, 0.0, 0.0]])
    _, backward = numpy_manual.cosine_distance(x, y, eps=1.0)
    grad_x, _ = backward(np.float64(1))
    assert np.sum(grad_x * x) == 0
