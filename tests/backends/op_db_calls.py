"""PyTorch's sample inputs as calls of the suite's ops: one function per kind of op, for the samples of `op_db`.

A sample whose setting no op of the suite has, such as a divisor of its own for a mean, is Inexpressible. How a loss is
reduced is not the sample's but the op's: the inputs are what samples are for.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from backends.contract import Array

MOST_AXES = 64
"""That a NumPy array may have."""
EPS = 1e-5
"""Where a sample leaves PyTorch's default."""


class Inexpressible(Exception):
    """A sample asks for what the op has no setting for."""


@dataclass(frozen=True)
class Called:
    """A call of an op with a sample's tensors."""

    tensors: Sequence[Tensor]
    settings: Mapping[str, Any] = field(default_factory=dict)
    meant: Callable[..., Any] | None = None
    """What PyTorch's own function gives for the tensors; None to ask the PyTorch backend's op."""

    def arrays(self) -> list[Array]:
        """The tensors as a scenario draws them. Raises Inexpressible for what holds neither floats nor integers."""
        return [_drawn(tensor) for tensor in self.tensors]


Translate = Callable[[Any], Called]


@dataclass(frozen=True)
class Source:
    """The samples of one entry of `op_db`, and what makes calls of them."""

    name: str
    translate: Translate
    variant: str = ""


def _drawn(tensor: Tensor) -> Array:
    array = tensor.detach().to(torch.float64 if tensor.is_floating_point() else tensor.dtype)
    if tensor.ndim > MOST_AXES or array.is_complex() or array.dtype is torch.bool:
        raise Inexpressible(f"{tensor.ndim} axes of {tensor.dtype}")
    return np.array(array.numpy())


def given(sample: Any, *names: str) -> dict[str, Any]:
    """A sample's arguments behind its input, by name."""
    return {**dict(zip(names, sample.args, strict=False)), **sample.kwargs}


def without(arguments: Mapping[str, Any], **defaults: Any) -> None:
    """Raise Inexpressible if one of these arguments has another value than this."""
    for name, default in defaults.items():
        value = arguments.get(name, default)
        if isinstance(value, Tensor) or value != default:
            raise Inexpressible(name)


def tensor(value: Any) -> Tensor:
    if not isinstance(value, Tensor):
        raise Inexpressible(f"{value!r} in the place of a tensor")
    return value


def image(x: Tensor) -> Tensor:
    """The same with four axes, the last of them of size 1 where there are fewer."""
    return x.reshape(*x.shape, *[1] * (4 - x.ndim))


def one(value: Any) -> Any:
    """The number that both axes of an image have."""
    values = {*value} if isinstance(value, tuple | list) else {value}
    if len(values) != 1 or isinstance(value, str):
        raise Inexpressible("another number for each axis")
    return values.pop()


def elementwise(meant: Callable[..., Any] | None, **settings: Any) -> Translate:
    return lambda sample: Called([sample.input], settings, meant)


def pair(meant: Callable[..., Any]) -> Translate:
    def translate(sample: Any) -> Called:
        arguments = given(sample, "other")
        without(arguments, alpha=1)
        return Called([sample.input, tensor(arguments["other"])], {}, meant)

    return translate


def power(sample: Any) -> Called:
    """One exponent for all elements: the first of those that the sample has."""
    exponent = given(sample, "exponent")["exponent"]
    if isinstance(exponent, Tensor):
        if not exponent.numel():
            raise Inexpressible("no exponent")
        exponent = exponent.flatten()[0].item()
    return Called([sample.input], {"exponent": exponent}, lambda x: torch.pow(x, exponent))


def reduction(meant: Callable[..., Any]) -> Translate:
    def translate(sample: Any) -> Called:
        arguments = given(sample, "dim", "keepdim")
        axis, keepdims = arguments.get("dim"), arguments.get("keepdim", False)

        def reduced(x: Tensor) -> Tensor:
            result = meant(x, dim=axis, keepdim=keepdims)
            return result if isinstance(result, Tensor) else result.values

        return Called([sample.input], {"axis": axis, "keepdims": keepdims}, reduced)

    return translate


def reshape(sample: Any) -> Called:
    shape = tuple(sample.args[0])
    return Called([sample.input], {"shape": shape}, lambda x: torch.reshape(x, shape))


def permute(sample: Any) -> Called:
    axes = tuple(sample.args[0])
    return Called([sample.input], {"axes": axes}, lambda x: torch.permute(x, axes))


def swap(sample: Any) -> Called:
    first, second = sample.args
    axes = list(range(sample.input.ndim))
    if axes:
        axes[first], axes[second] = axes[second], axes[first]
    return Called([sample.input], {"axes": tuple(axes)}, lambda x: torch.transpose(x, first, second))


def several(meant: Callable[..., Any]) -> Translate:
    def translate(sample: Any) -> Called:
        axis = given(sample, "dim").get("dim", 0)
        return Called(list(sample.input), {"axis": axis}, lambda *xs: meant(xs, dim=axis))

    return translate


def tensor_split(sample: Any) -> Called:
    arguments = given(sample, "sections", "dim")
    sections, axis = arguments["sections"], arguments.get("dim", 0)
    if isinstance(sections, Tensor):
        sections = sections.tolist()
    sections = sections if isinstance(sections, int) else tuple(sections)
    settings = {"sections": sections, "axis": axis}
    return Called([sample.input], settings, lambda x: torch.tensor_split(x, sections, dim=axis))


def split(sample: Any) -> Called:
    """PyTorch is given lengths where the suite is given positions."""
    arguments = given(sample, "lengths", "dim")
    lengths, axis = arguments["lengths"], arguments.get("dim", 0)
    if isinstance(lengths, int):
        lengths = [lengths] * -(-sample.input.shape[axis] // lengths)
    positions = tuple(sum(lengths[: i + 1]) for i in range(len(lengths) - 1))
    settings = {"sections": positions, "axis": axis}
    return Called([sample.input], settings, lambda x: torch.split(x, sample.args[0], dim=axis))


def narrow(sample: Any) -> Called:
    axis, start, length = sample.args
    first = start.item() if isinstance(start, Tensor) else start
    settings = {"start": first, "stop": first + length, "axis": axis}
    return Called([sample.input], settings, lambda x: x.narrow(axis, int(first), length))


def select(sample: Any) -> Called:
    axis, index = sample.args
    return Called([sample.input], {"index": index, "axis": axis}, lambda x: torch.select(x, axis, index))


def leaky_relu(sample: Any) -> Called:
    slope = given(sample, "negative_slope").get("negative_slope", 0.01)
    return Called([sample.input], {"slope": slope}, lambda x: F.leaky_relu(x, slope))


def elu(sample: Any) -> Called:
    alpha = given(sample, "alpha").get("alpha", 1.0)
    return Called([sample.input], {"alpha": alpha}, lambda x: F.elu(x, alpha))


def hardtanh(sample: Any) -> Called:
    """From 0 up to the sample's upper end."""
    ceiling = given(sample, "min_val", "max_val").get("max_val", 1.0)
    return Called([sample.input], {"ceiling": ceiling}, lambda x: F.hardtanh(x, 0.0, ceiling))


def gelu(approximate: str) -> Translate:
    def translate(sample: Any) -> Called:
        if given(sample, "approximate").get("approximate", "none") != approximate:
            raise Inexpressible("another approximation")
        return Called([sample.input], {}, lambda x: F.gelu(x, approximate=approximate))

    return translate


def along_last(meant: Callable[..., Any]) -> Translate:
    def translate(sample: Any) -> Called:
        if given(sample, "dim")["dim"] not in (-1, max(sample.input.ndim, 1) - 1):
            raise Inexpressible("another axis than the last")
        return Called([sample.input], {}, lambda x: meant(x, dim=-1))

    return translate


def prelu(sample: Any) -> Called:
    return Called([sample.input, tensor(given(sample, "weight")["weight"])], {}, F.prelu)


def linear(sample: Any) -> Called:
    """PyTorch's layer keeps its weight transposed."""
    arguments = given(sample, "weight", "bias")
    w, b = tensor(arguments["weight"]), tensor(arguments.get("bias"))
    return Called([sample.input, w.T if w.ndim == 2 else w, b], {}, lambda x, w, b: F.linear(x, w.T, b))


def embedding(sample: Any) -> Called:
    """Its first argument is the table here."""
    arguments = given(sample, "ids")
    if {*arguments} - {"ids"}:
        raise Inexpressible("more than a table")
    return Called([arguments["ids"], sample.input], {}, F.embedding)


def dropout(sample: Any) -> Called:
    """With every third element dropped."""
    ratio = given(sample, "p").get("p", 0.5)
    mask = (torch.arange(sample.input.numel()).reshape(sample.input.shape) % 3 > 0).to(sample.input.dtype)
    return Called([sample.input, mask], {"ratio": ratio})


def conv2d(sample: Any) -> Called:
    stride, pad, dilation, groups, tensors = _convolution(sample, "stride", "padding", "dilation", "groups")
    settings = {"stride": stride, "pad": pad, "dilation": dilation, "groups": groups}
    return Called(tensors, settings, lambda x, w, b: F.conv2d(x, w, b, stride, pad, dilation, groups))


def depthwise_conv2d(sample: Any) -> Called:
    stride, pad, dilation, groups, tensors = _convolution(sample, "stride", "padding", "dilation", "groups")
    if dilation != 1 or groups != sample.input.shape[-3]:
        raise Inexpressible("no convolution of every channel by itself")
    settings = {"stride": stride, "pad": pad}
    return Called(tensors, settings, lambda x, w, b: F.conv2d(x, w, b, stride, pad, groups=groups))


def conv_transpose2d(sample: Any) -> Called:
    names = ("stride", "padding", "output_padding", "groups", "dilation")
    stride, pad, _, groups, dilation, tensors = _convolution(sample, *names)  # the sample's further rows are left out
    if (groups, dilation) != (1, 1):
        raise Inexpressible("more than a stride and a padding")
    return Called(tensors, {"stride": stride, "pad": pad}, lambda x, w, b: F.conv_transpose2d(x, w, b, stride, pad))


def _convolution(sample: Any, *names: str) -> tuple[Any, ...]:
    arguments = given(sample, "weight", "bias", *names)
    defaults = {"padding": 0, "output_padding": 0}
    w = tensor(arguments["weight"])
    b = arguments.get("bias")
    tensors = [sample.input, w, torch.zeros(len(w), dtype=w.dtype, requires_grad=True) if b is None else b]
    return (*(one(arguments.get(name, defaults.get(name, 1))) for name in names), tensors)


def max_pool2d(sample: Any) -> Called:
    arguments = given(sample, "kernel_size", "stride", "padding", "dilation", "ceil_mode")
    if one(arguments.get("dilation", 1)) != 1:
        raise Inexpressible("dilation")
    window, pad, beyond = one(arguments["kernel_size"]), one(arguments.get("padding", 0)), arguments.get("ceil_mode")
    stride = one(arguments.get("stride") or window)
    settings = {"window": window, "stride": stride, "pad": pad, "cover_all": bool(beyond)}
    return Called([sample.input], settings, lambda x: F.max_pool2d(x, window, stride, pad, ceil_mode=bool(beyond)))


def avg_pool2d(sample: Any) -> Called:
    names = ("kernel_size", "stride", "padding", "ceil_mode", "count_include_pad", "divisor_override")
    arguments = given(sample, *names)
    without(arguments, ceil_mode=False, divisor_override=None)
    window, pad = one(arguments["kernel_size"]), one(arguments.get("padding", 0))
    stride = one(arguments.get("stride") or window)
    settings = {"window": window, "stride": stride, "pad": pad}
    return Called([sample.input], settings, lambda x: F.avg_pool2d(x, window, stride, pad))


def layer_norm(sample: Any, *, as_rows: bool = False) -> Called:
    arguments = given(sample, "shape", "weight", "bias")
    shape, eps = arguments["shape"], arguments.get("eps", EPS)
    tensors = [sample.input, tensor(arguments.get("weight")), tensor(arguments.get("bias"))]
    if as_rows:
        shape = [math.prod(shape)]
        tensors = [tensors[0].reshape(-1, *shape), tensors[1].flatten(), tensors[2].flatten()]
    return Called(tensors, {"eps": eps}, lambda x, gain, bias: F.layer_norm(x, shape, gain, bias, eps))


def batch_norm(sample: Any) -> Called:
    arguments = given(sample, "mean", "var", "weight", "bias")
    if not arguments.get("training"):
        raise Inexpressible("by the running statistics")
    tensors = [sample.input, *(tensor(arguments.get(name)) for name in ("weight", "bias", "mean", "var"))]
    settings = {"eps": arguments.get("eps", EPS), "momentum": arguments.get("momentum", 0.1)}
    return Called(tensors, settings)


def group_norm(sample: Any, *, as_image: bool = False) -> Called:
    arguments = given(sample, "groups", "weight", "bias")
    groups, eps = arguments["groups"], arguments.get("eps", EPS)
    tensors = [
        image(sample.input) if as_image else sample.input,
        tensor(arguments.get("weight")),
        tensor(arguments.get("bias")),
    ]
    settings = {"groups": groups, "eps": eps}
    return Called(tensors, settings, lambda x, gain, bias: F.group_norm(x, groups, gain, bias, eps))


def local_response_norm(sample: Any, *, as_image: bool = False) -> Called:
    """PyTorch takes the mean over the channels where the suite takes their sum, of an odd number if `as_image`."""
    arguments = given(sample, "size")
    n, k = arguments["size"], arguments.get("k", 1.0)
    n = n | 1 if as_image else n
    alpha, beta = arguments.get("alpha", 1e-4), arguments.get("beta", 0.75)
    settings = {"n": n, "k": k, "alpha": alpha / n, "beta": beta}
    x = image(sample.input) if as_image else sample.input
    return Called([x], settings, lambda x: F.local_response_norm(x, n, alpha, beta, k))


def attention(sample: Any) -> Called:
    """With the mask that the sample has, or of what comes before, or of everything."""
    arguments = given(sample, "k", "v", "attn_mask")
    without(arguments, dropout_p=0.0, scale=None, enable_gqa=False)
    mask = arguments.get("attn_mask")
    if mask is None:
        mask = torch.ones(sample.input.shape[-2], arguments["k"].shape[-2], dtype=torch.int64)
        mask = torch.tril(mask) if arguments.get("is_causal") else mask
    tensors = [sample.input, arguments["k"], arguments["v"], mask]
    return Called(tensors, {}, lambda q, k, v, m: F.scaled_dot_product_attention(q, k, v, attn_mask=m != 0))


def targets(meant: Callable[..., Any] | None, *, rounded: bool = False) -> Translate:
    """A loss between an input and a target; rounded to 0 and 1 where they are answers."""

    def translate(sample: Any) -> Called:
        t = tensor(given(sample, "target")["target"])
        return Called([sample.input, t.detach().round().long() if rounded else t], {}, meant)

    return translate


def huber(sample: Any) -> Called:
    arguments = given(sample, "target")
    delta = arguments.get("delta", 1.0)
    return Called([sample.input, arguments["target"]], {"delta": delta}, lambda y, t: F.huber_loss(y, t, delta=delta))


def cross_entropy(**settings: Any) -> Translate:
    """With these settings, whatever those of the sample are."""
    return lambda sample: Called([sample.input, given(sample, "target")["target"]], settings)


def weighted_cross_entropy(sample: Any) -> Called:
    arguments = given(sample, "target")
    weight = tensor(arguments.get("weight")).tolist()
    return Called([sample.input, arguments["target"]], {"class_weight": tuple(weight)})


def kl_div(sample: Any) -> Called:
    arguments = given(sample, "target")
    without(arguments, log_target=False)
    return Called([sample.input, arguments["target"]], {}, lambda x, t: F.kl_div(x, t, reduction="batchmean"))


def triplet(sample: Any) -> Called:
    """The distances are squared by the suite, so the samples' tensors are what is taken."""
    arguments = given(sample, "positive", "negative")
    tensors = [sample.input, arguments["positive"], arguments["negative"]]
    return Called(tensors, {"margin": arguments.get("margin", 1.0)})


def cosine(sample: Any) -> Called:
    arguments = given(sample, "other", "dim", "eps")
    if arguments.get("dim", 1) not in (-1, 1):
        raise Inexpressible("along another axis than that of rows")
    return Called([sample.input, arguments["other"]], {"eps": arguments.get("eps", 1e-8)})


ACTIVATION_INPUTS: Mapping[str, tuple[str, Callable[..., Any] | None]] = {
    "relu": ("nn.functional.relu", F.relu),
    "selu": ("nn.functional.selu", F.selu),
    "softplus": ("nn.functional.softplus", None),  # PyTorch's default is off by 2e-9 above its threshold
    "sigmoid": ("sigmoid", torch.sigmoid),
    "tanh": ("tanh", torch.tanh),
    "hard_sigmoid": ("nn.functional.hardsigmoid", None),  # the slope is another one
    "swish": ("nn.functional.silu", F.silu),
}

SOURCES: Mapping[str, Sequence[Source]] = {
    "matmul": [Source("matmul", pair(torch.matmul)), Source("mm", pair(torch.mm))],
    "batch_matmul": [Source(name, pair(torch.matmul)) for name in ("matmul", "mm", "bmm")],
    "add": [Source("add", pair(torch.add))],
    "subtract": [Source("sub", pair(torch.sub))],
    "multiply": [Source("mul", pair(torch.mul))],
    "divide": [Source("div", pair(torch.div), "no_rounding_mode")],
    "negative": [Source("neg", elementwise(torch.neg))],
    "power": [Source("pow", power)],
    "exp": [Source("exp", elementwise(torch.exp))],
    "log": [Source("log", elementwise(torch.log))],
    "sqrt": [Source("sqrt", elementwise(torch.sqrt))],
    "reduce_sum": [Source("sum", reduction(torch.sum))],
    "reduce_mean": [Source("mean", reduction(torch.mean))],
    "reduce_max": [
        Source("amax", reduction(torch.amax)),
        Source("max", reduction(torch.max), "reduction_with_dim"),
    ],
    "reshape": [Source("reshape", reshape), Source("view", reshape)],
    "transpose": [Source("permute", permute), Source("transpose", swap)],
    "concatenate": [Source("cat", several(torch.cat))],
    "stack": [Source("stack", several(torch.stack))],
    "split": [Source("tensor_split", tensor_split), Source("split", split), Source("split", split, "list_args")],
    "slice_axis": [Source("narrow", narrow)],
    "select": [Source("select", select)],
    **{op: [Source(name, elementwise(meant))] for op, (name, meant) in ACTIVATION_INPUTS.items()},
    "leaky_relu": [Source("nn.functional.leaky_relu", leaky_relu)],
    "elu": [Source("nn.functional.elu", elu)],
    "clipped_relu": [
        Source("nn.functional.hardtanh", hardtanh),
        Source("nn.functional.relu6", elementwise(F.relu6, ceiling=6.0)),
    ],
    "gelu": [Source("nn.functional.gelu", gelu("none"))],
    "gelu_tanh": [Source("nn.functional.gelu", gelu("tanh"))],
    "softmax": [Source("softmax", along_last(F.softmax))],
    "log_softmax": [Source("log_softmax", along_last(F.log_softmax))],
    "prelu": [Source("nn.functional.prelu", prelu)],
    "linear": [Source("nn.functional.linear", linear)],
    "embedding": [Source("nn.functional.embedding", embedding)],
    "dropout": [Source("nn.functional.dropout", dropout)],
    "conv2d": [Source("nn.functional.conv2d", conv2d)],
    "deconv2d": [Source("nn.functional.conv_transpose2d", conv_transpose2d)],
    "depthwise_conv2d": [Source("nn.functional.conv2d", depthwise_conv2d)],
    "max_pool2d": [Source("nn.functional.max_pool2d", max_pool2d)],
    "avg_pool2d": [Source("nn.functional.avg_pool2d", avg_pool2d)],
    "layer_norm": [
        Source("nn.functional.layer_norm", layer_norm),
        Source("nn.functional.layer_norm", partial(layer_norm, as_rows=True)),
    ],
    "batch_norm": [Source("nn.functional.batch_norm", batch_norm)],
    "group_norm": [
        Source("nn.functional.group_norm", group_norm),
        Source("nn.functional.group_norm", partial(group_norm, as_image=True)),
    ],
    "local_response_norm": [
        Source("nn.functional.local_response_norm", local_response_norm),
        Source("nn.functional.local_response_norm", partial(local_response_norm, as_image=True)),
    ],
    "scaled_dot_product_attention": [Source("nn.functional.scaled_dot_product_attention", attention)],
    "mean_squared_error": [Source("nn.functional.mse_loss", targets(F.mse_loss))],
    "mean_absolute_error": [Source("nn.functional.l1_loss", targets(F.l1_loss))],
    "huber": [Source("nn.functional.huber_loss", huber)],
    "softmax_cross_entropy": [Source("nn.functional.cross_entropy", cross_entropy())],
    "weighted_softmax_cross_entropy": [Source("nn.functional.cross_entropy", weighted_cross_entropy)],
    "masked_softmax_cross_entropy": [Source("nn.functional.cross_entropy", cross_entropy(ignore_label=0))],
    "smoothed_softmax_cross_entropy": [Source("nn.functional.cross_entropy", cross_entropy(smoothing=0.1))],
    "sigmoid_cross_entropy": [
        Source("nn.functional.binary_cross_entropy_with_logits", targets(None, rounded=True)),
    ],
    "hinge": [Source("nn.functional.cross_entropy", cross_entropy())],
    "kl_divergence": [Source("nn.functional.kl_div", kl_div)],
    "triplet": [Source("nn.functional.triplet_margin_loss", triplet)],
    "cosine_distance": [Source("nn.functional.cosine_similarity", cosine)],
}
"""The samples of each op that PyTorch has a function like."""
