"""Which branch of a choice in a function's source a call takes, where its inputs and settings alone decide."""

from __future__ import annotations

import ast
from collections.abc import Mapping, Sequence
from typing import Any

Bindings = Mapping[str, str]
"""What variables stand for, as source; also how many axes a tensor has, as `x.ndim`."""


def taken(value: ast.expr, bindings: Bindings) -> ast.expr:
    """What a call takes where a value is a choice, or a choice of choices; the value itself where it is undecided."""
    chosen = chosen_branch(value, bindings) if isinstance(value, ast.IfExp) else None
    return value if chosen is None else taken(chosen, bindings)


def chosen_branch(choice: ast.IfExp, bindings: Bindings) -> ast.expr | None:
    """The branch that a call takes, where its inputs and settings alone decide: `x @ w if b is None else x @ w + b`."""
    holds = decided(choice.test, bindings)
    return None if holds is None else choice.body if holds else choice.orelse


def without_choices(body: Sequence[ast.stmt], bindings: Bindings) -> list[ast.stmt]:
    """The statements of a body, with those of the branch in the place of an `if` that inputs and settings decide."""
    statements: list[ast.stmt] = []
    for line in body:
        holds = decided(line.test, bindings) if isinstance(line, ast.If) else None
        if isinstance(line, ast.If) and holds is not None:
            statements += without_choices(line.body if holds else line.orelse, bindings)
        else:
            statements.append(line)
    return statements


def decided(test: ast.expr, bindings: Bindings) -> bool | None:
    """Whether a condition holds for the inputs and settings of a call; None where these alone don't decide."""
    match test:
        case ast.Compare(
            left=ast.Name(id=name),
            ops=[ast.Is() | ast.IsNot() | ast.Eq() | ast.NotEq() as comparison],
            comparators=[ast.Constant(value=value)],
        ) if name in bindings:
            given = literal(bindings[name])
            if not given and value is not None:
                return None  # a tensor may be equal to a number
            return (given == [value]) is isinstance(comparison, ast.Is | ast.Eq)
        case ast.Compare(
            left=ast.Attribute() as left, ops=[ast.Eq()], comparators=[ast.Constant(value=int() as value)]
        ):
            known = bindings.get(ast.unparse(left))
            return None if known is None else literal(known) == [value]
        case ast.Name(id=name) if name in bindings:
            given = literal(bindings[name])
            return bool(given[0]) if given else None
        case ast.Call(func=ast.Name(id="isinstance"), args=[ast.Name(id=name), ast.Name(id="int")]) if name in bindings:
            given = literal(bindings[name])
            return isinstance(given[0], int) if given else None
        case ast.UnaryOp(op=ast.Not(), operand=operand):
            holds = decided(operand, bindings)
            return None if holds is None else not holds
        case ast.BoolOp(op=joined, values=values):
            parts = [decided(value, bindings) for value in values]
            return None if None in parts else all(parts) if isinstance(joined, ast.And) else any(parts)
    return None


def literal(expression: str) -> list[Any]:
    """The value of an expression that is a literal, such as a setting; nothing for other expressions."""
    try:
        return [ast.literal_eval(expression)]
    except ValueError:
        return []
