"""Mistakes in calling PyTorch and Chainer."""

from backends.mutants.frameworks import activations, detaching, losses_and_optimizers

MUTANTS = (*losses_and_optimizers.MUTANTS, *activations.MUTANTS, *detaching.MUTANTS)
