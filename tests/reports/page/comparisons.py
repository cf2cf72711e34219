"""Comparisons for the tests of their pages: of small Modules, so that they are quick."""

from functools import cache

import numpy as np
import torch
import torch.nn.functional as nnF
from torch import Tensor, nn

from backends.capture.training import Batch, Training
from harness.comparing.comparison import Comparison
from harness.comparing.document.outcome import Outcome

STEPS = 12


class Network(nn.Module):
    """One layer, normalised, and then the same layer at every step."""

    def __init__(self, eps: float = 1e-5, *, is_detached: bool = False) -> None:
        super().__init__()
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(1)
            self.affine = nn.Linear(5, 4)
            self.norm = nn.BatchNorm1d(4, eps=eps)
            self.repeated = nn.Linear(4, 4)
        self.is_detached = is_detached

    def forward(self, x: Tensor) -> Tensor:
        h: Tensor = self.norm(self.affine(x))
        if self.is_detached:
            h = h.detach()
        for _ in range(STEPS):
            h = torch.tanh(self.repeated(h))
        return h


def training(network: Network, lr: float = 0.1) -> Training:
    """By plain gradient descent."""
    optimizer = torch.optim.SGD(network.parameters(), lr=lr)
    return Training(network, lambda m, x, t: nnF.cross_entropy(m(x), t), optimizer)


def batches() -> list[Batch]:
    """Rows of float32, and labels."""
    random = np.random.RandomState(3)
    return [(random.standard_normal((8, 5)).astype(np.float32), random.randint(0, 4, 8)) for _ in range(2)]


@cache
def agreeing() -> Outcome:
    """Two of the same."""
    return Comparison(training(Network()), training(Network()), batches(), 3, name="agreeing").run()


@cache
def parting() -> Outcome:
    """One with another eps, and another learning rate."""
    return Comparison(training(Network()), training(Network(eps=1e-3), lr=0.2), batches(), 3, name="parting").run()


@cache
def detached() -> Outcome:
    """One with a detach too many."""
    right = training(Network(is_detached=True))
    return Comparison(training(Network()), right, batches(), 3, name="detached").run()
