"""A function's lines in its caller's names compute what the function does, whatever its scopes and targets."""

import ast
from typing import Any

import pytest

from reports.source.inlining import Names, inline, straight, unparsed, written


def inlined(source: str) -> tuple[list[str], str]:
    """The lines of `def f(x)` where x is the caller's h and what it returns is to be y, and the returned value."""
    (function,) = ast.parse(source).body
    assert isinstance(function, ast.FunctionDef)
    body, _, returned = straight(function)
    found = inline(body, returned, {"x": ast.Name("h")}, ["y"], Names({"h"}))
    return written(found.lines), unparsed(found.returned[0])


@pytest.mark.parametrize(
    ("lines", "wanted"),
    [
        (["y = [x * 2 for x in x]", "return y"], ["y = [x * 2 for x in h]"]),
        (["y = {x: len([x]) for x in x}", "return y"], ["y = {x: len([x]) for x in h}"]),
        (["y = [x for i in x for x in [i, 1]]", "return y"], ["y = [x for i in h for x in [i, 1]]"]),
        (["y = [[x for x in [x, 1]] for x in x]", "return y"], ["y = [[x for x in [x, 1]] for x in h]"]),
        (["y = [x + i for x in x for i in range(x)]", "return y"], ["y = [x + i for x in h for i in range(x)]"]),
        (["y = (lambda x=x: x)()", "return y"], ["y = (lambda x=h: x)()"]),
        (["y = (lambda i, *, x=x: x[i])(0)", "return y"], ["y = (lambda i, *, x=h: x[i])(0)"]),
        (["y = (lambda f=lambda x: x: f(x))()", "return y"], ["y = (lambda f=lambda x: x: f(h))()"]),
        (["x = x * 2", "y = [x for x in x]", "return y"], ["x = h * 2", "y = [x_2 for x_2 in x]"]),
        (["a, x[0] = x[0], 1", "return x"], ["y = h", "a, y[0] = (y[0], 1)"]),
        (["(a, [*x[1:]]) = (x[0], [1, x[1]])", "return x"], ["y = h", "a, [*y[1:]] = (y[0], [1, y[1]])"]),
        (["x[0], x = x[1], x[0]", "return x"], None),
    ],
)
def test_lines_compute_what_the_function_does(lines: list[str], wanted: list[str] | None) -> None:
    source = "\n    ".join(["def f(x):", *lines])
    found, returned = inlined(source)
    if wanted is not None:
        assert (found, returned) == (wanted, "y")
    function: dict[str, Any] = {}
    exec(source, function)
    caller: dict[str, Any] = {"h": [3, 4]}
    exec("\n".join(found), caller)
    assert eval(returned, caller) == function["f"]([3, 4])
