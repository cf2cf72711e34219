"""Networks over sequences of words, written anew from their papers, each as a Chain and as a Module."""

from typing import Any

import numpy as np
import torch
import torch.nn.functional as nnF
from torch import Tensor, nn

from backends.capture.training import Training
from lockstep import import_chainer
from tests.harness.comparing.ports.pair import Pair, classifiers, labels

chainer: Any = import_chainer()
F, L = chainer.functions, chainer.links
WORDS, UNITS, HIDDEN, CLASSES, LENGTH, ROWS = 11, 6, 5, 3, 5, 3


def words() -> Any:
    """Sequences of one length."""
    return np.random.RandomState(8).randint(0, WORDS, (ROWS, LENGTH))


class ChainerGRU(chainer.Chain):  # type: ignore[misc]
    """A sentence's class from the last state."""

    def __init__(self) -> None:
        super().__init__()
        with self.init_scope():
            self.embed = L.EmbedID(WORDS, UNITS)
            self.rnn = L.NStepGRU(2, UNITS, HIDDEN, 0.0)
            self.scores = L.Linear(HIDDEN, CLASSES)

    def forward(self, x: Any) -> Any:
        state, _ = self.rnn(None, [self.embed(row) for row in x])
        return self.scores(state[-1])


class TorchGRU(nn.Module):
    """The same, on whole arrays."""

    def __init__(self) -> None:
        super().__init__()
        self.embed = nn.Embedding(WORDS, UNITS)
        self.rnn = nn.GRU(UNITS, HIDDEN, num_layers=2, batch_first=True)
        self.scores = nn.Linear(HIDDEN, CLASSES)

    def start(self, x: Tensor) -> Tensor | None:
        return None

    def last(self, state: Tensor) -> Tensor:
        return state[-1]

    def forward(self, x: Tensor) -> Tensor:
        _, state = self.rnn(self.embed(x), self.start(x))
        return self.scores(self.last(state))  # type: ignore[no-any-return]


def gru(module: type[TorchGRU] = TorchGRU) -> Pair:
    """A classifier with two layers of GRU."""
    return classifiers(ChainerGRU(), module(), words(), labels(ROWS, CLASSES), momentum=0.9)


class ChainerTagger(chainer.Chain):  # type: ignore[misc]
    """A tag for every word from both directions."""

    def __init__(self) -> None:
        super().__init__()
        with self.init_scope():
            self.embed = L.EmbedID(WORDS, UNITS)
            self.rnn = L.NStepBiLSTM(1, UNITS, HIDDEN, 0.0)
            self.scores = L.Linear(2 * HIDDEN, CLASSES)

    def forward(self, x: Any) -> Any:
        _, _, states = self.rnn(None, None, [self.embed(row) for row in x])
        return self.scores(F.concat(states, axis=0))


class TorchTagger(nn.Module):
    """The same, on whole arrays."""

    def __init__(self) -> None:
        super().__init__()
        self.embed = nn.Embedding(WORDS, UNITS)
        self.rnn = nn.LSTM(UNITS, HIDDEN, bidirectional=True, batch_first=True)
        self.scores = nn.Linear(2 * HIDDEN, CLASSES)

    def forward(self, x: Tensor) -> Tensor:
        states, _ = self.rnn(self.embed(x))
        return self.scores(states.flatten(0, 1))  # type: ignore[no-any-return]


def tagger() -> Pair:
    """Tags by a bidirectional LSTM."""
    return classifiers(ChainerTagger(), TorchTagger(), words(), words().reshape(-1) % CLASSES)


HEADS, WIDTH = 2, 8


class ChainerTransformer(chainer.Chain):  # type: ignore[misc]
    """One encoder block: attention, then a network at every place (Vaswani et al. 2017)."""

    def __init__(self) -> None:
        super().__init__()
        with self.init_scope():
            self.embed = L.EmbedID(WORDS, WIDTH)
            self.query = L.Linear(WIDTH, WIDTH)
            self.key = L.Linear(WIDTH, WIDTH)
            self.value = L.Linear(WIDTH, WIDTH)
            self.out = L.Linear(WIDTH, WIDTH)
            self.norm1 = L.LayerNormalization(WIDTH)
            self.inner = L.Linear(WIDTH, 12)
            self.outer = L.Linear(12, WIDTH)
            self.norm2 = L.LayerNormalization(WIDTH)
            self.scores = L.Linear(WIDTH, CLASSES)

    def attention(self, x: Any) -> Any:
        rows, length, _ = x.shape

        def heads(link: Any) -> Any:
            split = F.reshape(link(x, n_batch_axes=2), (rows, length, HEADS, WIDTH // HEADS))
            return F.transpose(split, (0, 2, 1, 3))

        q, k, v = heads(self.query), heads(self.key), heads(self.value)
        weights = F.softmax(F.matmul(q, k, transb=True) / (WIDTH // HEADS) ** 0.5, axis=3)
        joined = F.reshape(F.transpose(F.matmul(weights, v), (0, 2, 1, 3)), (rows, length, WIDTH))
        return self.out(joined, n_batch_axes=2)

    def forward(self, x: Any) -> Any:
        rows, length = x.shape
        h = self.embed(x)
        h = F.reshape(h + self.attention(h), (rows * length, WIDTH))
        h = self.norm1(h)
        h = self.norm2(h + self.outer(F.relu(self.inner(h))))
        return self.scores(F.reshape(h, (rows, length, WIDTH))[:, 0])


class TorchTransformer(nn.Module):
    """The same by nn.MultiheadAttention."""

    eps = 1e-6

    def __init__(self) -> None:
        super().__init__()
        self.embed = nn.Embedding(WORDS, WIDTH)
        self.attention = nn.MultiheadAttention(WIDTH, HEADS, batch_first=True)
        self.norm1 = nn.LayerNorm(WIDTH, eps=self.eps)
        self.inner = nn.Linear(WIDTH, 12)
        self.outer = nn.Linear(12, WIDTH)
        self.norm2 = nn.LayerNorm(WIDTH, eps=self.eps)
        self.scores = nn.Linear(WIDTH, CLASSES)

    def attended(self, h: Tensor) -> Tensor:
        return h + self.attention(h, h, h)[0]  # type: ignore[no-any-return]

    def forward(self, x: Tensor) -> Tensor:
        h = self.norm1(self.attended(self.embed(x)))
        h = self.norm2(h + self.outer(torch.relu(self.inner(h))))
        return self.scores(h[:, 0])  # type: ignore[no-any-return]


def transformer(module: type[TorchTransformer] = TorchTransformer) -> Pair:
    """An encoder block and a class."""
    return classifiers(ChainerTransformer(), module(), words(), labels(ROWS, CLASSES))


class ChainerTextCNN(chainer.Chain):  # type: ignore[misc]
    """Convolutions of three widths over the words, the largest of each filter (Kim 2014)."""

    def __init__(self) -> None:
        super().__init__()
        with self.init_scope():
            self.embed = L.EmbedID(WORDS, UNITS, ignore_label=-1)
            self.conv2 = L.Convolution2D(1, 3, (2, UNITS))
            self.conv3 = L.Convolution2D(1, 3, (3, UNITS))
            self.conv4 = L.Convolution2D(1, 3, (4, UNITS))
            self.scores = L.Linear(9, CLASSES)

    def forward(self, x: Any) -> Any:
        h = F.expand_dims(self.embed(x), 1)
        pooled = [F.squeeze(F.max(F.relu(conv(h)), axis=2), 2) for conv in (self.conv2, self.conv3, self.conv4)]
        return self.scores(F.dropout(F.concat(pooled), 0.4))


class TorchTextCNN(nn.Module):
    """The same by convolutions along one axis, whose weights have another shape."""

    def __init__(self) -> None:
        super().__init__()
        self.embed = nn.Embedding(WORDS, UNITS)
        self.convs = nn.ModuleList(nn.Conv2d(1, 3, (width, UNITS)) for width in (2, 3, 4))
        self.scores = nn.Linear(9, CLASSES)

    def joined(self, pooled: list[Tensor]) -> Tensor:
        return torch.cat(pooled, dim=1)

    def forward(self, x: Tensor) -> Tensor:
        h = self.embed(x)[:, None]
        pooled = [torch.relu(conv(h)).squeeze(3).amax(dim=2) for conv in self.convs]
        return self.scores(nnF.dropout(self.joined(pooled), 0.4, self.training))  # type: ignore[no-any-return]


def text_cnn(module: type[TorchTextCNN] = TorchTextCNN) -> Pair:
    """A sentence's class by three widths of convolution."""
    return classifiers(ChainerTextCNN(), module(), words(), labels(ROWS, CLASSES))


class ChainerMemory(chainer.Chain):  # type: ignore[misc]
    """Answers a question by attending to sentences, with a vector for each sentence's age (Sukhbaatar et al. 2015)."""

    def __init__(self) -> None:
        super().__init__()
        with self.init_scope():
            self.to_memory = L.EmbedID(WORDS, UNITS)
            self.to_output = L.EmbedID(WORDS, UNITS)
            self.to_question = L.EmbedID(WORDS, UNITS)
            self.memory_age = chainer.Parameter(chainer.initializers.Normal(0.5), (3, UNITS))
            self.output_age = chainer.Parameter(chainer.initializers.Normal(0.5), (3, UNITS))
            self.answer = L.Linear(UNITS, WORDS, nobias=True)

    def forward(self, sentences: Any, question: Any) -> Any:
        memory = F.sum(self.to_memory(sentences), axis=2)
        memory = memory + F.broadcast_to(self.memory_age, memory.shape)
        output = F.sum(self.to_output(sentences), axis=2)
        output = output + F.broadcast_to(self.output_age, output.shape)
        u = F.sum(self.to_question(question), axis=1)
        for _ in range(2):
            attention = F.softmax(F.squeeze(F.matmul(memory, F.expand_dims(u, 2)), 2))
            u = u + F.squeeze(F.matmul(F.expand_dims(attention, 1), output), 1)
        return self.answer(u)


class TorchMemory(nn.Module):
    """The same by einsum."""

    axis = 1

    def __init__(self) -> None:
        super().__init__()
        self.to_memory = nn.Embedding(WORDS, UNITS)
        self.to_output = nn.Embedding(WORDS, UNITS)
        self.to_question = nn.Embedding(WORDS, UNITS)
        self.memory_age = nn.Parameter(torch.zeros(3, UNITS))
        self.output_age = nn.Parameter(torch.zeros(3, UNITS))
        self.answer = nn.Linear(UNITS, WORDS, bias=False)

    def forward(self, sentences: Tensor, question: Tensor) -> Tensor:
        memory = self.to_memory(sentences).sum(dim=2) + self.memory_age
        output = self.to_output(sentences).sum(dim=2) + self.output_age
        u = self.to_question(question).sum(dim=1)
        for _ in range(2):
            attention = torch.softmax(torch.einsum("nsu,nu->ns", memory, u), dim=self.axis)
            u = u + torch.einsum("ns,nsu->nu", attention, output)
        return self.answer(u)  # type: ignore[no-any-return]


def memory_network(module: type[TorchMemory] = TorchMemory) -> Pair:
    """Two hops over three sentences."""
    random = np.random.RandomState(9)
    sentences, question = random.randint(0, WORDS, (ROWS, 3, 4)), random.randint(0, WORDS, (ROWS, 4))
    chain, port = ChainerMemory(), module()
    left, right, _ = classifiers(chain, port, sentences, labels(ROWS, WORDS))
    return (
        Training(chain, lambda m, s, q, t: F.softmax_cross_entropy(m(s, q), t), left.optimizer),
        Training(port, lambda m, s, q, t: nnF.cross_entropy(m(s, q), t), right.optimizer),
        [(sentences, question, labels(ROWS, WORDS))],
    )
