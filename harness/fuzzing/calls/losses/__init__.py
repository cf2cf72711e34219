"""Calls of the losses."""

from harness.fuzzing.calls.losses import distance_losses, label_losses, sequence_losses
from harness.fuzzing.calls.maker import Maker

MAKERS: dict[str, Maker] = {
    **distance_losses.MAKERS,
    **label_losses.MAKERS,
    **sequence_losses.MAKERS,
}
