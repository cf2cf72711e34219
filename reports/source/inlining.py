"""Writes a function's body as lines of its caller: by binding, so that no name is captured by another of its kind."""

from __future__ import annotations

import ast
import copy
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar, cast

Node = TypeVar("Node", bound=ast.AST)
Bindings = dict[str, ast.expr]
Function = ast.FunctionDef | ast.Lambda
COMPREHENSIONS = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)


class NotStraight(Exception):
    """A function does more than one can write as lines that end in one `return`."""


class Names:
    """The names that are taken, and free ones like those that are wanted."""

    def __init__(self, taken: Iterable[str] = ()) -> None:
        self._taken = set(taken)

    def take(self, wanted: str) -> str:
        """This name, or with a number where it is taken; taken from now on."""
        chosen = self.free(wanted)
        self._taken.add(chosen)
        return chosen

    def free(self, wanted: str) -> str:
        """This name, or with a number where it is taken."""
        chosen, number = wanted, 2
        while chosen in self._taken:
            chosen, number = f"{wanted}_{number}", number + 1
        return chosen


@dataclass(frozen=True)
class Inlined:
    """A function's lines in the caller's names, the values it returns, and what its variables became."""

    lines: list[ast.stmt]
    returned: list[ast.expr]
    bindings: Bindings


def inline(
    body: Sequence[ast.stmt],
    returned: Sequence[ast.expr],
    bound: Mapping[str, ast.expr],
    targets: Sequence[str | None],
    names: Names,
) -> Inlined:
    """Put the caller's names into a body.

    `bound` is what parameters stand for. `targets` are the names that the returned values are to have, None where one
    is only read: a variable that is returned takes its target's name at once, where nothing still reads the old value.
    Other variables get names that are free.
    """
    assigned = assigned_names(body)
    chosen = _claimed(body, returned, bound, targets, assigned)
    new: Bindings = {name: ast.Name(chosen.get(name) or names.take(name)) for name in assigned}
    current: Bindings = {**bound, **{name: value for name, value in new.items() if name not in bound}}
    lines: list[ast.stmt] = []
    for line in body:
        switched = [name for name in assigned_names([line]) if current[name] is not new[name]]
        if isinstance(line, ast.Assign) and not _assigns_elements(line):
            value = substituted(line.value, current, names)
            current |= {name: new[name] for name in switched}
            lines.append(ast.Assign([substituted(target, current, names) for target in line.targets], value))
            continue
        # The line reads and writes a parameter, and the caller may still read what that stands for.
        lines += [
            ast.Assign([new[name]], current[name])
            for name in switched
            if ast.dump(current[name]) != ast.dump(new[name])
        ]
        current |= {name: new[name] for name in switched}
        lines.append(substituted(line, current, names))
    return Inlined(lines, [substituted(value, current, names) for value in returned], current)


def assignments(targets: Sequence[str], values: Sequence[ast.expr]) -> list[ast.stmt]:
    """Give values their names: one after the other where no value reads a name given before it, else all at once."""
    pairs = [(name, value) for name, value in zip(targets, values, strict=True) if not is_name(value, name)]
    for order in (pairs, pairs[::-1]):
        if not any(name in read_names([value]) for i, (name, _) in enumerate(order) for _, value in order[i + 1 :]):
            return [ast.Assign([ast.Name(name)], value) for name, value in order]
    return [ast.Assign([ast.Tuple([ast.Name(n) for n, _ in pairs])], ast.Tuple([value for _, value in pairs]))]


def substituted(node: Node, bindings: Mapping[str, ast.expr], names: Names) -> Node:
    """Return a copy of the node with variables replaced by what they stand for."""
    return cast("Node", _Substitution(bindings, names).visit(copy.deepcopy(node)))


def straight(function: Function) -> tuple[list[ast.stmt], list[ast.FunctionDef], list[ast.expr]]:
    """Take a function apart: its statements, the functions inside it, and the values of the `return` at its end.

    A function that ends without one returns nothing. The docstring is left out, and so are checks, which only raise.
    Raises NotStraight for a function that is more than that.
    """
    if isinstance(function, ast.Lambda):
        return [], [], _elements(function.body)
    statements = [line for line in function.body if not _says_nothing_of_numbers(line)]
    inner = [line for line in statements if isinstance(line, ast.FunctionDef)]
    body = [_plain(line) for line in statements if not isinstance(line, ast.FunctionDef)]
    ends = body[-1:] if body and isinstance(body[-1], ast.Return) else [ast.Return(ast.Tuple([]))]
    body, last = [line for line in body if line not in ends], ends[0]
    leaves_early = any(
        isinstance(node, ast.Return | ast.Yield | ast.FunctionDef) for line in body for node in ast.walk(line)
    )
    if leaves_early or not isinstance(last, ast.Return) or last.value is None:
        raise NotStraight(function.name)
    return body, inner, _elements(last.value)


def needed(body: Sequence[ast.stmt], values: Sequence[ast.expr]) -> list[ast.stmt]:
    """The statements that the values depend on; what only something else reads is left out."""
    wanted = read_names(values)
    kept: list[ast.stmt] = []
    for line in reversed(body):
        targets = set(assigned_names([line]))
        if targets & wanted or not targets:
            kept.insert(0, line)
            wanted |= read_names([line])
    return kept


def assigned_names(body: Iterable[ast.stmt]) -> list[str]:
    """The variables that statements assign to, also element by element, as in `grad_x[rows, t] -= 1`."""
    nodes = [node for line in body for node in ast.walk(line)]
    comprehensions = [node for node in nodes if isinstance(node, COMPREHENSIONS)]
    own = {id(node) for c in comprehensions for generator in c.generators for node in ast.walk(generator.target)}
    names: list[str] = []
    for node in nodes:
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store) and id(node) not in own:
            names.append(node.id)
        if isinstance(node, ast.Subscript) and isinstance(node.ctx, ast.Store) and isinstance(node.value, ast.Name):
            names.append(node.value.id)
    return list(dict.fromkeys(names))


def read_names(nodes: Iterable[ast.AST]) -> set[str]:
    """Every name in these nodes."""
    return {node.id for root in nodes for node in ast.walk(root) if isinstance(node, ast.Name)}


def free_names(function: ast.FunctionDef) -> set[str]:
    """The names in a function that stand for something outside it: modules, functions of the file, built-ins."""
    arguments = [node for node in ast.walk(function) if isinstance(node, ast.arguments)]
    bound = {parameter.arg for node in arguments for parameter in _parameters(node)}
    bound |= {node.name for node in ast.walk(function) if isinstance(node, ast.FunctionDef)}
    names = [node for line in function.body for node in ast.walk(_without_annotations(line))]
    bound |= {node.id for node in names if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)}
    return read_names(names) - bound


def is_name(expression: ast.expr, name: str) -> bool:
    """Whether an expression is this name and no more."""
    return isinstance(expression, ast.Name) and expression.id == name


def written(lines: Iterable[ast.stmt]) -> list[str]:
    """Statements as lines of source."""
    return [text for line in lines for text in unparsed(line).split("\n")]


def unparsed(node: ast.AST) -> str:
    """The node as source."""
    return ast.unparse(ast.fix_missing_locations(node))


def _claimed(
    body: Sequence[ast.stmt],
    returned: Sequence[ast.expr],
    bound: Mapping[str, ast.expr],
    targets: Sequence[str | None],
    assigned: Sequence[str],
) -> dict[str, str]:
    """The variables that may have their target's name from their first assignment on."""
    claimed: dict[str, str] = {}
    for i, (target, value) in enumerate(zip(targets, returned, strict=True)):
        if target is None or target in claimed.values() or not isinstance(value, ast.Name) or value.id in claimed:
            continue
        if value.id not in assigned:
            continue
        first = next(k for k, line in enumerate(body) if value.id in assigned_names([line]))
        after = [*body[first + 1 :], *returned]
        if not isinstance(body[first], ast.Assign):
            after.append(body[first])
        others = [name for name, what in bound.items() if name != value.id and target in read_names([what])]
        twice = [other for other in returned[i + 1 :] if value.id in read_names([other])]
        if read_names(after).isdisjoint(others) and not (targets.count(target) > 1 and twice):
            claimed[value.id] = target
    return claimed


class _Substitution(ast.NodeTransformer):
    def __init__(self, bindings: Mapping[str, ast.expr], names: Names) -> None:
        self._bindings = dict(bindings)
        self._names = names

    def visit_Name(self, node: ast.Name) -> ast.AST:
        return copy.deepcopy(self._bindings.get(node.id, node))

    def visit(self, node: ast.AST) -> ast.AST:
        own = _own_variables(node)
        if not own:
            return super().visit(node)  # type: ignore[no-any-return]
        # The variables of a comprehension or a lambda hide the function's, and give way to the caller's.
        chosen = {name: self._names.free(name) for name in own}
        inside = _Substitution({**self._bindings, **{name: ast.Name(new) for name, new in chosen.items()}}, self._names)
        match node:  # defaults, and what the first `for` runs over, are evaluated outside of it
            case ast.Lambda(args=arguments):
                self.generic_visit(arguments)
                for argument in _parameters(arguments):
                    argument.arg = chosen[argument.arg]
                node.body = cast("ast.expr", inside.visit(node.body))
            case ast.ListComp() | ast.SetComp() | ast.DictComp() | ast.GeneratorExp():
                first = node.generators[0]
                iterated = cast("ast.expr", self.visit(first.iter))
                first.iter = ast.Constant(None)
                inside.generic_visit(node)
                first.iter = iterated
        return node


def _own_variables(node: ast.AST) -> list[str]:
    if isinstance(node, ast.Lambda):
        return [parameter.arg for parameter in _parameters(node.args)]
    if isinstance(node, COMPREHENSIONS):
        return sorted(read_names(generator.target for generator in node.generators))
    return []


def _parameters(arguments: ast.arguments) -> list[ast.arg]:
    return [node for node in ast.iter_child_nodes(arguments) if isinstance(node, ast.arg)]


def _assigns_elements(line: ast.Assign) -> bool:
    nodes = [node for target in line.targets for node in ast.walk(target)]
    return any(isinstance(node, ast.Subscript) and isinstance(node.ctx, ast.Store) for node in nodes)


def _plain(line: ast.stmt) -> ast.stmt:
    """Without its annotation, which says nothing about the numbers."""
    if isinstance(line, ast.AnnAssign) and line.value is not None:
        return ast.Assign([line.target], line.value)
    return line


def _without_annotations(line: ast.stmt) -> ast.AST:
    line = copy.deepcopy(line)
    for node in ast.walk(line):
        if isinstance(node, ast.AnnAssign):
            node.annotation = ast.Constant(None)
        if isinstance(node, ast.FunctionDef):
            node.returns = None
        if isinstance(node, ast.arg):
            node.annotation = None
    return line


def _elements(value: ast.expr) -> list[ast.expr]:
    return value.elts if isinstance(value, ast.Tuple) else [value]


def _says_nothing_of_numbers(line: ast.stmt) -> bool:
    match line:
        case ast.Expr(value=ast.Constant()) | ast.Assert() | ast.If(body=[ast.Raise()], orelse=[]):
            return True
    return False
