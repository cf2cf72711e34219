"""Mistakes in losses."""

from backends.mutants.losses import answers, basic, cross_entropies, distances, labels, reductions, sequence_losses

MUTANTS = (
    *basic.MUTANTS,
    *distances.MUTANTS,
    *labels.MUTANTS,
    *cross_entropies.MUTANTS,
    *reductions.MUTANTS,
    *answers.MUTANTS,
    *sequence_losses.MUTANTS,
)
