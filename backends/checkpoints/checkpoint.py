"""What a file of weights holds."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from backends.checkpoints.models import Framework
from backends.checkpoints.torch_optimizers import TorchOptimizer
from backends.layouts.transformations import Array


class CheckpointError(ValueError):
    """A file that can't be read as weights, or written; the message says why."""


@dataclass(frozen=True)
class Checkpoint:
    """What a file holds."""

    framework: Framework
    arrays: Mapping[str, Array]
    """The weights and buffers by their names."""
    empty: tuple[str, ...] = ()
    """What holds no numbers, such as parameters that had no value yet when they were saved."""
    optimizer: Mapping[str, Array] = field(default_factory=dict)
    """What a snapshot's optimizer keeps, such as `l1/W/m`."""
    torch_optimizer: TorchOptimizer | None = None
    """PyTorch's optimizer, if the file has one."""
    shared: Mapping[str, str] = field(default_factory=dict)
    """Names of what has another name before it: a weight that two modules share."""
