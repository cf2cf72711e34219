"""Inputs of the activations."""

from backends.op_inputs.kinds import Maker
from backends.op_inputs.activations import gates, rectifiers, smooth

INPUTS: dict[str, Maker] = {
    **rectifiers.INPUTS,
    **smooth.INPUTS,
    **gates.INPUTS,
}
