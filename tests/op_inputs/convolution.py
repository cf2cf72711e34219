"""Inputs of convolutions."""

from tests.op_inputs.kinds import Maker

INPUTS: dict[str, Maker] = {}
