"""Mistakes in losses."""

from backends.mutants.losses import basic, cross_entropies, distances, labels

MUTANTS = (*basic.MUTANTS, *distances.MUTANTS, *labels.MUTANTS, *cross_entropies.MUTANTS)
