"""Names a call's outputs after the variables that the caller assigns them to.

`f_lasti` of the calling frame and the code's positions give the end of the running call; the syntax tree of the file
gives the assignment around it. If a function or a lambda returns the call's value, the caller of that function names
it.
"""

import ast
import linecache
from functools import cache
from itertools import islice
from types import FrameType

RETURNED = "returned to the harness"
"""What `assigned_names` returns for the value that the scenario returns."""


def assigned_names(frame: FrameType, harness: str) -> tuple[str, ...] | str | None:
    """Return the variables that the running call of `frame` is assigned to.

    None if it is not assigned to plain variables or there is no source; RETURNED if a function of the file `harness`
    receives the value.
    """
    path: list[int] = []
    caller: FrameType | None = frame
    while caller is not None:
        if caller.f_code.co_filename == harness:
            return RETURNED if not path else None
        target = _target_of_call(caller, path)
        if not isinstance(target, _Returned):
            return _names(target, path)
        caller = caller.f_back
    return None


class _Returned:
    """Says that the value goes to the caller of the function that makes the call."""


def _target_of_call(frame: FrameType, path: list[int]) -> ast.expr | _Returned | None:
    """Climb from the running call to the target of its value; `path` collects the positions in tuples on the way."""
    tree = _tree(frame.f_code.co_filename)
    node: ast.AST | None = tree.calls.get(_end_of_running_instruction(frame)) if tree else None
    while tree and node:
        parent = tree.parents.get(node)
        match parent:
            case ast.Assign(targets=[target, *_]) | ast.AnnAssign(target=target) | ast.NamedExpr(target=target):
                return target
            case ast.Return() | ast.Lambda():
                return _Returned()
            case ast.Tuple(elts=elements) if not any(isinstance(element, ast.Starred) for element in elements):
                path.insert(0, next(i for i, element in enumerate(elements) if element is node))
            case ast.IfExp(test=test) if test is not node:
                pass
            case _:
                return None
        node = parent
    return None


def _names(target: ast.expr | None, path: list[int]) -> tuple[str, ...] | None:
    for index in path:
        match target:
            case ast.Tuple(elts=elements) if index < len(elements):
                target = elements[index]
            case _:
                return None
    match target:
        case ast.Name(id=name):
            return (name,)
        case ast.Tuple(elts=elements) if all(isinstance(element, ast.Name) for element in elements):
            return tuple(element.id for element in elements if isinstance(element, ast.Name))
    return None


def _end_of_running_instruction(frame: FrameType) -> tuple[int | None, int | None]:
    """Line and column of the closing parenthesis, which no two calls share; the start of a method call may vary."""
    positions = next(islice(frame.f_code.co_positions(), frame.f_lasti // 2, None))
    return positions[1], positions[3]


class _Tree:
    """The calls of a file by where they end, and every node's parent."""

    def __init__(self, module: ast.Module) -> None:
        self.calls: dict[tuple[int | None, int | None], ast.AST] = {}
        self.parents: dict[ast.AST, ast.AST] = {}
        for node in ast.walk(module):
            if isinstance(node, ast.Call):
                self.calls[node.end_lineno, node.end_col_offset] = node
            for child in ast.iter_child_nodes(node):
                self.parents[child] = node


def _tree(filename: str) -> _Tree | None:
    source = "".join(linecache.getlines(filename))
    return _parsed(source) if source else None


@cache
def _parsed(source: str) -> _Tree | None:
    try:
        return _Tree(ast.parse(source))
    except SyntaxError:
        return None
