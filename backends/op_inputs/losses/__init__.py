"""Inputs of the losses."""

from backends.op_inputs.kinds import Maker
from backends.op_inputs.losses import cross_entropies, distance_losses, label_losses, sequence_losses

INPUTS: dict[str, Maker] = {
    **distance_losses.INPUTS,
    **label_losses.INPUTS,
    **cross_entropies.INPUTS,
    **sequence_losses.INPUTS,
}
