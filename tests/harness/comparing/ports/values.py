"""Networks over rows of numbers: one that estimates values of actions, and one of other activations."""

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
FEATURES, ACTIONS, ROWS, DISCOUNT = 4, 3, 6, 0.9


class ChainerQNetwork(chainer.Chain):  # type: ignore[misc]
    """Values of the actions, and an older network for the targets (Mnih et al. 2015)."""

    def __init__(self) -> None:
        super().__init__()
        with self.init_scope():
            self.hidden = L.Linear(FEATURES, 8)
            self.values = L.Linear(8, ACTIONS)
            self.old_hidden = L.Linear(FEATURES, 8)
            self.old_values = L.Linear(8, ACTIONS)

    def forward(self, state: Any, action: Any, reward: Any, following: Any) -> Any:
        value = F.select_item(self.values(F.relu(self.hidden(state))), action)
        with chainer.no_backprop_mode():
            best = F.max(self.old_values(F.relu(self.old_hidden(following))), axis=1)
        target = reward + DISCOUNT * best.array
        return F.mean(F.huber_loss(value, target, 1.0, reduce="no"))


class TorchQNetwork(nn.Module):
    """The same."""

    def __init__(self) -> None:
        super().__init__()
        self.hidden = nn.Linear(FEATURES, 8)
        self.values = nn.Linear(8, ACTIONS)
        self.old_hidden = nn.Linear(FEATURES, 8)
        self.old_values = nn.Linear(8, ACTIONS)

    def target(self, reward: Tensor, following: Tensor) -> Tensor:
        with torch.no_grad():
            best: Tensor = self.old_values(torch.relu(self.old_hidden(following))).amax(dim=1)
            return reward + DISCOUNT * best

    def loss(self, value: Tensor, target: Tensor) -> Tensor:
        return nnF.huber_loss(value, target)

    def forward(self, state: Tensor, action: Tensor, reward: Tensor, following: Tensor) -> Tensor:
        value = self.values(torch.relu(self.hidden(state))).gather(1, action[:, None])[:, 0]
        return self.loss(value, self.target(reward, following))


def q_network(module: type[TorchQNetwork] = TorchQNetwork) -> Pair:
    """One batch of transitions, by RMSprop."""
    chain, port = ChainerQNetwork(), module()
    random = np.random.RandomState(10)
    state, following = normal(ROWS, FEATURES), -normal(ROWS, FEATURES)
    batch = (state, random.randint(0, ACTIONS, ROWS), 3 * random.standard_normal(ROWS).astype(np.float32), following)
    left = chainer.optimizers.RMSprop(lr=0.01, alpha=0.95, eps=1e-6).setup(chain)
    right = torch.optim.RMSprop(port.parameters(), lr=0.01, alpha=0.95, eps=1e-6)
    return Training(chain, lambda m, *b: m(*b), left), Training(port, lambda m, *b: m(*b), right), [batch]


class ChainerActivations(chainer.Chain):  # type: ignore[misc]
    """A layer for each of some activations, and group normalisation."""

    def __init__(self) -> None:
        super().__init__()
        with self.init_scope():
            self.l1 = L.Linear(FEATURES, 6)
            self.slope = L.PReLU((6,))
            self.l2 = L.Linear(6, 6)
            self.norm = L.GroupNormalization(2, 6)
            self.l3 = L.Linear(6, 6)
            self.l4 = L.Linear(6, 6)
            self.l5 = L.Linear(6, ACTIONS)

    def forward(self, x: Any) -> Any:
        h = self.slope(self.l1(x))
        h = F.selu(self.norm(self.l2(h)))
        h = F.elu(self.l3(h), 0.7)
        return self.l5(F.softplus(self.l4(h)))


class TorchActivations(nn.Module):
    """The same."""

    slopes = 6

    def __init__(self) -> None:
        super().__init__()
        self.layers = nn.Sequential(
            nn.Linear(FEATURES, 6),
            nn.PReLU(self.slopes),
            nn.Linear(6, 6),
            nn.GroupNorm(2, 6),
            nn.SELU(),
            nn.Linear(6, 6),
            nn.ELU(0.7),
            nn.Linear(6, 6),
            nn.Softplus(),
            nn.Linear(6, ACTIONS),
        )

    def forward(self, x: Tensor) -> Tensor:
        return self.layers(x)  # type: ignore[no-any-return]


def activations(module: type[TorchActivations] = TorchActivations) -> Pair:
    """PReLU, SELU, ELU and softplus."""
    return classifiers(ChainerActivations(), module(), normal(ROWS, FEATURES), labels(ROWS, ACTIONS))
