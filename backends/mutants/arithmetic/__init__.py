"""Mistakes in products, in arithmetic, in reductions and in what moves elements."""

from backends.mutants.arithmetic import choices, elements, indexing, manipulation, products, reductions, sums

MUTANTS = (
    *products.MUTANTS,
    *elements.MUTANTS,
    *reductions.MUTANTS,
    *choices.MUTANTS,
    *manipulation.MUTANTS,
    *indexing.MUTANTS,
    *sums.MUTANTS,
)
