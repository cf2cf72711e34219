"""Where an op or a rule is not what PyTorch's users get under that name, and PyTorch's own as it comes."""

import warnings
from collections.abc import Sequence

import torch
import torch.nn.functional as F
from torch import Tensor

from backends.normalisation import Normalisation, has, leaves
from backends.torch_autograd.activations.rectifiers import hard_sigmoid, maxout
from backends.torch_autograd.activations.smooth import softplus
from backends.torch_autograd.arithmetic.elementwise import maximum, minimum
from backends.torch_autograd.arithmetic.reductions import Axes, reduce_max, reduce_min, reduce_var
from backends.torch_autograd.layers.linear_embedding_dropout import dropout, embedding
from backends.torch_autograd.layers.other_norms import local_response_norm
from backends.torch_autograd.layers.positions import rotary_embedding
from backends.torch_autograd.layers.recurrent import gru_reset_before
from backends.torch_autograd.losses.cross_entropies import kl_divergence
from backends.torch_autograd.losses.distance_losses import cosine_distance, triplet
from backends.torch_autograd.losses.label_losses import hinge, weighted_softmax_cross_entropy
from backends.torch_autograd.losses.sequence_losses import ctc
from backends.torch_autograd.training.clipping import clip_by_norm
from backends.torch_autograd.training.moments import adabound, amsbound, lion, msvag, nadam
from backends.torch_autograd.training.optimizers import (
    adadelta,
    adagrad,
    nesterov_ag,
    rmsprop,
    rmsprop_eps_inside,
    rmsprop_graves,
    rmsprop_with_momentum,
    smorms3,
)

BY_A_CLASS = "by a class of Lockstep's, as PyTorch has none"
STATE = "with its state set, which PyTorch starts at 0"


def maximum_as_it_comes(a: Tensor, b: Tensor) -> Tensor:
    """y = max(a, b); they share the gradient where they are equal."""
    return torch.maximum(a, b)


def minimum_as_it_comes(a: Tensor, b: Tensor) -> Tensor:
    """y = min(a, b); they share the gradient where they are equal."""
    return torch.minimum(a, b)


def reduce_var_as_it_comes(x: Tensor, *, axis: Axes = None, keepdims: bool = False, correction: int = 1) -> Tensor:
    """y = Σ (x − μ)² / (n − 1) over axes, unless told otherwise."""
    return torch.var(x, dim=axis, correction=correction, keepdim=keepdims)


def reduce_max_as_it_comes(x: Tensor, *, axis: Axes = None, keepdims: bool = False) -> Tensor:
    """y = max x over axes; several equal elements share the gradient."""
    return torch.amax(x, dim=() if axis is None else axis, keepdim=keepdims)


def reduce_min_as_it_comes(x: Tensor, *, axis: Axes = None, keepdims: bool = False) -> Tensor:
    """y = min x over axes; several equal elements share the gradient."""
    return torch.amin(x, dim=() if axis is None else axis, keepdim=keepdims)


def softplus_as_it_comes(x: Tensor) -> Tensor:
    """y = ln(1 + eˣ) up to 20, above it x."""
    return F.softplus(x)


def hard_sigmoid_as_it_comes(x: Tensor) -> Tensor:
    """y = x/6 + ½, cut off below 0 and above 1."""
    return F.hardsigmoid(x)


def local_response_norm_as_it_comes(x: Tensor, *, n: int, k: float, alpha: float, beta: float) -> Tensor:
    """y = x / (k + alpha·mean of x² over the n channels around)^beta."""
    return F.local_response_norm(x, n, alpha, beta, k)


def gru_reset_before_as_it_comes(x: Tensor, h: Tensor, w_x: Tensor, w_h: Tensor, b: Tensor) -> Tensor:
    """h' = (1 − z)·n + z·h,  n = tanh(x·w_n + b_n + r·(h·u_n)): the GRU that PyTorch has."""
    return torch.gru_cell(x, h, w_x.T, w_h.T, b, torch.zeros_like(b))


def triplet_as_it_comes(
    anchor: Tensor, positive: Tensor, negative: Tensor, *, margin: float, reduction: str = "mean"
) -> Tensor:
    """loss = mean over rows of max(‖anchor − positive‖ − ‖anchor − negative‖ + margin, 0)."""
    return F.triplet_margin_loss(anchor, positive, negative, margin, reduction=reduction)


def cosine_distance_as_it_comes(x: Tensor, y: Tensor, *, eps: float, axis: int = -1, reduction: str = "mean") -> Tensor:
    """loss = 1 − mean over rows of x·y / (‖x‖·‖y‖); a length below eps is raised, but differentiated as it was."""
    each = 1 - F.cosine_similarity(x, y, dim=axis, eps=eps)
    return each if reduction == "none" else each.sum() if reduction == "sum" else each.mean()


def weighted_softmax_cross_entropy_as_it_comes(x: Tensor, t: Tensor, *, class_weight: Sequence[float]) -> Tensor:
    """loss = −Σ class_weight[t]·log softmax(x)[t] / Σ class_weight[t]."""
    return F.cross_entropy(x, t, weight=x.new_tensor(class_weight))


def hinge_as_it_comes(x: Tensor, t: Tensor, *, reduction: str = "mean") -> Tensor:
    """loss = mean over rows of Σ max(1 − x[t] + x[i], 0) / C over the other classes i; unreduced, one for each row."""
    return F.multi_margin_loss(x, t, reduction=reduction)


def kl_divergence_as_it_comes(log_p: Tensor, t: Tensor, *, log_target: bool = False, reduction: str = "mean") -> Tensor:
    """loss = mean over all elements of t·(log t − log_p), unless told otherwise."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # that the default is not the mathematical definition
        return F.kl_div(log_p, t, reduction=reduction, log_target=log_target)


def ctc_as_it_comes(
    x: Tensor,
    labels: Tensor,
    input_lengths: Tensor,
    label_lengths: Tensor,
    *,
    blank: int = 0,
    reduction: str = "mean",
) -> Tensor:
    """loss = −mean over sequences of ln Σ Π p[t, π(t)], each divided by its number of labels."""
    return F.ctc_loss(F.log_softmax(x, dim=-1), labels, input_lengths, label_lengths, blank, reduction)


def nesterov_ag_as_it_comes(parameters: list[Tensor], *, lr: float, momentum: float) -> torch.optim.Optimizer:
    """v ← momentum·v + ∂L/∂w,  w ← w − lr·(∂L/∂w + momentum·v)."""
    return torch.optim.SGD(parameters, lr=lr, momentum=momentum, nesterov=True)


def rmsprop_as_it_comes(
    parameters: list[Tensor], *, lr: float, alpha: float, eps: float, initial_v: float = 0.0
) -> torch.optim.Optimizer:
    """The same from a v of 0."""
    return torch.optim.RMSprop(parameters, lr=lr, alpha=alpha, eps=eps)


def rmsprop_with_momentum_as_it_comes(
    parameters: list[Tensor], *, lr: float, momentum: float, alpha: float, eps: float, initial_v: float = 0.0
) -> torch.optim.Optimizer:
    """The same from a v of 0."""
    return torch.optim.RMSprop(parameters, lr=lr, momentum=momentum, alpha=alpha, eps=eps)


def rmsprop_eps_inside_as_it_comes(
    parameters: list[Tensor], *, lr: float, alpha: float, eps: float, initial_v: float = 0.0
) -> torch.optim.Optimizer:
    """v ← alpha·v + (1 − alpha)·(∂L/∂w)²,  w ← w − lr·∂L/∂w / (√v + eps)."""
    return torch.optim.RMSprop(parameters, lr=lr, alpha=alpha, eps=eps)


def rmsprop_graves_as_it_comes(
    parameters: list[Tensor], *, lr: float, momentum: float, alpha: float, eps: float
) -> torch.optim.Optimizer:
    """b ← momentum·b + ∂L/∂w / (√(v − g²) + eps),  w ← w − lr·b."""
    return torch.optim.RMSprop(parameters, lr=lr, momentum=momentum, alpha=alpha, eps=eps, centered=True)


def nadam_as_it_comes(
    parameters: list[Tensor], *, lr: float, beta1: float, beta2: float, eps: float, momentum_decay: float
) -> torch.optim.Optimizer:
    """The same with the product of the momenta in float32."""
    return torch.optim.NAdam(parameters, lr=lr, betas=(beta1, beta2), eps=eps, momentum_decay=momentum_decay)


def adagrad_as_it_comes(
    parameters: list[Tensor], *, lr: float, eps: float, initial_h: float = 0.0
) -> torch.optim.Optimizer:
    """w ← w − lr·∂L/∂w / (√h + 1e-10)."""
    return torch.optim.Adagrad(parameters, lr=lr, initial_accumulator_value=initial_h)


def adadelta_as_it_comes(parameters: list[Tensor], *, rho: float, eps: float) -> torch.optim.Optimizer:
    """v ← 0.9·v + 0.1·g²,  d = √((u + eps) / (v + eps))·g,  u ← 0.9·u + 0.1·d²,  w ← w − d."""
    return torch.optim.Adadelta(parameters, eps=eps)


def clip_by_norm_as_it_comes(parameters: Sequence[Tensor], *, max_norm: float) -> None:
    """g ← g·min(1, max_norm / (‖g‖ + 1e-6))."""
    torch.nn.utils.clip_grad_norm_(parameters, max_norm)


NORMALISATIONS = (
    Normalisation(
        function=maximum,
        how="with the gradient to the first of two equal elements",
        differences=("maximum_ties",),
        as_it_comes=maximum_as_it_comes,
    ),
    Normalisation(
        function=minimum,
        how="with the gradient to the first of two equal elements",
        differences=("maximum_ties",),
        as_it_comes=minimum_as_it_comes,
    ),
    Normalisation(
        function=reduce_var,
        how="divided by n, not by n - 1",
        as_it_comes=reduce_var_as_it_comes,
        matters=leaves("correction"),
    ),
    Normalisation(
        function=reduce_max,
        how="with the gradient to one of equal elements",
        differences=("max_ties_shared",),
        as_it_comes=reduce_max_as_it_comes,
    ),
    Normalisation(
        function=reduce_min,
        how="with the gradient to one of equal elements",
        as_it_comes=reduce_min_as_it_comes,
    ),
    Normalisation(
        function=hard_sigmoid,
        how="with a slope of 1/5",
        differences=("hard_sigmoid",),
        as_it_comes=hard_sigmoid_as_it_comes,
    ),
    Normalisation(function=maxout, how="written out, as PyTorch has none"),
    Normalisation(
        function=softplus,
        how="with a threshold of 50",
        differences=("softplus_threshold",),
        as_it_comes=softplus_as_it_comes,
    ),
    Normalisation(
        function=embedding,
        how="with zeros put in for ignore_label",
        differences=("embed_id_padding",),
        matters=lambda settings, shapes: settings.get("ignore_label") is not None,
    ),
    Normalisation(function=dropout, how="written out, as F.dropout takes no mask"),
    Normalisation(
        function=local_response_norm,
        how="with alpha times n",
        differences=("local_response_normalization",),
        as_it_comes=local_response_norm_as_it_comes,
    ),
    Normalisation(
        function=gru_reset_before,
        how="with the state reset before its product",
        differences=("gru_reset_gate",),
        as_it_comes=gru_reset_before_as_it_comes,
    ),
    Normalisation(function=rotary_embedding, how="written out, as PyTorch has none"),
    Normalisation(
        function=triplet,
        how="with squared distances",
        differences=("triplet",),
        as_it_comes=triplet_as_it_comes,
    ),
    Normalisation(
        function=cosine_distance,
        how="with a constant length below eps",
        as_it_comes=cosine_distance_as_it_comes,
    ),
    Normalisation(
        function=weighted_softmax_cross_entropy,
        how="with the mean over rows",
        differences=("softmax_cross_entropy_class_weight",),
        as_it_comes=weighted_softmax_cross_entropy_as_it_comes,
    ),
    Normalisation(
        function=hinge,
        how="with every class for itself",
        differences=("hinge",),
        as_it_comes=hinge_as_it_comes,
    ),
    Normalisation(
        function=kl_divergence,
        how="with the mean over rows",
        as_it_comes=kl_divergence_as_it_comes,
        matters=leaves("reduction"),
    ),
    Normalisation(
        function=ctc,
        how="with the mean of losses that are not divided by their number of labels",
        differences=("ctc_mean",),
        as_it_comes=ctc_as_it_comes,
        matters=lambda settings, shapes: settings.get("reduction", "mean") == "mean",
    ),
    Normalisation(
        function=nesterov_ag,
        how="by a class of Lockstep's",
        differences=("nesterov",),
        as_it_comes=nesterov_ag_as_it_comes,
    ),
    Normalisation(
        function=adagrad,
        how="with an eps of 1e-8 where none is given",
        differences=("adagrad_settings",),
        as_it_comes=adagrad_as_it_comes,
        matters=leaves("eps"),
    ),
    Normalisation(function=rmsprop, how=STATE, as_it_comes=rmsprop_as_it_comes, matters=has("initial_v")),
    Normalisation(
        function=rmsprop_eps_inside,
        how="by a class of Lockstep's",
        differences=("rmsprop_eps_inside_sqrt",),
        as_it_comes=rmsprop_eps_inside_as_it_comes,
    ),
    Normalisation(
        function=rmsprop_with_momentum,
        how=STATE,
        as_it_comes=rmsprop_with_momentum_as_it_comes,
        matters=has("initial_v"),
    ),
    Normalisation(
        function=rmsprop_graves,
        how="by a class of Lockstep's",
        differences=("rmsprop_graves",),
        as_it_comes=rmsprop_graves_as_it_comes,
    ),
    Normalisation(function=smorms3, how=BY_A_CLASS),
    Normalisation(
        function=adadelta,
        how="with a rho of 0.95 where none is given",
        differences=("adadelta_rho",),
        as_it_comes=adadelta_as_it_comes,
        matters=leaves("rho"),
    ),
    Normalisation(
        function=nadam,
        how="with the product of its momenta in the run's dtype",
        as_it_comes=nadam_as_it_comes,
    ),
    *(Normalisation(function=rule, how=BY_A_CLASS) for rule in (adabound, amsbound, msvag, lion)),
    Normalisation(
        function=clip_by_norm,
        how="without 1e-6 beside the norm",
        differences=("gradient_clipping",),
        as_it_comes=clip_by_norm_as_it_comes,
    ),
)
"""In the order of the vocabulary."""
