"""The backends' files, split into functions as text, have what Python's own parser finds in them."""

import ast

import pytest

from backends.vocabulary import BUILT_IN
from reports.source.source import module_text, read_backend


def _functions(module: str) -> dict[str, ast.FunctionDef]:
    """What a module defines, its own or what it imports with a star, parsed whole."""
    functions: dict[str, ast.FunctionDef] = {}
    for node in ast.parse(module_text(module)).body:
        match node:
            case ast.ImportFrom(module=str(imported), names=[ast.alias(name="*")]):
                functions |= _functions(imported)
            case ast.FunctionDef(name=name):
                functions[name] = node
    return functions


@pytest.mark.parametrize("module", BUILT_IN.values())
def test_functions_are_found_as_the_parser_finds_them(module: str) -> None:
    source, parsed = read_backend(module), _functions(module)
    assert list(source.texts) == list(parsed)
    for name, function in parsed.items():
        function.decorator_list = []  # a text starts at `def`
        assert ast.dump(source.definition(name)) == ast.dump(function), name
        assert source.summary(name) == (ast.get_docstring(function) or "").split("\n")[0], name


def test_a_function_that_is_not_there_has_no_summary_and_no_definition() -> None:
    source = read_backend(BUILT_IN["numpy"])
    assert source.summary("no_such_op") == ""
    with pytest.raises(KeyError):
        source.definition("no_such_op")
