"""Mistakes in products, in arithmetic and in what moves elements."""

from backends.mutants.arithmetic import choices, elements_and_sums, manipulation, products

MUTANTS = (*products.MUTANTS, *elements_and_sums.MUTANTS, *choices.MUTANTS, *manipulation.MUTANTS)
