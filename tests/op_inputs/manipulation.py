"""Inputs of the ops that move elements."""

from tests.op_inputs.kinds import Maker

INPUTS: dict[str, Maker] = {}
