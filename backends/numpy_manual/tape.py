"""The tape: runs a program's ops forward, keeps their backwards, and runs these in reverse.

An op that does not fit the contract is named at once, with what it returned and what would be right.
"""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from backends.contract import Array, Call, ContractError, Program, Tensors, gradient_name
from backends.deferred import computed
from backends.recording import Recording


class Entry(NamedTuple):
    """One call on the tape."""

    call: Call
    function: Callable[..., Any]
    """The op, which has the file and line of the user's code."""
    backward: Callable[..., Any]


class Tape:
    """The calls of one update, in the order in which they ran."""

    def __init__(self, ops: Any, program: Program, recording: Recording | None) -> None:
        self._program = program
        self._recording = recording
        self._functions = [getattr(ops, call.op) for call in program.calls]
        self._entries: list[Entry] = []

    def forward(self, tensors: Tensors) -> Tensors:
        """Run all calls; return every tensor by name."""
        tensors = dict(tensors)
        for call, function in zip(self._program.calls, self._functions, strict=True):
            inputs = [tensors[name] for name in call.inputs]
            outputs, backward = _outputs_and_backward(call, function, function(*inputs, **call.settings), inputs)
            tensors.update(zip(call.outputs, outputs, strict=True))
            self._entries.append(Entry(call, function, backward))
            if self._recording is not None:
                self._recording.keep_outputs(call, tensors)
        return tensors

    def backward(self, grads: Tensors, tensors: Tensors) -> None:
        """Add to `grads`, which holds that of the loss, the gradient of everything that the loss depends on."""
        differentiable, recording = self._program.differentiable, self._recording
        if recording is not None:
            recording.keep(gradient_name(self._program.loss), grads[self._program.loss])
        for entry in reversed(self._entries):
            call = entry.call
            if grads.keys().isdisjoint(call.outputs):
                continue  # the loss does not depend on this call
            arriving = [grads[name] if name in grads else np.zeros_like(tensors[name]) for name in call.outputs]
            leaving = _gradients(entry, entry.backward(*arriving), tensors, differentiable)
            if recording is not None:
                touched = [tensors[name] for name in (*call.inputs, *call.outputs)]
                returned = [grad for _, grad in leaving]
                recording.notice(call.op, "backward", call.outputs[0], [*touched, *arriving, *returned])
            for name, grad in leaving:
                grads[name] = grads[name] + grad if name in grads else grad
                if recording is not None:
                    recording.keep(gradient_name(name), grads[name])


def _outputs_and_backward(
    call: Call, function: Callable[..., Any], returned: Any, inputs: Sequence[Array]
) -> tuple[tuple[Array, ...], Callable[..., Any]]:
    """Check what an op returned. Raises ContractError."""
    where = f"{call.op}{_place(call, function)}"
    match returned:
        case (result, backward) if callable(backward):
            outputs = result if isinstance(result, tuple) else (result,)
        case _:
            raise ContractError(f"{where} returned {_described(returned)}; it must return its output and its backward")
    if len(outputs) != len(call.outputs):
        names = ", ".join(call.outputs)
        raise ContractError(f"{where} returned {len(outputs)} {_plural(len(outputs), 'output')} in place of {names}")
    expected = next((array.dtype for array in inputs if array.dtype.kind == "f"), None)
    for name, output in zip(call.outputs, outputs, strict=True):
        if not isinstance(output, np.ndarray | np.generic):
            raise ContractError(f"{where} returned {_described(output)} as {name}; it must be a NumPy array")
        if expected is not None and output.dtype != expected:
            advice = _advice(output.dtype, expected)
            raise ContractError(f"{where} returned {output.dtype}, its inputs are {expected}{advice}")
    return outputs, backward


def _gradients(
    entry: Entry, returned: Any, tensors: Tensors, differentiable: frozenset[str]
) -> list[tuple[str, Array]]:
    """Check what a backward returned; return the gradients of the differentiable inputs. Raises ContractError."""
    call = entry.call
    where = f"the backward of {call.op}{_place(call, entry.backward)}"
    if not isinstance(returned, tuple | list):
        raise ContractError(f"{where} returned {_described(returned)}; {_one_gradient_each(call)}")
    if len(returned) != len(call.inputs):
        count = f"{len(returned)} {_plural(len(returned), 'gradient')} for {len(call.inputs)}"
        raise ContractError(
            f"{where} returned {count} {_plural(len(call.inputs), 'input')}; {_one_gradient_each(call)}"
        )
    gradients = []
    for name, deferred in zip(call.inputs, returned, strict=True):
        if name in differentiable:
            grad, tensor = computed(deferred), tensors[name]
            if not isinstance(grad, np.ndarray | np.generic):
                raise ContractError(f"{where} gives {_described(grad)} as the gradient of {name}; it must be an array")
            if grad.shape != tensor.shape:
                raise ContractError(f"{where}: the gradient of {name} is {grad.shape}, {name} is {tensor.shape}")
            if grad.dtype != tensor.dtype:
                advice = _advice(grad.dtype, tensor.dtype)
                raise ContractError(
                    f"{where}: the gradient of {name} is {grad.dtype}, {name} is {tensor.dtype}{advice}"
                )
            gradients.append((name, np.asarray(grad)))
    return gradients


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
