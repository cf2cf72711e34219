"""Reads the backends' source, without importing them, and writes an op's lines with a call's own names put in."""

from __future__ import annotations

import ast
import copy
import importlib.util
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from textwrap import dedent
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from backends.contract import Call, Program

Node = TypeVar("Node", bound=ast.AST)

NOT_OPS = ("train", "threads")
"""Public functions of a backend that are neither ops nor optimizers."""


@dataclass(frozen=True)
class BackendSource:
    """One backend's file: its functions by name, in the order of the file."""

    text: str
    functions: Mapping[str, ast.FunctionDef]

    @property
    def names(self) -> list[str]:
        """Ops and optimizers, in the order of the file."""
        return [name for name in self.functions if not name.startswith("_") and name not in NOT_OPS]

    def summary(self, name: str) -> str:
        """The first line of a function's docstring."""
        function = self.functions.get(name)
        return (ast.get_docstring(function) or "").split("\n")[0] if function else ""

    def code(self, name: str) -> str:
        """The source of one function as it stands in the file."""
        return ast.get_source_segment(self.text, self.functions[name]) or ""


@cache
def read_backend(module: str) -> BackendSource:
    """Read the source of an importable module. Raises FileNotFoundError if it has none."""
    specification = importlib.util.find_spec(module)
    if specification is None or specification.origin is None:
        raise FileNotFoundError(f"module {module} has no source")
    text = Path(specification.origin).read_text(encoding="utf-8")
    functions = {node.name: node for node in ast.parse(text).body if isinstance(node, ast.FunctionDef)}
    return BackendSource(text, functions)


def is_op(hand_written: ast.FunctionDef) -> bool:
    """Whether a hand-written function is an op, which has a backward; an optimizer has none."""
    return any(isinstance(node, ast.FunctionDef) and node.name == "backward" for node in hand_written.body)


def framework_lines(function: ast.FunctionDef, call: Call) -> list[str]:
    """A framework's op as the lines of this call, such as `h = F.matmul(x, w1)`."""
    names = _named_parameters(function, call)
    return [_unparsed(line) for line in _assigned(function.body, names, list(call.outputs))]


class HandWritten:
    """The hand-written lines of every call of a program, forward and backward, under names that do not clash."""

    def __init__(self, functions: Mapping[str, ast.FunctionDef], program: Program) -> None:
        self._program = program
        self._taken = set(program.shapes) | {f"grad_{name}" for name in program.differentiable}
        self.forward: list[list[str]] = []
        self.backward: list[list[str]] = [[] for _ in program.calls]
        renamed = []
        for call in program.calls:
            function = functions[call.op]
            names = _named_parameters(function, call)
            body = [line for line in function.body if not isinstance(line, ast.FunctionDef)]
            names |= self._free_names(body, names)
            renamed.append(names)
            self.forward.append(
                [_unparsed(line) for line in _assigned(body, names, list(call.outputs), drop_last=True)]
            )
        with_gradient: set[str] = set()
        for i, call in reversed(list(enumerate(program.calls))):
            self.backward[i] = self._backward_lines(functions[call.op], call, renamed[i], with_gradient)

    def _free_names(self, body: list[ast.stmt], names: Mapping[str, ast.expr]) -> dict[str, ast.expr]:
        """A name that no tensor and no earlier call uses, for each variable that these lines assign anew."""
        free: dict[str, ast.expr] = {}
        for local in _assigned_names(body):
            if local in names:
                continue
            chosen, number = local, 2
            while chosen in self._taken:
                chosen, number = f"{local}_{number}", number + 1
            self._taken.add(chosen)
            free[local] = ast.Name(chosen)
        return free

    def _backward_lines(
        self, function: ast.FunctionDef, call: Call, names: Mapping[str, ast.expr], with_gradient: set[str]
    ) -> list[str]:
        backward = next(node for node in function.body if isinstance(node, ast.FunctionDef) and node.name == "backward")
        names = dict(names)
        for parameter, output in zip(backward.args.args, call.outputs, strict=True):
            names[parameter.arg] = ast.Name(f"grad_{output}")
        *body, returned = backward.body
        assert isinstance(returned, ast.Return)
        assert isinstance(returned.value, ast.Tuple)
        gradients: list[tuple[str, ast.expr]] = []
        for name, element in zip(call.inputs, returned.value.elts, strict=True):
            expression = element.body if isinstance(element, ast.Lambda) else element
            if name not in self._program.differentiable or _is_none(expression):
                continue
            if isinstance(expression, ast.Name) and expression.id not in names and name not in with_gradient:
                names[expression.id] = ast.Name(f"grad_{name}")  # the local variable is the gradient itself
            gradients.append((name, expression))
        needed = {node.id for _, expression in gradients for node in ast.walk(expression) if isinstance(node, ast.Name)}
        body = _needed(body, needed)
        names |= self._free_names(body, names)
        lines: list[ast.stmt] = [_substitute(line, names) for line in body]
        for name, expression in gradients:
            value = _substitute(expression, names)
            target = ast.Name(f"grad_{name}")
            if isinstance(value, ast.Name) and value.id == target.id:
                with_gradient.add(name)
                continue
            if name in with_gradient:
                value = ast.BinOp(target, ast.Add(), value)
            with_gradient.add(name)
            lines.append(ast.Assign([target], value))
        return [_unparsed(line) for line in lines]


def rule_lines(function: ast.FunctionDef, program: Program) -> list[str]:
    """The hand-written optimizer's lines for every weight, such as `w1 = w1 - 0.0001 * grad_w1`."""
    weight, gradient, *state = [parameter.arg for parameter in function.args.args]
    lines: list[str] = []
    for name in program.weights:
        names: dict[str, ast.expr] = {weight: ast.Name(name), gradient: ast.Name(f"grad_{name}")}
        names |= {slot: ast.Name(f"{slot}_{name}") for slot in state}
        names |= _constants(program.optimizer.settings)
        outputs = [name, *[f"{slot}_{name}" for slot in state]]
        lines += [_unparsed(line) for line in _assigned(function.body, names, outputs)]
    return lines


def framework_rule_lines(function: ast.FunctionDef, program: Program) -> list[str]:
    """A framework's optimizer as the line that makes it, such as `optimizer = torch.optim.SGD([w1, w2], lr=0.0001)`."""
    weights: ast.expr = ast.List([ast.Name(name) for name in program.weights])
    names = {"parameters": weights, **_constants(program.optimizer.settings)}
    return [_unparsed(line) for line in _assigned(function.body, names, ["optimizer"])]


def loop_lines(source: BackendSource, part: str, program: Program) -> list[str]:
    """The lines of `train` under the comment `# part`, up to the next empty line."""
    lines = source.code("train").split("\n")
    start = next((i for i, line in enumerate(lines) if line.strip() == f"# {part}"), None)
    if start is None:
        return []
    end = next((i for i in range(start, len(lines)) if not lines[i].strip()), len(lines))
    tree = ast.parse(dedent("\n".join(lines[start + 1 : end])))
    names = {"trace": ast.Constant(False)}
    return [
        text for line in tree.body for text in _unparsed(_Loop(program).visit(_substitute(line, names))).split("\n")
    ]


class _Loop(ast.NodeTransformer):
    """Writes a generic line of the loop for one program: `grads[program.loss]` becomes `grad_loss`."""

    def __init__(self, program: Program) -> None:
        self._program = program

    def visit_Subscript(self, node: ast.Subscript) -> ast.AST:
        if ast.unparse(node) == "grads[program.loss]":
            return ast.Name(f"grad_{self._program.loss}")
        return self.generic_visit(node)

    def visit_AnnAssign(self, node: ast.AnnAssign) -> ast.AST:
        return ast.Assign([node.target], node.value) if node.value else node


def _named_parameters(function: ast.FunctionDef, call: Call) -> dict[str, ast.expr]:
    names: dict[str, ast.expr] = {
        parameter.arg: ast.Name(name) for parameter, name in zip(function.args.args, call.inputs, strict=False)
    }
    defaults = zip(function.args.kwonlyargs, function.args.kw_defaults, strict=True)
    names |= {parameter.arg: default for parameter, default in defaults if default is not None}
    return names | _constants(call.settings)


def _constants(settings: Mapping[str, object]) -> dict[str, ast.expr]:
    return {name: ast.parse(repr(value), mode="eval").body for name, value in settings.items()}


def _assigned(
    body: Iterable[ast.stmt], names: Mapping[str, ast.expr], outputs: list[str], *, drop_last: bool = False
) -> list[ast.stmt]:
    """A function's body as straight lines: the docstring gone, `return` an assignment to `outputs`.

    With `drop_last` the last returned value, an op's `backward`, is left out.
    """
    lines: list[ast.stmt] = []
    for line in body:
        if isinstance(line, ast.Expr) and isinstance(line.value, ast.Constant):
            continue
        if not isinstance(line, ast.Return):
            lines.append(_substitute(line, names))
            continue
        value = line.value
        assert value is not None
        values = value.elts if isinstance(value, ast.Tuple) else [value]
        values = values[:-1] if drop_last else values
        if len(values) != len(outputs):
            target: ast.expr = ast.Tuple([ast.Name(name) for name in outputs])
            lines.append(ast.Assign([target], _substitute(values[0], names)))
            continue
        # A later value must not read an earlier output's new value: the state comes first, the weight last.
        for name, element in reversed(list(zip(outputs, values, strict=True))):
            assigned = _substitute(element, names)
            if not (isinstance(assigned, ast.Name) and assigned.id == name):
                lines.append(ast.Assign([ast.Name(name)], assigned))
    return lines


class _Names(ast.NodeTransformer):
    def __init__(self, names: Mapping[str, ast.expr]) -> None:
        self._names = names

    def visit_Name(self, node: ast.Name) -> ast.AST:
        return copy.deepcopy(self._names.get(node.id, node))


def _substitute(node: Node, names: Mapping[str, ast.expr]) -> Node:
    return _Names(names).visit(copy.deepcopy(node))  # type: ignore[no-any-return]


def _needed(body: list[ast.stmt], needed: set[str]) -> list[ast.stmt]:
    """The statements that the needed names depend on; what only an unwanted gradient reads is left out."""
    kept: list[ast.stmt] = []
    for line in reversed(body):
        targets = set(_assigned_names([line]))
        if targets & needed or not targets:
            kept.insert(0, line)
            needed |= {node.id for node in ast.walk(line) if isinstance(node, ast.Name)}
    return kept


def _assigned_names(body: Iterable[ast.stmt]) -> list[str]:
    """The variables that statements assign to, also element by element, as in `grad_x[rows, t] -= 1`."""
    names: list[str] = []
    for line in body:
        for node in ast.walk(line):
            if isinstance(node, ast.Assign | ast.AugAssign | ast.AnnAssign):
                for target in node.targets if isinstance(node, ast.Assign) else [node.target]:
                    names += [
                        part.id for part in ast.walk(target) if isinstance(part, ast.Name) and _is_target(part, target)
                    ]
    return list(dict.fromkeys(names))


def _is_target(part: ast.Name, target: ast.expr) -> bool:
    if isinstance(target, ast.Subscript):
        return part is target.value
    return isinstance(target, ast.Name | ast.Tuple | ast.List)


def _is_none(expression: ast.expr) -> bool:
    return isinstance(expression, ast.Constant) and expression.value is None


def _unparsed(node: ast.AST) -> str:
    return ast.unparse(ast.fix_missing_locations(node))
