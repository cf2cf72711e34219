"""Tensors themselves: mixed dtypes and augmented assignments."""

from typing import Any

import numpy as np
import torch
from torch import Tensor

from backends.compatibility.chainer import import_chainer
from backends.differences.difference import Code, difference

chainer = import_chainer()
F = chainer.functions
Variable = Any  # Chainer has no types


@difference(
    "layer",
    chainer="chainer.functions.matmul(a, b): of any two floating dtypes",
    torch="torch.matmul(): of one dtype",
    raises=RuntimeError,
)
def mixed_dtypes() -> Code:
    """A product of float64 and float32 is float64 in Chainer and an error in PyTorch."""

    def in_chainer(x: Variable, w: Variable) -> Variable:
        return F.matmul(x, F.cast(w, np.float32))

    def naive(x: Tensor, w: Tensor) -> Tensor:
        return torch.matmul(x, w.float())

    def normalised(x: Tensor, w: Tensor) -> Tensor:
        return torch.matmul(x, w.float().to(x.dtype))

    return Code(
        in_chainer=in_chainer,
        naive=naive,
        normalised=normalised,
        inputs=lambda random: (random.randn(4, 3), random.randn(3, 2)),
    )


@difference(
    "layer",
    chainer="chainer.Variable(data=None): x += y makes a new variable",
    torch="torch.Tensor.add_(): x += y writes into x",
)
def augmented_assignment() -> Code:
    """After y = h, y += 1 leaves h alone in Chainer and changes it in PyTorch, as in a residual block."""

    def in_chainer(x: Variable) -> tuple[Variable, Variable]:
        h = 2 * x
        y = h
        y += 1
        return h, y

    def naive(x: Tensor) -> tuple[Tensor, Tensor]:
        h = 2 * x
        y = h
        y += 1
        return h, y

    def normalised(x: Tensor) -> tuple[Tensor, Tensor]:
        h = 2 * x
        y = h
        y = y + 1
        return h, y

    return Code(in_chainer=in_chainer, naive=naive, normalised=normalised, inputs=lambda random: (random.randn(2, 3),))
