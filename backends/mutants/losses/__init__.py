"""Mistakes in losses."""

from backends.mutants.losses import basic, distances, labels

MUTANTS = (*basic.MUTANTS, *distances.MUTANTS, *labels.MUTANTS)
