"""PyTorch's samples as calls of reductions over one axis, several or all of them."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import torch
from torch import Tensor

from tests.backends.op_db.samples import Called, Inexpressible, Source, Translate, given


def reduction(meant: Callable[..., Any]) -> Translate:
    def translate(sample: Any) -> Called:
        arguments = given(sample, "dim", "keepdim")
        axis, keepdims = arguments.get("dim"), arguments.get("keepdim", False)

        def reduced(x: Tensor) -> Tensor:
            result = meant(x, dim=axis, keepdim=keepdims)
            return result if isinstance(result, Tensor) else result.values

        return Called([sample.input], {"axis": axis, "keepdims": keepdims}, reduced)

    return translate


def whole(meant: Callable[..., Any]) -> Translate:
    return lambda sample: Called([sample.input], {}, meant)


def variance(sample: Any) -> Called:
    """With the correction that a sample has: 1 unless it says otherwise, and 0 for `unbiased=False`."""
    arguments = given(sample, "dim", "unbiased", "keepdim")
    if isinstance(arguments.get("dim"), bool):  # of the variant without axes
        arguments = given(sample, "unbiased")
    unbiased = arguments.get("unbiased", True)
    correction, axis = arguments.get("correction", 1 if unbiased else 0), arguments.get("dim")
    correction = 1 if correction is None else correction
    if not isinstance(correction, int):
        raise Inexpressible("a correction that is no whole number")
    settings = {"axis": axis, "keepdims": arguments.get("keepdim", False)}
    return Called(
        [sample.input],
        {**settings, "correction": correction},
        lambda x: torch.var(x, dim=axis, correction=correction, keepdim=settings["keepdims"]),
    )


def logsumexp(sample: Any) -> Called:
    arguments = given(sample, "dim", "keepdim")
    axis, keepdims = arguments["dim"], arguments.get("keepdim", False)
    return Called(
        [sample.input], {"axis": axis, "keepdims": keepdims}, lambda x: torch.logsumexp(x, axis, keepdim=keepdims)
    )


SOURCES: Mapping[str, Sequence[Source]] = {
    "reduce_sum": [Source("sum", reduction(torch.sum))],
    "reduce_mean": [Source("mean", reduction(torch.mean))],
    "reduce_var": [Source("var", variance), Source("var", variance, "unbiased")],
    "reduce_max": [
        Source("amax", reduction(torch.amax)),
        Source("max", reduction(torch.max), "reduction_with_dim"),
        Source("max", whole(torch.amax), "reduction_no_dim"),
    ],
    "reduce_min": [
        Source("amin", reduction(torch.amin)),
        Source("min", reduction(torch.min), "reduction_with_dim"),
        Source("min", whole(torch.amin), "reduction_no_dim"),
    ],
    "logsumexp": [Source("logsumexp", logsumexp)],
}
