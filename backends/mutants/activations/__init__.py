"""Mistakes in activations."""

from backends.mutants.activations import basic, rectifiers, smooth

MUTANTS = (*basic.MUTANTS, *rectifiers.MUTANTS, *smooth.MUTANTS)
