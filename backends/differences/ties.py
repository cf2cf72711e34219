"""Gradients where several answers are right: at equal values and at the kink of a function."""

from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from backends.compatibility.chainer import import_chainer
from backends.contract import Array
from backends.differences.difference import Code, difference

chainer = import_chainer()
F = chainer.functions
Variable = Any  # Chainer has no types


def equal_largest(random: np.random.RandomState) -> tuple[Array, ...]:
    """Rows in which one, two and three elements are the largest."""
    return (np.array([[0.5, 3.0, 1.0, -2.0], [2.0, 0.5, 2.0, 1.0], [4.0, 4.0, 1.0, 4.0]]),)


@difference(
    "tie",
    chainer="chainer.functions.max(x, axis=None): the whole gradient to each of the largest",
    torch="torch.amax(): an equal share of the gradient to each of the largest",
)
def max_ties_shared() -> Code:
    """Among equal largest values, Chainer's max gives each the whole gradient; amax shares it out."""

    def in_chainer(x: Variable) -> Variable:
        return F.max(x, axis=1)

    def naive(x: Tensor) -> Tensor:
        return x.amax(dim=1)

    def normalised(x: Tensor) -> Tensor:
        y = x.amax(dim=1)
        ties = (x == y[:, None]).sum(dim=1)
        return y.detach() + ties * (y - y.detach())

    return Code(in_chainer=in_chainer, naive=naive, normalised=normalised, inputs=equal_largest)


@difference(
    "tie",
    chainer="chainer.functions.max(x, axis=None): the whole gradient to each of the largest",
    torch="torch.max(): with dim, the whole gradient to one of the largest",
)
def max_ties_to_one() -> Code:
    """Among equal largest values, Chainer's max gives each the whole gradient; max(dim) gives it to one of them."""

    def in_chainer(x: Variable) -> Variable:
        return F.max(x, axis=1)

    def naive(x: Tensor) -> Tensor:
        return x.max(dim=1).values

    def normalised(x: Tensor) -> Tensor:
        y = x.amax(dim=1)
        ties = (x == y[:, None]).sum(dim=1)
        return y.detach() + ties * (y - y.detach())

    return Code(in_chainer=in_chainer, naive=naive, normalised=normalised, inputs=equal_largest)


@difference(
    "tie",
    chainer="chainer.functions.maximum(x1, x2): the gradient to x1",
    torch="torch.maximum(): half of the gradient to each",
)
def maximum_ties() -> Code:
    """Where maximum or minimum has equal arguments, Chainer gives the first the gradient, PyTorch half to each."""

    def in_chainer(x: Variable, y: Variable) -> Variable:
        return F.maximum(x, y), F.minimum(x, y)

    def naive(x: Tensor, y: Tensor) -> tuple[Tensor, Tensor]:
        return torch.maximum(x, y), torch.minimum(x, y)

    def normalised(x: Tensor, y: Tensor) -> tuple[Tensor, Tensor]:
        return torch.where(x >= y, x, y), torch.where(x <= y, x, y)

    return Code(
        in_chainer=in_chainer,
        naive=naive,
        normalised=normalised,
        inputs=lambda random: (np.array([1.0, 2.0, 3.0]), np.array([1.0, 3.0, 2.0])),
    )


@difference(
    "tie",
    chainer="chainer.functions.clipped_relu(x, z=20.0): no gradient at 0 and at z",
    torch="torch.clamp(): the whole gradient at both ends",
)
def clipped_relu_ends() -> Code:
    """At exactly 0 and at its cap, clipped_relu has no gradient; clamp passes all of it."""

    def in_chainer(x: Variable) -> Variable:
        return F.clipped_relu(x, 2.0)

    def naive(x: Tensor) -> Tensor:
        return x.clamp(0, 2)

    def normalised(x: Tensor) -> Tensor:
        return nn.functional.hardtanh(x, 0, 2)

    return Code(
        in_chainer=in_chainer,
        naive=naive,
        normalised=normalised,
        inputs=lambda random: (np.array([-1.0, 0.0, 1.0, 2.0, 3.0]),),
    )


@difference(
    "tie",
    chainer="chainer.functions.prelu(x, W): slope 1 at 0",
    torch="torch.nn.functional.prelu(): slope W at 0",
)
def prelu_at_zero() -> Code:
    """At exactly 0, prelu's gradient is that of the right side in Chainer and that of the left side in PyTorch."""

    def in_chainer(x: Variable, w: Variable) -> Variable:
        return F.prelu(x, w)

    def naive(x: Tensor, w: Tensor) -> Tensor:
        return nn.functional.prelu(x, w)

    def normalised(x: Tensor, w: Tensor) -> Tensor:
        return torch.where(x >= 0, x, w * x)

    return Code(
        in_chainer=in_chainer,
        naive=naive,
        normalised=normalised,
        inputs=lambda random: (np.array([[-1.0, 0.0, 2.0], [0.0, 1.0, -3.0]]), random.rand(3)),
    )


@difference(
    "tie",
    chainer="chainer.functions.triplet(anchor, positive, negative, margin=0.2): no gradient where a term is exactly 0",
    torch="torch.nn.functional.triplet_margin_with_distance_loss(): all of it, as triplet_margin_loss",
)
def triplet_at_the_margin() -> Code:
    """A triplet whose distances are exactly the margin apart has no gradient in Chainer, and all of it in PyTorch."""

    def in_chainer(anchor: Variable, positive: Variable, negative: Variable) -> Variable:
        return F.triplet(anchor, positive, negative, margin=1.0)

    def naive(anchor: Tensor, positive: Tensor, negative: Tensor) -> Tensor:
        def squared(a: Tensor, b: Tensor) -> Tensor:
            return (a - b).square().sum(1)

        return nn.functional.triplet_margin_with_distance_loss(
            anchor, positive, negative, distance_function=squared, margin=1.0
        )

    def normalised(anchor: Tensor, positive: Tensor, negative: Tensor) -> Tensor:
        near = (anchor - positive).square().sum(1)
        far = (anchor - negative).square().sum(1)
        return nn.functional.relu(near - far + 1.0).mean()

    return Code(
        in_chainer=in_chainer,
        naive=naive,
        normalised=normalised,
        inputs=lambda random: (
            np.array([[0.0, 0.0], [1.0, 2.0]]),
            np.array([[0.5, 0.0], [1.0, 1.0]]),
            np.array([[1.0, 0.5], [2.0, 2.0]]),
        ),
    )
