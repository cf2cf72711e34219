"""PyTorch's samples as calls of the ops for normalisation."""

import math
from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

import torch.nn.functional as F

from tests.backends.op_db.samples import Called, Inexpressible, Source, given, image, tensor

EPS = 1e-5
"""Where a sample leaves PyTorch's default."""


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


SOURCES: Mapping[str, Sequence[Source]] = {
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
}
