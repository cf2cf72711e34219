"""More networks of Chainer's examples, each in both frameworks: adversarial images, sequences, words, trees."""

from typing import Any

import numpy as np
import torch
import torch.nn.functional as nnF
from torch import Tensor, nn

from backends.capture.training import Training
from lockstep import import_chainer

chainer: Any = import_chainer()
F, L = chainer.functions, chainer.links
LR = 0.05
Pair = tuple[Training, Training, list[tuple[Any, ...]]]
"""The trainings on both sides, and their batches."""


def trainings(
    chain: Any, chainer_loss: Any, module: nn.Module, torch_loss: Any, batches: list[tuple[Any, ...]]
) -> Pair:
    """Both by plain gradient descent."""
    left = Training(chain, chainer_loss, chainer.optimizers.SGD(lr=LR).setup(chain))
    return left, Training(module, torch_loss, torch.optim.SGD(module.parameters(), lr=LR)), batches


class ChainerGenerator(chainer.Chain):  # type: ignore[misc]
    """Noise to images by deconvolutions, as in DCGAN."""

    def __init__(self) -> None:
        super().__init__()
        with self.init_scope():
            self.l0 = L.Linear(5, 8 * 4 * 4)
            self.bn0 = L.BatchNormalization(8 * 4 * 4)
            self.dc1 = L.Deconvolution2D(8, 4, 4, 2, 1)
            self.bn1 = L.BatchNormalization(4)
            self.dc2 = L.Deconvolution2D(4, 3, 3, 1, 1)

    def forward(self, z: Any) -> Any:
        h = F.reshape(F.relu(self.bn0(self.l0(z))), (len(z), 8, 4, 4))
        h = F.relu(self.bn1(self.dc1(h)))
        return F.sigmoid(self.dc2(h))


class ChainerDiscriminator(chainer.Chain):  # type: ignore[misc]
    """Images to a score by convolutions with strides."""

    def __init__(self) -> None:
        super().__init__()
        with self.init_scope():
            self.c0 = L.Convolution2D(3, 4, 3, 1, 1)
            self.c1 = L.Convolution2D(4, 6, 4, 2, 1)
            self.bn1 = L.BatchNormalization(6, use_gamma=True)
            self.l2 = L.Linear(6 * 4 * 4, 1)

    def forward(self, x: Any) -> Any:
        h = F.leaky_relu(self.c0(x))
        h = F.leaky_relu(self.bn1(self.c1(h)))
        return self.l2(h)


def dcgan() -> Pair:
    """The generator's loss: the discriminator's score of what it makes. Both are trained on it, for simplicity."""
    chain = chainer.ChainList(ChainerGenerator(), ChainerDiscriminator())
    generator = nn.Sequential(
        nn.Linear(5, 8 * 4 * 4),
        nn.BatchNorm1d(8 * 4 * 4, eps=2e-5),
        nn.ReLU(),
        nn.Unflatten(1, (8, 4, 4)),
        nn.ConvTranspose2d(8, 4, 4, 2, 1),
        nn.BatchNorm2d(4, eps=2e-5),
        nn.ReLU(),
        nn.ConvTranspose2d(4, 3, 3, 1, 1),
        nn.Sigmoid(),
    )
    discriminator = nn.Sequential(
        nn.Conv2d(3, 4, 3, 1, 1),
        nn.LeakyReLU(0.2),
        nn.Conv2d(4, 6, 4, 2, 1),
        nn.BatchNorm2d(6, eps=2e-5),
        nn.LeakyReLU(0.2),
        nn.Flatten(),
        nn.Linear(6 * 4 * 4, 1),
    )
    noise = np.random.RandomState(0).uniform(-1, 1, (6, 5)).astype(np.float32)
    return trainings(
        chain,
        lambda m, z: F.sum(F.softplus(-m[1](m[0](z)))) / len(z),
        nn.Sequential(generator, discriminator),
        lambda m, z: nnF.softplus(-m(z)).sum() / len(z),
        [(noise,)],
    )


WORDS, UNITS, LENGTH = 11, 6, 5


class ChainerSeq2seq(chainer.Chain):  # type: ignore[misc]
    """An encoder whose last state starts a decoder."""

    def __init__(self) -> None:
        super().__init__()
        with self.init_scope():
            self.embed_x = L.EmbedID(WORDS, UNITS)
            self.embed_y = L.EmbedID(WORDS, UNITS)
            self.encoder = L.NStepLSTM(2, UNITS, UNITS, 0.0)
            self.decoder = L.NStepLSTM(2, UNITS, UNITS, 0.0)
            self.scores = L.Linear(UNITS, WORDS)

    def forward(self, x: Any, y: Any) -> Any:
        h, c, _ = self.encoder(None, None, [self.embed_x(row) for row in x])
        _, _, states = self.decoder(h, c, [self.embed_y(row[:-1]) for row in y])
        return F.softmax_cross_entropy(self.scores(F.concat(states, axis=0)), np.concatenate([row[1:] for row in y]))


class TorchSeq2seq(nn.Module):
    """The same, on whole arrays."""

    def __init__(self) -> None:
        super().__init__()
        self.embed_x = nn.Embedding(WORDS, UNITS)
        self.embed_y = nn.Embedding(WORDS, UNITS)
        self.encoder = nn.LSTM(UNITS, UNITS, num_layers=2, batch_first=True)
        self.decoder = nn.LSTM(UNITS, UNITS, num_layers=2, batch_first=True)
        self.scores = nn.Linear(UNITS, WORDS)

    def forward(self, x: Tensor, y: Tensor) -> Tensor:
        _, state = self.encoder(self.embed_x(x))
        states, _ = self.decoder(self.embed_y(y[:, :-1]), state)
        return nnF.cross_entropy(self.scores(states).flatten(0, 1), y[:, 1:].flatten())


def seq2seq() -> Pair:
    """Translation of sequences of one length."""
    random = np.random.RandomState(2)
    words = [random.randint(0, WORDS, (4, LENGTH)) for _ in range(2)]
    return trainings(
        ChainerSeq2seq(), lambda m, x, y: m(x, y), TorchSeq2seq(), lambda m, x, y: m(x, y), [(words[0], words[1])]
    )


def word2vec() -> Pair:
    """A skip-gram: each word's vector scores the words around it."""
    chain = chainer.Chain()
    with chain.init_scope():
        chain.embed = L.EmbedID(WORDS, UNITS, initialW=chainer.initializers.Uniform(0.5))
        chain.out = L.Linear(UNITS, WORDS)
    module = nn.ModuleDict({"embed": nn.Embedding(WORDS, UNITS), "out": nn.Linear(UNITS, WORDS)})
    random = np.random.RandomState(3)
    words, contexts = random.randint(0, WORDS, 7), random.randint(0, WORDS, (7, 4))

    def chainer_loss(m: Any, x: Any, contexts: Any) -> Any:
        e = m.embed(contexts)
        rows, around = contexts.shape
        x = F.reshape(F.broadcast_to(x[:, None], (rows, around)), (rows * around,))
        return F.softmax_cross_entropy(m.out(F.reshape(e, (rows * around, UNITS))), x)

    def torch_loss(m: Any, x: Tensor, contexts: Tensor) -> Tensor:
        scores = m["out"](m["embed"](contexts)).flatten(0, 1)
        return nnF.cross_entropy(scores, x[:, None].expand(-1, contexts.shape[1]).flatten())

    return trainings(chain, chainer_loss, module, torch_loss, [(words, contexts)])


def sentiment() -> Pair:
    """A recursive network: a tree's nodes from their children, and a label for each."""
    chain = chainer.Chain()
    with chain.init_scope():
        chain.embed = L.EmbedID(WORDS, UNITS)
        chain.join = L.Linear(2 * UNITS, UNITS)
        chain.label = L.Linear(UNITS, 3)
    module = nn.ModuleDict(
        {"label": nn.Linear(UNITS, 3), "join": nn.Linear(2 * UNITS, UNITS), "embed": nn.Embedding(WORDS, UNITS)}
    )
    leaves, labels = np.array([3, 1, 4, 5]), np.array([0, 1, 2, 1, 0, 2, 1])

    def chainer_loss(m: Any, leaves: Any, labels: Any) -> Any:
        nodes = list(F.separate(m.embed(leaves), axis=0))
        nodes = [F.reshape(node, (1, UNITS)) for node in nodes]
        for left, right in ((0, 1), (2, 3), (4, 5)):
            nodes.append(F.tanh(m.join(F.concat((nodes[left], nodes[right]), axis=1))))
        return sum(F.softmax_cross_entropy(m.label(n), labels[i : i + 1]) for i, n in enumerate(nodes))

    def torch_loss(m: Any, leaves: Tensor, labels: Tensor) -> Any:
        nodes = list(m["embed"](leaves).split(1))
        for left, right in ((0, 1), (2, 3), (4, 5)):
            nodes.append(torch.tanh(m["join"](torch.cat((nodes[left], nodes[right]), dim=1))))
        return sum(nnF.cross_entropy(m["label"](n), labels[i : i + 1]) for i, n in enumerate(nodes))

    return trainings(chain, chainer_loss, module, torch_loss, [(leaves, labels)])
