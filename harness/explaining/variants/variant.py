"""What a variant is: a function that is easily mistaken for one of the suite's, and what it does differently."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

Function = Callable[..., Any]
"""An op, an optimizer's rule, a clipping, a decay or a schedule, with the signature of the hand-written one."""


@dataclass(frozen=True)
class Variant:
    """One function that is easily mistaken for another."""

    description: str
    """What it does differently, as a clause."""
    function: Function
    difference: str = ""
    """The entry of the catalogue of differences that is about it, if there is one."""

    def __str__(self) -> str:
        see = f" (see `lockstep differences {self.difference}`)" if self.difference else ""
        return f"{self.description}{see}"


Variants = dict[Function, tuple[Variant, ...]]
"""By the hand-written function: those that are mistaken for it."""


def forward_only(function: Function) -> Function:
    """An op without a backward, from a function that returns its output."""

    def op(*inputs: Any, **settings: Any) -> Any:
        return function(*inputs, **settings), None

    return op


def backward_only(op: Function, gradients: Function) -> Function:
    """An op with the right output and another backward.

    `gradients(grad_outputs, inputs, settings)` returns one gradient per input.
    """

    def changed(*inputs: Any, **settings: Any) -> Any:
        output, _ = op(*inputs, **settings)
        return output, lambda *grad_outputs: gradients(grad_outputs, inputs, settings)

    return changed


def of_changed_inputs(op: Function, change: Function, back: Function | None = None) -> Function:
    """An op that runs on other inputs.

    `change(*inputs)` returns the changed inputs. `back(gradients, inputs)` turns the gradients towards these into those
    towards the inputs themselves; without it the op has no backward.
    """

    def changed(*inputs: Any, **settings: Any) -> Any:
        output, backward = op(*change(*inputs), **settings)
        if back is None:
            return output, None
        return output, lambda *grad_outputs: back(backward(*grad_outputs), inputs)

    return changed


def with_settings(op: Function, **other: Any) -> Function:
    """A function with some of its settings fixed to other values."""

    def changed(*inputs: Any, **settings: Any) -> Any:
        return op(*inputs, **{**settings, **other})

    return changed
