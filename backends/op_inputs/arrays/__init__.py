"""Inputs of the ops that move, read and repeat elements."""

from backends.op_inputs.kinds import Maker
from backends.op_inputs.arrays import indexing, joining, repeating, reshaping

INPUTS: dict[str, Maker] = {
    **reshaping.INPUTS,
    **joining.INPUTS,
    **indexing.INPUTS,
    **repeating.INPUTS,
}
