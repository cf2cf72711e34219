"""The tensors of a Step in the order in which an update computes them, each with the call that made it."""

import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from backends.contract import CLIPPED, Array, Program, Step
from harness.results import Phase

LEARNING_RATE = "learning rate"
"""What results call that of an update, where a schedule changes it."""


@dataclass(frozen=True)
class Origin:
    """Where a tensor comes from: its phase (forward, loss, backward, state or update), call and op."""

    tensor: str
    phase: Phase
    call: str | None
    """The first output of the call; for a gradient, of the call whose backward completes it."""
    op: str


class Layout:
    """Names and orders the tensors of every Step of a program."""

    def __init__(self, program: Program) -> None:
        self._program = program
        made_by = {name: call for call in program.calls for name in call.outputs}
        self._forward = {
            name: Origin(
                name, "loss" if name == program.loss else "forward", made_by[name].outputs[0], made_by[name].op
            )
            for name in program.values
        }
        # Calls run backwards, so a tensor's gradient is complete when its first use has had its turn.
        first_use = {name: (i, call) for i, call in reversed([*enumerate(program.calls)]) for name in call.inputs}
        latest_first = sorted(first_use.items(), key=lambda item: -item[1][0])
        self.backward = {
            name: Origin(f"grad_{name}", "backward", call.outputs[0], call.op)
            for name, (_, call) in latest_first
            if name in program.differentiable
        }

        self.clipped = {
            name: Origin(f"{CLIPPED}{name}", "update", None, program.clipping.op)
            for name in program.weights
            if program.clipping is not None
        }
        self.carried = {
            name: Origin(name, "state", made_by[value].outputs[0], made_by[value].op)
            for name, value in program.carried.items()
        }

    def tensors(self, step: Step, loss: Array, *, intermediate: bool) -> list[tuple[Origin, Array]]:
        """All comparable tensors of a step in computing order, and what is between them where it was traced.

        `loss` takes the place of the step's own, since an epoch's loss is a mean over its updates.
        """
        program = self._program
        values: Mapping[str, Array] = step.values if intermediate else {}
        found = [(self._forward[name], values[name]) for name in program.values if name in values]
        found = [(origin, array) for origin, array in found if origin.tensor != program.loss]
        found.append((self._forward[program.loss], loss))
        grads: Mapping[str, Array] = {**step.value_grads, **step.grads} if intermediate else step.grads
        found += [(origin, grads[name]) for name, origin in self.backward.items() if name in grads]
        found += [(self.clipped[name], step.clipped[name]) for name in program.weights if name in step.clipped]
        rule = program.optimizer.op
        found += [
            (self.carried.get(name, Origin(name, "state", None, rule)), step.state[name]) for name in sorted(step.state)
        ]
        found += [(Origin(name, "update", None, rule), step.weights[name]) for name in program.weights]
        return [(origin, np.asarray(array)) for origin, array in found]


def state_names(rule: Callable[..., Any]) -> list[str]:
    """What a hand-written optimizer keeps for each weight, read off its signature, whose first two are w and grad_w."""
    parameters = inspect.signature(rule).parameters.values()
    return [p.name for p in parameters if p.kind is p.POSITIONAL_OR_KEYWORD][2:]


@dataclass(frozen=True)
class Recorded:
    """What a backend had before an update, and what it made of it."""

    update: int
    """Counted over the whole run, from 1."""
    data: Mapping[str, Array]
    weights: Mapping[str, Array]
    """Before the update."""
    state: Mapping[str, Array]
    """Before the update; the program's buffers too."""
    step: Step

    def made(self, origin: Origin) -> Array:
        """The array that the backend recorded for this tensor."""
        step, name = self.step, origin.tensor
        if name == LEARNING_RATE and step.lr is not None:
            return np.asarray(step.lr)
        if name.startswith(CLIPPED) and origin.phase == "update":
            return np.asarray(step.clipped[name.removeprefix(CLIPPED)])
        if origin.phase == "backward":
            weight_or_value = name.removeprefix("grad_")
            return np.asarray({**step.value_grads, **step.grads}[weight_or_value])
        return np.asarray({"forward": step.values, "state": step.state, "update": step.weights}[origin.phase][name])
