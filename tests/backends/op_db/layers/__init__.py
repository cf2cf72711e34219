"""PyTorch's samples as calls of the layers."""

from collections.abc import Mapping, Sequence

from tests.backends.op_db.layers import (
    attention,
    convolution,
    linear_embedding_dropout,
    normalisation,
    pooling,
    resizing,
)
from tests.backends.op_db.samples import Source

SOURCES: Mapping[str, Sequence[Source]] = {
    **linear_embedding_dropout.SOURCES,
    **convolution.SOURCES,
    **pooling.SOURCES,
    **resizing.SOURCES,
    **normalisation.SOURCES,
    **attention.SOURCES,
}
