"""Three linear layers with ReLU, in both frameworks: the network of Chainer's first example."""

from typing import Any

import numpy as np
import torch
import torch.nn.functional as nnF
from torch import Tensor, nn

from backends.capture.training import Training
from lockstep import import_chainer

chainer: Any = import_chainer()
F, L = chainer.functions, chainer.links
UNITS, CLASSES, FEATURES, ROWS = 20, 5, 12, 8


class ChainerMLP(chainer.Chain):  # type: ignore[misc]
    """As a Chain, whose layers learn their input's size from the first batch."""

    def __init__(self) -> None:
        super().__init__()
        with self.init_scope():
            self.l1 = L.Linear(None, UNITS)
            self.l2 = L.Linear(None, UNITS)
            self.l3 = L.Linear(None, CLASSES)

    def forward(self, x: Any) -> Any:
        h1 = F.relu(self.l1(x))
        h2 = F.relu(self.l2(h1))
        return self.l3(h2)


class TorchMLP(nn.Module):
    """As a Module."""

    def __init__(self) -> None:
        super().__init__()
        self.l1 = nn.Linear(FEATURES, UNITS)
        self.l2 = nn.Linear(UNITS, UNITS)
        self.l3 = nn.Linear(UNITS, CLASSES)

    def forward(self, x: Tensor) -> Tensor:
        h1 = torch.relu(self.l1(x))
        h2 = torch.relu(self.l2(h1))
        return self.l3(h2)  # type: ignore[no-any-return]


class DetachedMLP(TorchMLP):
    """With one detach too many."""

    def forward(self, x: Tensor) -> Tensor:
        h1 = torch.relu(self.l1(x))
        h2 = torch.relu(self.l2(h1.detach()))
        return self.l3(h2)  # type: ignore[no-any-return]


def batches(count: int = 4) -> list[tuple[Any, Any]]:
    """Rows of float32, and labels."""
    random = np.random.RandomState(7)
    return [
        (random.standard_normal((ROWS, FEATURES)).astype(np.float32), random.randint(0, CLASSES, ROWS))
        for _ in range(count)
    ]


def in_chainer(optimizer: Any, model: Any = None) -> Training:
    """The Chain's training."""
    model = model or ChainerMLP()
    return Training(model, lambda m, x, t: F.softmax_cross_entropy(m(x), t), optimizer.setup(model))


def in_torch(model: nn.Module, optimizer: Any, **settings: Any) -> Training:
    """The Module's training, with an optimizer's class and settings."""
    return Training(model, lambda m, x, t: nnF.cross_entropy(m(x), t), optimizer(model.parameters(), **settings))
