"""Where an op or a rule is not what Chainer's users get under that name, and Chainer's own as it comes."""

from collections.abc import Sequence
from typing import Any

from backends.chainer_autograd.activations.gates import glu, swiglu
from backends.chainer_autograd.activations.rectifiers import hard_swish, maxout, prelu
from backends.chainer_autograd.activations.smooth import gelu, gelu_tanh, log_sigmoid, log_softmax, mish, softmax, swish
from backends.chainer_autograd.arithmetic.reductions import Axes, reduce_max, reduce_min, reduce_var
from backends.chainer_autograd.arrays.indexing import gather
from backends.chainer_autograd.framework import F, Variable, chainer
from backends.chainer_autograd.layers.attention import (
    grouped_query_attention,
    multi_head_attention,
    scaled_dot_product_attention,
)
from backends.chainer_autograd.layers.linear_embedding_dropout import embedding
from backends.chainer_autograd.layers.normalisation import batch_norm, instance_norm
from backends.chainer_autograd.layers.other_norms import rms_norm, weight_norm
from backends.chainer_autograd.layers.pooling import avg_pool1d, avg_pool2d, max_pool1d, max_pool2d
from backends.chainer_autograd.layers.positions import rotary_embedding
from backends.chainer_autograd.layers.recurrent import gru_reset_before
from backends.chainer_autograd.layers.resizing import resize_bilinear
from backends.chainer_autograd.losses.cross_entropies import (
    binary_cross_entropy,
    binary_cross_entropy_with_logits,
    cross_entropy,
    kl_divergence,
    negative_log_likelihood,
)
from backends.chainer_autograd.losses.distance_losses import cosine_distance, huber, smooth_l1, triplet_margin
from backends.chainer_autograd.losses.label_losses import hinge, smoothed_softmax_cross_entropy
from backends.chainer_autograd.losses.loss_reductions import reduced
from backends.chainer_autograd.training.moments import adam, adamax, adamw, amsgrad, lion, nadam, radam
from backends.chainer_autograd.training.optimizers import (
    adagrad,
    dampened_momentum,
    momentum,
    nesterov,
    rmsprop,
    rmsprop_centered,
    rmsprop_eps_inside,
    rmsprop_with_momentum,
)
from backends.chainer_autograd.training.schedules import cosine_decay, in_sequence
from backends.chainer_autograd.training.weights import weight_average
from backends.normalisation import Normalisation, has

OWN = "written out, as Chainer has none"
BY_A_CLASS = "by a class of Lockstep's, as Chainer has none"
STATE = "with its state set, which Chainer starts at 0"
BIAS_CORRECTION = "with eps added after the bias correction"


def reduce_max_as_it_comes(x: Variable, *, axis: Axes = None, keepdims: bool = False) -> Variable:
    """y = max x over axes; each of several equal elements gets the whole gradient."""
    return F.max(x, axis=axis, keepdims=keepdims)


def reduce_min_as_it_comes(x: Variable, *, axis: Axes = None, keepdims: bool = False) -> Variable:
    """y = min x over axes; each of several equal elements gets the whole gradient."""
    return F.min(x, axis=axis, keepdims=keepdims)


def softmax_as_it_comes(x: Variable, *, axis: int = 1) -> Variable:
    """y = eˣ / Σ eˣ along axis 1, unless told otherwise."""
    return F.softmax(x, axis)


def log_softmax_as_it_comes(x: Variable, *, axis: int = 1) -> Variable:
    """y = x − ln Σ eˣ along axis 1, unless told otherwise."""
    return F.log_softmax(x, axis)


def maxout_as_it_comes(x: Variable, *, pieces: int) -> Variable:
    """y = the largest of every `pieces` neighbours; each of several equal ones gets the whole gradient."""
    return F.maxout(x, pieces, axis=x.ndim - 1)


def prelu_as_it_comes(x: Variable, slope: Variable) -> Variable:
    """y = x where x ≥ 0, else slope·x."""
    return F.prelu(x, F.reshape(slope, ()) if slope.size == 1 else slope)


def max_pool2d_as_it_comes(
    x: Variable,
    *,
    window: int | Sequence[int],
    stride: int | Sequence[int],
    pad: int | Sequence[int] = 0,
    dilation: int | Sequence[int] = 1,
    cover_all: bool = True,
) -> Variable:
    """y = the largest element of every window; unless told otherwise, the last one may reach beyond the padding."""
    return max_pool2d(x, window=window, stride=stride, pad=pad, dilation=dilation, cover_all=cover_all)


def max_pool1d_as_it_comes(
    x: Variable, *, window: int, stride: int, pad: int = 0, dilation: int = 1, cover_all: bool = True
) -> Variable:
    """y = the largest element of every window; unless told otherwise, the last one may reach beyond the padding."""
    return max_pool1d(x, window=window, stride=stride, pad=pad, dilation=dilation, cover_all=cover_all)


def batch_norm_as_it_comes(
    x: Variable,
    gain: Variable | None = None,
    bias: Variable | None = None,
    running_mean: Variable | None = None,
    running_var: Variable | None = None,
    *,
    eps: float,
    momentum: float = 0.1,
) -> Variable | tuple[Variable, Variable, Variable]:
    """The running statistics keep a share of `momentum`, which is taken as the decay."""
    return batch_norm(x, gain, bias, running_mean, running_var, eps=eps, momentum=1 - momentum)


def gru_reset_before_as_it_comes(x: Variable, h: Variable, w_x: Variable, w_h: Variable, b: Variable) -> Variable:
    """h' = z·n + (1 − z)·h, as StatelessGRU computes it."""
    u_r, u_z, u_n = F.split_axis(w_h, 3, axis=1)
    x_r, x_z, x_n = F.split_axis(F.matmul(x, w_x) + b, 3, axis=1)
    r = F.sigmoid(x_r + F.matmul(h, u_r))
    z = F.sigmoid(x_z + F.matmul(h, u_z))
    n = F.tanh(x_n + F.matmul(r * h, u_n))
    return F.linear_interpolate(z, n, h)


def huber_as_it_comes(y: Variable, t: Variable, *, delta: float, reduction: str = "mean") -> Variable:
    """loss = the mean over rows of what Chainer sums over the second axis: training needs a single number."""
    return reduced(F.huber_loss(y, t, delta), reduction)


def cosine_distance_as_it_comes(
    x: Variable, y: Variable, *, eps: float, axis: int = -1, reduction: str = "mean"
) -> Variable:
    """loss = 1 − mean over rows of x·y / ((‖x‖ + eps)·(‖y‖ + eps))."""
    axis = axis % x.ndim  # F.normalize takes no axis from the end
    return reduced(1 - F.sum(F.normalize(x, eps, axis) * F.normalize(y, eps, axis), axis=axis), reduction)


def hinge_as_it_comes(x: Variable, t: Variable, *, reduction: str = "mean") -> Variable:
    """loss = mean over rows of Σ max(1 + s, 0); its backward divides the gradient that it receives in place."""
    return F.hinge(x, t) if reduction == "mean" else hinge(x, t, reduction=reduction)


def momentum_as_it_comes(model: Any, *, lr: float, momentum: float) -> Any:
    """v ← momentum·v − lr·∂L/∂w,  w ← w + v."""
    return chainer.optimizers.MomentumSGD(lr=lr, momentum=momentum).setup(model)


def nesterov_as_it_comes(model: Any, *, lr: float, momentum: float) -> Any:
    """v ← momentum·v − lr·∂L/∂w,  w ← w + momentum²·v − (1 + momentum)·lr·∂L/∂w."""
    return chainer.optimizers.NesterovAG(lr=lr, momentum=momentum).setup(model)


def adagrad_as_it_comes(model: Any, *, lr: float, eps: float, initial_h: float = 0.0) -> Any:
    """The same from an h of 0."""
    return chainer.optimizers.AdaGrad(lr=lr, eps=eps).setup(model)


def rmsprop_as_it_comes(model: Any, *, lr: float, alpha: float, eps: float, initial_v: float = 0.0) -> Any:
    """The same from a v of 0."""
    return chainer.optimizers.RMSprop(lr=lr, alpha=alpha, eps=eps).setup(model)


def rmsprop_eps_inside_as_it_comes(model: Any, *, lr: float, alpha: float, eps: float, initial_v: float = 0.0) -> Any:
    """The same from a v of 0."""
    return chainer.optimizers.RMSprop(lr=lr, alpha=alpha, eps=eps, eps_inside_sqrt=True).setup(model)


def adam_as_it_comes(model: Any, *, lr: float, beta1: float, beta2: float, eps: float) -> Any:
    """w ← w − lr·√(1 − beta2ᵗ) / (1 − beta1ᵗ)·m / (√v + eps)."""
    return chainer.optimizers.Adam(alpha=lr, beta1=beta1, beta2=beta2, eps=eps).setup(model)


def amsgrad_as_it_comes(model: Any, *, lr: float, beta1: float, beta2: float, eps: float) -> Any:
    """Adam with the largest v so far in place of v."""
    return chainer.optimizers.AMSGrad(alpha=lr, beta1=beta1, beta2=beta2, eps=eps).setup(model)


def adamw_as_it_comes(model: Any, *, lr: float, beta1: float, beta2: float, eps: float, weight_decay: float) -> Any:
    """w ← w − weight_decay·w, then Adam's step."""
    return chainer.optimizers.AdamW(alpha=lr, beta1=beta1, beta2=beta2, eps=eps, weight_decay_rate=weight_decay).setup(
        model
    )


def _covers_more(settings: Any, shapes: Any) -> bool:
    """Whether a window would be added at an end by Chainer's default, which the call does not override."""
    sizes = shapes[0][2:]
    lengths, steps, borders, apart = (
        [setting] * len(sizes) if isinstance(setting, int) else setting
        for setting in (settings["window"], settings["stride"], settings.get("pad", 0), settings.get("dilation", 1))
    )
    room = [size + 2 * borders[i] - apart[i] * (lengths[i] - 1) - 1 for i, size in enumerate(sizes)]
    return "cover_all" not in settings and any(left % step for left, step in zip(room, steps, strict=True))


def _counts_otherwise(settings: Any, shapes: Any) -> bool:
    """Whether a mean is not over whole windows with their padding, the only one that Chainer has for images."""
    has_divisor = settings.get("divisor") is not None
    return has_divisor or settings.get("cover_all", False) or not settings.get("count_pad", True)


def _leaves_axis_of_more_than_two(settings: Any, shapes: Any) -> bool:
    """Whether Chainer's default, which is axis 1, is another axis than the last one."""
    return "axis" not in settings and len(shapes[0]) != 2


def _averages(settings: Any, shapes: Any) -> bool:
    """Whether a loss is averaged, as Chainer's own is unless it is told to leave it unreduced."""
    return bool(settings.get("reduction", "mean") == "mean")


def _has_running_statistics(settings: Any, shapes: Any) -> bool:
    """Whether a batch normalisation is given what its momentum moves."""
    return len(shapes) == 5


def _own(function: Any, how: str = OWN, *differences: str) -> Normalisation:
    return Normalisation(function=function, how=how, differences=differences)


NORMALISATIONS = (
    _own(reduce_var),
    Normalisation(
        function=reduce_max,
        how="with the gradient to the first of equal elements",
        differences=("max_ties_to_one",),
        as_it_comes=reduce_max_as_it_comes,
    ),
    Normalisation(
        function=reduce_min,
        how="with the gradient to the first of equal elements",
        as_it_comes=reduce_min_as_it_comes,
    ),
    _own(gather),
    _own(hard_swish),
    Normalisation(
        function=maxout,
        how="with the gradient to the first of equal neighbours",
        differences=("max_ties_to_one",),
        as_it_comes=maxout_as_it_comes,
    ),
    Normalisation(
        function=prelu,
        how="with the left side's gradient at exactly 0",
        differences=("prelu_at_zero",),
        as_it_comes=prelu_as_it_comes,
    ),
    _own(swish, "with 1 for the factor that F.swish trains"),
    _own(mish),
    _own(log_sigmoid, "by F.softplus, as Chainer has none"),
    _own(gelu, OWN, "gelu"),
    _own(gelu_tanh, OWN, "gelu"),
    Normalisation(
        function=softmax,
        how="over the last axis",
        differences=("softmax_axis",),
        as_it_comes=softmax_as_it_comes,
        matters=_leaves_axis_of_more_than_two,
    ),
    Normalisation(
        function=log_softmax,
        how="over the last axis",
        differences=("softmax_axis",),
        as_it_comes=log_softmax_as_it_comes,
        matters=_leaves_axis_of_more_than_two,
    ),
    _own(glu),
    _own(swiglu),
    Normalisation(
        function=embedding,
        how="with a constant row for padding_id",
        differences=("embed_id_padding",),
        matters=lambda settings, shapes: settings.get("padding_id") is not None,
    ),
    Normalisation(
        function=max_pool2d,
        how="without covering all",
        differences=("max_pooling_cover_all",),
        as_it_comes=max_pool2d_as_it_comes,
        matters=_covers_more,
    ),
    Normalisation(function=avg_pool2d, how="with its own count of a window's elements", matters=_counts_otherwise),
    Normalisation(
        function=max_pool1d,
        how="without covering all",
        differences=("max_pooling_cover_all",),
        as_it_comes=max_pool1d_as_it_comes,
        matters=_covers_more,
    ),
    Normalisation(function=avg_pool1d, how="with its own count of a window's elements", matters=_counts_otherwise),
    _own(resize_bilinear, "written out in float64, as Chainer's takes float32 alone"),
    Normalisation(
        function=batch_norm,
        how="with a decay of 1 - momentum",
        differences=("batch_normalization_decay",),
        as_it_comes=batch_norm_as_it_comes,
        matters=_has_running_statistics,
    ),
    _own(instance_norm, "by F.group_normalization, as Chainer has none"),
    _own(rms_norm),
    _own(weight_norm),
    Normalisation(
        function=gru_reset_before,
        how="with z and 1 - z exchanged",
        differences=("gru_reset_gate",),
        as_it_comes=gru_reset_before_as_it_comes,
    ),
    _own(rotary_embedding),
    _own(scaled_dot_product_attention),
    _own(multi_head_attention),
    _own(grouped_query_attention),
    Normalisation(
        function=huber,
        how="with the mean over all elements",
        differences=("huber_axis",),
        as_it_comes=huber_as_it_comes,
        matters=_averages,
    ),
    _own(smooth_l1, "written out by F.huber_loss, as Chainer has none"),
    _own(triplet_margin, "written out, as Chainer's squares the distances", "triplet"),
    Normalisation(
        function=cosine_distance,
        how="with lengths raised to eps",
        differences=("normalize_eps",),
        as_it_comes=cosine_distance_as_it_comes,
    ),
    _own(smoothed_softmax_cross_entropy),
    Normalisation(
        function=hinge,
        how="with a mean that does not write into the gradient it receives",
        as_it_comes=hinge_as_it_comes,
        matters=_averages,
    ),
    _own(cross_entropy, "written out, as Chainer's knows no smoothing and no probabilities"),
    _own(negative_log_likelihood),
    _own(binary_cross_entropy_with_logits, "written out, as Chainer's takes whole labels only, and no weights"),
    _own(binary_cross_entropy),
    _own(kl_divergence, "written out, as Chainer's is one of distribution objects"),
    Normalisation(
        function=momentum,
        how="by CorrectedMomentumSGD",
        differences=("momentum_under_a_changing_lr",),
        as_it_comes=momentum_as_it_comes,
    ),
    _own(dampened_momentum, BY_A_CLASS),
    Normalisation(
        function=nesterov,
        how="by a class of Lockstep's",
        differences=("nesterov",),
        as_it_comes=nesterov_as_it_comes,
    ),
    Normalisation(function=adagrad, how=STATE, as_it_comes=adagrad_as_it_comes, matters=has("initial_h")),
    Normalisation(function=rmsprop, how=STATE, as_it_comes=rmsprop_as_it_comes, matters=has("initial_v")),
    Normalisation(
        function=rmsprop_eps_inside, how=STATE, as_it_comes=rmsprop_eps_inside_as_it_comes, matters=has("initial_v")
    ),
    _own(rmsprop_with_momentum, BY_A_CLASS),
    _own(rmsprop_centered, BY_A_CLASS),
    Normalisation(function=adam, how=BIAS_CORRECTION, differences=("adam_eps",), as_it_comes=adam_as_it_comes),
    Normalisation(function=amsgrad, how=BIAS_CORRECTION, differences=("amsgrad_eps",), as_it_comes=amsgrad_as_it_comes),
    Normalisation(
        function=adamw,
        how=f"{BIAS_CORRECTION} and a decay times lr",
        differences=("adam_eps", "adamw_decay"),
        as_it_comes=adamw_as_it_comes,
    ),
    *(_own(rule, BY_A_CLASS) for rule in (adamax, nadam, radam, lion)),
    _own(weight_average),
    *(_own(rule, BY_A_CLASS) for rule in (cosine_decay, in_sequence)),
)
"""In the order of the vocabulary."""
