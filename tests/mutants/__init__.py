"""The corpus: backends with one realistic mistake each, and correct ones on random networks.

Each family stands in a file of its own as a table: what the mistake is called and is, the scenario that shows it, the
op and phase where an exact location points, the function, and what is written there instead.
"""

from tests.mutants import (
    activations,
    arithmetic,
    attention,
    batch_norm,
    convolution,
    distance_losses,
    framework_calls,
    frameworks,
    label_losses,
    layers,
    losses,
    manipulation,
    normalisation,
    optimizers,
    pooling,
    precision,
    products,
    rectifiers,
    recurrent,
    rules,
    smooth_activations,
    training,
)
from tests.mutants.random_scenarios import random_runs
from tests.mutants.usual_checks import complaints, usual_checks

MUTANTS = (
    *activations.MUTANTS,
    *rectifiers.MUTANTS,
    *smooth_activations.MUTANTS,
    *losses.MUTANTS,
    *distance_losses.MUTANTS,
    *label_losses.MUTANTS,
    *normalisation.MUTANTS,
    *batch_norm.MUTANTS,
    *layers.MUTANTS,
    *convolution.MUTANTS,
    *pooling.MUTANTS,
    *recurrent.MUTANTS,
    *attention.MUTANTS,
    *products.MUTANTS,
    *arithmetic.MUTANTS,
    *manipulation.MUTANTS,
    *optimizers.MUTANTS,
    *rules.MUTANTS,
    *training.MUTANTS,
    *precision.MUTANTS,
    *frameworks.MUTANTS,
    *framework_calls.MUTANTS,
)

__all__ = ["MUTANTS", "complaints", "random_runs", "usual_checks"]
