"""VGG with batch normalisation and dropout, in both frameworks: the network of Chainer's CIFAR example."""

from itertools import pairwise
from typing import Any

import numpy as np
import torch
import torch.nn.functional as nnF
from torch import Tensor, nn

from backends.capture.training import Training
from lockstep import import_chainer

chainer: Any = import_chainer()
F, L = chainer.functions, chainer.links
BLOCKS = (
    (64, (0.3, None)),
    (128, (0.4, None)),
    (256, (0.4, 0.4, None)),
    (512, (0.4, 0.4, None)),
    (512, (0.4, 0.4, None)),
)
"""Channels, and the ratio of the dropout after each convolution; the last one is pooled instead."""
CLASSES = 10
CHAINERS_EPS = 2e-5


class ChainerBlock(chainer.Chain):  # type: ignore[misc]
    """A convolution without bias, batch normalisation, ReLU."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        with self.init_scope():
            self.conv = L.Convolution2D(None, channels, 3, pad=1, nobias=True)
            self.bn = L.BatchNormalization(channels)

    def forward(self, x: Any) -> Any:
        return F.relu(self.bn(self.conv(x)))


class ChainerVGG(chainer.Chain):  # type: ignore[misc]
    """All blocks, and two linear layers."""

    def __init__(self, narrower: int = 1) -> None:
        super().__init__()
        self.ratios = [ratio for _, ratios in BLOCKS for ratio in ratios]
        with self.init_scope():
            self.blocks = chainer.ChainList(*(ChainerBlock(c // narrower) for c, ratios in BLOCKS for _ in ratios))
            self.fc1 = L.Linear(None, 512 // narrower, nobias=True)
            self.bn_fc1 = L.BatchNormalization(512 // narrower)
            self.fc2 = L.Linear(None, CLASSES, nobias=True)

    def forward(self, x: Any) -> Any:
        h = x
        for block, ratio in zip(self.blocks, self.ratios, strict=True):
            h = block(h)
            h = F.max_pooling_2d(h, 2, 2) if ratio is None else F.dropout(h, ratio)
        h = F.dropout(h, 0.5)
        h = F.relu(self.bn_fc1(self.fc1(h)))
        return self.fc2(F.dropout(h, 0.5))


class TorchBlock(nn.Module):
    """A convolution without bias, batch normalisation, ReLU."""

    def __init__(self, before: int, channels: int, eps: float) -> None:
        super().__init__()
        self.conv = nn.Conv2d(before, channels, 3, padding=1, bias=False)
        self.bn = nn.BatchNorm2d(channels, eps=eps)

    def forward(self, x: Tensor) -> Tensor:
        return nnF.relu(self.bn(self.conv(x)))


class TorchVGG(nn.Module):
    """All blocks, and two linear layers."""

    def __init__(self, narrower: int = 1, eps: float = CHAINERS_EPS, second_ratio: float = 0.4) -> None:
        super().__init__()
        self.ratios = [ratio for _, ratios in BLOCKS for ratio in ratios]
        self.ratios[2] = second_ratio
        widths = [3, *(channels // narrower for channels, ratios in BLOCKS for _ in ratios)]
        self.blocks = nn.ModuleList(TorchBlock(before, after, eps) for before, after in pairwise(widths))
        self.fc1 = nn.Linear(widths[-1], 512 // narrower, bias=False)
        self.bn_fc1 = nn.BatchNorm1d(512 // narrower, eps=eps)
        self.fc2 = nn.Linear(512 // narrower, CLASSES, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        h = x
        for block, ratio in zip(self.blocks, self.ratios, strict=True):
            h = block(h)
            h = nnF.max_pool2d(h, 2, 2) if ratio is None else nnF.dropout(h, ratio, self.training)
        h = nnF.dropout(h.flatten(1), 0.5, self.training)
        h = nnF.relu(self.bn_fc1(self.fc1(h)))
        return self.fc2(nnF.dropout(h, 0.5, self.training))  # type: ignore[no-any-return]


def batches(rows: int) -> list[tuple[Any, Any]]:
    """Images of 32 by 32 pixels, and labels."""
    random = np.random.RandomState(11)
    return [(random.standard_normal((rows, 3, 32, 32)).astype(np.float32), random.randint(0, CLASSES, rows))]


def in_chainer(model: Any) -> Training:
    """The Chain's training, by plain gradient descent."""
    optimizer = chainer.optimizers.SGD(lr=0.01).setup(model)
    return Training(model, lambda m, x, t: F.softmax_cross_entropy(m(x), t), optimizer)


def in_torch(model: nn.Module) -> Training:
    """The Module's training."""
    optimizer = torch.optim.SGD(model.parameters(), lr=0.01)
    return Training(model, lambda m, x, t: nnF.cross_entropy(m(x), t), optimizer)
