"""Mistakes in activations."""

from backends.mutants.activations import basic, gates, rectifiers, smooth

MUTANTS = (*basic.MUTANTS, *rectifiers.MUTANTS, *smooth.MUTANTS, *gates.MUTANTS)
