"""Mistakes that people make when they port a Chain to PyTorch: each is found, and named at its place.

The faithful port is a small convolutional network; every mistake changes one thing in it.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
import pytest
import torch
import torch.nn.functional as nnF
from torch import Tensor, nn

from backends.capture.training import Training
from harness.comparing.document.outcome import Outcome
from lockstep import compare, import_chainer

chainer: Any = import_chainer()
F, L = chainer.functions, chainer.links
CHANNELS, HIDDEN, CLASSES, ROWS = 4, 6, 3, 5
LR, DECAY = 0.05, 0.01


class Chain(chainer.Chain):  # type: ignore[misc]
    """Convolution, normalisation, pooling, two linear layers of one shape, and a last one."""

    def __init__(self) -> None:
        super().__init__()
        with self.init_scope():
            self.conv = L.Convolution2D(2, CHANNELS, 3, stride=2, pad=1)
            self.bn = L.BatchNormalization(CHANNELS)
            self.fc1 = L.Linear(CHANNELS * 9, HIDDEN)
            self.fc2 = L.Linear(HIDDEN, HIDDEN)
            self.fc3 = L.Linear(HIDDEN, CLASSES)

    def forward(self, x: Any) -> Any:
        h = self.bn(self.conv(x))
        h = F.max_pooling_2d(F.leaky_relu(h, 0.2), 2, 2)
        h = F.dropout(F.tanh(self.fc1(h)), 0.25)
        h = F.elu(self.fc2(h))
        return self.fc3(h)


class Port(nn.Module):
    """The same; a mistake overrides one of its methods or one of its settings."""

    eps, momentum, ratio, slope, stride, pad, bias = 2e-5, 0.1, 0.25, 0.2, 2, 1, True

    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv2d(2, CHANNELS, 3, stride=self.stride, padding=self.pad)
        self.bn = nn.BatchNorm2d(CHANNELS, eps=self.eps, momentum=self.momentum)
        self.fc1 = nn.Linear(CHANNELS * 9, HIDDEN, bias=self.bias)
        self.fc2 = nn.Linear(HIDDEN, HIDDEN)
        self.fc3 = nn.Linear(HIDDEN, CLASSES)

    def first(self, x: Tensor) -> Tensor:
        return self.bn(self.conv(x))  # type: ignore[no-any-return]

    def pooled(self, h: Tensor) -> Tensor:
        return nnF.max_pool2d(nnF.leaky_relu(h, self.slope), 2, 2, ceil_mode=True)

    def flat(self, h: Tensor) -> Tensor:
        return h.flatten(1)

    def dense(self, h: Tensor) -> Tensor:
        h = nnF.dropout(torch.tanh(self.fc1(h)), self.ratio, self.training)
        return nnF.elu(self.fc2(h))

    def forward(self, x: Tensor) -> Tensor:
        return self.fc3(self.dense(self.flat(self.pooled(self.first(x)))))  # type: ignore[no-any-return]


def port(**changes: Any) -> type[Port]:
    """The port with some of its settings or methods changed."""
    return type("Changed", (Port,), changes)


def momentum(model: nn.Module, **settings: Any) -> torch.optim.Optimizer:
    """The optimizer of the faithful port."""
    return torch.optim.SGD(model.parameters(), **{"lr": LR, "momentum": 0.9, "weight_decay": DECAY, **settings})


def cross_entropy(model: Any, x: Tensor, t: Tensor) -> Tensor:
    return nnF.cross_entropy(model(x), t)


def summed(model: Any, x: Tensor, t: Tensor) -> Tensor:
    return nnF.cross_entropy(model(x), t, reduction="sum")


def smoothed(model: Any, x: Tensor, t: Tensor) -> Tensor:
    return nnF.cross_entropy(model(x), t, label_smoothing=0.1)


def softmax_twice(model: Any, x: Tensor, t: Tensor) -> Tensor:
    return nnF.cross_entropy(nnF.softmax(model(x), dim=1), t)


def over_wrong_axis(model: Any, x: Tensor, t: Tensor) -> Tensor:
    return -nnF.log_softmax(model(x), dim=0)[torch.arange(len(t)), t].mean()


def swapped(self: Port, h: Tensor) -> Tensor:
    h = nnF.dropout(nnF.elu(self.fc1(h)), self.ratio, self.training)
    return torch.tanh(self.fc2(h))


def without_activation(self: Port, h: Tensor) -> Tensor:
    h = nnF.dropout(torch.tanh(self.fc1(h)), self.ratio, self.training)
    return self.fc2(h)  # type: ignore[no-any-return]


def without_dropout(self: Port, h: Tensor) -> Tensor:
    return nnF.elu(self.fc2(torch.tanh(self.fc1(h))))


def residual(self: Port, h: Tensor) -> Tensor:
    h = nnF.dropout(torch.tanh(self.fc1(h)), self.ratio, self.training)
    return h + nnF.elu(self.fc2(h))


def detached(self: Port, h: Tensor) -> Tensor:
    h = nnF.dropout(torch.tanh(self.fc1(h)), self.ratio, self.training).detach()
    return nnF.elu(self.fc2(h))


def relu_for_elu(self: Port, h: Tensor) -> Tensor:
    h = nnF.dropout(torch.tanh(self.fc1(h)), self.ratio, self.training)
    return torch.relu(self.fc2(h))


def used_twice(self: Port, h: Tensor) -> Tensor:
    h = nnF.dropout(torch.tanh(self.fc1(h)), self.ratio, self.training)
    return nnF.elu(self.fc2(nnF.elu(self.fc2(h))))


def average_pooled(self: Port, h: Tensor) -> Tensor:
    return nnF.avg_pool2d(nnF.leaky_relu(h, self.slope), 2, 2, ceil_mode=True)


def pooled_before(self: Port, h: Tensor) -> Tensor:
    return nnF.leaky_relu(nnF.max_pool2d(h, 2, 2, ceil_mode=True), self.slope) * 1.5


def channels_last(self: Port, h: Tensor) -> Tensor:
    return h.permute(0, 2, 3, 1).flatten(1)


def relu_before_norm(self: Port, x: Tensor) -> Tensor:
    return self.bn(torch.relu(self.conv(x)))  # type: ignore[no-any-return]


def without_norm(self: Port, x: Tensor) -> Tensor:
    return self.conv(x)  # type: ignore[no-any-return]


def in_evaluation(self: Port, x: Tensor) -> Tensor:
    return nnF.batch_norm(
        self.conv(x), self.bn.running_mean, self.bn.running_var, self.bn.weight, self.bn.bias, eps=self.eps
    )


@dataclass(frozen=True)
class Mistake:
    """What is changed, and what must be said of it: the kind of the first finding, and texts in it."""

    kind: str
    said: tuple[str, ...]
    network: type[Port] = Port
    loss: Callable[..., Any] = cross_entropy
    optimizer: Callable[..., Any] = momentum


MISTAKES = {
    "eps of the layer's default": Mistake("forward", ("bn: ", "eps 2e-05 | 1e-05"), port(eps=1e-5)),
    "momentum taken for the decay": Mistake("buffer", ("bn.avg_", "momentum 0.1 | 0.9"), port(momentum=0.9)),
    "dropout ratio": Mistake("forward", ("ratio 0.25 | 0.5",), port(ratio=0.5)),
    "dropout forgotten": Mistake("forward", ("Dropout",), port(dense=without_dropout)),
    "slope of the default": Mistake("forward", ("slope 0.2 | 0.01",), port(slope=0.01)),
    "bias forgotten": Mistake("weights", ("fc1.b of shape (6,)",), port(bias=False)),
    "activations swapped": Mistake("forward", ("Tanh", "elu"), port(dense=swapped)),
    "activation missing": Mistake("forward", ("ELU",), port(dense=without_activation)),
    "another activation": Mistake("forward", ("ELU", "relu"), port(dense=relu_for_elu)),
    "a residual branch too many": Mistake("forward", ("add",), port(dense=residual)),
    "a detach too many": Mistake("backward", ("zero on the right", "detach"), port(dense=detached)),
    "a layer used twice": Mistake("forward", ("fc2",), port(dense=used_twice)),
    "average for max pooling": Mistake("forward", ("MaxPooling", "avg_pool2d"), port(pooled=average_pooled)),
    "a factor too many": Mistake("forward", ("mul",), port(pooled=pooled_before)),
    "flattened channels last": Mistake("forward", ("fc1",), port(flat=channels_last)),
    "activation before normalisation": Mistake("forward", ("relu",), port(first=relu_before_norm)),
    "normalisation forgotten": Mistake("forward", ("bn: BatchNormalization",), port(first=without_norm)),
    "normalisation in evaluation mode": Mistake("forward", ("bn", "training True | False"), port(first=in_evaluation)),
    "a sum for a mean": Mistake("forward", ("reduction mean | sum",), loss=summed),
    "labels smoothed": Mistake("forward", ("cross_entropy",), loss=smoothed),
    "softmax before cross entropy": Mistake("forward", ("softmax",), loss=softmax_twice),
    "softmax over the rows": Mistake("forward", ("log_softmax",), loss=over_wrong_axis),
    "learning rate": Mistake("optimizer", ("lr 0.05 | 0.01",), optimizer=partial(momentum, lr=0.01)),
    "momentum": Mistake("training", ("momentum 0.9 | 0.5",), optimizer=partial(momentum, momentum=0.5)),
    "momentum forgotten": Mistake("training", ("momentum | sgd",), optimizer=partial(momentum, momentum=0.0)),
    "decay": Mistake("optimizer", ("weight_decay 0.01 | 0.1",), optimizer=partial(momentum, weight_decay=0.1)),
    "decay forgotten": Mistake("optimizer", ("weight_decay 0.01 | 0",), optimizer=partial(momentum, weight_decay=0.0)),
    "dampening": Mistake("training", ("dampening 0 | 0.9",), optimizer=partial(momentum, dampening=0.9)),
    "nesterov": Mistake("optimizer", ("momentum | nesterov",), optimizer=partial(momentum, nesterov=True)),
    "another rule": Mistake(
        "optimizer", ("rule momentum | adam",), optimizer=lambda model: torch.optim.Adam(model.parameters(), lr=LR)
    ),
}


def batches() -> list[tuple[Any, Any]]:
    """Small images, and labels."""
    random = np.random.RandomState(4)
    return [
        (random.standard_normal((ROWS, 2, 11, 11)).astype(np.float32), random.randint(0, CLASSES, ROWS))
        for _ in range(3)
    ]


def compared(mistake: Mistake) -> Outcome:
    """The Chain against a port."""
    chain = Chain()
    optimizer = chainer.optimizers.MomentumSGD(lr=LR, momentum=0.9).setup(chain)
    optimizer.add_hook(chainer.optimizer_hooks.WeightDecay(DECAY))
    left = Training(chain, lambda m, x, t: F.softmax_cross_entropy(m(x), t), optimizer)
    model = mistake.network()
    return compare(left, Training(model, mistake.loss, mistake.optimizer(model)), batches(), updates=5)


def test_the_faithful_port_agrees() -> None:
    outcome = compared(Mistake("", ()))
    assert outcome.verdict == "agree", str(outcome)
    assert outcome.settings == []
    assert outcome.agreeing_weights == outcome.trained_weights == 10


@pytest.mark.parametrize("name", MISTAKES)
def test_a_mistake_is_found_and_named(name: str) -> None:
    mistake = MISTAKES[name]
    outcome = compared(mistake)
    assert outcome.verdict == "disagree"
    assert outcome.first is not None
    assert outcome.first.kind == mistake.kind, str(outcome)
    for text in mistake.said:
        assert text in str(outcome)
