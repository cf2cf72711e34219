"""What a program's shapes decide in inlined lines: `_sum_to_shape(grad, b.shape)` is `np.sum(grad, axis=0)`."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from reports.source.choices import literal
from reports.source.columns.shape_inference import Shape, decided, reads_shapes, shape_of, with_other_lengths
from reports.source.definitions import PACKAGE
from reports.source.functions import FunctionSource
from reports.source.inlining import COMPOUND, Names, assigned_names, bracketed, substitutions
from reports.source.source import module_text, read_backend
from reports.source.spans import ParsedText, Span, read_names

REDUCTIONS = frozenset({"mean", "sum", "var"})
DEFAULTS = {("axis", "None"), ("keepdims", "False"), ("dim", "None"), ("keepdim", "False"), ("ddof", "0")}
"""What NumPy, Chainer and PyTorch do in these reductions unless told otherwise."""
BESIDE_OPERATORS = (*COMPOUND, ast.Attribute, ast.Subscript, ast.Starred)
"""What would tear an expression apart that stands in it without brackets."""


class KnownShapes:
    """Shortens lines of the hand-written backend by what the shapes of their tensors decide.

    What a helper does for these shapes stands in the place of its call, if it begins with a decision by them and comes
    down to one expression.
    """

    def __init__(self, backend: str, shapes: Mapping[str, Shape]) -> None:
        """`shapes` are those of the first batch, by the names in the lines; later ones have fewer rows at most.

        `backend` is the module whose helpers the lines call.
        """
        self._backend = backend
        self._shapes = shapes
        self._indices: dict[str, str] = {}
        """What variables hold that are the index of a part of a tensor, as it is written in brackets: `:, 0:2`."""

    def shortened(
        self, lines: Sequence[str], values: Sequence[str], *, keep_names: bool = False
    ) -> tuple[list[str], list[str]]:
        """Lines and the values that they lead to.

        A line that only names a tensor anew is left out, unless the name or the tensor changes later.
        """
        shapes, renamed = dict(self._shapes), dict[str, str]()
        by_line = [assigned_names(ast.parse(line).body) for line in lines]
        assigned = [name for names in by_line for name in names]
        kept = []
        for number, line in enumerate(lines, 1):
            text = self._settled(line, shapes, renamed)
            match ast.parse(text).body:
                case [ast.Assign(targets=[ast.Name(id=name)], value=value)] if (
                    assigned.count(name) == 1 and (index := _index(value, shapes)) is not None
                ):
                    self._indices[name] = index
                    continue
                case [ast.Assign(targets=[ast.Name(id=name)], value=ast.Name(id=same))] if (
                    not keep_names
                    and name not in shapes
                    and same in self._shapes
                    and assigned.count(name) == 1
                    and not any(same in names for names in by_line[number:])
                ):
                    renamed[name] = same
                    continue
                case [ast.Assign(targets=[ast.Name(id=name)], value=value)]:
                    shape = shape_of(value, shapes)
                    shapes = {other: known for other, known in shapes.items() if other != name}
                    shapes |= {} if shape is None else {name: shape}
            kept.append(text)
        return kept, [self._settled(value, shapes, renamed) for value in values]

    def _settled(self, text: str, shapes: Mapping[str, Shape], renamed: Mapping[str, str]) -> str:
        source = ParsedText(text)
        text = source.edited(substitutions(source, source.tree, renamed, Names()))
        while (edit := self._next_edit(source := ParsedText(text), shapes)) is not None:
            text = source.edited(dict([edit]))
        return text

    def _next_edit(self, source: ParsedText, shapes: Mapping[str, Shape]) -> tuple[Span, str] | None:
        """The first thing that the shapes decide, from the inside out."""
        for node, parent in _from_inside(source.tree):
            outcome = self._outcome(node, parent, source, shapes)
            if outcome is not None:
                return source.span(node), _placed(outcome, parent)
        return None

    def _outcome(self, node: ast.expr, parent: ast.AST, source: ParsedText, shapes: Mapping[str, Shape]) -> str | None:
        """What an expression comes down to; None if it is as short as it can be."""
        match node:
            case ast.Call(func=ast.Name(id=name), keywords=[]):
                helper = _helper(self._backend, name)
                return None if helper is None else _outcome_of_call(helper, node, source, shapes)
            case ast.Call(
                func=ast.Attribute(value=value, attr="reshape"),
                args=[ast.Attribute(value=ast.Name(id=name), attr="shape")],
            ) if name in shapes and shape_of(value, shapes) == shapes[name]:
                return source.text(value)
            case ast.Call(func=ast.Attribute(attr=name), keywords=keywords) if name in REDUCTIONS and len(
                needed := _needed_keywords(keywords)
            ) < len(keywords):
                arguments = [*map(source.text, node.args), *map(source.text, needed)]
                return f"{source.text(node.func)}({', '.join(arguments)})"
            case ast.Subscript(value=value, slice=ast.Name(id=name)) if name in self._indices:
                return f"{source.text(value)}[{self._indices[name]}]"
            case ast.Subscript(value=value, slice=ast.BinOp() as written) if (
                index := _index(written, shapes)
            ) is not None:
                return f"{source.text(value)}[{index}]"
            case ast.Name(id=name, ctx=ast.Load()) if name in self._indices and not isinstance(parent, ast.Subscript):
                return f"np.s_[{self._indices[name]}]"
            case ast.Tuple(elts=[ast.Constant(value=int()) as axis]) if _is_axis(parent):
                return source.text(axis)
            case ast.BinOp(left=left, op=ast.Div() | ast.Pow(), right=ast.Constant(value=1)):
                return source.text(left)
            case ast.BinOp(left=left, op=ast.Pow(), right=ast.BinOp(ast.Constant(), ast.Sub(), ast.Constant()) as less):
                return f"{bracketed(source.text(left))} ** {decided(less, {}, {})!r}"
        return None


def _from_inside(node: ast.AST) -> Iterator[tuple[ast.expr, ast.AST]]:
    """Every expression with what it stands in."""
    for child in ast.iter_child_nodes(node):
        yield from _from_inside(child)
        if isinstance(child, ast.expr):
            yield child, node


def _placed(outcome: str, parent: ast.AST) -> str:
    """An expression in brackets where what it stands in would tear it apart."""
    match ast.parse(outcome, mode="eval").body, parent:
        case ast.BinOp(op=ast.Pow()), ast.BinOp(op=ast.Mult() | ast.Div() | ast.Add() | ast.Sub()):
            return outcome
    return bracketed(outcome) if isinstance(parent, BESIDE_OPERATORS) else outcome


def _needed_keywords(keywords: Sequence[ast.keyword]) -> list[ast.keyword]:
    """The keyword arguments of a reduction without the defaults; PyTorch takes no `keepdim` without a `dim`."""
    keeps = any(each.arg == "keepdim" and not _is_default(each) for each in keywords)
    return [each for each in keywords if not _is_default(each) or (each.arg == "dim" and keeps)]


def _is_default(keyword: ast.keyword) -> bool:
    return (keyword.arg, ast.unparse(keyword.value)) in DEFAULTS


def _index(value: ast.expr, shapes: Mapping[str, Shape]) -> str | None:
    """A tuple of slices and numbers as it is written in brackets; None for anything else.

    A shape is a tuple of numbers, too; what reads one is left as it is, since later batches may have fewer rows.
    """
    if not isinstance(value, ast.BinOp) or "slice" not in read_names([value]) or _reads_lengths(value):
        return None
    parts = decided(value, {}, shapes)
    if not isinstance(parts, tuple) or not all(isinstance(part, slice | int) for part in parts):
        return None
    return ", ".join(_part(part) for part in parts)


def _reads_lengths(value: ast.expr) -> bool:
    return any(isinstance(node, ast.Attribute) and node.attr == "shape" for node in ast.walk(value))


def _part(part: slice | int) -> str:
    if isinstance(part, int):
        return str(part)
    ends = ["" if end is None else str(end) for end in (part.start, part.stop)]
    return ":".join(ends if part.step is None else [*ends, str(part.step)])


def _is_axis(parent: ast.AST) -> bool:
    return isinstance(parent, ast.keyword) and parent.arg == "axis"


@cache
def _helper(backend: str, name: str) -> FunctionSource | None:
    """A function that the ops of a backend may call; None if there is none of this name."""
    text = _texts_of_helpers(backend).get(name)
    return None if text is None else FunctionSource(text)


@cache
def _texts_of_helpers(module: str) -> Mapping[str, str]:
    """The functions of a module's files, and those that these import by name from others of the same package."""
    texts = dict(read_backend(module).texts)
    for node in ast.parse(module_text(module)).body:
        match node:
            case ast.ImportFrom(module=str(imported), names=names) if imported.partition(".")[0] == PACKAGE:
                if names[0].name == "*":
                    texts = {**_texts_of_helpers(imported), **texts}
                else:
                    others = read_backend(imported).texts
                    texts |= {alias.name: others[alias.name] for alias in names if alias.name in others}
    return texts


def _outcome_of_call(
    function: FunctionSource, call: ast.Call, source: ParsedText, shapes: Mapping[str, Shape]
) -> str | None:
    """The expression that a call comes down to; None where the shapes don't decide, or where it is none."""
    parameters = [parameter.arg for parameter in function.node.args.args]
    if len(parameters) != len(call.args) or any(isinstance(each, ast.Starred) for each in call.args):
        return None
    bound = {name: source.text(value) for name, value in zip(parameters, call.args, strict=True)}
    given = dict(zip(parameters, call.args, strict=True))
    known, longer = _Known.of(given, shapes), _Known.of(given, with_other_lengths(shapes))
    if not known.values and not known.shapes:
        return None
    return _returned(function, bound, known, longer)


@dataclass(frozen=True)
class _Known:
    """What is known in a helper."""

    values: dict[str, Any]
    """Of variables, which are numbers or shapes."""
    shapes: dict[str, Shape]
    """Of variables, which are tensors."""

    @classmethod
    def of(cls, given: Mapping[str, ast.expr], shapes: Mapping[str, Shape]) -> _Known:
        """What the arguments of a call say about the parameters."""
        values: dict[str, Any] = {}
        for name, value in given.items():
            match value:
                case ast.Attribute(value=ast.Name(id=tensor), attr="shape") if tensor in shapes:
                    values[name] = shapes[tensor]
                case _ if found := literal(ast.unparse(value)):
                    values[name] = found[0]
        tensors = {name: shape_of(value, shapes) for name, value in given.items()}
        return cls(values, {name: shape for name, shape in tensors.items() if shape is not None})

    def decided(self, value: ast.expr) -> Any:
        """The value of an expression that only depends on this; None if it depends on more."""
        return decided(value, self.values, self.shapes)


def _returned(function: FunctionSource, bound: dict[str, str], known: _Known, longer: _Known) -> str | None:
    """What a helper returns: what its statements say of axes is known, the rest is written.

    In `longer` tensors have other lengths. What changes with them is not written, since batches may have fewer rows.
    """
    lengths: set[str] = set()

    def written(value: ast.expr) -> str | None:
        if not lengths.isdisjoint(read_names([value])):
            return None
        return function.text(value, substitutions(function, value, bound, Names()))

    statements = [line for line in function.node.body if not _is_docstring(line)]
    if not (statements and isinstance(statements[0], ast.If)):
        return None  # shapes decide nothing in it
    for line in statements:
        match line:
            case ast.If(test=test, body=[ast.Return(value=ast.expr() as value)], orelse=[]):
                holds = known.decided(test)
                if holds is None or longer.decided(test) != holds:
                    return None
                if holds:
                    return written(value)
            case ast.Assign(targets=[ast.Name(id=name)], value=value):
                found, other = known.decided(value), longer.decided(value)
                text = written(value) if found is None else repr(found)
                if text is None or (found is None and reads_shapes(value)):
                    return None
                bound[name] = bracketed(text)
                if found is not None:
                    known.values[name], longer.values[name] = found, other
                if found != other:
                    lengths.add(name)
            case ast.Return(value=ast.expr() as value):
                return written(value)
            case _:
                return None
    return None


def _is_docstring(line: ast.stmt) -> bool:
    return isinstance(line, ast.Expr) and isinstance(line.value, ast.Constant)
