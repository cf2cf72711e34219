"""A wrong element is explained by the one mistake that was made."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from backends import numpy_manual
from backends.contract import Array
from harness.explaining.uses import NamedUse
from harness.results import Phase
from reports.text.runs.explanations import explanation_lines
from tests.harness import broken
from tests.harness.explaining.explaining import GRAD_Y, LOSS, MASKED, MATMUL, RELU, Named, W, X, draw, explained

SQUARE, GRAD_SQUARE = draw(4, 4, seed=3), draw(4, 4, seed=4)
ONE = np.ones((), np.float32)


def backward_of(op: Any, inputs: Named, arriving: Named, position: int, **settings: Any) -> Array:
    gradients = op(*[array for _, array in inputs], **settings)[1](*[array for _, array in arriving])
    gradient = gradients[position]
    return np.asarray(gradient() if callable(gradient) else gradient)


def matmul_backwards(change: Callable[[Any, Any, Any], Any]) -> Any:
    return lambda x, w: (x @ w, lambda grad_y: change(x, w, grad_y))


BACKWARD: dict[str, tuple[Any, Any, Named, Named, int, tuple[int, ...], str]] = {
    "mask forgotten": (
        broken.relu_without_mask,
        numpy_manual.relu,
        RELU,
        [("grad_h_r", draw(4, 5, seed=1))],
        0,
        MASKED,
        "got is the other branch, grad_h_r[1, 0] = -2.30153871, though h[1, 0] > 0, -0.977277875 > 0, is false",
    ),
    "leaky": (
        broken.relu_that_leaks,
        numpy_manual.relu,
        RELU,
        [("grad_h_r", draw(4, 5, seed=1))],
        0,
        MASKED,
        "got is 1/1,000 of the other branch, grad_h_r[1, 0] = -2.30153871;",
    ),
    "last row missing": (
        matmul_backwards(lambda x, w, grad_y: (grad_y @ w.T, x[:-1].T @ grad_y[:-1])),
        numpy_manual.matmul,
        MATMUL,
        [("grad_y_p", GRAD_Y)],
        1,
        (2, 1),
        "got is the sum without its last term, h_r[63, 2] · grad_y_p[63, 1] = ",
    ),
    "first column twice": (
        matmul_backwards(lambda x, w, grad_y: (grad_y @ w.T + np.outer(grad_y[:, 0], w[:, 0]), None)),
        numpy_manual.matmul,
        MATMUL,
        [("grad_y_p", GRAD_Y)],
        0,
        (7, 4),
        "got is the sum with its first term twice, grad_y_p[7, 0] · w2[4, 0] = ",
    ),
    "one sign wrong": (
        matmul_backwards(lambda x, w, grad_y: (grad_y @ (w * np.array([1, -1, 1], np.float32)).T, None)),
        numpy_manual.matmul,
        MATMUL,
        [("grad_y_p", GRAD_Y)],
        0,
        (7, 4),
        "got is the sum with the wrong sign on its second term, grad_y_p[7, 1] · w2[4, 1] = ",
    ),
    "wrong sign": (
        broken.matmul_with_wrong_sign,
        numpy_manual.matmul,
        MATMUL,
        [("grad_y_p", GRAD_Y)],
        0,
        (0, 0),
        "got is want with the wrong sign; it fits all",
    ),
    "not transposed": (
        matmul_backwards(lambda x, w, grad_y: (grad_y @ w, None)),
        numpy_manual.matmul,
        [("x", draw(4, 4)), ("w", SQUARE)],
        [("grad_y", GRAD_SQUARE)],
        0,
        (1, 2),
        "got comes out with w transposed: w[j, i] for w[i, j]",
    ),
    "rounded to bfloat16": (
        matmul_backwards(lambda x, w, grad_y: ((cut(grad_y) @ cut(w).T), None)),
        numpy_manual.matmul,
        MATMUL,
        [("grad_y_p", GRAD_Y)],
        0,
        (1, 2),
        "got comes out if the inputs are rounded to bfloat16 first",
    ),
    "bias of one row": (
        broken.add_that_forgets_rows,
        numpy_manual.add,
        [("h", draw(16, 8)), ("b", draw(8))],
        [("grad_a", draw(16, 8, seed=2))],
        1,
        (3,),
        "got is the first term of the sum alone, grad_a[0, 3] = 1.64027083",
    ),
    "no mean": (
        broken.mean_squared_error_without_mean,
        numpy_manual.mean_squared_error,
        LOSS,
        [("grad_loss", ONE)],
        0,
        (0, 1),
        "/ 20 but not divided by 20, the number of elements of y_p",
    ),
    "no two": (
        broken.mean_squared_error_without_two,
        numpy_manual.mean_squared_error,
        LOSS,
        [("grad_loss", ONE)],
        0,
        (0, 1),
        "is not multiplied by grad_loss · 2 = 2;",
    ),
    "summed loss": (
        broken.softmax_cross_entropy_without_mean,
        numpy_manual.softmax_cross_entropy,
        [("s", draw(4, 3)), ("t", np.array([0, 1, 2, 1]))],
        [("grad_loss", ONE)],
        0,
        (1, 1),
        "/ 4 but not divided by 4, the number of rows of s",
    ),
    "one-hot forgotten": (
        lambda x, t: (
            None,
            lambda grad_loss: (np.exp(x) / np.sum(np.exp(x), axis=1, keepdims=True) / np.float32(len(t)), None),
        ),
        numpy_manual.softmax_cross_entropy,
        [("s", draw(4, 3)), ("t", np.array([0, 1, 2, 1]))],
        [("grad_loss", ONE)],
        0,
        (1, 1),
        "got comes out if 1 is left out of exp(log_p[1, 1]) - 1",
    ),
}


def cut(array: Array) -> Array:
    """Rounded to bfloat16's 8 bits, half to even, by the bits themselves."""
    bits = array.view(np.uint32)
    return ((bits + 0x7FFF + ((bits >> 16) & 1)) & 0xFFFF0000).astype(np.uint32).view(np.float32)


@pytest.mark.parametrize("mistake", BACKWARD)
def test_a_wrong_gradient_is_explained_by_its_mistake(mistake: str) -> None:
    wrong, op, inputs, arriving, position, index, says = BACKWARD[mistake]
    got = backward_of(wrong, inputs, arriving, position)
    use = NamedUse(op, inputs, arriving=arriving, positions=[position])
    allowed = 0.0 if op is numpy_manual.relu else 1e-5
    explanation = explained(got, f"grad_{inputs[position][0]}", index, [use], allowed=allowed)
    assert says in explanation.diagnosis
    want = backward_of(op, inputs, arriving, position)
    assert float(explanation.want) == pytest.approx(float(want[index]), rel=1e-5)
    assert float(explanation.got) == float(got[index])
    assert not explanation.unknown
    assert max(map(len, explanation_lines(explanation))) <= 110


def layer_norm_without_its_last_mean(x: Array, gain: Array, bias: Array, *, eps: float) -> Any:
    centred = x - np.mean(x, axis=1, keepdims=True)
    deviation = np.sqrt(np.mean(centred * centred, axis=1, keepdims=True) + np.float32(eps))

    def backward(grad_y: Array) -> Any:
        grad_n = grad_y * gain
        return (grad_n - np.mean(grad_n, axis=1, keepdims=True)) / deviation, None, None

    return None, backward


def test_a_term_is_missed_deep_within_an_op() -> None:
    inputs: Named = [("h", draw(4, 3)), ("gain", draw(3)), ("bias", draw(3, seed=4))]
    arriving: Named = [("grad_n", draw(4, 3, seed=1))]
    got = backward_of(layer_norm_without_its_last_mean, inputs, arriving, 0, eps=1e-3)
    use = NamedUse(numpy_manual.layer_norm, inputs, {"eps": 1e-3}, arriving, [0])
    explanation = explained(got, "grad_h", (1, 2), [use])
    assert explanation.diagnosis.startswith(
        "got comes out if n[1, 2] · along_n[1, 0] = -0.838424063 is left out of grad_n'[1, 2] - sum1 / 3 - n[1, 2]"
    )
    assert [leaf.name for leaf in explanation.leaves if leaf.name.startswith("grad_n[")] == [
        "grad_n[1, 2]",
        "grad_n[1, 0]",
        "grad_n[1, 1]",
    ]


def test_adams_settings_keep_their_names() -> None:
    names = ("w1", "grad_w1", "m_w1", "v_w1")
    inputs = [(name, np.abs(draw(3, 4, seed=seed))) for seed, name in enumerate(names)]
    settings = {"t": 2, "lr": 0.01, "beta1": 0.9, "beta2": 0.999, "eps": 1e-8}
    grad, v = inputs[1][1], inputs[3][1]
    wrong = 0.999 * v + 0.001 * grad  # not squared
    use = NamedUse(numpy_manual.adam, inputs, settings, positions=[2])
    explanation = explained(wrong, "v_w1", (0, 1), [use], "state", 1e-7)
    assert explanation.steps[-1].formula == "beta2 · v_w1[0, 1] + (1 - beta2) · grad_w1[0, 1] · grad_w1[0, 1]"
    assert "is not multiplied by grad_w1[0, 1]" in explanation.diagnosis


OPTIMIZERS: dict[str, tuple[Any, Any, int, str]] = {
    "larger steps": (lambda w, grad_w, *, lr: w - 1.01 * lr * grad_w, numpy_manual.sgd, 0, "if lr is 0.101, not 0.1"),
    "no step": (lambda w, grad_w, *, lr: w, numpy_manual.sgd, 0, "w1[0, 1] - lr · grad_w1[0, 1] without lr · grad"),
    "uphill": (lambda w, grad_w, *, lr: w + lr * grad_w, numpy_manual.sgd, 0, "with the wrong sign on lr · grad_w1"),
    "lr forgotten": (lambda w, grad_w, *, lr: w - grad_w, numpy_manual.sgd, 0, "not multiplied by lr = 0.1"),
    "slower decay": (
        broken.momentum_that_decays_less,
        numpy_manual.momentum,
        1,
        "got comes out if momentum is 0.9001, not 0.9",
    ),
    "late step": (
        broken.momentum_without_gradient_in_the_step,
        numpy_manual.momentum,
        0,
        "got comes out with v_w1[0, 1] = -0.289544076 in place of v[0, 1] = 0.830693057",
    ),
}


@pytest.mark.parametrize("mistake", OPTIMIZERS)
def test_a_wrong_update_is_explained_by_its_mistake(mistake: str) -> None:
    wrong, rule, position, says = OPTIMIZERS[mistake]
    inputs = [("w1", draw(3, 4)), ("grad_w1", draw(3, 4, seed=8)), ("v_w1", draw(3, 4, seed=9))]
    settings = {"lr": 0.1, "momentum": 0.9}
    if rule is numpy_manual.sgd:
        inputs, settings = inputs[:2], {"lr": 0.1}
    result = wrong(*[array for _, array in inputs], **settings)
    got = result[position] if isinstance(result, tuple) else result
    use = NamedUse(rule, inputs, settings, positions=[position])
    phase: Phase = "state" if position else "update"
    explanation = explained(got, inputs[2 if position else 0][0], (0, 1), [use], phase, 1e-7)
    assert says in explanation.diagnosis


@pytest.mark.parametrize(
    ("combine", "says"),
    [
        (lambda a, b: b, "0.5, alone: the last use overwrites the others, = for +="),
        (lambda a, b: a, "2, alone: the other uses are not added"),
        (lambda a, b: a + b + b, "call h2 hands back, 0.5, counted twice"),
    ],
)
def test_a_gradient_of_several_uses_is_explained(combine: Callable[[Array, Array], Array], says: str) -> None:
    grads = [draw(3, 4, seed=seed) for seed in (1, 2)]
    for grad, value in zip(grads, (2, 0.5), strict=True):
        grad[0, 0] = value
    uses = [
        NamedUse(
            numpy_manual.add, [("x", draw(3, 4)), (f"u{i}", draw(3, 4))], arriving=[(f"grad_h{i}", grad)], call=f"h{i}"
        )
        for i, grad in enumerate(grads, 1)
    ]
    explanation = explained(combine(*grads), "grad_x", (0, 0), uses)
    assert says in explanation.diagnosis
    assert explanation.steps[-1].formula == "grad_h1[0, 0] + grad_h2[0, 0]"


def test_one_tensor_passed_twice_has_both_gradients() -> None:
    x, grad = draw(3, 4), draw(3, 4, seed=1)
    use = NamedUse(numpy_manual.add, [("x", x), ("x", x)], arriving=[("grad_y", grad)], positions=[0, 1])
    explanation = explained(grad, "grad_x", (1, 1), [use])
    assert explanation.diagnosis.startswith("got is grad_y[1, 1] + grad_y[1, 1] without grad_y[1, 1] = ")


def test_a_forward_and_its_loss_are_explained() -> None:
    explanation = explained(X[:, :4] @ W[:4], "y_p", (2, 1), [NamedUse(numpy_manual.matmul, MATMUL)], "forward")
    assert "got is the sum without its last term, h_r[2, 4] · w2[4, 1] = " in explanation.diagnosis
    loss, _ = numpy_manual.mean_squared_error(*[array for _, array in LOSS])
    explanation = explained(loss * 20, "loss", (), [NamedUse(numpy_manual.mean_squared_error, LOSS)], "loss")
    assert explanation.diagnosis == (
        "got is sum1 / 20 but not divided by 20, the number of elements of y_p: a sum where a mean belongs"
    )


@pytest.mark.parametrize("rows", [12, 768, 1536])
def test_a_mean_for_a_sum_is_named_with_the_number_of_its_terms(rows: int) -> None:
    """Also where the number is above the largest that a fraction usually has."""
    grad, b = draw(rows, 3), draw(3)
    use = NamedUse(numpy_manual.add, [("x", draw(rows, 3)), ("b", b)], arriving=[("grad_y", grad)], positions=[1])
    explanation = explained(grad.mean(axis=0), "grad_b", (1,), [use])
    assert explanation.diagnosis == (
        f"got is 1/{rows:,} of want: {rows:,} is the number of rows of x, so it is a mean where a sum belongs; "
        "it fits all 3 wrong elements"
    )


@pytest.mark.parametrize(
    ("choose", "says"),
    [
        (numpy_manual.where, "though mask[0, 1] != 0, 0 != 0, is false"),
        (
            lambda mask, a, b: (np.where(np.tril(mask != 0), a, b), None),
            "though what chooses is false",
        ),
    ],
)
def test_what_a_mask_chooses_is_explained_by_its_name_or_without_one(choose: Any, says: str) -> None:
    mask, a, b = np.array([[1, 0, 1], [1, 1, 0]]), draw(2, 3, seed=1), draw(2, 3, seed=2)
    use = NamedUse(choose, [("mask", mask), ("a", a), ("b", b)])
    explanation = explained(a, "y", (0, 1), [use], "forward")
    assert explanation.diagnosis.startswith("got is the other branch, a[0, 1] = ")
    assert says in explanation.diagnosis
