"""Whether a wrong tensor was computed from one that another op had written over."""

from collections.abc import Sequence

from backends.contract import Node, Overwriting, Program, gradient_name
from harness.certifying.uses import Use


def overwriting_behind(
    node: Node, uses: Sequence[Use], overwritten: Sequence[Overwriting], program: Program
) -> Overwriting | None:
    """The first overwriting by another call of a tensor that a wrong tensor was computed from, or of itself.

    A backward may read its call's inputs and outputs and the gradients that arrive; a forward reads its inputs.
    """
    order = {call.outputs[0]: number for number, call in enumerate(program.calls)}
    outputs = {call.outputs[0]: call.outputs for call in program.calls}
    for overwriting in overwritten:
        if overwriting.tensor == str(node):
            return overwriting
        for use in uses:
            if overwriting.call == use.call or overwriting.call is None or not use.call:
                continue
            read = {name for name, _ in (*use.inputs, *use.arriving)}
            is_backward = bool(use.arriving)
            if is_backward:
                read |= {*outputs[use.call], *map(gradient_name, outputs[use.call])}
            came_before = (
                overwriting.phase == "forward" or order[overwriting.call] > order[use.call]
                if is_backward
                else overwriting.phase == "forward" and order[overwriting.call] < order[use.call]
            )
            if came_before and overwriting.tensor in read:
                return overwriting
    return None
