"""An LSTM language model, unrolled over the words of a sequence: the network of Chainer's PTB example."""

from typing import Any

import numpy as np
import torch
import torch.nn.functional as nnF
from torch import Tensor, nn

from backends.capture.training import Training
from lockstep import import_chainer

chainer: Any = import_chainer()
F, L = chainer.functions, chainer.links
WORDS, UNITS, ROWS, STEPS = 15, 6, 3, 35


class ChainerModel(chainer.Chain):  # type: ignore[misc]
    """Words, two LSTMs that keep their state, and scores for the next word."""

    def __init__(self) -> None:
        super().__init__()
        with self.init_scope():
            self.embed = L.EmbedID(WORDS, UNITS)
            self.l1 = L.LSTM(UNITS, UNITS)
            self.l2 = L.LSTM(UNITS, UNITS)
            self.l3 = L.Linear(UNITS, WORDS)

    def reset_state(self) -> None:
        self.l1.reset_state()
        self.l2.reset_state()

    def forward(self, x: Any) -> Any:
        h0 = self.embed(x)
        h1 = self.l1(F.dropout(h0))
        h2 = self.l2(F.dropout(h1))
        return self.l3(F.dropout(h2))


def chainer_loss(model: Any, words: Any) -> Any:
    """The sum over all steps of the next word's cross entropy."""
    model.reset_state()
    return sum(F.softmax_cross_entropy(model(words[:, i]), words[:, i + 1]) for i in range(STEPS))


class TorchModel(nn.Module):
    """The same with cells whose state the loop hands on."""

    def __init__(self) -> None:
        super().__init__()
        self.embed = nn.Embedding(WORDS, UNITS)
        self.l1 = nn.LSTMCell(UNITS, UNITS)
        self.l2 = nn.LSTMCell(UNITS, UNITS)
        self.l3 = nn.Linear(UNITS, WORDS)

    def forward(self, x: Tensor, states: list[Any]) -> tuple[Tensor, list[Any]]:
        h0 = self.embed(x)
        first = self.l1(nnF.dropout(h0, training=self.training), states[0])
        second = self.l2(nnF.dropout(first[0], training=self.training), states[1])
        return self.l3(nnF.dropout(second[0], training=self.training)), [first, second]


def torch_loss(model: nn.Module, words: Tensor) -> Any:
    """The sum over all steps of the next word's cross entropy."""
    states: list[Any] = [None, None]
    loss = torch.zeros(())
    for i in range(STEPS):
        scores, states = model(words[:, i], states)
        loss = loss + nnF.cross_entropy(scores, words[:, i + 1])
    return loss


def batches() -> list[tuple[Any]]:
    """Sequences of words, one a row."""
    return [(np.random.RandomState(3).randint(0, WORDS, (ROWS, STEPS + 1)),)]


def in_chainer() -> Training:
    """The Chain's training, without an optimizer: gradients alone."""
    return Training(ChainerModel(), chainer_loss)


def in_torch() -> Training:
    """The Module's training."""
    return Training(TorchModel(), torch_loss)
