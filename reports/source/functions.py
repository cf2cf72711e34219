"""Single functions as the code map reads them: without annotations, which say nothing about numbers."""

from __future__ import annotations

import ast
import re
from functools import cached_property

from reports.source.spans import NO_EDITS, Edits, ParsedText, Span, read_names

UP_TO_COLON = re.compile(rb"(?:[^#:]|#.*)*:")
"""Comments may have colons of their own."""


class FunctionSource(ParsedText):
    """A function's source without annotations, and its tree."""

    def __init__(self, text: str) -> None:
        super().__init__(without_annotations(text))
        (self.node,) = (node for node in self.tree.body if isinstance(node, ast.FunctionDef))

    @cached_property
    def outside_names(self) -> frozenset[str]:
        """The names that stand for something outside the function: modules, functions of its file, built-ins."""
        nodes = list(ast.walk(self.node))
        bound = {node.arg for node in nodes if isinstance(node, ast.arg)}
        bound |= {node.name for node in nodes if isinstance(node, ast.FunctionDef)}
        bound |= {node.id for node in nodes if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)}
        return frozenset(read_names(self.node.body) - bound)


def without_annotations(text: str, edits: Edits = NO_EDITS) -> str:
    """The text without annotations and with the heads of functions on one line; other edits are made as well."""
    source = ParsedText(text)
    removals: dict[Span, str] = {}
    for node in ast.walk(source.tree):
        match node:
            case ast.FunctionDef(name=name, args=arguments):
                removals[_head(source, node)] = f"def {name}({_parameters(source, arguments, edits)}):"
            case ast.AnnAssign(target=target, annotation=annotation):
                removals[source.span(target)[1], source.span(annotation)[1]] = ""
    return source.edited({**edits, **removals})


def _head(source: ParsedText, function: ast.FunctionDef) -> Span:
    """The span from `def` to the colon."""
    start, _ = source.span(function)
    inside = [node for node in ast.walk(function.args) if isinstance(node, ast.expr | ast.arg)]
    if function.returns is not None:
        inside.append(function.returns)
    return start, source.after(max((source.span(node)[1] for node in inside), default=start), UP_TO_COLON)


def _parameters(source: ParsedText, arguments: ast.arguments, edits: Edits) -> str:
    """The parameters of a function as they stand between its brackets."""

    def plain(parameter: ast.arg, default: ast.expr | None) -> str:
        return parameter.arg if default is None else f"{parameter.arg}={source.text(default, edits)}"

    positional = [*arguments.posonlyargs, *arguments.args]
    defaults = [*[None] * (len(positional) - len(arguments.defaults)), *arguments.defaults]
    texts = [plain(parameter, default) for parameter, default in zip(positional, defaults, strict=True)]
    if arguments.posonlyargs:
        texts.insert(len(arguments.posonlyargs), "/")
    if arguments.vararg or arguments.kwonlyargs:
        texts.append(f"*{arguments.vararg.arg if arguments.vararg else ''}")
    texts += map(plain, arguments.kwonlyargs, arguments.kw_defaults)
    if arguments.kwarg:
        texts.append(f"**{arguments.kwarg.arg}")
    return ", ".join(texts)
