"""Every translation computes what the framework's function does, and its gradients."""

import re
from collections.abc import Mapping
from typing import Any

import numpy as np
import pytest
import torch

from backends.capture.calls import Draws, Pass
from backends.translating import sequences
from backends.translating.axes import Translation
from backends.translating.catalogue import TRANSLATIONS
from backends.translating.chainer.losses import ctc
from backends.translating.chainer.recurrent import n_step_gru
from backends.translating.torch.losses import ctc_loss
from backends.translating.torch.recurrent import gru, lstm
from backends.vocabulary import OPS
from harness.capturing.certificates import CertifiedPass, certify_pass
from harness.capturing.translator import translate
from harness.recording.loading import hand_written_ops
from tests.backends.translating.calls import LABELS, Called, F, chainer, real, total, training
from tests.backends.translating.chainer_calls import CHAINER
from tests.backends.translating.torch_calls import TORCH
from tests.backends.translating.torch_layer_calls import LAYERS
from tests.backends.translating.torch_loss_calls import LOSSES

CALLS: Mapping[str, Mapping[str, Called]] = {"chainer": CHAINER, "torch": {**TORCH, **LAYERS, **LOSSES}}
EACH = [(framework, name) for framework, calls in CALLS.items() for name in calls]


def captured(framework: str, name: str) -> Pass:
    called = CALLS[framework][name]
    live = training(framework, called).live()
    return live.in_dtype("float64", called[2]).advance(called[2], Draws(0, 1))


def certified(framework: str, name: str) -> CertifiedPass:
    find_op = hand_written_ops([])
    one = captured(framework, name)
    translated = translate([one], framework, find_op, one.weights)
    assert [str(refusal) for refusal in translated.refusals] == []
    return certify_pass(translated, one, framework, find_op, {})


@pytest.mark.parametrize(("framework", "name"), EACH)
def test_computes_what_the_framework_does(framework: str, name: str) -> None:
    found = certified(framework, name)
    assert [f"{live}: {failure.mismatch}" for live, failure in found.failures] == []
    assert found.opaque == found.certificate.unchecked == 0
    assert found.certificate.checks > 3


def test_what_is_captured_is_the_loss_without_being_watched() -> None:
    """PyTorch leaves the weights of l1_loss out where functions are watched, unless they are written out."""
    (shape,), function, (t,) = CALLS["torch"]["distances"]
    one = captured("torch", "distances")
    losses = function(torch.from_numpy(real(*shape, seed=0)), torch.from_numpy(t))
    np.testing.assert_allclose(one.arrays[one.loss], total(losses), rtol=1e-12)


@pytest.mark.parametrize("framework", CALLS)
def test_every_translation_is_tested(framework: str) -> None:
    called = {call.function for name in CALLS[framework] for call in captured(framework, name).calls}
    assert TRANSLATIONS[framework].keys() - called == set()


NOT_REACHED: Mapping[str, Mapping[str, str]] = {
    "chainer": {
        "selu": "F.selu is an ELU and a product",
        "swish": "F.swish has a trained beta, so it is a product and a sigmoid",
        "gelu": "Chainer has none",
        "gelu_tanh": "Chainer has none",
        "hard_swish": "Chainer has none",
        "mish": "Chainer has none",
        "log_sigmoid": "Chainer has none",
        "glu": "Chainer has none",
        "swiglu": "Chainer has none",
        "maxout": "F.maxout is a reshape and a maximum",
        "depthwise_conv2d": "F.depthwise_convolution_2d is a convolution_2d with groups",
        "reduce_var": "Chainer has none",
        "gather": "Chainer has none",
        "instance_norm": "Chainer has none",
        "rms_norm": "Chainer has none",
        "weight_norm": "Chainer has none",
        "rnn": "n_step_rnn is made of functions that are translated one by one",
        "lstm": "F.lstm is given the products of the op, and computes the rest",
        "gru_reset_before": "the GRU links are made of functions that are translated one by one",
        "gru_reset_after": "n_step_gru is made of functions that are translated one by one",
        "rotary_embedding": "Chainer has none",
        "scaled_dot_product_attention": "Chainer has none",
        "multi_head_attention": "Chainer has none",
        "grouped_query_attention": "Chainer has none",
        "smooth_l1": "Chainer has none",
        "triplet_margin": "Chainer has none",
        "cosine_distance": "Chainer has none",
        "masked_softmax_cross_entropy": "F.softmax_cross_entropy with labels to ignore is cross_entropy",
        "smoothed_softmax_cross_entropy": "Chainer has none",
        "negative_log_likelihood": "Chainer has none",
        "binary_cross_entropy_with_logits": "F.bernoulli_nll is a softplus and a product",
        "binary_cross_entropy": "Chainer has none",
        "kl_divergence": "Chainer has none",
    },
    "torch": {
        "maxout": "PyTorch has none",
        "swiglu": "PyTorch has none",
        "depthwise_conv2d": "a conv2d with as many groups as channels is conv2d",
        "gru_reset_before": "PyTorch's GRU resets after the product",
        "multi_head_attention": "PyTorch's takes q, k and v from one matrix, and has biases",
        "rotary_embedding": "PyTorch has none",
        "grouped_query_attention": "PyTorch has the attention without the products before and after it",
        "triplet": "PyTorch's triplet_margin_loss does not square its distances",
        "weighted_softmax_cross_entropy": "PyTorch's mean divides by the weights, which is cross_entropy",
        "masked_softmax_cross_entropy": "cross_entropy with ignore_index is cross_entropy",
        "smoothed_softmax_cross_entropy": "cross_entropy with label_smoothing is cross_entropy",
        "sigmoid_cross_entropy": "PyTorch's takes targets between no and yes: binary_cross_entropy_with_logits",
        "masked_sigmoid_cross_entropy": "PyTorch has none",
        "hinge": "PyTorch's hinge losses are of other labels: hinge_embedding_loss, multi_margin_loss",
    },
}
"""The ops that no function of a framework is translated into, and why."""


@pytest.mark.parametrize("framework", CALLS)
def test_every_op_is_reached_or_it_is_said_why_not(framework: str) -> None:
    find_op = hand_written_ops([])
    reached: set[str] = set()
    for name in CALLS[framework]:
        one = captured(framework, name)
        reached |= {each.call.op for each in translate([one], framework, find_op, one.weights).calls}
    ops = {op for family in OPS.values() for op in family}
    assert ops - reached == NOT_REACHED[framework].keys()


def lstm_with_directions_swapped(op: Any, x: Any, sizes: Any, hx: Any, weights: Any, *told: Any) -> Any:
    return lstm(op, x, sizes, hx, [*weights[4:8], *weights[:4], *weights[8:]], *told)


def gru_with_biases_swapped(op: Any, x: Any, hx: Any, weights: Any, *told: Any) -> Any:
    return gru(op, x, hx, [*weights[:2], *weights[:1:-1]], *told)


def gru_with_biases_of_layers_swapped(op: Any, hx: Any, ws: Any, bs: Any, xs: Any, **named: Any) -> Any:
    return n_step_gru(op, hx, ws, bs[::-1], xs, **named)


def ctc_loss_with_the_mean_of_chainer(op: Any, *given: Any, **named: Any) -> Any:
    if named["reduction"] != "mean":
        return ctc_loss(op, *given, **named)
    return op.reduce_mean(ctc_loss(op, *given, **{**named, "reduction": "none"}))


def ctc_that_reads_on_behind_the_end(op: Any, n: Any, m: Any, t: Any, x: Any, **named: Any) -> Any:
    return ctc(op, sequences.full_lengths(op, x.shape[1], x.shape[0]), m, t, x, **named)


@pytest.mark.parametrize(
    ("framework", "name", "function", "wrong"),
    [
        ("torch", "linear", "linear", lambda op, x, w, b=None: op.linear(x, op.transpose(w, axes=(1, 0)))),
        ("torch", "softmax", "softmax", lambda op, x, dim, **settings: op.softmax(x, axis=1)),
        ("chainer", "activations", "ELU", lambda op, x, **settings: op.elu(x, alpha=1.001)),
        ("torch", "gru", "gru", gru_with_biases_swapped),
        ("torch", "packed sequences", "lstm", lstm_with_directions_swapped),
        ("torch", "labels of sequences", "ctc_loss", ctc_loss_with_the_mean_of_chainer),
        ("chainer", "sequences of several lengths", "NStepGRU", gru_with_biases_of_layers_swapped),
        ("chainer", "labels of sequences", "ConnectionistTemporalClassification", ctc_that_reads_on_behind_the_end),
        ("chainer", "stacks of products", "MatMul", lambda op, a, b, **s: op.batch_matmul(a, op.multiply(b, 1.001))),
    ],
)
def test_a_wrong_translation_is_found(
    monkeypatch: pytest.MonkeyPatch, framework: str, name: str, function: str, wrong: Translation
) -> None:
    monkeypatch.setitem(dict_of(framework), function, wrong)
    one = captured(framework, name)
    find_op = hand_written_ops([])
    translated = translate([one], framework, find_op, one.weights)
    assert translated.refusals == []
    found = certify_pass(translated, one, framework, find_op, {})
    assert found.failures[0][0].function == function


def dict_of(framework: str) -> dict[str, Translation]:
    table = TRANSLATIONS[framework]
    assert isinstance(table, dict)
    return table


@pytest.mark.parametrize(
    ("images", "expected"),
    [
        (real(3, 4, 4), "Expect: in_types[0].ndim == 4"),
        (real(3, 4, 4).astype("float16"), "Expect: x.dtype == <class 'numpy.float32'>"),
        (np.ones((2, 3, 4, 4), "int64"), "Expect: x.dtype == <class 'numpy.float32'>"),
    ],
)
def test_what_chainer_refuses_to_resize_is_refused_in_float64(images: Any, expected: str) -> None:
    called: Called = ([()], lambda w: F.resize_images(images, (2, 2)) * w, [])
    live = training("chainer", called).live().in_dtype("float64", [])
    with pytest.raises(chainer.utils.type_check.InvalidType, match=re.escape(expected)):
        live.advance([], Draws(0, 1))


def test_a_gradient_that_chainer_overwrites_is_found() -> None:
    """The backward of Chainer's hinge divides the gradient that it receives in place, and others are given it, too."""
    called: Called = ([(4, 3)], lambda x, t: F.hinge(x, t) + F.softmax_cross_entropy(x, t), [LABELS])
    live = training("chainer", called).live()
    one = live.in_dtype("float64", called[2]).advance(called[2], Draws(0, 1))
    find_op = hand_written_ops([])
    found = certify_pass(translate([one], "chainer", find_op, one.weights), one, "chainer", find_op, {})
    assert [failure.node.phase for _, failure in found.failures] == ["backward"]
