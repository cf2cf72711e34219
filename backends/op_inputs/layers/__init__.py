"""Inputs of the layers."""

from backends.op_inputs.kinds import Maker
from backends.op_inputs.layers import (
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

INPUTS: dict[str, Maker] = {
    **linear_embedding_dropout.INPUTS,
    **convolution.INPUTS,
    **pooling.INPUTS,
    **resizing.INPUTS,
    **normalisation.INPUTS,
    **other_norms.INPUTS,
    **recurrent.INPUTS,
    **recurrent_layers.INPUTS,
    **positions.INPUTS,
    **attention.INPUTS,
}
