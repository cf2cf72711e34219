"""The first line of a disagreement says what explains it, with the lines of both programs; nothing is said twice."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch
import torch.nn.functional as nnF
from torch import Tensor, nn

from backends.capture.training import Training
from harness.comparing.document.outcome import Outcome
from lockstep import compare
from tests.harness.comparing.findings.first_finding import first_of, lines_at
from tests.harness.comparing.networks import mlp, variational_autoencoder

chainer: Any = mlp.chainer
F, L = mlp.F, mlp.L
HIDDEN = 4


def by_sgd(module: nn.Module) -> Outcome:
    """The Chain against a module, both by the same plain gradient descent."""
    return compare(
        mlp.in_chainer(chainer.optimizers.SGD(lr=0.1)), mlp.in_torch(module, torch.optim.SGD, lr=0.1), BATCHES
    )


BATCHES = mlp.batches()


def test_a_setting_of_the_optimizer_that_works_from_the_second_update_on() -> None:
    left = mlp.in_chainer(chainer.optimizers.MomentumSGD(lr=0.1, momentum=0.9))
    outcome = compare(left, mlp.in_torch(mlp.TorchMLP(), torch.optim.SGD, lr=0.1, momentum=0.5), BATCHES)
    assert first_of(outcome).text.startswith("float64 parts at update 2: the optimizer (momentum 0.9 | 0.5); l")
    assert " apart, allowed " in first_of(outcome).text


def test_a_parting_that_no_setting_explains_names_none() -> None:
    def slower_later(model: Any, optimizer: Any) -> None:
        (group,) = optimizer.param_groups
        group["lr"] = 0.05 if group.get("updates", 0) else 0.1
        group["updates"] = group.get("updates", 0) + 1

    module = mlp.TorchMLP()
    right = Training(
        module,
        lambda m, x, t: nnF.cross_entropy(m(x), t),
        torch.optim.SGD(module.parameters(), lr=0.1),
        slower_later,
    )
    outcome = compare(mlp.in_chainer(chainer.optimizers.SGD(lr=0.1)), right, BATCHES)
    assert first_of(outcome).text.startswith("float64 parts at update 2: l")


class WithoutBias(mlp.TorchMLP):
    """The second layer has no bias."""

    def __init__(self) -> None:
        super().__init__()
        self.l2 = nn.Linear(mlp.UNITS, mlp.UNITS, bias=False)


def test_a_missing_bias_is_named_with_both_lines() -> None:
    outcome = by_sgd(WithoutBias())
    first = first_of(outcome)
    assert first.text.startswith(
        "l2.b of shape (20,) fits nothing on the other side, it is only on the left, in l2: LinearFunction ("
    )
    assert " | l2: linear (" in first.text
    assert lines_at(outcome, first) == ("h2 = F.relu(self.l2(h1))", "h2 = torch.relu(self.l2(h1))")
    reverse = compare(
        mlp.in_torch(WithoutBias(), torch.optim.SGD, lr=0.1), mlp.in_chainer(chainer.optimizers.SGD(lr=0.1)), BATCHES
    )
    assert "l2.b of shape (20,) fits nothing on the other side, it is only on the right, in l2: linear (" in str(
        reverse
    )


class Scaled(mlp.TorchMLP):
    """A weight of its own, whose call has no counterpart."""

    def __init__(self) -> None:
        super().__init__()
        self.scale = nn.Parameter(torch.ones(mlp.UNITS))

    def forward(self, x: Tensor) -> Tensor:
        h1 = torch.relu(self.l1(x)) * self.scale
        h2 = torch.relu(self.l2(h1))
        return self.l3(h2)  # type: ignore[no-any-return]


def test_a_weight_without_a_counterpart_is_named_with_its_own_line() -> None:
    outcome = by_sgd(Scaled())
    assert "scale of shape (20,) fits nothing on the other side, it is only on the right, in mul (" in str(outcome)
    assert lines_at(outcome, first_of(outcome)) == ("", "h1 = torch.relu(self.l1(x)) * self.scale")


class WithoutActivation(mlp.TorchMLP):
    """A ReLU is missing."""

    def forward(self, x: Tensor) -> Tensor:
        h1 = torch.relu(self.l1(x))
        h2 = self.l2(h1)
        return self.l3(h2)  # type: ignore[no-any-return]


class WithAnother(mlp.TorchMLP):
    """A tanh too many."""

    def forward(self, x: Tensor) -> Tensor:
        h1 = torch.relu(self.l1(x))
        h2 = torch.relu(torch.tanh(self.l2(h1)))
        return self.l3(h2)  # type: ignore[no-any-return]


def test_a_call_that_one_side_has_alone_is_said_to_be_missing_on_the_other() -> None:
    outcome = by_sgd(WithoutActivation())
    assert first_of(outcome).text.startswith("forward parts at ReLU (")
    assert " | nothing before l3: linear (" in first_of(outcome).text
    assert lines_at(outcome, first_of(outcome)) == (
        "h2 = F.relu(self.l2(h1))",
        "return self.l3(h2)  # type: ignore[no-any-return]",
    )
    assert len(outcome.findings) == 1
    outcome = by_sgd(WithAnother())
    assert first_of(outcome).text.startswith("forward parts at nothing before ReLU (")
    assert " | tanh (" in first_of(outcome).text
    assert len(outcome.findings) == 1


class InOrder(nn.Module):
    """Two activations in one order or the other."""

    def __init__(self, first: Callable[[Tensor], Tensor], second: Callable[[Tensor], Tensor]) -> None:
        super().__init__()
        self.l1 = nn.Linear(mlp.FEATURES, mlp.CLASSES)
        self.first, self.second = first, second

    def forward(self, x: Tensor) -> Tensor:
        h = self.first(self.l1(x))
        return self.second(h)


def test_two_calls_in_another_order_are_not_called_missing() -> None:
    left, right = (
        mlp.in_torch(InOrder(*order), torch.optim.SGD, lr=0.1)
        for order in ((torch.tanh, torch.sigmoid), (torch.sigmoid, torch.tanh))
    )
    said = first_of(compare(left, right, BATCHES)).text
    assert said.startswith("forward parts at tanh (")
    assert " | sigmoid (" in said
    assert "nothing" not in said


def loss_of(change: str) -> Callable[..., Tensor]:
    """The loss of the faithful autoencoder, with one thing changed."""

    def loss(model: Any, x: Tensor) -> Tensor:
        h = torch.tanh(model.encoder(x))
        mean, log_variance = model.mean(h), model.log_variance(h)
        if change == "twins swapped":
            mean, log_variance = log_variance, mean
        deviation = 0.5 * log_variance if change == "exp forgotten" else torch.exp(0.5 * log_variance)
        z = mean + torch.randn_like(deviation) * deviation
        y = model.decoder(z)
        variance = log_variance if change == "exp forgotten in the divergence" else torch.exp(log_variance)
        divergence = -0.5 * torch.sum(1 + log_variance - mean**2 - variance)
        return (nnF.binary_cross_entropy_with_logits(y, x, reduction="sum") + divergence) / len(x)

    return loss


def autoencoders(change: str) -> Outcome:
    left, right = variational_autoencoder.in_chainer(), variational_autoencoder.in_torch(loss_of(change))
    return compare(left, right, variational_autoencoder.batches(), updates=2)


def test_the_faithful_autoencoder_agrees() -> None:
    assert autoencoders("").verdict == "agree"


@pytest.mark.parametrize(
    ("change", "left", "right", "to"),
    [
        ("exp forgotten", "z = F.gaussian(mu, ln_var)", "deviation = 0.5 * log_variance if", "add"),
        ("twins swapped", "z = F.gaussian(mu, ln_var)", "deviation = 0.5 * log_variance if", "add"),
        ("exp forgotten in the divergence", "return F.bernoulli_nll(x, y)", "divergence = -0.5 * torch.sum(1 +", ""),
    ],
)
def test_a_mistake_beside_twins_is_named_once_where_their_results_are_used(
    change: str, left: str, right: str, to: str
) -> None:
    outcome = autoencoders(change)
    first = first_of(outcome)
    mine, theirs = lines_at(outcome, first)
    assert mine.startswith(left)
    assert theirs.startswith(right)
    assert f"… {to} (" in first.text if to else "…" not in first.text
    assert len(outcome.findings) <= 2, str(outcome)
    assert all(each.text.startswith("what uses the same results parts: ") for each in outcome.findings[1:])


class OneLayer(chainer.Chain):  # type: ignore[misc]
    """Scores of independent labels."""

    def __init__(self) -> None:
        super().__init__()
        with self.init_scope():
            self.layer = L.Linear(mlp.FEATURES, mlp.CLASSES)

    def forward(self, x: Any) -> Any:
        return self.layer(x)


def of_labels(in_chainer: Any, in_torch: Any) -> Outcome:
    """Two losses of one linear layer, with several labels a row."""
    random = np.random.RandomState(2)
    rows = random.standard_normal((mlp.ROWS, mlp.FEATURES)).astype(np.float32)
    labels = random.randint(0, 2, (mlp.ROWS, mlp.CLASSES))
    chain, module = OneLayer(), nn.Sequential(nn.Linear(mlp.FEATURES, mlp.CLASSES))
    return compare(Training(chain, in_chainer), Training(module, in_torch), [(rows, labels)])


def sigmoid_cross_entropy(m: Any, x: Any, t: Any) -> Any:
    return F.sigmoid_cross_entropy(m(x), t)


def by_probabilities(m: Any, x: Tensor, t: Tensor) -> Tensor:
    probabilities = torch.sigmoid(m(x))
    return nnF.binary_cross_entropy(probabilities, t.to(x.dtype), reduction="sum")


def of_scores(m: Any, x: Tensor, t: Tensor) -> Tensor:
    return nnF.binary_cross_entropy_with_logits(m(x), t.to(x.dtype), reduction="sum")


@pytest.mark.parametrize("loss", [by_probabilities, of_scores])
def test_a_reduction_that_differs_is_named_also_where_one_side_takes_two_calls(loss: Any) -> None:
    first = first_of(of_labels(sigmoid_cross_entropy, loss))
    assert first.text.startswith("forward parts at SigmoidCrossEntropy (")
    assert first.text.endswith(", reduction mean | sum")


def test_losses_of_each_element_have_one_reduction_in_both_frameworks() -> None:
    outcome = of_labels(
        lambda m, x, t: F.sum(F.sigmoid_cross_entropy(m(x), t, reduce="no")),
        lambda m, x, t: nnF.binary_cross_entropy_with_logits(m(x), t.to(x.dtype), reduction="none").sum(),
    )
    assert outcome.verdict == "agree", str(outcome)
    assert outcome.settings == []


@pytest.mark.parametrize(
    ("loss", "function"), [(nnF.binary_cross_entropy, "binary_cross_entropy"), (nnF.smooth_l1_loss, "smooth_l1_loss")]
)
def test_the_reduction_of_two_losses_of_pytorch(loss: Any, function: str) -> None:
    def of(reduction: str) -> Training:
        return Training(
            module, lambda m, x, t: loss(torch.sigmoid(m(x)), torch.sigmoid(x[:, : mlp.CLASSES]), reduction=reduction)
        )

    module = mlp.TorchMLP()
    first = first_of(compare(of("sum"), of("mean"), BATCHES))
    assert f" | {function} (" in first.text
    assert first.text.endswith(", reduction sum | mean")


class Gated(chainer.Chain):  # type: ignore[misc]
    """Chainer's GRU, which resets the state before the product."""

    def __init__(self, is_stateless: bool) -> None:
        super().__init__()
        self.is_stateless = is_stateless
        with self.init_scope():
            self.unit = (L.StatelessGRU if is_stateless else L.GRU)(mlp.FEATURES, HIDDEN)
            self.last = L.Linear(HIDDEN, mlp.CLASSES)

    def forward(self, x: Any) -> Any:
        if self.is_stateless:
            h = self.unit(np.zeros((len(x), HIDDEN), x.dtype), x)
            return self.last(self.unit(h, x))
        self.unit.reset_state()
        self.unit(x)
        return self.last(self.unit(x))


class GatedPort(nn.Module):
    """PyTorch's GRU, which resets it afterwards."""

    def __init__(self, is_cell: bool) -> None:
        super().__init__()
        self.unit = (nn.GRUCell if is_cell else nn.GRU)(mlp.FEATURES, HIDDEN)
        self.last = nn.Linear(HIDDEN, mlp.CLASSES)

    def forward(self, x: Tensor) -> Tensor:
        if isinstance(self.unit, nn.GRUCell):
            return self.last(self.unit(x, self.unit(x)))  # type: ignore[no-any-return]
        return self.last(self.unit(torch.stack([x, x]))[0][-1])  # type: ignore[no-any-return]


@pytest.mark.parametrize(("is_stateless", "is_cell"), [(True, True), (False, False)])
def test_chainers_gru_against_pytorchs_is_refused_by_name_and_its_entry_is_listed(
    is_stateless: bool, is_cell: bool
) -> None:
    left = mlp.in_chainer(chainer.optimizers.SGD(lr=0.1), Gated(is_stateless))
    outcome = compare(left, mlp.in_torch(GatedPort(is_cell), torch.optim.SGD, lr=0.1), BATCHES)
    link = "StatelessGRU" if is_stateless else "GRU"
    said = first_of(outcome).text
    assert f", of chainer.links.{link}, which has no counterpart: it resets the state before the matrix product" in said
    assert said.endswith("; nor do 11 others")
    assert "gru_reset_gate" in outcome.differences
    assert sum(finding.kind == "weights" for finding in outcome.findings) == 2
