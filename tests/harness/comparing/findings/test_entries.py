"""Entries of the catalogue that are about what a model uses are listed, also where the numbers agree."""

from typing import Any

import numpy as np
import torch
import torch.nn.functional as nnF

from backends.capture.training import Training
from harness.comparing.document.outcome import Outcome
from lockstep import compare
from tests.harness.comparing.networks import article_network, language_model, mlp
from tests.harness.comparing.ports import images, sequences

chainer: Any = mlp.chainer


def of_mlp(chainer_loss: Any, torch_loss: Any) -> Outcome:
    """A comparison of losses and gradients alone."""
    return compare(Training(mlp.ChainerMLP(), chainer_loss), Training(mlp.TorchMLP(), torch_loss), mlp.batches())


def test_defaults_of_layers_that_are_used_are_listed_where_the_port_has_set_them() -> None:
    left, right, batches = images.resnet()
    outcome = compare(left, right, batches, updates=1)
    assert outcome.settings == []
    assert {"batch_normalization_eps", "initial_weights", "momentum_state"} <= {*outcome.differences}
    assert {"lstm_forget_bias", "leaky_relu_slope", "max_pooling_cover_all"}.isdisjoint(outcome.differences)


def test_a_function_that_a_link_calls_counts() -> None:
    left, right, batches = language_model.in_chainer(), language_model.in_torch(), language_model.batches()
    assert "lstm_gate_order" in compare(left, right, batches, updates=1).differences


def test_a_function_of_whole_sequences_is_not_what_it_is_made_of() -> None:
    """Chainer's NStepLSTM keeps a matrix for each gate, as PyTorch orders them, though it calls F.lstm."""
    left, right, batches = sequences.tagger()
    assert "lstm_gate_order" not in compare(left, right, batches, updates=1).differences


def test_an_entry_about_a_setting_is_listed_where_the_setting_is_used() -> None:
    def plain(m: Any, x: Any, t: Any) -> Any:
        return chainer.functions.softmax_cross_entropy(m(x), t)

    weights = np.linspace(1, 2, mlp.CLASSES)

    def weighted(m: Any, x: Any, t: Any) -> Any:
        return chainer.functions.softmax_cross_entropy(m(x), t, class_weight=weights)

    def in_torch(m: Any, x: Any, t: Any) -> Any:
        chosen = torch.from_numpy(weights)[t]
        return (nnF.cross_entropy(m(x), t, reduction="none") * chosen).mean()

    entry = "softmax_cross_entropy_class_weight"
    assert entry not in of_mlp(plain, lambda m, x, t: nnF.cross_entropy(m(x), t)).differences
    outcome = of_mlp(weighted, in_torch)
    assert outcome.verdict == "agree", str(outcome)
    assert entry in outcome.differences


def test_what_raises_an_error_is_left_out_and_two_of_one_framework_have_no_entries() -> None:
    left = mlp.in_chainer(chainer.optimizers.SGD(lr=0.1))
    outcome = compare(left, mlp.in_torch(mlp.TorchMLP(), torch.optim.SGD, lr=0.1), mlp.batches(), updates=1)
    assert "initial_weights" in outcome.differences
    assert {"label_dtype", "linear_flattens"}.isdisjoint(outcome.differences)
    module = mlp.in_torch(mlp.TorchMLP(), torch.optim.SGD, lr=0.1)
    for side in (module, left):
        assert compare(side, side, mlp.batches(), updates=1).differences == []


def test_code_with_named_arrays_has_no_entries() -> None:
    left = Training(step=article_network.step, weights=article_network.weights())
    right = article_network.in_chainer()
    for sides in ((left, right), (right, left)):
        assert compare(*sides, article_network.batches(), updates=1).differences == []
