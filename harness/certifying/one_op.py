"""A program of one op and a loss, in which the op's outputs receive given gradients."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from backends import numpy_manual
from backends.contract import Array, Call, Program, RuleCall
from backends.numpy_manual.gradients import DETACHED, Detached
from backends.op_inputs import with_gradient


@dataclass(frozen=True)
class OneOp:
    """A program of one op and a loss, and what it is trained on."""

    program: Program
    outputs: tuple[str, ...]
    weights: dict[str, Array]
    """The inputs that have a gradient."""
    data: dict[str, Array]
    """The other inputs, and what makes the loss of the outputs."""


def one_op(
    has: Callable[[str], bool],
    op: str,
    inputs: Sequence[Any],
    settings: Mapping[str, Any],
    above: Sequence[Array],
    names: Sequence[str] = (),
    outputs: Sequence[str] = (),
    function: Callable[..., Any] | None = None,
) -> OneOp:
    """The program in which an op's outputs receive the gradients `above`, or nearly so.

    They are multiplied by their gradients and summed, or compared with what is half a gradient away by the mean squared
    error: whichever the backend `has`. Without multiply, an output that is one number is the loss itself, and receives
    1. The inputs are called x_0, x_1 …, unless they have `names`, and the outputs y_0, y_1 …, unless `outputs` has
    theirs. What they are is known from the hand-written op, or from the `function` that takes its place. Raises
    LookupError, with the names of the ops that would be needed, if the backend has neither way.
    """
    names = names or [f"x_{i}" for i in range(len(inputs))]
    weights = {name: x for name, x, has_it in zip(names, inputs, with_gradient(op, inputs), strict=True) if has_it}
    data = {name: x for name, x in zip(names, inputs, strict=True) if name not in weights}
    result = (function or getattr(numpy_manual, op))(*inputs, **settings)[0]
    arrays = list(result) if isinstance(result, tuple) else [result]
    outputs = tuple(outputs or (f"y_{i}" for i in range(len(arrays))))
    shapes = {name: np.shape(x) for name, x in [*zip(names, inputs, strict=True), *zip(outputs, arrays, strict=True)]}
    calls = [Call(op, tuple(names), settings, outputs)]
    losses = []
    for i, (y, array, gradient) in enumerate(zip(outputs, arrays, above, strict=True)):
        if i in DETACHED.get(op, Detached()).outputs:
            continue
        if array.shape == () and len(arrays) == 1 and not has("multiply"):
            losses.append(y)
            continue
        losses.append(f"loss_{i}")
        if array.shape == () and has("multiply"):
            data[f"g_{i}"] = gradient
            calls.append(Call("multiply", (y, f"g_{i}"), {}, (f"loss_{i}",)))
        elif has("multiply") and has("reduce_sum"):
            data[f"g_{i}"] = gradient
            calls.append(Call("multiply", (y, f"g_{i}"), {}, (f"product_{i}",)))
            calls.append(Call("reduce_sum", (f"product_{i}",), {}, (f"loss_{i}",)))
            shapes[f"product_{i}"] = array.shape
        elif has("mean_squared_error"):
            data[f"g_{i}"] = array - gradient * gradient.dtype.type(array.size / 2)
            calls.append(Call("mean_squared_error", (y, f"g_{i}"), {}, (f"loss_{i}",)))
        else:
            raise LookupError("multiply and reduce_sum, or mean_squared_error")
        shapes |= {f"g_{i}": array.shape, f"loss_{i}": ()}
    if not data:
        # A backend may count the rows of its batches.
        data["unused"], shapes["unused"] = np.array(inputs[0]), inputs[0].shape
    loss, *others = losses
    if others and not has("add"):
        raise LookupError("add")
    for i, other in enumerate(others):
        calls.append(Call("add", (loss, other), {}, (f"sum_{i}",)))
        loss = f"sum_{i}"
        shapes[loss] = ()
    program = Program(
        calls=tuple(calls),
        data=tuple(data),
        weights=tuple(weights),
        loss=loss,
        optimizer=RuleCall("sgd", {"lr": 0.0}),
        shapes=shapes,
        differentiable=frozenset(weights).union(*(call.outputs for call in calls)),
        first_state={name: {} for name in weights},
    )
    return OneOp(program, outputs, weights, data)
