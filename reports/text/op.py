"""One op as it stands in each backend, with the derivation of its gradients: as text, Markdown or an HTML page."""

import ast
from collections.abc import Sequence
from typing import Any, Literal

from jinja2 import Environment, PackageLoader, select_autoescape

from backends.documentation import Documentation, documentation, without_derivation
from reports.languages.language import Language
from reports.languages.translation import Words, words_in
from reports.text.code_map import coloured, light_and_dark
from reports.text.console import render_op as text_of_op

OpFormat = Literal["text", "github", "html"]
Source = tuple[str, str]
"""The name of a backend, and an op or a rule in it."""


def render_op(
    name: str,
    sources: Sequence[Source],
    op_format: OpFormat,
    *,
    colour: bool = False,
    width: int = 0,
    language: Language = "en",
) -> str:
    """An op's source in each backend, as it stands there.

    As text, the derivation stands in the docstring of the first, else above it.
    """
    if op_format == "text":
        return text_of_op(sources, colour=colour, width=width)
    documented = documentation(ast.get_docstring(_definition(sources[0][1])) or "")
    parts: dict[str, Any] = {
        "name": name,
        "documented": documented,
        "said": words_in(language),
        "sources": [(title, without_derivation(source)) for title, source in sources],
    }
    if op_format == "github":
        return _markdown(**parts)
    light, dark = light_and_dark()
    environment = Environment(loader=PackageLoader("reports.text"), autoescape=select_autoescape())
    return environment.get_template("op.html").render(
        **parts, language=language, coloured=coloured, light_style=light, dark_style=dark
    )


def _markdown(name: str, documented: Documentation, said: Words, sources: Sequence[Source]) -> str:
    lines = [f"### {name}", "", said(documented.equation), "", said(documented.details), ""]
    if documented.derivation is not None:
        lines += [said("Why?"), "", "```", *(line.text for line in documented.derivation.lines), "```", ""]
    for title, source in sources:
        lines += [f"{title}:", "", "```python", source.rstrip(), "```", ""]
    return "\n".join(lines)


def _definition(source: str) -> ast.FunctionDef:
    (function,) = ast.parse(source).body
    assert isinstance(function, ast.FunctionDef)
    return function
