"""Which ops a scenario calls, read off its code, without NumPy and without running it."""

import dis
from collections.abc import Iterator
from types import CodeType, FunctionType
from typing import Any

from backends.vocabulary import KINDS
from scenarios import Scenario

_OF_OPERATORS = {"@": "matmul", "+": "add", "-": "subtract", "*": "multiply", "/": "divide", "**": "power"}
"""The ops of the operators between two values, as Python calls these in its instructions."""


def called_ops(scenario: Scenario) -> frozenset[str]:
    """The ops that a scenario's function names, or one beside it that it calls, and the rules that it trains by.

    Beside it are the functions of its file and of its package.
    An operator between two values counts as its op, although both may be numbers. What is written otherwise, as `-x`,
    `abs(x)` and `x[:, 0]` are, does not count.
    """
    function = scenario.function
    named = set(_names_in(function, set())) if isinstance(function, FunctionType) else set()
    ops = {name for name in named if KINDS.get(name) == "op"}
    return frozenset(ops | {name for rule in scenario.all_rules for name in rule.names})


def _names_in(function: FunctionType, seen: set[CodeType]) -> Iterator[str]:
    """The names that a function reads, and those that functions beside it that it calls do."""
    waiting = [function.__code__]
    while waiting:
        code = waiting.pop()
        if code in seen:
            continue
        seen.add(code)
        waiting += [each for each in code.co_consts if isinstance(each, CodeType)]
        yield from _of_operators(code)
        for name in code.co_names:
            yield name
            called: Any = function.__globals__.get(name)
            if isinstance(called, FunctionType) and _stand_together(called, function):
                yield from _names_in(called, seen)


def _stand_together(one: FunctionType, other: FunctionType) -> bool:
    """Whether two functions are of the same file, or of two files of one package."""
    packages = {each.__module__.rpartition(".")[0] for each in (one, other)}
    return one.__module__ == other.__module__ or (len(packages) == 1 and packages != {""})


def _of_operators(code: CodeType) -> Iterator[str]:
    for instruction in dis.get_instructions(code):
        if instruction.opname == "BINARY_OP" and (op := _OF_OPERATORS.get(instruction.argrepr.removesuffix("="))):
            yield op
