"""Writes a function's body as lines of its caller: names change where they stand, the rest stays as it is written.

Names are bound, not replaced by spelling, so that none is captured by another variable that is called the same.
"""

from __future__ import annotations

import ast
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from reports.source.choices import Bindings, chosen_branch, taken, without_choices
from reports.source.spans import ParsedText, Span, read_names

Function = ast.FunctionDef | ast.Lambda
COMPREHENSIONS = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)
COMPOUND = (ast.BinOp, ast.UnaryOp, ast.BoolOp, ast.Compare, ast.IfExp, ast.Lambda)
"""Expressions that need brackets beside an operator."""
OPENED, CLOSED = re.compile(rb"\(\s*\Z"), re.compile(rb"\s*\)")


class NotStraight(Exception):
    """A function does more than one can write as lines that end in one `return`."""


class Names:
    """The names that are taken, and free ones like those that are asked for."""

    def __init__(self, taken: Iterable[str] = ()) -> None:
        self._taken = set(taken)

    def take(self, name: str) -> str:
        """This name, or with a number where it is taken; taken from now on."""
        chosen = self.free(name)
        self._taken.add(chosen)
        return chosen

    def free(self, name: str) -> str:
        """This name, or with a number where it is taken."""
        chosen, number = name, 2
        while chosen in self._taken:
            chosen, number = f"{name}_{number}", number + 1
        return chosen


@dataclass(frozen=True)
class Inlined:
    """A function's lines in the caller's names, the values it returns, and what its variables became."""

    lines: list[str]
    returned: list[str]
    bindings: Bindings


def inline(
    source: ParsedText,
    body: Sequence[ast.stmt],
    returned: Sequence[ast.expr],
    bound: Bindings,
    targets: Sequence[str | None],
    names: Names,
) -> Inlined:
    """Put the caller's names into a body, whose statements and returned values are nodes of `source`.

    `bound` is what parameters stand for. `targets` are the names that the returned values are to have, None where one
    is only read: a variable that is returned takes its target's name at once, where nothing still reads the old value.
    Other variables get names that are free. A line that only gives a name to what a call's inputs and settings choose,
    as `scaled = n` is, is left out. Raises NotStraight where a name can't be edited.
    """
    same = _same(body, bound)
    body = [line for line in body if same.keys().isdisjoint(assigned_names([line]))]
    assigned = assigned_names(body)
    chosen = _claimed(body, returned, bound, targets, assigned)
    new = {name: chosen.get(name) or names.take(name) for name in assigned}
    current = {**new, **bound}
    for name, value in same.items():
        current[name] = current[value.id] if isinstance(value, ast.Name) else source.text(value)
    lines: list[str] = []
    for line in body:
        edits: dict[Span, str] = {}
        switched = [name for name in assigned_names([line]) if current[name] != new[name]]
        if isinstance(line, ast.Assign) and not _assigns_elements(line):
            edits |= substitutions(source, line.value, current, names)
        else:  # it reads and writes a parameter, and the caller may still read what that stands for
            lines += [f"{new[name]} = {current[name]}" for name in switched]
        current |= {name: new[name] for name in switched}
        lines.append(source.text(line, substitutions(source, line, current, names) | edits))
    values = [source.expression(value, substitutions(source, value, current, names)) for value in returned]
    return Inlined(lines, values, current)


def substitutions(source: ParsedText, node: ast.AST, bindings: Bindings, names: Names) -> dict[Span, str]:
    """The edits that put what variables stand for in their places, inside a node of `source`."""
    return dict(_substitutions(source, node, bindings, names))


def straight(
    function: Function, bound: Bindings | None = None
) -> tuple[list[ast.stmt], list[ast.FunctionDef], list[ast.expr]]:
    """Take a function apart: its statements, the functions inside it, and the values of the `return` at its end.

    A function that ends without one returns nothing. The docstring is left out, and so are checks, which only raise.
    Where `bound`, what the parameters stand for, decides which branch is taken and which values are returned, these are
    it. Raises NotStraight for a function that is more than that.
    """
    if isinstance(function, ast.Lambda):
        return [], [], _elements(function.body)
    assigned = assigned_names(function.body)
    unchanged = {name: what for name, what in (bound or {}).items() if name not in assigned}
    statements = [line for line in without_choices(function.body, unchanged) if not _says_nothing_of_numbers(line)]
    inner = [line for line in statements if isinstance(line, ast.FunctionDef)]
    body = [line for line in statements if not isinstance(line, ast.FunctionDef)]
    returned: list[ast.expr] = []
    match body:
        case [*before, ast.Return(value=value)]:
            body, returned = before, _returned(value, bound or {}, before)
    nodes = [node for line in body for node in ast.walk(line)]
    if any(isinstance(node, ast.Return | ast.Yield | ast.FunctionDef) for node in nodes):
        raise NotStraight(function.name)
    return body, inner, returned


def returned_by(function: Function) -> ast.expr | None:
    """What a function that is straight returns at its end."""
    if isinstance(function, ast.Lambda):
        return function.body
    last = function.body[-1]
    return last.value if isinstance(last, ast.Return) else None


def needed(body: Sequence[ast.stmt], values: Sequence[ast.AST]) -> list[ast.stmt]:
    """The statements that values and functions depend on; what only something else reads is left out."""
    read = read_names(values)
    kept: list[ast.stmt] = []
    for line in reversed(body):
        targets = set(assigned_names([line]))
        if targets & read or not targets:
            kept.insert(0, line)
            read |= read_names([line])
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


def names_in(expression: str) -> set[str]:
    """Every name in an expression."""
    return read_names([ast.parse(expression, mode="eval")])


def bracketed(expression: str) -> str:
    """An expression that any operator may stand beside, and any attribute behind."""
    tree = ast.parse(expression, mode="eval").body
    return f"({expression})" if isinstance(tree, COMPOUND) else expression


def added(target: str, value: str) -> str:
    """The sum of a name and an expression."""
    match ast.parse(value, mode="eval").body:
        case ast.BinOp(op=ast.Mult() | ast.MatMult() | ast.Div() | ast.FloorDiv() | ast.Mod() | ast.Pow()):
            return f"{target} + {value}"
    return f"{target} + {bracketed(value)}"


def _same(body: Sequence[ast.stmt], bound: Bindings) -> dict[str, ast.Name | ast.Constant]:
    """The variables that are another one or a constant, by the branch of a choice that is taken: `b if a is None …`.

    Neither they nor what they are may be assigned again.
    """
    assignments = Counter(name for line in body for name in assigned_names([line]))
    unchanged = {name: what for name, what in bound.items() if name not in assignments}
    same: dict[str, ast.Name | ast.Constant] = {}
    for line in body:
        match line:
            case ast.Assign(targets=[ast.Name(id=name)], value=ast.IfExp() as choice) if assignments[name] == 1:
                value = taken(choice, unchanged)
                if isinstance(value, ast.Constant) or (
                    isinstance(value, ast.Name)
                    and (value.id in unchanged or (assignments[value.id] == 1 and value.id not in bound))
                ):
                    same[name] = value
    return same


def _claimed(
    body: Sequence[ast.stmt],
    returned: Sequence[ast.expr],
    bound: Bindings,
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
        others = [name for name, what in bound.items() if name != value.id and target in names_in(what)]
        twice = [other for other in returned[i + 1 :] if value.id in read_names([other])]
        if read_names(after).isdisjoint(others) and not (targets.count(target) > 1 and twice):
            claimed[value.id] = target
    return claimed


def _substitutions(
    source: ParsedText, node: ast.AST, bindings: Bindings, names: Names, parent: ast.AST | None = None
) -> Iterator[tuple[Span, str]]:
    match node:
        case ast.IfExp() if (chosen := chosen_branch(node, bindings)) is not None:
            chosen = taken(chosen, bindings)
            (start, end), (first, last) = _whole_span(source, node, chosen, parent), source.span(chosen)
            yield from ((span, "") for span in ((start, first), (last, end)) if span[0] < span[1])
            yield from _substitutions(source, chosen, bindings, names, parent)
            return
        case ast.Starred(value=ast.Name(id=name)) if isinstance(parent, ast.Call) and name in bindings:
            several = ast.parse(bindings[name], mode="eval").body
            if isinstance(several, ast.Tuple) and several.elts:  # *xs of a call that is given these
                yield source.span(node), ", ".join(map(ast.unparse, several.elts))
                return
        case ast.Name(id=name) if name in bindings:
            yield source.span(node), _placed(bindings[name], node, parent)
        case ast.arg(arg=name):  # of a lambda
            yield source.span(node), bindings[name]
        case ast.JoinedStr() if not bindings.keys().isdisjoint(read_names([node])):
            raise NotStraight("before Python 3.12 the names in an f-string have no spans")
    # The variables of a comprehension or a lambda hide the function's, and give way to the caller's.
    own = {name: names.free(name) for name in _own_variables(node)}
    outside, inside = _scopes(node)
    scopes = [*((part, bindings) for part in outside), *((part, {**bindings, **own}) for part in inside)]
    for part, bound in scopes:
        yield from _substitutions(source, part, bound, names, node)


def _whole_span(source: ParsedText, choice: ast.IfExp, chosen: ast.expr, parent: ast.AST | None) -> Span:
    """What a branch stands for: with the brackets that only the choice needed beside an operator or an attribute."""
    start, end = source.span(choice)
    if isinstance(parent, ast.BinOp | ast.UnaryOp | ast.Attribute) and not isinstance(chosen, COMPOUND):
        return source.before(start, OPENED), source.after(end, CLOSED)
    return start, end


def _placed(expression: str, name: ast.Name, parent: ast.AST | None) -> str:
    """An expression in the place of a name, in brackets where what stands around the name would tear it apart."""
    if expression.isidentifier():
        return expression
    match parent:
        case ast.BinOp(op=ast.Pow(), left=operand) if operand is name:
            return bracketed(expression)
        case ast.Call(func=operand) | ast.Subscript(value=operand) | ast.Attribute(value=operand) if operand is name:
            return bracketed(expression)
    is_signed = isinstance(ast.parse(expression, mode="eval").body, ast.UnaryOp)  # which binds closer than the others
    return bracketed(expression) if isinstance(parent, (*COMPOUND, ast.Starred)) and not is_signed else expression


def _own_variables(node: ast.AST) -> list[str]:
    if isinstance(node, ast.Lambda):
        return [parameter.arg for parameter in _parameters(node.args)]
    if isinstance(node, COMPREHENSIONS):
        return sorted(read_names(generator.target for generator in node.generators))
    return []


def _scopes(node: ast.AST) -> tuple[Sequence[ast.AST], Sequence[ast.AST]]:
    """The parts of a node that are evaluated outside of its own scope, and those inside."""
    if isinstance(node, ast.Lambda):
        defaults = [*node.args.defaults, *(default for default in node.args.kw_defaults if default is not None)]
        return defaults, [*_parameters(node.args), node.body]
    if isinstance(node, COMPREHENSIONS):
        first = node.generators[0].iter
        loops = [part for generator in node.generators for part in ast.iter_child_nodes(generator) if part is not first]
        results = [part for part in ast.iter_child_nodes(node) if not isinstance(part, ast.comprehension)]
        return [first], [*results, *loops]
    return [], list(ast.iter_child_nodes(node))


def _parameters(arguments: ast.arguments) -> list[ast.arg]:
    return [node for node in ast.iter_child_nodes(arguments) if isinstance(node, ast.arg)]


def _assigns_elements(line: ast.Assign) -> bool:
    nodes = [node for target in line.targets for node in ast.walk(target)]
    return any(isinstance(node, ast.Subscript) and isinstance(node.ctx, ast.Store) for node in nodes)


def _returned(value: ast.expr | None, bound: Bindings, before: Sequence[ast.stmt]) -> list[ast.expr]:
    """The values of a `return`, of each of which the branch is taken that a call's inputs and settings decide."""
    if value is None:
        return []
    unchanged = {name: what for name, what in bound.items() if name not in assigned_names(before)}
    return [taken(element, unchanged) for element in _elements(taken(value, unchanged))]


def _elements(value: ast.expr) -> list[ast.expr]:
    return value.elts if isinstance(value, ast.Tuple) else [value]


def _says_nothing_of_numbers(line: ast.stmt) -> bool:
    match line:
        case ast.Expr(value=ast.Constant() | ast.Name()) | ast.Assert() | ast.If(body=[ast.Raise()], orelse=[]):
            return True
    return False
