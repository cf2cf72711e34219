"""Networks over images and signals, written anew from their papers, each as a Chain and as a Module."""

from typing import Any

import numpy as np
import torch
import torch.nn.functional as nnF
from torch import Tensor, nn

from backends.capture.training import Training
from lockstep import import_chainer
from tests.harness.comparing.ports.pair import Pair, classifiers, labels, normal

chainer: Any = import_chainer()
F, L = chainer.functions, chainer.links
EPS = 2e-5
"""Of Chainer's batch normalisation."""
CLASSES = 3


class ChainerAlexNet(chainer.Chain):  # type: ignore[misc]
    """Convolutions with local response normalisation and overlapping pooling, then dropout (Krizhevsky et al. 2012)."""

    def __init__(self) -> None:
        super().__init__()
        with self.init_scope():
            self.conv1 = L.Convolution2D(None, 4, 5, stride=2)
            self.conv2 = L.Convolution2D(None, 6, 3, pad=1)
            self.fc1 = L.Linear(None, 8)
            self.fc2 = L.Linear(None, CLASSES)

    def forward(self, x: Any) -> Any:
        h = F.max_pooling_2d(F.local_response_normalization(F.relu(self.conv1(x))), 3, stride=2)
        h = F.max_pooling_2d(F.local_response_normalization(F.relu(self.conv2(h))), 3, stride=2)
        return self.fc2(F.dropout(F.relu(self.fc1(h))))


class TorchAlexNet(nn.Module):
    """Chainer's normalisation takes the sum over the channels, PyTorch's the mean."""

    alpha = 5e-4

    def __init__(self) -> None:
        super().__init__()
        self.features = nn.Sequential(
            nn.Conv2d(2, 4, 5, stride=2),
            nn.ReLU(),
            nn.LocalResponseNorm(5, alpha=self.alpha, beta=0.75, k=2.0),
            nn.MaxPool2d(3, 2, ceil_mode=True),
            nn.Conv2d(4, 6, 3, padding=1),
            nn.ReLU(),
            nn.LocalResponseNorm(5, alpha=self.alpha, beta=0.75, k=2.0),
            nn.MaxPool2d(3, 2, ceil_mode=True),
            nn.Flatten(),
        )
        self.classifier = nn.Sequential(nn.Linear(24, 8), nn.ReLU(), nn.Dropout(), nn.Linear(8, CLASSES))

    def forward(self, x: Tensor) -> Tensor:
        return self.classifier(self.features(x))  # type: ignore[no-any-return]


def alexnet(module: type[TorchAlexNet] = TorchAlexNet) -> Pair:
    """Momentum and decay, as in the paper."""
    return classifiers(ChainerAlexNet(), module(), normal(5, 2, 20, 20), labels(5, CLASSES), decay=0.01)


class ChainerInception(chainer.Chain):  # type: ignore[misc]
    """One block of GoogLeNet: four branches side by side (Szegedy et al. 2014), and an average over the image."""

    def __init__(self) -> None:
        super().__init__()
        with self.init_scope():
            self.conv1 = L.Convolution2D(3, 2, 1)
            self.reduce3 = L.Convolution2D(3, 2, 1)
            self.conv3 = L.Convolution2D(2, 4, 3, pad=1)
            self.reduce5 = L.Convolution2D(3, 2, 1)
            self.conv5 = L.Convolution2D(2, 3, 5, pad=2)
            self.projection = L.Convolution2D(3, 2, 1)
            self.scores = L.Linear(11, CLASSES)

    def forward(self, x: Any) -> Any:
        one = self.conv1(x)
        three = self.conv3(F.relu(self.reduce3(x)))
        five = self.conv5(F.relu(self.reduce5(x)))
        pooled = self.projection(F.max_pooling_2d(x, 3, stride=1, pad=1))
        h = F.relu(F.concat((one, three, five, pooled), axis=1))
        return self.scores(F.average_pooling_2d(h, h.shape[2:]))


class TorchInception(nn.Module):
    """Branches as modules of their own."""

    def __init__(self) -> None:
        super().__init__()
        self.one = nn.Conv2d(3, 2, 1)
        self.three = nn.Sequential(nn.Conv2d(3, 2, 1), nn.ReLU(), nn.Conv2d(2, 4, 3, padding=1))
        self.five = nn.Sequential(nn.Conv2d(3, 2, 1), nn.ReLU(), nn.Conv2d(2, 3, 5, padding=2))
        self.pooled = nn.Sequential(nn.MaxPool2d(3, 1, 1), nn.Conv2d(3, 2, 1))
        self.scores = nn.Linear(11, CLASSES)

    def joined(self, branches: list[Tensor]) -> Tensor:
        return torch.cat(branches, dim=1)

    def forward(self, x: Tensor) -> Tensor:
        h = torch.relu(self.joined([self.one(x), self.three(x), self.five(x), self.pooled(x)]))
        return self.scores(nnF.adaptive_avg_pool2d(h, 1).flatten(1))  # type: ignore[no-any-return]


def inception(module: type[TorchInception] = TorchInception) -> Pair:
    """GoogLeNet's block."""
    return classifiers(ChainerInception(), module(), normal(4, 3, 6, 6), labels(4, CLASSES))


class ChainerBottleneck(chainer.Chain):  # type: ignore[misc]
    """1×1, 3×3, 1×1, and a projection beside them (He et al. 2015)."""

    def __init__(self, channels: int, middle: int, out: int, stride: int) -> None:
        super().__init__()
        with self.init_scope():
            self.conv1 = L.Convolution2D(channels, middle, 1, stride, 0, nobias=True)
            self.bn1 = L.BatchNormalization(middle)
            self.conv2 = L.Convolution2D(middle, middle, 3, 1, 1, nobias=True)
            self.bn2 = L.BatchNormalization(middle)
            self.conv3 = L.Convolution2D(middle, out, 1, 1, 0, nobias=True)
            self.bn3 = L.BatchNormalization(out)
            self.conv4 = L.Convolution2D(channels, out, 1, stride, 0, nobias=True)
            self.bn4 = L.BatchNormalization(out)

    def forward(self, x: Any) -> Any:
        h = F.relu(self.bn1(self.conv1(x)))
        h = F.relu(self.bn2(self.conv2(h)))
        return F.relu(self.bn3(self.conv3(h)) + self.bn4(self.conv4(x)))


class TorchBottleneck(nn.Module):
    """The same."""

    momentum, normalisation = 0.1, nn.BatchNorm2d

    def __init__(self, channels: int, middle: int, out: int, stride: int) -> None:
        super().__init__()
        self.main = nn.Sequential(
            nn.Conv2d(channels, middle, 1, stride, bias=False),
            self.normalisation(middle, EPS, self.momentum),
            nn.ReLU(),
            nn.Conv2d(middle, middle, 3, padding=1, bias=False),
            self.normalisation(middle, EPS, self.momentum),
            nn.ReLU(),
            nn.Conv2d(middle, out, 1, bias=False),
            self.normalisation(out, EPS, self.momentum),
        )
        self.shortcut = nn.Sequential(
            nn.Conv2d(channels, out, 1, stride, bias=False), self.normalisation(out, EPS, self.momentum)
        )

    def forward(self, x: Tensor) -> Tensor:
        return torch.relu(self.main(x) + self.shortcut(x))


def average_of_image(h: Any) -> Any:
    return F.average(h, axis=(2, 3))


def resnet(block: type[TorchBottleneck] = TorchBottleneck) -> Pair:
    """Two bottleneck blocks, the second with a stride."""
    chain = chainer.Sequential(
        ChainerBottleneck(2, 3, 6, 1),
        ChainerBottleneck(6, 3, 8, 2),
        average_of_image,
        L.Linear(8, CLASSES),
    )
    module = nn.Sequential(
        block(2, 3, 6, 1), block(6, 3, 8, 2), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(8, CLASSES)
    )
    return classifiers(chain, module, normal(4, 2, 6, 6), labels(4, CLASSES), momentum=0.9)


class ChainerSeparable(chainer.Chain):  # type: ignore[misc]
    """A filter for each channel, then 1×1 across the channels (Howard et al. 2017)."""

    def __init__(self) -> None:
        super().__init__()
        with self.init_scope():
            self.depthwise = L.DepthwiseConvolution2D(3, 2, 3, pad=1)
            self.pointwise = L.Convolution2D(6, 4, 1)
            self.bn = L.BatchNormalization(4)
            self.scores = L.Linear(4 * 3 * 3, CLASSES)

    def forward(self, x: Any) -> Any:
        h = F.clipped_relu(self.depthwise(x), 6.0)
        h = F.clipped_relu(self.bn(self.pointwise(h)), 6.0)
        return self.scores(F.average_pooling_2d(h, 3, stride=2, pad=1))


class TorchSeparable(nn.Module):
    """The same by groups."""

    counts_padding = True

    def __init__(self) -> None:
        super().__init__()
        self.depthwise = nn.Conv2d(3, 6, 3, padding=1, groups=3)
        self.pointwise = nn.Conv2d(6, 4, 1)
        self.bn = nn.BatchNorm2d(4, eps=EPS)
        self.scores = nn.Linear(4 * 3 * 3, CLASSES)

    def forward(self, x: Tensor) -> Tensor:
        h = nnF.relu6(self.depthwise(x))
        h = nnF.relu6(self.bn(self.pointwise(h)))
        pooled = nnF.avg_pool2d(h, 3, 2, 1, count_include_pad=self.counts_padding)
        return self.scores(pooled.flatten(1))  # type: ignore[no-any-return]


def separable(module: type[TorchSeparable] = TorchSeparable) -> Pair:
    """Depthwise-separable convolutions."""
    return classifiers(ChainerSeparable(), module(), normal(4, 3, 5, 5), labels(4, CLASSES))


LEVELS, SAMPLES = 4, 10


class ChainerWaveNet(chainer.Chain):  # type: ignore[misc]
    """Dilated causal convolutions with gates, residuals and skips (van den Oord et al. 2016)."""

    def __init__(self) -> None:
        super().__init__()
        with self.init_scope():
            self.first = L.Convolution1D(LEVELS, 3, 1)
            self.filters = chainer.ChainList(*(L.Convolution1D(3, 3, 2, pad=d, dilate=d) for d in (1, 2, 4)))
            self.gates = chainer.ChainList(*(L.Convolution1D(3, 3, 2, pad=d, dilate=d) for d in (1, 2, 4)))
            self.skips = chainer.ChainList(*(L.Convolution1D(3, 3, 1) for _ in range(3)))
            self.scores = L.ConvolutionND(1, 3, LEVELS, 1)

    def forward(self, x: Any) -> Any:
        h, total = self.first(x), 0
        for filtered, gate, skip in zip(self.filters, self.gates, self.skips, strict=True):
            z = F.tanh(filtered(h)[:, :, :SAMPLES]) * F.sigmoid(gate(h)[:, :, :SAMPLES])
            z = skip(z)
            total, h = total + z, h + z
        return self.scores(F.relu(total))


class TorchWaveNet(nn.Module):
    """The same, padded on the left alone."""

    dilations = (1, 2, 4)

    def __init__(self) -> None:
        super().__init__()
        self.first = nn.Conv1d(LEVELS, 3, 1)
        self.filters = nn.ModuleList(nn.Conv1d(3, 3, 2, dilation=d) for d in self.dilations)
        self.gates = nn.ModuleList(nn.Conv1d(3, 3, 2, dilation=d) for d in self.dilations)
        self.skips = nn.ModuleList(nn.Conv1d(3, 3, 1) for _ in range(3))
        self.scores = nn.Conv1d(3, LEVELS, 1)

    def gated(self, filtered: Tensor, gate: Tensor) -> Tensor:
        return torch.tanh(filtered) * torch.sigmoid(gate)

    def forward(self, x: Tensor) -> Tensor:
        h = self.first(x)
        total = torch.zeros_like(h)
        for dilation, filtered, gate, skip in zip(self.dilations, self.filters, self.gates, self.skips, strict=True):
            padded = nnF.pad(h, (dilation, 0))
            z = skip(self.gated(filtered(padded), gate(padded)))
            total, h = total + z, h + z
        return self.scores(torch.relu(total))  # type: ignore[no-any-return]


def wavenet(module: type[TorchWaveNet] = TorchWaveNet) -> Pair:
    """A signal's next level from those before it: a score for each sample."""
    levels = np.random.RandomState(5).randint(0, LEVELS, (2, SAMPLES + 1))
    x = np.eye(LEVELS, dtype=np.float32)[levels[:, :-1]].transpose(0, 2, 1).copy()
    return classifiers(ChainerWaveNet(), module(), x, levels[:, 1:].copy())


class ChainerAutoencoder(chainer.Chain):  # type: ignore[misc]
    """Reconstructs what noise was added to, by the transposed weights (Vincent et al. 2010)."""

    def __init__(self) -> None:
        super().__init__()
        with self.init_scope():
            self.encoder = L.Linear(8, 5)
            self.bias = chainer.Parameter(0.1, 8)

    def forward(self, x: Any) -> Any:
        hidden = F.sigmoid(self.encoder(F.dropout(x, 0.3)))
        return F.linear(hidden, F.transpose(self.encoder.W), self.bias)


class TorchAutoencoder(nn.Module):
    """The same."""

    def __init__(self) -> None:
        super().__init__()
        self.encoder = nn.Linear(8, 5)
        self.bias = nn.Parameter(torch.zeros(8))

    def hidden(self, x: Tensor) -> Tensor:
        return torch.sigmoid(self.encoder(nnF.dropout(x, 0.3)))

    def forward(self, x: Tensor) -> Tensor:
        return nnF.linear(self.hidden(x), self.encoder.weight.T, self.bias)


def autoencoder(module: type[TorchAutoencoder] = TorchAutoencoder) -> Pair:
    """With tied weights, and cross entropy against the image without noise."""
    chain, port = ChainerAutoencoder(), module()
    x = np.random.RandomState(6).uniform(0, 1, (6, 8)).astype(np.float32)
    left = Training(
        chain,
        lambda m, x: F.bernoulli_nll(x, m(x)) / x.size,
        chainer.optimizers.AdaGrad(lr=0.05, eps=1e-8).setup(chain),
    )
    right = Training(
        port,
        lambda m, x: nnF.binary_cross_entropy_with_logits(m(x), x),
        torch.optim.Adagrad(port.parameters(), lr=0.05, eps=1e-8),
    )
    return left, right, [(x,)]
