"""Whether a wrong tensor was computed from one that another op had written over."""

from collections.abc import Mapping, Sequence

from backends.contract import Call, Node, Overwriting, Program, gradient_name
from harness.certifying.uses import Use


def overwriting_behind(
    node: Node, uses: Sequence[Use], overwritten: Sequence[Overwriting], program: Program
) -> Overwriting | None:
    """The first overwriting by another call of a tensor that a wrong tensor was computed from, or of itself.

    A backward may read its call's inputs and outputs and the gradients that arrive; a forward reads its inputs.
    """
    order = {call.outputs[0]: number for number, call in enumerate(program.calls)}
    calls = {call.outputs[0]: call for call in program.calls}
    maker = {name: call.outputs[0] for call in program.calls for name in call.outputs}
    for overwriting in overwritten:
        if overwriting.tensor == str(node) and not _came_after(overwriting, node, maker, calls):
            return overwriting
        for use in uses:
            if overwriting.call == use.call or overwriting.call is None or not use.call:
                continue
            values = {name for name, _ in use.inputs}
            is_backward = bool(use.arriving)
            if is_backward:
                values |= set(calls[use.call].outputs)
                arriving = {*(name for name, _ in use.arriving), *map(gradient_name, calls[use.call].outputs)}
                if overwriting.tensor in arriving and overwriting.call not in _behind(use.call, maker, calls):
                    return overwriting
            came_before = (
                overwriting.phase == "forward" or order[overwriting.call] > order[use.call]
                if is_backward
                else overwriting.phase == "forward" and order[overwriting.call] < order[use.call]
            )
            if came_before and overwriting.tensor in values:
                return overwriting
    return None


def _came_after(overwriting: Overwriting, node: Node, maker: Mapping[str, str], calls: Mapping[str, Call]) -> bool:
    """Whether a tensor that is copied when it is made was written over only later, so that its copy is not harmed."""
    if node.of not in maker or node.kind not in ("value", "gradient"):
        return False  # read when the update is over
    return node.kind == "value" or overwriting.call in {None, *_behind(maker[node.of], maker, calls)}


def _behind(call: str, maker: Mapping[str, str], calls: Mapping[str, Call]) -> set[str]:
    """A call and all that it depends on: their backwards run after all others have added to its gradient."""
    found: set[str] = set()
    waiting = [call]
    while waiting:
        each = waiting.pop()
        if each not in found:
            found.add(each)
            waiting.extend(maker[name] for name in calls[each].inputs if name in maker)
    return found
