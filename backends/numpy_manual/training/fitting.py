"""Checks that what an op and its backward return fits the contract: what is wrong, in which call, and what is right."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from backends.contract import Array, Call, ContractError, Tensors
from backends.deferred import computed, of_given

ARRAYS = (np.ndarray, np.generic)


def outputs_and_backward(
    call: Call, function: Callable[..., Any], returned: Any, inputs: Sequence[Array]
) -> tuple[tuple[Array, ...], Callable[..., Any]]:
    """Check what an op returned. Raises ContractError."""
    match returned:
        case (result, backward) if callable(backward):
            outputs = result if isinstance(result, tuple) else (result,)
        case _:
            raise _breach(
                call, function, f" returned {_described(returned)}; it must return its output and its backward"
            )
    if len(outputs) != len(call.outputs):
        names = ", ".join(call.outputs)
        raise _breach(call, function, f" returned {len(outputs)} {_plural(len(outputs), 'output')} in place of {names}")
    expected = _dtype_of(inputs)
    for name, output in zip(call.outputs, outputs, strict=True):
        if not isinstance(output, ARRAYS):
            raise _breach(call, function, f" returned {_described(output)} as {name}; it must be a NumPy array")
        if expected is not None and output.dtype != expected:
            advice = _advice(output.dtype, expected)
            raise _breach(call, function, f" returned {output.dtype}, its inputs are {expected}{advice}")
    return outputs, backward


def gradients_of_inputs(
    call: Call, function: Callable[..., Any], returned: Any, tensors: Tensors, differentiable: frozenset[str]
) -> list[tuple[str, Array]]:
    """Check what a backward returned; return the gradients of the differentiable inputs. Raises ContractError."""
    if not isinstance(returned, tuple | list):
        raise _backward_breach(call, function, f" returned {_described(returned)}; {_one_gradient_each(call)}")
    returned = of_given(returned, len(call.inputs))
    if len(returned) != len(call.inputs):
        count = f"{len(returned)} {_plural(len(returned), 'gradient')} for {len(call.inputs)}"
        raise _backward_breach(
            call, function, f" returned {count} {_plural(len(call.inputs), 'input')}; {_one_gradient_each(call)}"
        )
    gradients = []
    for name, deferred in zip(call.inputs, returned, strict=True):
        if name in differentiable:
            grad, tensor = computed(deferred), tensors[name]
            if not isinstance(grad, ARRAYS):
                raise _backward_breach(
                    call, function, f" gives {_described(grad)} as the gradient of {name}; it must be an array"
                )
            if grad.shape != tensor.shape:
                raise _backward_breach(
                    call, function, f": the gradient of {name} is {grad.shape}, {name} is {tensor.shape}"
                )
            if grad.dtype != tensor.dtype:
                advice = _advice(grad.dtype, tensor.dtype)
                raise _backward_breach(
                    call, function, f": the gradient of {name} is {grad.dtype}, {name} is {tensor.dtype}{advice}"
                )
            gradients.append((name, np.asarray(grad)))
    return gradients


def _dtype_of(inputs: Sequence[Array]) -> np.dtype[Any] | None:
    """That of the first floating-point input."""
    for array in inputs:
        if array.dtype.kind == "f":
            return array.dtype
    return None


def _breach(call: Call, op: Callable[..., Any], what: str) -> ContractError:
    return ContractError(f"{call.op}{_place(call, op)}{what}")


def _backward_breach(call: Call, backward: Callable[..., Any], what: str) -> ContractError:
    return ContractError(f"the backward of {call.op}{_place(call, backward)}{what}")


def _one_gradient_each(call: Call) -> str:
    return f"it must return a tuple of one gradient for each of {', '.join(call.inputs)}, None for labels"


def _advice(got: np.dtype[Any], expected: np.dtype[Any]) -> str:
    """What usually turns float32 into float64."""
    if got.name != "float64" or expected.name != "float32":
        return ""
    return (
        ". A float64 number of NumPy's does that, as np.sqrt(2 / np.pi); a float of Python's does not: "
        "write float(np.sqrt(2 / np.pi))"
    )


def _described(returned: Any) -> str:
    """What something that was returned is: `None`, `an array of shape (3, 2)`, `a tuple of 1`."""
    match returned:
        case None:
            return "None"
        case np.ndarray() | np.generic():
            return f"one array of shape {returned.shape}"
        case tuple() | list():
            return f"a {type(returned).__name__} of {len(returned)}"
    return f"a {type(returned).__name__}"


def _plural(count: int, noun: str) -> str:
    return noun if count == 1 else f"{noun}s"


def _place(call: Call, function: Callable[..., Any]) -> str:
    """Where a function stands and which call it belongs to: ` (mine.py, line 12; call h_r)`."""
    code = getattr(function, "__code__", None)
    file = f"{Path(code.co_filename).name}, line {code.co_firstlineno}; " if code is not None else ""
    return f" ({file}call {call.outputs[0]})"
