"""Small networks of both frameworks, old ones and their ports, as files that a user would have."""

CHAINER = '''
import chainer
import chainer.functions as F
import chainer.links as L


class Digits(chainer.Chain):
    """Convolutions, of which the first learns its input from the data."""

    def __init__(self):
        super().__init__()
        with self.init_scope():
            self.conv1 = L.Convolution2D(None, 4, 3, pad=1)
            self.conv2 = L.Convolution2D(4, 4, 3, pad=1)
            self.conv3 = L.Convolution2D(4, 4, 3, pad=1)
            self.bn = L.BatchNormalization(4)
            self.fc = L.Linear(64, 5)

    def forward(self, x):
        h = F.relu(self.conv3(F.relu(self.conv2(F.relu(self.conv1(x))))))
        return self.fc(self.bn(h))


class Words(chainer.Chain):
    """Two LSTMs, one step after the other."""

    def __init__(self):
        super().__init__()
        with self.init_scope():
            self.embed = L.EmbedID(10, 6)
            self.l1 = L.LSTM(6, 6)
            self.l2 = L.LSTM(6, 6)
            self.l3 = L.Linear(6, 10)

    def forward(self, x):
        self.l1.reset_state()
        self.l2.reset_state()
        steps = [self.l3(self.l2(self.l1(self.embed(x[:, i])))) for i in range(x.shape[1])]
        return F.stack(steps, axis=1)


class Twins(chainer.Chain):
    """Two layers of one shape that only their names tell apart."""

    def __init__(self):
        super().__init__()
        with self.init_scope():
            self.mu = L.Linear(4, 3)
            self.ln_sigma = L.Linear(4, 3)

    def forward(self, x):
        return self.mu(x), self.ln_sigma(x)


def Stacked():
    """Links of one shape with functions between them, which a Sequential numbers 0, 2, 1."""
    return chainer.Sequential(L.Linear(4, 4), F.relu, L.Linear(4, 4), F.relu, L.Linear(4, 4))


class Gated(chainer.Chain):
    def __init__(self):
        super().__init__()
        with self.init_scope():
            self.gru = L.StatelessGRU(4, 5)


class Scaled(chainer.Chain):
    """A weight of its own beside a layer."""

    def __init__(self):
        super().__init__()
        with self.init_scope():
            self.fc = L.Linear(4, 3)
            self.scale = chainer.Parameter(2.0, (3,))

    def forward(self, x):
        return self.fc(x) * F.broadcast_to(self.scale, (len(x), 3))
'''

TORCH = """
import torch
from torch import nn


class Digits(nn.Module):
    def __init__(self, eps=2e-5):
        super().__init__()
        self.features = nn.Sequential(
            nn.Conv2d(3, 4, 3, padding=1),
            nn.ReLU(),
            nn.Conv2d(4, 4, 3, padding=1),
            nn.ReLU(),
            nn.Conv2d(4, 4, 3, padding=1),
            nn.ReLU(),
        )
        self.norm = nn.BatchNorm2d(4, eps=eps)
        self.out = nn.Linear(64, 5)

    def forward(self, x):
        return self.out(self.norm(self.features(x)).flatten(1))


def with_the_default_eps():
    return Digits(eps=1e-5)


class Words(nn.Module):
    def __init__(self):
        super().__init__()
        self.embed = nn.Embedding(10, 6)
        self.rnn = nn.LSTM(6, 6, 2, batch_first=True)
        self.l3 = nn.Linear(6, 10)

    def forward(self, x):
        return self.l3(self.rnn(self.embed(x))[0])


class Twins(nn.Module):
    def __init__(self):
        super().__init__()
        self.mean = nn.Linear(4, 3)
        self.log_variance = nn.Linear(4, 3)

    def forward(self, x):
        return self.mean(x), self.log_variance(x)


def Stacked():
    return nn.Sequential(nn.Linear(4, 4), nn.ReLU(), nn.Linear(4, 4), nn.ReLU(), nn.Linear(4, 4))


class Gated(nn.Module):
    def __init__(self):
        super().__init__()
        self.gru = nn.GRUCell(4, 5)


class Scaled(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(4, 3)
        self.scale = nn.Parameter(torch.ones(3))

    def forward(self, x):
        return self.fc(x) * self.scale


class Sized(nn.Module):
    def __init__(self, n_units):
        super().__init__()


class Failing(nn.Module):
    def __init__(self):
        super().__init__()
        raise RuntimeError("no such data")


NUMBER = 3
"""
