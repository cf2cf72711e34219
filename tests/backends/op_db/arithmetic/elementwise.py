"""PyTorch's samples as calls of elementwise arithmetic."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import torch
from torch import Tensor

from tests.backends.op_db.samples import Called, Inexpressible, Source, Translate, elementwise, given, tensor, without


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


def where(sample: Any) -> Called:
    """The condition is the second argument of the samples."""
    mask, other = sample.args
    return Called([mask.long(), sample.input, tensor(other)], {}, lambda m, a, b: torch.where(m != 0, a, b))


SOURCES: Mapping[str, Sequence[Source]] = {
    "add": [Source("add", pair(torch.add))],
    "subtract": [Source("sub", pair(torch.sub))],
    "multiply": [Source("mul", pair(torch.mul))],
    "divide": [Source("div", pair(torch.div), "no_rounding_mode")],
    "negative": [Source("neg", elementwise(torch.neg))],
    "power": [Source("pow", power)],
    "maximum": [Source("maximum", pair(torch.maximum))],
    "minimum": [Source("minimum", pair(torch.minimum))],
    "where": [Source("where", where)],
}
