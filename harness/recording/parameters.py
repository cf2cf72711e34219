"""What the hand-written ops call their inputs and their outputs."""

from inspect import CO_VARARGS, Parameter, signature
from types import CodeType

from backends import numpy_manual


def input_names(op: str, count: int) -> tuple[str, ...]:
    """What an op calls so many inputs: its parameters; those of `*xs` are xs_0, xs_1 …."""
    parameters = signature(getattr(numpy_manual, op)).parameters.values()
    names: list[str] = []
    for parameter in parameters:
        if parameter.kind == Parameter.VAR_POSITIONAL:
            names += [f"{parameter.name}_{i}" for i in range(count - len(names))]
        elif parameter.kind == Parameter.POSITIONAL_OR_KEYWORD:
            names.append(parameter.name)
    return tuple(names[:count])


def output_names(op: str, count: int) -> tuple[str, ...]:
    """What an op calls so many outputs, by the parameters of its backward: y for grad_y; ys_0, ys_1 … for *grad_ys."""
    backward = backward_of(op)
    named = [name.removeprefix("grad_") for name in backward.co_varnames[: backward.co_argcount]]
    if backward.co_flags & CO_VARARGS:
        rest = backward.co_varnames[backward.co_argcount].removeprefix("grads_of_").removeprefix("grad_")
        named += [f"{rest}_{i}" for i in range(count - len(named))]
    return tuple(named[:count])


def backward_of(op: str) -> CodeType:
    """The code of a hand-written op's backward."""
    constants = getattr(numpy_manual, op).__code__.co_consts
    return next(each for each in constants if isinstance(each, CodeType) and each.co_name == "backward")
