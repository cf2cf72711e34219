"""Mistakes in layers."""

from backends.mutants.layers import (
    attention,
    batch_norm,
    convolution,
    grouped_attention,
    group_norm,
    linear_embedding_dropout,
    normalisation,
    other_norms,
    pooling,
    recurrent,
    recurrent_layers,
    resizing,
)

MUTANTS = (
    *normalisation.MUTANTS,
    *batch_norm.MUTANTS,
    *group_norm.MUTANTS,
    *other_norms.MUTANTS,
    *linear_embedding_dropout.MUTANTS,
    *convolution.MUTANTS,
    *pooling.MUTANTS,
    *resizing.MUTANTS,
    *recurrent.MUTANTS,
    *recurrent_layers.MUTANTS,
    *attention.MUTANTS,
    *grouped_attention.MUTANTS,
)
