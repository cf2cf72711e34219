"""Functions that draw random numbers only in training, and how they know that they are in training."""

from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from backends.compatibility.chainer import import_chainer
from backends.differences.difference import Code, difference

chainer = import_chainer()
F = chainer.functions
Variable = Any  # Chainer has no types


@difference(
    "layer",
    chainer="chainer.functions.dropout(x, ratio=0.5): drops only while chainer.config.train is True",
    torch="torch.nn.functional.dropout(input, p=0.5, training=True): drops unless it is told not to",
)
def dropout_in_evaluation() -> Code:
    """The function dropout follows chainer.config.train; PyTorch's goes on dropping after model.eval()."""

    def in_chainer(x: Variable) -> Variable:
        with chainer.using_config("train", False):
            return F.dropout(x)

    def naive(x: Tensor) -> Tensor:
        return nn.functional.dropout(x)

    def normalised(x: Tensor) -> Tensor:
        return nn.functional.dropout(x, training=False)

    return Code(in_chainer=in_chainer, naive=naive, normalised=normalised, inputs=lambda random: (random.randn(4, 3),))


@difference(
    "default",
    chainer="chainer.functions.rrelu(x, l=0.125, u=0.3333333333333333): draws while chainer.config.train is True",
    torch="torch.nn.functional.rrelu(input, lower=0.125, upper=0.3333333333333333, training=False)",
)
def rrelu_in_training() -> Code:
    """The function rrelu draws its slopes in Chainer; PyTorch's takes their mean unless training=True is given."""

    def in_chainer(x: Variable) -> Variable:
        return F.rrelu(x)

    def naive(x: Tensor) -> Tensor:
        return nn.functional.rrelu(x)

    def normalised(x: Tensor) -> Tensor:
        # training=True draws as well, but from PyTorch's generator; these are the slopes that Chainer draws.
        slopes = torch.from_numpy(np.random.uniform(1 / 8, 1 / 3, tuple(x.shape)))
        return torch.where(x >= 0, x, slopes * x)

    return Code(in_chainer=in_chainer, naive=naive, normalised=normalised, inputs=lambda random: (random.randn(4, 3),))
