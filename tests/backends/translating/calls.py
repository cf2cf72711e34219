"""What calls of both frameworks' functions are made of, and trainings of nothing but one of them."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import torch
from torch import nn

from backends.capture.training import Training
from lockstep import import_chainer

chainer: Any = import_chainer()
F = chainer.functions
Called = tuple[Sequence[tuple[int, ...]], Callable[..., Any], Sequence[Any]]
"""The shapes of the weights, a function of them and of a batch, and the batch."""

LABELS = np.array([2, 0, 1, 2])
SEGMENTS = np.array([[1, 0, 2], [2, 2, 0]])
IDS = np.array([[0, 3, 1], [4, 4, 2]])


def real(*shape: int, seed: int = 5) -> Any:
    """Numbers away from ties and kinks."""
    return np.random.RandomState(seed).uniform(0.2, 0.9, shape)


def sum_of(outputs: Sequence[Any]) -> Any:
    """The sum of the elements of several tensors, each with a weight of its own."""
    return sum(
        (i + 1) * output.sum() if isinstance(output, torch.Tensor) else (i + 1) * F.sum(output)
        for i, output in enumerate(outputs)
    )


class TorchWeights(nn.Module):
    """Nothing but weights."""

    def __init__(self, shapes: Sequence[tuple[int, ...]]) -> None:
        super().__init__()
        self.weights = nn.ParameterList(torch.from_numpy(real(*shape, seed=i)) for i, shape in enumerate(shapes))


class ChainerWeights(chainer.Link):  # type: ignore[misc]
    """Nothing but weights."""

    def __init__(self, shapes: Sequence[tuple[int, ...]]) -> None:
        super().__init__()
        with self.init_scope():
            for i, shape in enumerate(shapes):
                setattr(self, f"w{i}", chainer.Parameter(real(*shape, seed=i)))


def training(framework: str, called: Called) -> Training:
    """A training whose loss is the weighted sum of what the function gives."""
    shapes, function, _ = called
    if framework == "torch":
        return Training(TorchWeights(shapes), lambda m, *batch: total(function(*m.weights, *batch)))
    weights = ChainerWeights(shapes)
    names = [f"w{i}" for i in range(len(shapes))]
    return Training(weights, lambda m, *batch: total(function(*(getattr(m, name) for name in names), *batch)))


def total(y: Any) -> Any:
    """The sum of the elements, each with a weight of its own, so that no mistake cancels."""
    weights = real(*y.shape, seed=77)
    return (y * torch.from_numpy(weights)).sum() if isinstance(y, torch.Tensor) else F.sum(y * weights)
