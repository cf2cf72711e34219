"""PyTorch's samples as calls of the ops that make images of another size; none has whole scales."""

from collections.abc import Mapping, Sequence
from typing import Any

import torch.nn.functional as F

from tests.backends.op_db.samples import Called, Inexpressible, Source, given


def bilinear(sample: Any) -> Called:
    arguments = given(sample, "size")
    size, corners = arguments.get("size"), bool(arguments.get("align_corners"))
    if size is None:
        raise Inexpressible("a scale that is no size")
    return Called(
        [sample.input],
        {"size": tuple(size), "align_corners": corners},
        lambda x: F.interpolate(x, tuple(size), mode="bilinear", align_corners=corners),
    )


SOURCES: Mapping[str, Sequence[Source]] = {
    "resize_bilinear": [Source("nn.functional.interpolate", bilinear, "bilinear")],
}
