"""Starters for ops by hand: the docstring and, unless both are left blank, the forward; never the backward."""

import ast
from collections.abc import Iterable, Mapping, Sequence
from textwrap import wrap

from backends import numpy_manual
from backends.vocabulary import BUILT_IN, HAND_WRITTEN, OPS
from harness.recording.parameters import input_names, output_names
from harness.studies.lab.cases import cases_of
from harness.studies.lab.questions import explanation_of, questions_on
from reports.source.definitions import Definition, definitions, free_names_of, needed_by
from reports.source.spans import WIDTH

MODULE = BUILT_IN[HAND_WRITTEN]
ALL_OPS = frozenset(name for names in OPS.values() for name in names)
HEAD = '''"""Ops by hand. Put code in place of every `...`, then run `lockstep lab check` on this file."""

'''
BLANK = "..."
RETURNS = "backward gets the gradient of every output, and returns that of every input, in its shape."


def starter(ops: Sequence[str], *, blank_forward: bool = False) -> str:
    """A file in which each of these ops waits to be written."""
    functions = [_function(op, blank_forward) for op in ops]
    read = set().union(*map(free_names_of, functions)) - set(ops)
    needed = needed_by(sorted(read), MODULE, ALL_OPS | {"np"})
    imported = sorted(
        name for name in ALL_OPS if any(name in free_names_of(text) for text in [*functions, *_texts(needed)])
    )
    lines = [definition.text for name, definition in needed.items() if definition.is_import]
    own = [definition.text for definition in needed.values() if not definition.is_import]
    imports = ["import numpy as np", *lines]
    given = [name for name in imported if name not in ops]
    if given:
        imports += ["", f"from {MODULE} import {', '.join(given)}"]
    return HEAD + "\n".join(imports) + "\n\n\n" + "\n\n\n".join([*dict.fromkeys(own), *functions]) + "\n"


def _texts(needed: Mapping[str, Definition]) -> Iterable[str]:
    return [each.text for each in needed.values()]


def _function(op: str, blank_forward: bool) -> str:
    """One op without its backward."""
    text = definitions(MODULE)[op].text
    (function,) = ast.parse(text).body
    assert isinstance(function, ast.FunctionDef)
    lines = text.split("\n")
    head = lines[: function.body[0].lineno - 1]
    parts = ["\n".join(head), _docstring(op)]
    if blank_forward:
        outputs = output_names(op, _most_outputs(op))
        parts.append("\n".join(f"    {name} = {BLANK}" for name in outputs))
        result = outputs[0] if len(outputs) == 1 else f"({', '.join(outputs)})"
        return "\n".join([*parts[:2], parts[2], "", *_backward(op, function), "", f"    return {result}, backward"])
    for statement in function.body[1:]:
        if isinstance(statement, ast.FunctionDef):
            parts += ["", *_backward(op, function), ""]
        elif not _only_raises(statement):
            parts.append("\n".join(lines[statement.lineno - 1 : statement.end_lineno]))
    return "\n".join(parts)


def _only_raises(statement: ast.stmt) -> bool:
    """Whether a statement refuses inputs that the op is not meant for."""
    return isinstance(statement, ast.If) and [type(each) for each in statement.body] == [ast.Raise]


def _docstring(op: str) -> str:
    said = explanation_of(getattr(numpy_manual, op))
    paragraphs = [said.shapes, RETURNS]
    folded = [
        "\n".join(wrap(text, WIDTH, initial_indent="    ", subsequent_indent="    ", break_on_hyphens=False))
        for text in paragraphs
        if text
    ]
    return "\n\n".join([f'    """{said.equation}', *folded]) + '\n    """'


def _backward(op: str, function: ast.FunctionDef) -> list[str]:
    """The lines of a backward that is still to be written."""
    inner = next(each for each in function.body if isinstance(each, ast.FunctionDef))
    variadic = function.args.vararg is not None
    lines = [f"    def backward({ast.unparse(inner.args)}):"]
    if variadic:
        name = function.args.vararg.arg  # type: ignore[union-attr]
        return [*lines, f"        grad_{name} = {BLANK}  # one for each of {name}", f"        return grad_{name}"]
    names, with_gradient = _inputs(op)
    optional = {each.arg for each in function.args.args[len(function.args.args) - len(function.args.defaults) :]}
    for name in names:
        if name in with_gradient:
            may = "; None where it is left out" if name in optional else ""
            lines.append(f"        grad_{name} = {BLANK}  # the shape of {name}{may}")
    returned = [f"grad_{name}" if name in with_gradient else "None" for name in names]
    return [*lines, f"        return {', '.join(returned)}" if len(names) > 1 else f"        return ({returned[0]},)"]


def _inputs(op: str) -> tuple[Sequence[str], frozenset[str]]:
    """The inputs of an op's fullest call, and those that ever have a gradient."""
    most = max(len(case.inputs) for case in cases_of(op))
    with_gradient = {name for question in questions_on(op, "float64") for name in question.one.weights}
    return input_names(op, most), frozenset(with_gradient)


def _most_outputs(op: str) -> int:
    return max(len(case.above) for case in cases_of(op))
