"""Calls of the layers."""

from harness.fuzzing.calls.layers import (
    attention,
    convolution,
    linear_embedding_dropout,
    normalisation,
    other_norms,
    pooling,
    positions,
    recurrent,
    recurrent_layers,
    resizing,
)
from harness.fuzzing.calls.maker import Maker

MAKERS: dict[str, Maker] = {
    **linear_embedding_dropout.MAKERS,
    **convolution.MAKERS,
    **pooling.MAKERS,
    **resizing.MAKERS,
    **normalisation.MAKERS,
    **other_norms.MAKERS,
    **recurrent.MAKERS,
    **recurrent_layers.MAKERS,
    **positions.MAKERS,
    **attention.MAKERS,
}
