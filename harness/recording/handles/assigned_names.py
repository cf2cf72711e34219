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
from keyword import iskeyword
from types import CodeType, FrameType
from unicodedata import normalize

_Position = tuple[int | None, int | None]
"""A line and a column."""
_Range = tuple[_Position, _Position]
_OPERATORS = (ast.BinOp, ast.UnaryOp, ast.AugAssign, ast.Subscript, ast.Attribute)


@dataclass(frozen=True)
class AssignedName:
    """What the caller calls one output: a variable, or an attribute or a key, which names only this entry."""

    text: str
    is_variable: bool = True


LOSS = AssignedName("loss")
"""What the scenario returns has no name there; this is what it is called."""


class AssignedNames:
    """Finds the names, for all calls of one recording: each file and each function is looked at once."""

    def __init__(self, harness: str) -> None:
        """`harness` is the file whose functions receive what the scenario returns."""
        self._harness = harness
        self._trees: dict[str, _Tree | None] = {}
        self._ranges: dict[int, tuple[CodeType, list[_Range]]] = {}
        """By the id of the code, which is kept so that no other has it: to hash a long function takes long."""

    def of_operator(self, frame: FrameType, count: int) -> tuple[AssignedName | None, ...]:
        """The same for the operator, such as `x @ w`, that `frame` is at."""
        return self._of_running(frame, count, is_operator=True)

    def of_call(self, frame: FrameType, count: int) -> tuple[AssignedName | None, ...]:
        """Return what each of the `count` outputs of the running call of `frame` is assigned to.

        None for an output that no variable, attribute or constant key receives by itself, and for all of them if there
        is no source. The one output that a function of the harness's file receives is LOSS.
        """
        return self._of_running(frame, count, is_operator=False)

    def _of_running(self, frame: FrameType, count: int, *, is_operator: bool) -> tuple[AssignedName | None, ...]:
        path: list[int] = []
        caller: FrameType | None = frame
        while caller is not None:
            if caller.f_code.co_filename == self._harness:
                return (LOSS,) if count == 1 and not path else (None,) * count
            node = self._running(caller, is_operator=is_operator and caller is frame)
            targets = self._targets(caller, node, path)
            if targets is not None:
                named = [_names(target, path, count) for target in targets]
                return max(named, key=lambda names: count - names.count(None), default=(None,) * count)
            caller = caller.f_back
        return (None,) * count

    def _running(self, frame: FrameType, *, is_operator: bool) -> ast.AST | None:
        """The call or the operator that a frame is in; None if there is no source."""
        tree = self._tree(frame.f_code.co_filename)
        if tree is None:
            return None
        start, end = self._running_instruction(frame)
        operator = tree.operators.get((start, end)) if is_operator else None
        return operator or tree.calls.get(end)

    def _targets(self, frame: FrameType, node: ast.AST | None, path: list[int]) -> Sequence[ast.expr] | None:
        """Climb from the running node to what its value is assigned to; `path` collects the positions in tuples.

        None if the function in which it stands returns its value, so that its caller assigns it.
        """
        tree = self._tree(frame.f_code.co_filename)
        if isinstance(node, ast.AugAssign):
            return [node.target]
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

    def _tree(self, filename: str) -> "_Tree | None":
        if filename not in self._trees:
            source = "".join(linecache.getlines(filename))
            self._trees[filename] = _parsed(source) if source else None
        return self._trees[filename]

    def _running_instruction(self, frame: FrameType) -> _Range:
        """Where it starts and ends in the source: an operator from its first letter to its last.

        Of a call only the end is sure, the closing parenthesis, which no two calls share: the start of a method's call
        may vary.
        """
        code = frame.f_code
        if id(code) not in self._ranges:
            ranges: list[_Range] = [((line, first), (end, last)) for line, end, first, last in code.co_positions()]
            self._ranges[id(code)] = code, ranges
        return self._ranges[id(code)][1][frame.f_lasti // 2]


def no_names(frame: FrameType, count: int) -> Sequence[None]:
    """What is assigned to nothing: the value of a part of an operator, as of x[:, 1] in x[:, 1, 2]."""
    return (None,) * count


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


class _Tree:
    """The calls of a file by where they end, its operators by where they start and end, and every node's parent."""

    def __init__(self, module: ast.Module) -> None:
        self.calls: dict[_Position, ast.AST] = {}
        self.operators: dict[_Range, ast.AST] = {}
        self.parents: dict[ast.AST, ast.AST] = {}
        for node in ast.walk(module):
            if isinstance(node, ast.Call):
                self.calls[node.end_lineno, node.end_col_offset] = node
            if isinstance(node, _OPERATORS):
                start, end = (node.lineno, node.col_offset), (node.end_lineno, node.end_col_offset)
                self.operators[start, end] = node
            for child in ast.iter_child_nodes(node):
                self.parents[child] = node


@cache
def _parsed(source: str) -> _Tree | None:
    try:
        return _Tree(ast.parse(source))
    except SyntaxError:
        return None
