"""A function's lines in its caller's names compute what the function does, and stay as they are written."""

import ast
from typing import Any

import pytest

from reports.source.choices import Bindings
from reports.source.functions import FunctionSource
from reports.source.inlining import Names, NotStraight, added, inline, straight


def inlined(source: str, bound: Bindings | None = None) -> tuple[list[str], str]:
    """The lines of `def f(x)` where x is the caller's h and what it returns is to be y, and the returned value."""
    function = FunctionSource(source)
    body, _, returned = straight(function.node)
    result = inline(function, body, returned, bound or {"x": "h"}, ["y"], Names({"h"}))
    return result.lines, result.returned[0]


@pytest.mark.parametrize(
    ("lines", "expected"),
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
        (["a, x[0] = x[0], 1", "return x"], ["y = h", "a, y[0] = y[0], 1"]),
        (["(a, [*x[1:]]) = (x[0], [1, x[1]])", "return x"], ["y = h", "(a, [*y[1:]]) = (y[0], [1, y[1]])"]),
        (["x[0], x = x[1], x[0]", "return x"], None),
    ],
)
def test_lines_compute_what_the_function_does(lines: list[str], expected: list[str] | None) -> None:
    source = "\n    ".join(["def f(x):", *lines])
    written, returned = inlined(source)
    if expected is not None:
        assert (written, returned) == (expected, "y")
    function: dict[str, Any] = {}
    exec(source, function)
    caller: dict[str, Any] = {"h": [3, 4]}
    exec("\n".join(written), caller)
    assert eval(returned, caller) == function["f"]([3, 4])


@pytest.mark.parametrize(
    ("bias", "mode", "expected"),
    [
        ("None", "'mean'", "h + 1"),
        ("b_2", "'mean'", "h + b_2"),
        ("None", "'sum'", "h"),
        ("b_2", "n", "h + b_2 if n == 'mean' else h"),
    ],
)
def test_a_choice_that_inputs_and_settings_decide_is_made(bias: str, mode: str, expected: str) -> None:
    source = "def f(x, b, m):\n    return (x + 1 if b is None else x + b) if m == 'mean' else x"
    lines, returned = inlined(source, {"x": "h", "b": bias, "m": mode})
    assert (lines, returned.replace("(", "").replace(")", "")) == ([], expected)


@pytest.mark.parametrize(
    ("mode", "size", "expected"),
    [
        ("True", "1", "x"),
        ("False", "1", "-x"),
        ("True", "(1, 2)", "-x"),
        ("flag", "1", "x if flag and not 1 == 2 else -x"),
        ("True", "n", "x if True and (not n == 2) else -x"),
    ],
)
def test_a_choice_by_several_settings_is_made_where_all_of_them_are_literals(
    mode: str, size: str, expected: str
) -> None:
    source = "def f(x, m, n):\n    return x if m and not n == 2 else -x"
    if size == "(1, 2)":
        source = source.replace("not n == 2", "n == 1")
    lines, returned = inlined(source, {"x": "x", "m": mode, "n": size})
    assert (lines, returned.replace("(", "").replace(")", "")) == ([], expected.replace("(", "").replace(")", ""))


@pytest.mark.parametrize(
    ("mode", "divisor", "expected"),
    [
        ("'mean'", "x.size", "2 * h / h.size"),
        ("'sum'", "x.size", "2 * h / 1"),
        ("'none'", "x.size", "2 * h / 3"),
        ("'mean'", "x.size + 1", "2 * h / (h.size + 1)"),
        ("m", "x.size", "2 * h / (h.size if m == 'mean' else 1 if m == 'sum' else 3)"),
    ],
)
def test_a_choice_takes_its_brackets_along_where_nothing_else_needs_them(
    mode: str, divisor: str, expected: str
) -> None:
    source = f"def f(x, m):\n    return 2 * x / ({divisor} if m == 'mean' else 1 if m == 'sum' else 3)"
    lines, returned = inlined(source, {"x": "h", "m": mode})
    assert (lines, returned) == ([], expected)


def test_a_line_that_only_names_what_is_chosen_is_left_out() -> None:
    source = """def f(x, b, k):
    n = x * 2
    scaled = n if b is None else n * b
    size = None if k == 1 else k
    y = g(scaled, size)
    return y"""
    assert inlined(source, {"x": "h", "b": "None", "k": "1"}) == (["n = h * 2", "y = g(n, None)"], "y")
    assert inlined(source, {"x": "h", "b": "gain", "k": "3"}) == (
        ["n = h * 2", "scaled = n * gain", "y = g(scaled, 3)"],
        "y",
    )


@pytest.mark.parametrize("again", ["scaled = 1", "n = 1", "n += 1"])
def test_a_name_of_what_changes_later_keeps_its_line(again: str) -> None:
    source = f"""def f(x, b):
    n = x * 2
    scaled = n if b is None else n * b
    {again}
    return g(scaled, n)"""
    lines, _ = inlined(source, {"x": "h", "b": "None"})
    assert "scaled = n" in lines


def test_a_name_of_a_parameter_that_changes_keeps_its_line() -> None:
    source = """def f(t, b):
    t = t * 2
    yes = t if b is None else t * b
    return g(yes, t)"""
    assert inlined(source, {"t": "labels", "b": "None"}) == (["t = labels * 2", "yes = t"], "g(yes, t)")


@pytest.mark.parametrize(
    ("bound", "expected"),
    [
        ({"m": "None", "k": "1"}, ["x"]),
        ({"m": "mean", "k": "1"}, ["x", "m"]),
        ({"m": "mean", "k": "(0, 1)"}, ["x", "m + k"]),
        ({"m": "mean", "k": "n"}, ["x", "m if isinstance(k, int) else m + k"]),
    ],
)
def test_a_function_returns_what_its_inputs_and_settings_decide(bound: Bindings, expected: list[str]) -> None:
    source = "def f(x, m, k):\n    return x if m is None else (x, m if isinstance(k, int) else m + k)"
    function = FunctionSource(source)
    _, _, returned = straight(function.node, {"x": "x", **bound})
    assert [ast.unparse(value) for value in returned] == expected


def test_a_parameter_that_is_assigned_anew_decides_nothing() -> None:
    function = FunctionSource("def f(x, m):\n    m = x\n    return x if m is None else (x, m)")
    _, _, returned = straight(function.node, {"x": "x", "m": "None"})
    assert [ast.unparse(value) for value in returned] == ["x if m is None else (x, m)"]


def test_lines_stay_as_they_are_written() -> None:
    source = """def f(
    x: dict[str, float],  # type: ignore[misc]
    *,
    name: str = 'ä',  # its default: a name
) -> float:
    '''No line of the caller's.'''
    scale: float = (x['ä'] * 2) + (x["b"]**2)
    # a remark between statements is left out
    y = max(
        scale,  # a remark inside one stays
        x['ä'],
    )
    for i in range(2):
        # as here
        y += len('''{i}
        within a string''')
    return (
        y
        + 1
    )"""
    lines, returned = inlined(source)
    assert lines == [
        "scale = (h['ä'] * 2) + (h[\"b\"]**2)",
        "y = max(\n    scale,  # a remark inside one stays\n    h['ä'],\n)",
        "for i in range(2):\n    # as here\n    y += len('''{i}\n        within a string''')",
    ]
    assert returned == "(y\n+ 1)"


@pytest.mark.parametrize(
    ("returned", "expected"),
    [
        ("x**2", "(-1)**2"),
        ("2**x", "2**-1"),
        ("x.real + 3", "(-1).real + 3"),
        ("3 * x", "3 * -1"),
        ("[x]", "[-1]"),
        ("abs(x)", "abs(-1)"),
    ],
)
def test_a_sign_has_brackets_where_it_needs_them(returned: str, expected: str) -> None:
    assert inlined(f"def f(x):\n    return {returned}", {"x": "-1"}) == ([], expected)


@pytest.mark.parametrize(
    ("returned", "bound", "expected"),
    [
        ("f(1, *x)", "(a, b[0])", "f(1, a, b[0])"),
        ("f(*x, n=2)", "(a,)", "f(a, n=2)"),
        ("[*x]", "(a, b)", "[*(a, b)]"),
        ("f(*x)", "several", "f(*several)"),
        ("f(*x)", "()", "f(*())"),
    ],
)
def test_arguments_that_are_given_together_stand_one_by_one(returned: str, bound: str, expected: str) -> None:
    assert inlined(f"def f(x):\n    return {returned}", {"x": bound}) == ([], expected)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("x.T @ grad", "total + x.T @ grad"),
        ("a - b", "total + (a - b)"),
        ("-a", "total + (-a)"),
        ("a if b else c", "total + (a if b else c)"),
        ("f(a - b)", "total + f(a - b)"),
    ],
)
def test_what_is_added_up_has_brackets_where_it_needs_them(value: str, expected: str) -> None:
    assert added("total", value) == expected


def test_a_name_in_an_f_string_is_not_edited() -> None:
    with pytest.raises(NotStraight, match="f-string"):
        inlined("def f(x):\n    y = f'{x}'\n    return y")
