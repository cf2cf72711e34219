"""The corpus: backends with one realistic mistake each, and correct ones on random networks.

Each family stands in a file of its own as a table: what the mistake is called and is, the scenario that shows it, the
op and phase where an exact location points, the function, and what is written there instead.
"""

from tests.mutants import (
    activations,
    batch_norm,
    convolution,
    frameworks,
    layers,
    losses,
    normalisation,
    optimizers,
    pooling,
    precision,
    products,
    rules,
    training,
)
from tests.mutants.random_scenarios import random_runs
from tests.mutants.usual_checks import complaints, usual_checks

MUTANTS = (
    *activations.MUTANTS,
    *losses.MUTANTS,
    *normalisation.MUTANTS,
    *batch_norm.MUTANTS,
    *layers.MUTANTS,
    *convolution.MUTANTS,
    *pooling.MUTANTS,
    *products.MUTANTS,
    *optimizers.MUTANTS,
    *rules.MUTANTS,
    *training.MUTANTS,
    *precision.MUTANTS,
    *frameworks.MUTANTS,
)

__all__ = ["MUTANTS", "complaints", "random_runs", "usual_checks"]
