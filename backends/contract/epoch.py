"""The updates of an epoch: the rows of each, and at which of them the optimizer steps.

Updates are counted from 1 over the whole run. Each has a batch of its own. Where gradients are accumulated over several
batches, only the last update of these steps; the others add to the gradients, and leave the weights as they are.
"""

from dataclasses import dataclass
from functools import cached_property


@dataclass(frozen=True)
class Epoch:
    """The updates of every epoch of a run."""

    rows: tuple[int, ...] = (1,)
    """The number of examples in the batch of each update."""
    batches_per_step: int = 1
    """Over how many batches gradients are accumulated; the last step of an epoch takes those that are left."""

    @property
    def accumulates(self) -> bool:
        """Whether a step takes its gradients from several batches."""
        return self.batches_per_step > 1

    @property
    def steps(self) -> int:
        """How many steps the optimizer makes in an epoch."""
        return -(-len(self.rows) // self.batches_per_step)

    def first_update(self, epoch: int) -> int:
        """The first update of an epoch, which is counted from 1."""
        return (epoch - 1) * len(self.rows) + 1

    def first_step_in(self, epoch: int) -> int:
        """The update at which the optimizer steps first in an epoch, which is counted from 1."""
        return self.first_update(epoch) - 1 + len(self.batches(1))

    def step(self, update: int) -> int:
        """The step that an update belongs to, counted from 1 over the whole run."""
        epoch, place = divmod(update - 1, len(self.rows))
        return epoch * self.steps + place // self.batches_per_step + 1

    def begins_step(self, update: int) -> bool:
        """Whether the gradients start at 0 at an update."""
        return (update - 1) % len(self.rows) % self.batches_per_step == 0

    def ends_step(self, update: int) -> bool:
        """Whether the optimizer steps at an update."""
        return self.begins_step(update + 1)

    def rows_of(self, update: int) -> int:
        """The rows of the batch of an update."""
        return self.rows[(update - 1) % len(self.rows)]

    def share(self, update: int) -> float:
        """The rows of an update over those of all updates of its step: its share in the mean over them."""
        place = (update - 1) % len(self.rows)
        return self.rows[place] / self._rows_of_steps[place // self.batches_per_step]

    def batches(self, update: int) -> tuple[int, ...]:
        """The rows of each batch of the step that an update belongs to."""
        first = (update - 1) % len(self.rows) // self.batches_per_step * self.batches_per_step
        return self.rows[first : first + self.batches_per_step]

    @cached_property
    def _rows_of_steps(self) -> tuple[int, ...]:
        size = self.batches_per_step
        return tuple(sum(self.rows[start : start + size]) for start in range(0, len(self.rows), size))
