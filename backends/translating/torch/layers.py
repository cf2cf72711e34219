"""Layers with weights: linear, embedding, convolutions, normalisations."""

from collections.abc import Mapping, Sequence
from typing import Any

from backends.translating import parts
from backends.translating.axes import Tensor, Translation, one_number, pair
from backends.translating.untranslatable import Untranslatable, refuse

Sizes = int | Sequence[int]


def linear(op: Any, input: Tensor, weight: Tensor, bias: Tensor | None = None) -> Tensor:
    """x·weightᵀ + bias."""
    return parts.linear(op, input, weight, bias)


def embedding(
    op: Any,
    input: Tensor,
    weight: Tensor,
    padding_idx: int | None = None,
    max_norm: float | None = None,
    norm_type: float = 2.0,
    scale_grad_by_freq: bool = False,
    sparse: bool = False,
) -> Tensor:
    """The rows of a table; that of the padding gets no gradient."""
    refuse(max_norm is not None, "an embedding with max_norm")
    refuse(scale_grad_by_freq, "an embedding with scale_grad_by_freq")
    return op.embedding(input, weight, padding_id=None if padding_idx is None else padding_idx % weight.shape[0])


def conv1d(
    op: Any,
    input: Tensor,
    weight: Tensor,
    bias: Tensor | None = None,
    stride: Sizes = 1,
    padding: Sizes | str = 0,
    dilation: Sizes = 1,
    groups: int = 1,
) -> Tensor:
    """A convolution along one axis."""
    pad = one_number(_padding(padding, weight.shape[2:], dilation))
    return op.conv1d(
        input,
        weight,
        *_if_given(bias),
        stride=one_number(stride),
        pad=pad,
        dilation=one_number(dilation),
        groups=groups,
    )


def conv2d(
    op: Any,
    input: Tensor,
    weight: Tensor,
    bias: Tensor | None = None,
    stride: Sizes = 1,
    padding: Sizes | str = 0,
    dilation: Sizes = 1,
    groups: int = 1,
) -> Tensor:
    """A convolution of images."""
    return op.conv2d(
        input,
        weight,
        *_if_given(bias),
        stride=pair(stride),
        pad=pair(_padding(padding, weight.shape[2:], dilation)),
        dilation=pair(dilation),
        groups=groups,
    )


def conv_transpose1d(
    op: Any,
    input: Tensor,
    weight: Tensor,
    bias: Tensor | None = None,
    stride: Sizes = 1,
    padding: Sizes = 0,
    output_padding: Sizes = 0,
    groups: int = 1,
    dilation: Sizes = 1,
) -> Tensor:
    """A transposed convolution along one axis."""
    return op.deconv1d(
        input,
        weight,
        *_if_given(bias),
        stride=one_number(stride),
        pad=one_number(padding),
        dilation=one_number(dilation),
        groups=groups,
        output_pad=one_number(output_padding),
    )


def conv_transpose2d(
    op: Any,
    input: Tensor,
    weight: Tensor,
    bias: Tensor | None = None,
    stride: Sizes = 1,
    padding: Sizes = 0,
    output_padding: Sizes = 0,
    groups: int = 1,
    dilation: Sizes = 1,
) -> Tensor:
    """A transposed convolution of images."""
    return op.deconv2d(
        input,
        weight,
        *_if_given(bias),
        stride=pair(stride),
        pad=pair(padding),
        dilation=pair(dilation),
        groups=groups,
        output_pad=pair(output_padding),
    )


def batch_norm(
    op: Any,
    input: Tensor,
    running_mean: Tensor | None,
    running_var: Tensor | None,
    weight: Tensor | None = None,
    bias: Tensor | None = None,
    training: bool = False,
    momentum: float = 0.1,
    eps: float = 1e-5,
) -> Tensor:
    """By the batch's statistics, which go into the running ones; or by those, in evaluation."""
    if not training:
        if running_mean is None or running_var is None:
            raise Untranslatable("batch_norm in evaluation without running statistics")
        gain = op.ones(input.shape[1:2]) if weight is None and bias is not None else weight
        return op.fixed_batch_norm(input, running_mean, running_var, gain, bias, eps=eps)
    if running_mean is None or running_var is None:
        return op.batch_norm(input, *_gain_and_bias(op, input.shape[1:2], weight, bias), eps=eps)
    channels = input.shape[1:2]
    gain = op.ones(channels) if weight is None else weight
    shift = op.zeros(channels) if bias is None else bias
    y, new_mean, new_var = op.batch_norm(input, gain, shift, running_mean, running_var, eps=eps, momentum=momentum)
    op.carry(running_mean, new_mean)
    op.carry(running_var, new_var)
    return y


def layer_norm(
    op: Any,
    input: Tensor,
    normalized_shape: Sequence[int],
    weight: Tensor | None = None,
    bias: Tensor | None = None,
    eps: float = 1e-5,
) -> Tensor:
    """Rows with mean 0 and variance 1, then scaled and shifted."""
    axes = tuple(range(-len(normalized_shape), 0))
    given = _gain_and_bias(op, tuple(normalized_shape), weight, bias)
    return op.layer_norm(input, *given, eps=eps, axis=axes[0] if len(axes) == 1 else axes)


def group_norm(
    op: Any,
    input: Tensor,
    num_groups: int,
    weight: Tensor | None = None,
    bias: Tensor | None = None,
    eps: float = 1e-5,
) -> Tensor:
    """Groups of channels with mean 0 and variance 1, then scaled and shifted."""
    return op.group_norm(input, *_gain_and_bias(op, input.shape[1:2], weight, bias), groups=num_groups, eps=eps)


def instance_norm(
    op: Any,
    input: Tensor,
    running_mean: Tensor | None = None,
    running_var: Tensor | None = None,
    weight: Tensor | None = None,
    bias: Tensor | None = None,
    use_input_stats: bool = True,
    momentum: float = 0.1,
    eps: float = 1e-5,
) -> Tensor:
    """Channels of each example with mean 0 and variance 1, then scaled and shifted."""
    refuse(running_mean is not None or running_var is not None, "instance_norm with running statistics")
    return op.instance_norm(input, *_gain_and_bias(op, input.shape[1:2], weight, bias), eps=eps)


def rms_norm(
    op: Any, input: Tensor, normalized_shape: Sequence[int], weight: Tensor | None = None, eps: float | None = None
) -> Tensor:
    """Rows with a root mean square of 1, then scaled. Without an eps it is that of the dtype."""
    refuse(len(normalized_shape) != 1, "rms_norm over several axes")
    refuse(eps is None, "rms_norm without an eps, which then depends on the dtype")
    return op.rms_norm(input, *_if_given(weight), eps=eps)


def weight_norm(op: Any, v: Tensor, g: Tensor, dim: int = 0) -> Tensor:
    """Rows of a given length."""
    refuse(dim != 0, "weight_norm along another axis than the first")
    return op.weight_norm(v, op.reshape(g, shape=(-1,)))


def local_response_norm(
    op: Any, input: Tensor, size: int, alpha: float = 1e-4, beta: float = 0.75, k: float = 1.0
) -> Tensor:
    """Divided by what is near among the channels; PyTorch divides alpha by their number."""
    refuse(size % 2 == 0, "local_response_norm over an even number of channels")
    return op.local_response_norm(input, n=size, k=k, alpha=alpha / size, beta=beta)


def _gain_and_bias(
    op: Any, shape: tuple[int, ...], weight: Tensor | None, bias: Tensor | None
) -> tuple[Tensor | None, Tensor | None]:
    """Both as they are given; a gain of ones where there is a bias alone, as an op leaves out inputs from the end."""
    return op.ones(shape) if weight is None and bias is not None else weight, bias


def _padding(padding: Sizes | str, window: Sequence[int], dilation: Sizes) -> Sizes:
    """A padding in numbers: "valid" is none, "same" keeps the size, which takes an even number of elements in all."""
    if not isinstance(padding, str):
        return padding
    dilations = (dilation,) * len(window) if isinstance(dilation, int) else dilation
    both = [0 if padding == "valid" else d * (size - 1) for size, d in zip(window, dilations, strict=True)]
    refuse(any(whole % 2 for whole in both), f"the padding {padding!r} of a window that has no middle")
    return [whole // 2 for whole in both]


def _if_given(bias: Tensor | None) -> list[Tensor]:
    return [] if bias is None else [bias]


TRANSLATIONS: Mapping[str, Translation] = {
    "linear": linear,
    "embedding": embedding,
    "conv1d": conv1d,
    "conv2d": conv2d,
    "conv_transpose1d": conv_transpose1d,
    "conv_transpose2d": conv_transpose2d,
    "batch_norm": batch_norm,
    "layer_norm": layer_norm,
    "group_norm": group_norm,
    "instance_norm": instance_norm,
    "rms_norm": rms_norm,
    "weight_norm": weight_norm,
    "local_response_norm": local_response_norm,
}
"""By the function's name without underscores, as a capture has it."""
