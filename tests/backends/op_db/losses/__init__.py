"""PyTorch's samples as calls of the losses."""

from collections.abc import Mapping, Sequence

from tests.backends.op_db.losses import cross_entropies, distance_losses, label_losses, sequence_losses
from tests.backends.op_db.samples import Source

SOURCES: Mapping[str, Sequence[Source]] = {
    **distance_losses.SOURCES,
    **label_losses.SOURCES,
    **cross_entropies.SOURCES,
    **sequence_losses.SOURCES,
}
