"""Ports of published networks, faithful and with a slip: what a comparison says of each."""

from typing import Any

import pytest
import torch

from backends.capture.training import Training
from harness.comparing.document.outcome import Outcome, lines
from lockstep import compare
from tests.harness.comparing.networks import article_network, language_model, mlp, variational_autoencoder, vgg

chainer: Any = mlp.chainer
NARROWER = 16
"""The quick tests have a VGG of a sixteenth of its channels."""
COVER_ALL = ("max_pool2d", "cover_all", True, False)
"""Chainer's pooling covers all, which makes no difference where windows fit."""


def first(outcome: Outcome) -> str:
    """What was found first, and its kind."""
    assert outcome.verdict == "disagree"
    assert outcome.first is not None
    return f"{outcome.first.kind}: {outcome.first.text}"


def differing(outcome: Outcome) -> list[tuple[str, str, object, object]]:
    """The settings that differ."""
    return [(each.kind, each.setting, each.left, each.right) for each in outcome.settings]


def agreeing(outcome: Outcome) -> tuple[int, int]:
    """How many results and weights agree, after checking that all do that can."""
    assert outcome.verdict == "agree", "\n".join(lines(outcome))
    assert outcome.findings == []
    assert outcome.only_left == outcome.only_right == []
    assert outcome.agreeing_weights == outcome.trained_weights
    return outcome.compared, outcome.agreeing_weights


def test_mlp_by_adam_as_it_comes() -> None:
    left = mlp.in_chainer(chainer.optimizers.Adam(alpha=0.01))
    outcome = compare(left, mlp.in_torch(mlp.TorchMLP(), torch.optim.Adam, lr=0.01), mlp.batches())
    assert first(outcome).startswith(
        "optimizer: gradients agree at update 1, weights don't: the optimizer (see `lockstep differences adam_eps`)"
    )
    assert outcome.compared == outcome.results == 6
    assert not any(pair.is_gradient_wrong for pair in outcome.weights)
    assert "adam_eps" in outcome.differences


def translate_eps(model: Any, optimizer: Any) -> None:
    """Give PyTorch's Adam the eps that Chainer's has at this update."""
    (group,) = optimizer.param_groups
    update = max((int(state["step"]) for state in optimizer.state.values()), default=0) + 1
    group["eps"] = 1e-8 / (1 - group["betas"][1] ** update) ** 0.5


def test_mlp_by_adam_with_eps_translated() -> None:
    left = mlp.in_chainer(chainer.optimizers.Adam(alpha=0.01, eps=1e-8))
    plain = mlp.in_torch(mlp.TorchMLP(), torch.optim.Adam, lr=0.01)
    right = Training(plain.model, plain.loss, plain.optimizer, translate_eps)
    outcome = compare(left, right, mlp.batches())
    assert agreeing(outcome) == (6, 6)
    assert [(each.dtype, len(each.left_losses), each.parted) for each in outcome.updates] == [
        ("float64", 20, None),
        ("float32", 20, None),
    ]
    assert float(outcome.updates[0].off) < 1e-12


def test_mlp_with_one_detach_too_many() -> None:
    left = mlp.in_chainer(chainer.optimizers.SGD(lr=0.1))
    outcome = compare(left, mlp.in_torch(mlp.DetachedMLP(), torch.optim.SGD, lr=0.1), mlp.batches())
    said = first(outcome)
    assert said.startswith(
        "backward: the gradients of l1.W | l1.weight, l1.b | l1.bias are zero on the right, those of l2"
    )
    assert "between h2 and h1" in said
    assert "detach (" in said
    assert "mlp.py:" in said
    assert outcome.compared == outcome.results


@pytest.mark.parametrize(
    ("narrower", "rows", "updates"), [(NARROWER, 4, 2), pytest.param(1, 2, 1, marks=pytest.mark.exhaustive)]
)
def test_vgg(narrower: int, rows: int, updates: int) -> None:
    left, right = vgg.in_chainer(vgg.ChainerVGG(narrower)), vgg.in_torch(vgg.TorchVGG(narrower))
    outcome = compare(left, right, vgg.batches(rows), updates)
    assert agreeing(outcome) == (60, 43)
    assert outcome.results == 60
    assert sum(pair.is_buffer and not pair.is_wrong for pair in outcome.weights) == 28
    assert differing(outcome) == [COVER_ALL] * 5


def test_vgg_with_the_eps_that_pytorchs_layer_has_by_itself() -> None:
    left, right = vgg.in_chainer(vgg.ChainerVGG(NARROWER)), vgg.in_torch(vgg.TorchVGG(NARROWER, eps=1e-5))
    outcome = compare(left, right, vgg.batches(4), updates=1)
    said = first(outcome)
    assert said.startswith("forward: forward parts at blocks.0.bn: BatchNormalization (")
    assert "| blocks.0.bn: batch_norm (" in said
    assert said.endswith("eps 2e-05 | 1e-05")
    assert sorted(differing(outcome)) == [("batch_norm", "eps", 2e-5, 1e-5)] * 14 + [COVER_ALL] * 5


def test_vgg_with_a_wrong_dropout_ratio() -> None:
    left, right = vgg.in_chainer(vgg.ChainerVGG(NARROWER)), vgg.in_torch(vgg.TorchVGG(NARROWER, second_ratio=0.3))
    outcome = compare(left, right, vgg.batches(4), updates=1)
    assert outcome.first is not None
    assert first(outcome).endswith("ratio 0.4 | 0.3")
    assert outcome.first.left_place.startswith("tests/harness/comparing/networks/vgg.py:")
    assert outcome.first.right_place.startswith("tests/harness/comparing/networks/vgg.py:")
    assert sorted(differing(outcome)) == [("dropout", "ratio", 0.4, 0.3), *[COVER_ALL] * 5]


def test_lstm_language_model() -> None:
    outcome = compare(language_model.in_chainer(), language_model.in_torch(), language_model.batches(), updates=1)
    assert agreeing(outcome)[1] == 11


def test_a_recurrent_layers_second_bias_moves_unless_it_is_frozen() -> None:
    chain, module = language_model.ChainerModel(), language_model.TorchModel()
    left = Training(chain, language_model.chainer_loss, chainer.optimizers.SGD(lr=0.1).setup(chain))

    def right() -> Training:
        trained = [parameter for parameter in module.parameters() if parameter.requires_grad]
        return Training(module, language_model.torch_loss, torch.optim.SGD(trained, lr=0.1))

    said = first(compare(left, right(), language_model.batches(), updates=1))
    assert said.startswith(
        "optimizer: l1.bias_hh, l2.bias_hh are trained, too: each of them and its twin move twice as"
    )
    module.l1.bias_hh.requires_grad_(False)
    module.l2.bias_hh.requires_grad_(False)
    assert agreeing(compare(left, right(), language_model.batches(), updates=1))[1] == 11


def test_variational_autoencoder_with_another_right_formula() -> None:
    outcome = compare(
        variational_autoencoder.in_chainer(), variational_autoencoder.in_torch(), variational_autoencoder.batches()
    )
    _, weights = agreeing(outcome)
    assert weights == 10
    assert outcome.compared < outcome.results
    pairs = {pair.left: pair.right for pair in outcome.weights}
    assert pairs["le2_mu.W"] == "mean.weight"
    assert pairs["le2_ln_var.W"] == "log_variance.weight"


def test_variational_autoencoder_whose_divergence_is_a_mean() -> None:
    right = variational_autoencoder.in_torch(variational_autoencoder.torch_loss_of_means)
    outcome = compare(variational_autoencoder.in_chainer(), right, variational_autoencoder.batches())
    assert outcome.first is not None
    assert outcome.first.kind == "forward"
    assert "variational_autoencoder.py" in outcome.first.right_place


def test_the_articles_program_and_a_readers_chain() -> None:
    left = Training(step=article_network.train, weights=article_network.weights())
    outcome = compare(left, article_network.in_chainer(), article_network.batches())
    assert outcome.verdict == "agree"
    assert outcome.agreeing_weights == 2
    assert all(pair.is_transposed for pair in outcome.weights)


def test_the_articles_program_with_a_wrong_mask() -> None:
    left = Training(step=article_network.step, weights=article_network.weights())
    outcome = compare(left, article_network.in_chainer(), article_network.batches())
    assert first(outcome).startswith(
        "backward: the gradient of W1 | l1.W is wrong, that of W2 | l2.W is right: between h_relu and x, in l1: "
    )


def test_two_versions_of_one_module() -> None:
    left, right = (mlp.in_torch(model, torch.optim.SGD, lr=0.1) for model in (mlp.TorchMLP(), mlp.TorchMLP()))
    assert agreeing(compare(left, right, mlp.batches())) == (6, 6)
    outcome = compare(left, mlp.in_torch(mlp.DetachedMLP(), torch.optim.SGD, lr=0.1), mlp.batches())
    assert first(outcome).startswith("backward: the gradients of l1.weight, l1.bias are zero on the right")
    outcome = compare(left, mlp.in_torch(mlp.TorchMLP(), torch.optim.SGD, lr=0.2), mlp.batches())
    assert "the optimizer (lr 0.1 | 0.2)" in first(outcome)


class CoarseMLP(mlp.TorchMLP):
    """Rounds to bfloat16 in float32 alone."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        scores = super().forward(x)
        return scores.bfloat16().float() if scores.dtype == torch.float32 else scores


def test_what_is_wrong_in_float32_alone_from_the_start_is_no_drift() -> None:
    left, right = (mlp.in_torch(model, torch.optim.SGD, lr=0.1) for model in (mlp.TorchMLP(), CoarseMLP()))
    outcome = compare(left, right, mlp.batches())
    assert first(outcome).startswith("training: float32 parts at update 1: loss is ")
    assert outcome.updates[0].parted is None


@pytest.mark.slow
def test_a_compiled_module_is_compared_by_its_loss_and_gradients() -> None:
    model = mlp.TorchMLP()
    left = mlp.in_torch(model, torch.optim.SGD, lr=0.1)
    right = mlp.in_torch(torch.compile(model, backend="eager"), torch.optim.SGD, lr=0.1)  # type: ignore[arg-type]
    outcome = compare(left, right, mlp.batches())
    assert outcome.verdict == "agree"
    assert outcome.right.calls == outcome.results == 0
    assert outcome.agreeing_weights == 6
