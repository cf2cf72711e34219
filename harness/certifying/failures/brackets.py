"""Between which recorded tensors a mistake lies, where a backend yields only some of what it computes."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from backends.contract import Call, Node, Program, Step


@dataclass(frozen=True)
class Bracket:
    """The calls among which a mistake is, and the checks that say so."""

    calls: tuple[Call, ...]
    """In the order of the program."""
    between: tuple[str, str]
    """The tensors around them, in the direction in which they are computed."""
    right: tuple[Node, ...]
    """The gradients of weights, or else the values, that are right."""
    wrong: tuple[Node, ...]
    """Those that are wrong."""

    @property
    def ops(self) -> tuple[str, ...]:
        """The ops of these calls."""
        return tuple(dict.fromkeys(call.op for call in self.calls))


def bracket(program: Program, step: Step, node: Node, right: Sequence[Node], wrong: Sequence[Node]) -> Bracket | None:
    """Narrow down where a failed tensor went wrong; None if all that leads to it was recorded or it is no op's.

    A tensor is computed by the calls since the last recorded tensors. Where the gradient of a weight is right, so is
    what arrived at the call that it belongs to; that call's other gradients are not known to be.
    """
    if node.kind not in ("value", "loss", "gradient"):
        return None
    led_to, own = _calls_behind(program, step, node), _next_to(program, node)
    if {call.outputs[0] for call in led_to} <= own:
        return None
    kind = node.kind
    cleared: set[str] = set()
    borders: set[str] = set()
    for other in (other for other in right if other.kind == kind == "gradient"):
        borders |= _next_to(program, other)
        cleared |= {call.outputs[0] for call in _calls_behind(program, step, other)} - _next_to(program, other)
    suspected = [call for call in led_to if call.outputs[0] not in cleared or call.outputs[0] in own]
    start, end = suspected[0].inputs[0], suspected[-1].outputs[0]
    if kind == "gradient":
        inner = [name for name in suspected[-1].inputs if name in program.with_gradient and name not in program.weights]
        start, end = (inner[0] if inner and end in borders - own else end), start
    shown = [(n for n in nodes if n.kind == kind) for nodes in (right, wrong)]
    return Bracket(tuple(suspected), (start, end), *(tuple(nodes) for nodes in shown))


def _next_to(program: Program, node: Node) -> set[str]:
    """The calls that compute a tensor itself, each by its first output: several where a tensor has several uses."""
    if node.kind == "gradient":
        return {call.outputs[0] for call in program.calls if node.of in call.inputs}
    return {call.outputs[0] for call in program.calls if node.of in call.outputs}


def _calls_behind(program: Program, step: Step, node: Node) -> list[Call]:
    """The calls that a tensor was computed by since the last tensors that the backend recorded."""
    behind: dict[str, Call] = {}
    if node.kind == "gradient":
        _add_backward(program, step, node.of, behind)
    else:
        _add_forward(program, step, node.of, behind)
    return [call for call in program.calls if call.outputs[0] in behind]


def _add_forward(program: Program, step: Step, tensor: str, behind: dict[str, Call]) -> None:
    waiting = [tensor]
    makers = {name: call for call in program.calls for name in call.outputs}
    while waiting:
        call = makers.get(waiting.pop())
        if call is not None and call.outputs[0] not in behind:
            behind[call.outputs[0]] = call
            waiting += _not_recorded(call.inputs, step)


def _add_backward(program: Program, step: Step, tensor: str, behind: dict[str, Call]) -> None:
    waiting, seen = [tensor], {tensor}
    while waiting:
        name = waiting.pop()
        for call in program.calls:
            if name in call.inputs and program.with_gradient & set(call.outputs):
                behind[call.outputs[0]] = call
                unknown = set(call.outputs) & program.with_gradient - step.value_grads.keys() - {program.loss} - seen
                seen |= unknown
                waiting += unknown


def _not_recorded(names: Iterable[str], step: Step) -> list[str]:
    return [name for name in names if name not in step.values]
