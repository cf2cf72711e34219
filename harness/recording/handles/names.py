"""The names of a program's tensors: each is that of one tensor, and none is one that results use for another."""

from collections.abc import Callable, Collection, Mapping, Sequence

from backends.contract import Node, NodeKind, Program, clipped_name, gradient_name
from harness.errors import InputError
from harness.recording.handles.assigned_names import AssignedName
from scenarios import Scenario

TAKEN: tuple[NodeKind, ...] = ("clipped", "scheduled", "decayed", "state", "average")
"""The kinds of tensors that results name after another tensor, beside gradients."""


class TensorNames:
    """Gives the outputs of calls, and numbers beside tensors, names that are free."""

    def __init__(
        self,
        used: Collection[str],
        of_scheduled_and_states: Collection[str],
        is_op: Callable[[str], bool],
    ) -> None:
        """`used` are the names of the tensors so far, and grows with them.

        A variable named as an op would shadow it where the program is written out, so that such names are numbered.
        """
        self._used = used
        self._in_results = of_scheduled_and_states
        self._is_op = is_op
        self._next_numbers: dict[tuple[str, int], int] = {}

    def of_outputs(self, op: str, assigned: Sequence[AssignedName | None]) -> tuple[str, ...]:
        """What the outputs of a call of `op` are called, by what each is assigned to."""
        names: list[str] = []
        for name in assigned:
            if name is None or self._is_name_of_result(name):
                names.append(self._free(op, names, always_numbered=True))
            else:
                names.append(self._free(name.text, names, always_numbered=False))
        return tuple(names)

    def of_constant(self, name: str) -> str:
        """What a number beside tensors is called."""
        return self._free(name, (), always_numbered=False)

    def _is_name_of_result(self, assigned: AssignedName) -> bool:
        """Whether results may call something else like this key or attribute; a variable of such a name is refused."""
        name = assigned.text
        return not assigned.is_variable and (
            name in self._in_results
            or name.startswith((gradient_name(""), clipped_name("")))
            or gradient_name(name) in self._used
        )

    def _free(self, name: str, taken: Collection[str], *, always_numbered: bool) -> str:
        """The name, or the first number behind it, that neither a tensor nor one of `taken` has."""
        numbered = always_numbered or self._is_op(name)
        if not numbered and name not in self._used and name not in taken:
            return name
        first = 1 if numbered else 2
        number = self._next_numbers.get((name, first), first)
        while f"{name}_{number}" in self._used or f"{name}_{number}" in taken:
            number += 1
        self._next_numbers[name, first] = number  # those before it stay taken
        return f"{name}_{number}"


def names_of_scheduled_and_states(scenario: Scenario, state: Mapping[str, Collection[str]]) -> set[str]:
    """What results call scheduled settings and states, where each of these weights has a state in each of its slots."""
    settings = {"lr", *([scenario.schedule.of] if scenario.schedule is not None else [])}
    scheduled = settings | {f"{of}_{group.weights[0]}" for of in settings for group in scenario.groups}
    return scheduled | {f"{slot}_{weight}" for weight, slots in state.items() for slot in slots}


def refuse_names_of_results(scenario: Scenario, program: Program) -> None:
    """Raise InputError for a tensor with a name that results use for a gradient, a state or a scheduled setting."""
    taken = {gradient_name(name): f"the gradient of {name}" for name in program.differentiable}
    taken |= {str(node): _in_words(node) for node in program.nodes() if node.kind in TAKEN}
    for name in program.shapes:
        in_results = name not in scenario.draws or scenario.draws[name].role != "data"
        if name in taken and in_results:
            raise InputError(
                f"scenario {scenario.name}: {name} is the name of {taken[name]} in results; rename the tensor"
            )


def _in_words(node: Node) -> str:
    match node.kind:
        case "clipped":
            return f"the clipped gradient of {node.of}"
        case "decayed":
            return f"the decayed gradient of {node.of}"
        case "average":
            return f"the average of {node.of}"
        case "state":
            return f"{node.op}'s {node.slot} of {node.of}"
    return f"the scheduled {node.slot} of " + (f"{node.of}'s group" if node.of else "an update")
