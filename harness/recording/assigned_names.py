"""Names a call's outputs after what the caller assigns them to: variables, attributes, entries of a dict.

`f_lasti` of the calling frame and the code's positions give the end of the running call; the syntax tree of the file
gives the assignment around it. If a function or a lambda returns the call's value, the caller of that function names
it.
"""

import ast
import linecache
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from itertools import islice
from keyword import iskeyword
from types import FrameType
from unicodedata import normalize


@dataclass(frozen=True)
class AssignedName:
    """What the caller calls one output: a variable, or an attribute or a key, which names only this entry."""

    text: str
    is_variable: bool = True


LOSS = AssignedName("loss")
"""What the scenario returns has no name there; this is what it is called."""


def assigned_names(frame: FrameType, harness: str, count: int) -> tuple[AssignedName | None, ...]:
    """Return what each of the `count` outputs of the running call of `frame` is assigned to.

    None for an output that no variable, attribute or constant key receives by itself, and for all of them if there is
    no source. The one output that a function of the file `harness` receives, which is what a scenario returns, is LOSS.
    """
    path: list[int] = []
    caller: FrameType | None = frame
    while caller is not None:
        if caller.f_code.co_filename == harness:
            return (LOSS,) if count == 1 and not path else (None,) * count
        targets = _targets_of_call(caller, path)
        if targets is not None:
            named = [_names(target, path, count) for target in targets]
            return max(named, key=lambda names: count - names.count(None), default=(None,) * count)
        caller = caller.f_back
    return (None,) * count


def _targets_of_call(frame: FrameType, path: list[int]) -> Sequence[ast.expr] | None:
    """Climb from the running call to what its value is assigned to; `path` collects the positions in tuples on the way.

    None if the function that makes the call returns its value, so that its caller assigns it.
    """
    tree = _tree(frame.f_code.co_filename)
    node: ast.AST | None = tree.calls.get(_end_of_running_instruction(frame)) if tree else None
    while tree and node:
        parent = tree.parents.get(node)
        match parent:
            case ast.Assign(targets=targets):
                return targets
            case ast.AnnAssign(target=target) | ast.NamedExpr(target=target):
                return [target]
            case ast.Return() | ast.Lambda():
                return None
            case ast.Dict(keys=keys, values=values):
                return [key for key, value in zip(keys, values, strict=True) if value is node and key is not None]
            case ast.Tuple(elts=elements) | ast.List(elts=elements):
                if any(isinstance(element, ast.Starred) for element in elements):
                    return []
                path.insert(0, next(i for i, element in enumerate(elements) if element is node))
            case ast.IfExp(test=test) if test is not node:
                pass
            case _:
                return []
        node = parent
    return []


def _names(target: ast.expr, path: Sequence[int], count: int) -> tuple[AssignedName | None, ...]:
    """What each output is called if their value, at this position of a tuple, is assigned to the target."""
    for index in path:
        elements = _unpacked(target)
        before = _before_starred(elements)
        if index >= len(before):
            return (None,) * count
        target = before[index]
    if count == 1:
        return (_name(target),)
    elements = _unpacked(target)
    before = _before_starred(elements)
    after = elements[len(before) + 1 :]  # of the starred one, which takes what the others leave
    left = count - len(before) - len(after)
    if left < 0 or (left and len(before) == len(elements)):
        return (None,) * count  # Python refuses to unpack them
    return (*map(_name, before), *[None] * left, *map(_name, after))


def _unpacked(target: ast.expr) -> list[ast.expr]:
    """The targets that an assignment unpacks its value into; none if one target receives all of it."""
    return target.elts if isinstance(target, ast.Tuple | ast.List) else []


def _before_starred(elements: list[ast.expr]) -> list[ast.expr]:
    starred = [i for i, element in enumerate(elements) if isinstance(element, ast.Starred)]
    return elements[: starred[0]] if starred else elements


def _name(target: ast.expr) -> AssignedName | None:
    match target:
        case ast.Name(id=name) if name.strip("_"):
            return AssignedName(name)
        case ast.Attribute(attr=text) | ast.Subscript(slice=ast.Constant(value=str(text))):
            return _name_of_entry(text)
        case ast.Constant(value=str(text)):
            return _name_of_entry(text)
    return None


def _name_of_entry(text: str) -> AssignedName | None:
    """The name of an attribute or a key, unless a line of Python could not assign to it, letter by letter."""
    is_plain = text.isidentifier() and not iskeyword(text) and normalize("NFKC", text) == text
    return AssignedName(text, is_variable=False) if is_plain and not text.startswith("__") and text != "_" else None


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
