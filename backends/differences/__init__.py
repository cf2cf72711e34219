"""Where Chainer and PyTorch mean different things under the same name, each difference as code that proves it."""

from backends.differences import (
    classification_losses,
    defaults,
    initial_values,
    layers,
    losses,
    optimizer_state,
    optimizers,
    recurrent_layers,
    shapes,
    tensors,
    ties,
    training_mode,
)
from backends.differences.difference import Difference

MODULES = (
    optimizers,
    optimizer_state,
    classification_losses,
    losses,
    layers,
    tensors,
    recurrent_layers,
    training_mode,
    defaults,
    initial_values,
    ties,
    shapes,
)

DIFFERENCES: tuple[Difference, ...] = tuple(
    value for module in MODULES for value in vars(module).values() if isinstance(value, Difference)
)
"""All entries, in the order in which the modules define them."""
