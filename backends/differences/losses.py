"""Losses over distances and densities: what is summed, squared and scaled."""

from typing import Any

import numpy as np
import torch
from torch import Tensor, distributions, nn

from backends.compatibility.chainer import import_chainer
from backends.contract import Array
from backends.differences.difference import Code, difference

chainer = import_chainer()
F = chainer.functions
Variable = Any  # Chainer has no types


@difference(
    "loss",
    chainer="chainer.functions.huber_loss(x, t, delta, reduce='sum_along_second_axis')",
    torch="torch.nn.functional.huber_loss(input, target, reduction='mean', delta=1.0)",
    matters=lambda settings: settings["reduction"] == "sum_along_second_axis",
)
def huber_axis() -> Code:
    """huber_loss sums over axis 1 in Chainer, one loss per row; PyTorch's is the mean of all elements."""

    def in_chainer(x: Variable, t: Variable) -> Variable:
        return F.huber_loss(x, t, 0.5)

    def naive(x: Tensor, t: Tensor) -> Tensor:
        return nn.functional.huber_loss(x, t, delta=0.5)

    def normalised(x: Tensor, t: Tensor) -> Tensor:
        return nn.functional.huber_loss(x, t, delta=0.5, reduction="none").sum(1)

    return Code(
        in_chainer=in_chainer,
        naive=naive,
        normalised=normalised,
        inputs=lambda random: (random.randn(4, 3), random.randn(4, 3)),
    )


@difference(
    "loss",
    chainer="chainer.functions.huber_loss(x, t, delta): slope 1 at 0, delta in the tails",
    torch="torch.nn.functional.smooth_l1_loss(input, target, beta=1.0): the Huber loss divided by beta",
)
def huber_or_smooth_l1() -> Code:
    """smooth_l1_loss is huber_loss divided by its delta."""

    def in_chainer(x: Variable, t: Variable) -> Variable:
        return F.huber_loss(x, t, 0.5, reduce="no")

    def naive(x: Tensor, t: Tensor) -> Tensor:
        return nn.functional.smooth_l1_loss(x, t, beta=0.5, reduction="none")

    def normalised(x: Tensor, t: Tensor) -> Tensor:
        return nn.functional.huber_loss(x, t, delta=0.5, reduction="none")

    return Code(
        in_chainer=in_chainer,
        naive=naive,
        normalised=normalised,
        inputs=lambda random: (random.randn(4, 3), random.randn(4, 3)),
    )


@difference(
    "loss",
    chainer="chainer.functions.triplet(anchor, positive, negative, margin=0.2): squared distances",
    torch="torch.nn.functional.triplet_margin_loss(anchor, positive, negative, margin=1.0, p=2, eps=1e-06): distances",
)
def triplet() -> Code:
    """triplet takes squared distances and a margin of 0.2; triplet_margin_loss takes distances and a margin of 1."""

    def in_chainer(anchor: Variable, positive: Variable, negative: Variable) -> Variable:
        return F.triplet(anchor, positive, negative)

    def naive(anchor: Tensor, positive: Tensor, negative: Tensor) -> Tensor:
        return nn.functional.triplet_margin_loss(anchor, positive, negative)

    def normalised(anchor: Tensor, positive: Tensor, negative: Tensor) -> Tensor:
        near = (anchor - positive).square().sum(1)
        far = (anchor - negative).square().sum(1)
        return nn.functional.relu(near - far + 0.2).mean()

    return Code(
        in_chainer=in_chainer,
        naive=naive,
        normalised=normalised,
        inputs=lambda random: (random.randn(5, 3), random.randn(5, 3), random.randn(5, 3)),
    )


@difference(
    "loss",
    chainer="chainer.functions.contrastive(x0, x1, y, margin=1): by the distance; 0 where two points are one",
    torch="torch.nn.PairwiseDistance(p=2.0, eps=1e-06): adds eps to every difference",
)
def contrastive_distance() -> Code:
    """PyTorch has no contrastive loss; its pairwise_distance adds 1e-6, which pushes equal points apart."""

    def in_chainer(x0: Variable, x1: Variable, y: Array) -> Variable:
        return F.contrastive(x0, x1, y)

    def naive(x0: Tensor, x1: Tensor, y: Tensor) -> Tensor:
        distance = nn.functional.pairwise_distance(x0, x1)
        return (y * distance**2 + (1 - y) * nn.functional.relu(1 - distance) ** 2).mean() / 2

    def normalised(x0: Tensor, x1: Tensor, y: Tensor) -> Any:
        distance = torch.linalg.vector_norm(x0 - x1, dim=1)
        return (y * distance**2 + (1 - y) * nn.functional.relu(1 - distance) ** 2).mean() / 2

    def inputs(random: np.random.RandomState) -> tuple[Array, ...]:
        x = random.randn(4, 3)
        return x, x + 0.3 * np.array([[1.0], [1.0], [0.0], [0.0]]) * random.randn(4, 3), np.array([0, 1, 0, 1])

    return Code(in_chainer=in_chainer, naive=naive, normalised=normalised, inputs=inputs)


@difference(
    "loss",
    chainer="chainer.functions.gaussian_kl_divergence(mean, ln_var, reduce='sum'): the logarithm of the variance",
    torch="torch.distributions.Normal(loc, scale): the standard deviation",
)
def gaussian_kl_divergence() -> Code:
    """A Gaussian's width is the logarithm of its variance in Chainer and its standard deviation in PyTorch."""

    def in_chainer(mean: Variable, ln_var: Variable) -> Variable:
        return F.gaussian_kl_divergence(mean, ln_var)

    def naive(mean: Tensor, ln_var: Tensor) -> Tensor:
        q = distributions.Normal(mean, ln_var.exp())
        return distributions.kl_divergence(q, distributions.Normal(0, 1)).sum()

    def normalised(mean: Tensor, ln_var: Tensor) -> Tensor:
        q = distributions.Normal(mean, (ln_var / 2).exp())
        return distributions.kl_divergence(q, distributions.Normal(0, 1)).sum()

    return Code(
        in_chainer=in_chainer,
        naive=naive,
        normalised=normalised,
        inputs=lambda random: (random.randn(4, 3), random.randn(4, 3)),
    )


@difference(
    "loss",
    chainer="chainer.functions.gaussian_nll(x, mean, ln_var, reduce='sum'): with the constant ln(2π)/2",
    torch="torch.nn.functional.gaussian_nll_loss(input, target, var, full=False, reduction='mean'): without it",
)
def gaussian_nll() -> Code:
    """gaussian_nll is a sum with its constant ½·ln(2π) in Chainer; PyTorch's is a mean without it."""

    def in_chainer(x: Variable, mean: Variable, ln_var: Variable) -> Variable:
        return F.gaussian_nll(x, mean, ln_var)

    def naive(x: Tensor, mean: Tensor, ln_var: Tensor) -> Tensor:
        return nn.functional.gaussian_nll_loss(mean, x, ln_var.exp())

    def normalised(x: Tensor, mean: Tensor, ln_var: Tensor) -> Tensor:
        return nn.functional.gaussian_nll_loss(mean, x, ln_var.exp(), full=True, reduction="sum")

    return Code(
        in_chainer=in_chainer,
        naive=naive,
        normalised=normalised,
        inputs=lambda random: (random.randn(4, 3), random.randn(4, 3), random.randn(4, 3)),
    )


@difference(
    "loss",
    chainer="chainer.functions.bernoulli_nll(x, y, reduce='sum'): target first",
    torch="torch.nn.functional.binary_cross_entropy_with_logits(input, target, reduction='mean'): target last",
)
def bernoulli_nll() -> Code:
    """bernoulli_nll takes the target first and sums; PyTorch takes it last and averages."""

    def in_chainer(x: Variable, y: Variable) -> Variable:
        return F.bernoulli_nll(x, y)

    def naive(x: Tensor, y: Tensor) -> Tensor:
        return nn.functional.binary_cross_entropy_with_logits(x, y)

    def normalised(x: Tensor, y: Tensor) -> Tensor:
        return nn.functional.binary_cross_entropy_with_logits(y, x, reduction="sum")

    return Code(
        in_chainer=in_chainer,
        naive=naive,
        normalised=normalised,
        inputs=lambda random: (random.rand(4, 3), random.randn(4, 3)),
    )


@difference(
    "loss",
    chainer="chainer.kl_divergence(dist1, dist2): NaN where a probability of dist1 is 0",
    torch="torch.nn.functional.kl_div(input, target): 0 for a probability of 0",
)
def kl_divergence_of_zeros() -> Code:
    """Where a probability is exactly 0, Chainer's kl_divergence is NaN, 0·log 0; kl_div counts such a term as 0."""

    def in_chainer(x: Variable) -> Variable:
        p = np.array([[0.5, 0.5, 0.0]])
        with np.errstate(all="ignore"):
            of_data = chainer.distributions.Categorical(p=p)
            return chainer.kl_divergence(of_data, chainer.distributions.Categorical(logit=x))

    def naive(x: Tensor) -> Tensor:
        p = torch.tensor([[0.5, 0.5, 0.0]], dtype=torch.float64)
        return nn.functional.kl_div(x.log_softmax(1), p, reduction="none").sum(1)

    def normalised_chainer(x: Variable) -> Variable:
        p = np.array([[0.5, 0.5, 0.0]])
        log_p = np.log(np.where(p > 0, p, 1.0))
        return F.sum(p * (log_p - F.log_softmax(x)), axis=1)

    return Code(
        in_chainer=in_chainer,
        naive=naive,
        normalised=naive,
        normalised_chainer=normalised_chainer,
        inputs=lambda random: (random.randn(1, 3),),
    )
