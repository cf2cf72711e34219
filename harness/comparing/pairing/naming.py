"""What a user's program calls the tensors of a captured pass."""

import ast
import linecache
from functools import cache

from backends.capture.calls import Pass


def names_of(captured: Pass) -> dict[int, str]:
    """Names by number: of the batch, the parameters of the loss; of a result, the variable that it is assigned to.

    Of several calls on one line the last one is assigned.
    """
    names = dict(captured.batch)
    for call, following in zip(captured.calls, [*captured.calls[1:], None], strict=True):
        if following is None or following.place != call.place:
            variable = assigned_at(call.place)
            if variable and len(call.outputs) == 1:
                names[call.outputs[0]] = variable
    return names


def assigned_at(place: str) -> str:
    """The one variable that the statement at `file:line` assigns; empty if it assigns none."""
    file, _, line = place.rpartition(":")
    return _variables(file).get(int(line), "") if line.isdigit() else ""


@cache
def _variables(file: str) -> dict[int, str]:
    """The variable that is assigned, by every line of the assignment."""
    try:
        tree = ast.parse("".join(linecache.getlines(file)))
    except SyntaxError:
        return {}
    return {
        line: node.targets[0].id
        for node in ast.walk(tree)
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name) and len(node.targets) == 1
        for line in range(node.lineno, (node.end_lineno or node.lineno) + 1)
    }
