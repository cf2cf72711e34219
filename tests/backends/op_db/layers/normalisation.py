"""PyTorch's samples as calls of the ops for normalisation."""

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor

from tests.backends.op_db.samples import Called, Inexpressible, Source, given, image, tensor, without

EPS = 1e-5
"""Where a sample leaves PyTorch's default."""


def given_parts(arguments: Mapping[str, Any], channels: int | Sequence[int]) -> list[Tensor]:
    """Gain and bias as far as they are given; a gain of ones stands for none in front of a bias."""
    gain, bias = arguments.get("weight"), arguments.get("bias")
    if gain is None and bias is not None:
        gain = torch.ones(channels, dtype=bias.dtype)
    return [part for part in (gain, bias) if part is not None]


def layer_norm(sample: Any) -> Called:
    arguments = given(sample, "shape", "weight", "bias")
    shape, eps = arguments["shape"], arguments.get("eps", EPS)
    axis = -1 if len(shape) == 1 else tuple(range(-len(shape), 0))
    return Called(
        [sample.input, *given_parts(arguments, shape)],
        {"eps": eps, "axis": axis},
        lambda x, gain=None, bias=None: F.layer_norm(x, shape, gain, bias, eps),
    )


def batch_norm(sample: Any) -> Called:
    """In training. What has running statistics has a gain and a bias, too: ones and zeros where there are none."""
    arguments = given(sample, "mean", "var", "weight", "bias")
    if not arguments.get("training"):
        raise Inexpressible("by the running statistics")
    settings = {"eps": arguments.get("eps", EPS), "momentum": arguments.get("momentum", 0.1)}
    running, channels = [arguments.get(name) for name in ("mean", "var")], sample.input.shape[1:2].numel()
    parts = given_parts(arguments, channels)
    if running[0] is None:
        return Called([sample.input, *parts], settings)
    neutral = [torch.ones(channels, dtype=sample.input.dtype), torch.zeros(channels, dtype=sample.input.dtype)]
    return Called([sample.input, *parts, *neutral[len(parts) :], *map(tensor, running)], settings)


def fixed_batch_norm(sample: Any) -> Called:
    arguments = given(sample, "mean", "var", "weight", "bias")
    if arguments.get("training"):
        raise Inexpressible("by the batch's statistics")
    eps = arguments.get("eps", EPS)
    statistics = [tensor(arguments.get(name)) for name in ("mean", "var")]
    return Called(
        [sample.input, *statistics, *given_parts(arguments, sample.input.shape[1:2].numel())],
        {"eps": eps},
        lambda x, mean, var, gain=None, bias=None: F.batch_norm(x, mean, var, gain, bias, False, 0.0, eps),
    )


def group_norm(sample: Any) -> Called:
    arguments = given(sample, "groups", "weight", "bias")
    groups, eps = arguments["groups"], arguments.get("eps", EPS)
    return Called(
        [sample.input, *given_parts(arguments, sample.input.shape[1:2].numel())],
        {"groups": groups, "eps": eps},
        lambda x, gain=None, bias=None: F.group_norm(x, groups, gain, bias, eps),
    )


def instance_norm(sample: Any) -> Called:
    """By the statistics of each example."""
    arguments = given(sample, "mean", "var", "weight", "bias", "use_input_stats", "momentum", "eps")
    without(arguments, use_input_stats=True, mean=None, var=None)
    eps = arguments.get("eps", EPS)
    return Called(
        [sample.input, *given_parts(arguments, sample.input.shape[1:2].numel())],
        {"eps": eps},
        lambda x, gain=None, bias=None: F.instance_norm(x, None, None, gain, bias, True, 0.0, eps),
    )


def rms_norm(sample: Any) -> Called:
    """PyTorch's eps is that of the dtype unless it is given."""
    arguments = given(sample, "shape", "weight", "eps")
    shape, gain, eps = arguments["shape"], arguments.get("weight"), arguments.get("eps")
    if len(shape) != 1:
        raise Inexpressible("rows along several axes")
    eps = torch.finfo(sample.input.dtype).eps if eps is None else eps
    parts = [] if gain is None else [gain]
    return Called([sample.input, *parts], {"eps": eps}, lambda x, gain=None: F.rms_norm(x, shape, gain, eps))


def local_response_norm(sample: Any, *, as_image: bool = False) -> Called:
    """PyTorch takes the mean over the channels where the suite takes their sum, of an odd number if `as_image`."""
    arguments = given(sample, "size")
    n, k = arguments["size"], arguments.get("k", 1.0)
    n = n | 1 if as_image else n
    alpha, beta = arguments.get("alpha", 1e-4), arguments.get("beta", 0.75)
    settings = {"n": n, "k": k, "alpha": alpha / n, "beta": beta}
    x = image(sample.input) if as_image else sample.input
    return Called([x], settings, lambda x: F.local_response_norm(x, n, alpha, beta, k))


SOURCES: Mapping[str, Sequence[Source]] = {
    "layer_norm": [Source("nn.functional.layer_norm", layer_norm)],
    "batch_norm": [Source("nn.functional.batch_norm", batch_norm)],
    "fixed_batch_norm": [Source("nn.functional.batch_norm", fixed_batch_norm)],
    "group_norm": [Source("nn.functional.group_norm", group_norm)],
    "instance_norm": [Source("nn.functional.instance_norm", instance_norm)],
    "rms_norm": [Source("nn.functional.rms_norm", rms_norm)],
    "local_response_norm": [
        Source("nn.functional.local_response_norm", local_response_norm),
        Source("nn.functional.local_response_norm", partial(local_response_norm, as_image=True)),
    ],
}
