"""What the ports have in common: their trainings and their data."""

from typing import Any

import numpy as np
import torch
import torch.nn.functional as nnF
from torch import nn

from backends.capture.training import Training
from backends.contract import Array
from lockstep import import_chainer

chainer: Any = import_chainer()
F = chainer.functions
LR = 0.05
Pair = tuple[Training, Training, list[tuple[Any, ...]]]
"""The trainings on both sides, and their batches."""


def classifiers(
    chain: Any, module: nn.Module, x: Array, t: Array, *, momentum: float = 0.0, decay: float = 0.0
) -> Pair:
    """Both trained by softmax cross entropy, on the same optimizer."""
    left = chainer.optimizers.MomentumSGD(lr=LR, momentum=momentum) if momentum else chainer.optimizers.SGD(lr=LR)
    left.setup(chain)
    if decay:
        left.add_hook(chainer.optimizer_hooks.WeightDecay(decay))
    right = torch.optim.SGD(module.parameters(), lr=LR, momentum=momentum, weight_decay=decay)
    return (
        Training(chain, lambda m, x, t: F.softmax_cross_entropy(m(x), t), left),
        Training(module, lambda m, x, t: nnF.cross_entropy(m(x), t), right),
        [(x, t)],
    )


def normal(*shape: int) -> Array:
    """Standard normal numbers in float32."""
    return np.random.RandomState(len(shape)).standard_normal(shape).astype(np.float32)


def labels(count: int, classes: int) -> Array:
    """Labels of so many classes."""
    return np.random.RandomState(count).randint(0, classes, count)
