"""Inputs of arithmetic."""

from backends.op_inputs.kinds import Maker
from backends.op_inputs.arithmetic import elementary, elementwise, products, reductions, sums

INPUTS: dict[str, Maker] = {
    **products.INPUTS,
    **elementwise.INPUTS,
    **reductions.INPUTS,
    **sums.INPUTS,
    **elementary.INPUTS,
}
