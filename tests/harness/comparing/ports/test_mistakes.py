"""Mistakes in the ports of published networks: each is found, and named at its place."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
import torch
import torch.nn.functional as nnF
from torch import Tensor, nn

from harness.capturing.guarded import own_random_numbers
from lockstep import compare
from tests.harness.comparing.ports import images, sequences, values
from tests.harness.comparing.ports.pair import Pair


@dataclass(frozen=True)
class Mistake:
    """A port with one thing changed, and what must be said of it: the kind of the first finding, and texts."""

    port: Callable[..., Pair]
    network: type[nn.Module]
    kind: str
    said: tuple[str, ...]
    changes: dict[str, Any]


def of(port: Callable[..., Pair], network: type[nn.Module], kind: str, *said: str, **changes: Any) -> Mistake:
    return Mistake(port, network, kind, said, changes)


def in_other_order(self: Any, branches: list[Tensor]) -> Tensor:
    one, three, five, pooled = branches
    return torch.cat([one, five, three, pooled], dim=1)


def interleaved(self: Any, pooled: list[Tensor]) -> Tensor:
    return torch.stack(pooled, dim=2).flatten(1)


def gates_exchanged(self: Any, filtered: Tensor, gate: Tensor) -> Tensor:
    return torch.sigmoid(filtered) * torch.tanh(gate)


def by_tanh(self: Any, x: Tensor) -> Tensor:
    return torch.tanh(self.encoder(nnF.dropout(x, 0.3)))


def untied(self: Any) -> None:
    images.TorchAutoencoder.__init__(self)
    self.decoder = nn.Linear(5, 8, bias=False)


def with_decoder(self: Any, x: Tensor) -> Tensor:
    return self.decoder(self.hidden(x)) + self.bias  # type: ignore[no-any-return]


def of_first_layer(self: Any, state: Tensor) -> Tensor:
    return state[0]


def from_ones(self: Any, x: Tensor) -> Tensor:
    return torch.ones(2, len(x), sequences.HIDDEN)


def without_residual(self: Any, h: Tensor) -> Tensor:
    return self.attention(h, h, h)[0]  # type: ignore[no-any-return]


def with_gradient(self: Any, reward: Tensor, following: Tensor) -> Tensor:
    best: Tensor = self.old_values(torch.relu(self.old_hidden(following))).amax(dim=1)
    return reward + values.DISCOUNT * best


def squared(self: Any, value: Tensor, target: Tensor) -> Tensor:
    return nnF.mse_loss(value, target)


class BiasedNormalisation(nn.BatchNorm2d):
    """Keeps the variance of the batch as it normalises by it, where both frameworks keep the unbiased one."""

    def forward(self, x: Tensor) -> Tensor:
        y = nnF.batch_norm(x, None, None, self.weight, self.bias, training=True, eps=self.eps)
        with torch.no_grad():
            assert self.running_mean is not None
            assert self.running_var is not None
            self.running_mean.lerp_(x.mean((0, 2, 3)), 0.1)
            self.running_var.lerp_(x.var((0, 2, 3), correction=0), 0.1)
        return y


MISTAKES = {
    "alpha of the mean for that of the sum": of(
        images.alexnet, images.TorchAlexNet, "forward", "LocalResponseNormalization", "local_response_norm", alpha=1e-4
    ),
    "branches in another order": of(
        images.inception, images.TorchInception, "forward", "Concat", "cat", joined=in_other_order
    ),
    "momentum of the running statistics": of(
        images.resnet, images.TorchBottleneck, "buffer", "bn1.avg_", "momentum 0.1 | 0.9", momentum=0.9
    ),
    "biased variance": of(
        images.resnet, images.TorchBottleneck, "buffer", "bn1.avg_var", normalisation=BiasedNormalisation
    ),
    "padding not counted": of(
        images.separable, images.TorchSeparable, "forward", "count_include_pad True | False", counts_padding=False
    ),
    "dilation": of(images.wavenet, images.TorchWaveNet, "forward", "dilation 4 | 3", dilations=(1, 2, 3)),
    "gates exchanged": of(images.wavenet, images.TorchWaveNet, "forward", "Tanh", "sigmoid", gated=gates_exchanged),
    "weights not tied": of(
        images.autoencoder,
        images.TorchAutoencoder,
        "weights",
        "decoder.weight of shape (8, 5) fits nothing",
        __init__=untied,
        forward=with_decoder,
    ),
    "tanh for a sigmoid": of(images.autoencoder, images.TorchAutoencoder, "forward", "Sigmoid", "tanh", hidden=by_tanh),
    "state of another layer": of(sequences.gru, sequences.TorchGRU, "forward", "scores", last=of_first_layer),
    "another starting state": of(sequences.gru, sequences.TorchGRU, "forward", "rnn: gru", start=from_ones),
    "eps of another layer": of(
        sequences.transformer, sequences.TorchTransformer, "forward", "norm1", "eps 1e-06 | 1e-05", eps=1e-5
    ),
    "residual forgotten": of(
        sequences.transformer, sequences.TorchTransformer, "forward", "Add", "norm1", attended=without_residual
    ),
    "joined along another axis": of(
        sequences.text_cnn, sequences.TorchTextCNN, "forward", "Concat", "stack", joined=interleaved
    ),
    "softmax over the rows": of(
        sequences.memory_network, sequences.TorchMemory, "forward", "softmax", "axis 1 | 0", axis=0
    ),
    "target with a gradient": of(
        values.q_network, values.TorchQNetwork, "backward", "old_values", "zero on the left", target=with_gradient
    ),
    "another loss": of(values.q_network, values.TorchQNetwork, "forward", "HuberLoss", "mse_loss", loss=squared),
    "one slope for all channels": of(
        values.activations, values.TorchActivations, "weights", "slope.W of shape (6,) fits nothing", slopes=1
    ),
}


@pytest.mark.parametrize("name", MISTAKES)
def test_a_mistake_is_found_and_named(name: str) -> None:
    mistake = MISTAKES[name]
    with own_random_numbers(0):
        left, right, batches = mistake.port(type("Changed", (mistake.network,), mistake.changes))
    outcome = compare(left, right, batches, updates=1)
    assert outcome.verdict == "disagree"
    assert outcome.first is not None
    assert outcome.first.kind == mistake.kind, str(outcome)
    for text in mistake.said:
        assert text in str(outcome)
