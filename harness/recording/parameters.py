"""What ops call their inputs and their outputs."""

from collections.abc import Callable
from inspect import CO_VARARGS, Parameter, signature
from types import CodeType
from typing import Any

from backends import numpy_manual


def input_names(op: str, count: int) -> tuple[str, ...]:
    """What a hand-written op calls so many inputs: its parameters; those of `*xs` are xs_0, xs_1 …."""
    return input_names_of(getattr(numpy_manual, op), count)


def output_names(op: str, count: int) -> tuple[str, ...]:
    """What a hand-written op calls so many outputs, by the parameters of its backward.

    They are y for grad_y, and ys_0, ys_1 … for *grad_ys.
    """
    return output_names_of(getattr(numpy_manual, op), count)


def input_names_of(function: Callable[..., Any], count: int) -> tuple[str, ...]:
    """What a function calls so many inputs, as `input_names`."""
    names: list[str] = []
    for parameter in signature(function).parameters.values():
        if parameter.kind == Parameter.VAR_POSITIONAL:
            names += [f"{parameter.name}_{i}" for i in range(count - len(names))]
        elif parameter.kind in (Parameter.POSITIONAL_ONLY, Parameter.POSITIONAL_OR_KEYWORD):
            names.append(parameter.name)
    return tuple(names[:count])


def output_names_of(function: Callable[..., Any], count: int) -> tuple[str, ...]:
    """What a function calls so many outputs, as `output_names`; y_0, y_1 … if it has no function called backward."""
    backward = _backward_of(function)
    if backward is None:
        return ("y",) if count == 1 else tuple(f"y_{i}" for i in range(count))
    named = [name.removeprefix("grad_") for name in backward.co_varnames[: backward.co_argcount]]
    if backward.co_flags & CO_VARARGS:
        rest = backward.co_varnames[backward.co_argcount].removeprefix("grads_of_").removeprefix("grad_")
        named += [f"{rest}_{i}" for i in range(count - len(named))]
    return tuple(named[:count])


def _backward_of(function: Callable[..., Any]) -> CodeType | None:
    """The code of the function called backward inside a function."""
    constants = getattr(getattr(function, "__code__", None), "co_consts", ())
    return next((each for each in constants if isinstance(each, CodeType) and each.co_name == "backward"), None)
