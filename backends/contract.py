"""What passes between the harness and a backend: the program that it trains, and one Step per update.

A backend is a module with one function per op, one per optimizer, and a generator of `Step`s,
`train(ops, program, weights, batches, *, trace)`. The README's "Your own backend" is the whole contract in prose.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol, get_args

import numpy as np

Array = np.ndarray[Any, np.dtype[Any]]
CLIPPED = "clipped_grad_"
"""With a weight's name behind it: what results call its gradient after the clipping."""
Tensors = dict[str, Any]
"""Tensors of one framework by their names in the scenario."""
Part = Literal["optimizer", "clear gradients", "backward", "clip", "step", "schedule", "carry"]
PARTS: tuple[Part, ...] = get_args(Part)
"""What the `train` of a built-in backend consists of: each part stands under a comment that names it and ends at the
next empty line. The code map shows these lines, and raises an error where a backend lacks one of the comments."""


@dataclass(frozen=True)
class Call:
    """One call of the scenario, such as `h = op.matmul(x, w1)`."""

    op: str
    inputs: tuple[str, ...]
    settings: Mapping[str, Any]
    outputs: tuple[str, ...]
    line: str = ""
    """Where the scenario makes this call: `file:line`, or empty where there is no source."""


@dataclass(frozen=True)
class Rule:
    """The name of an optimizer, a schedule, a clipping or a decay, and its settings, such as sgd with lr=1e-4."""

    op: str
    settings: Mapping[str, float]


@dataclass(frozen=True)
class Program:
    """A recorded scenario: the calls in order, from the data and the weights to the loss."""

    calls: tuple[Call, ...]
    data: tuple[str, ...]
    weights: tuple[str, ...]
    loss: str
    optimizer: Rule
    shapes: Mapping[str, tuple[int, ...]]
    """The shape of every tensor on the first batch."""
    differentiable: frozenset[str]
    """The weights and every tensor that depends on one; no gradient is wanted for any other tensor."""
    schedule: Rule | None = None
    """What the learning rate of an update is, given its number and the optimizer's `lr`."""
    clipping: Rule | None = None
    """What is done to all gradients together before the optimizer receives them."""
    decay: Rule | None = None
    """What is added to the gradient of a weight before the optimizer's rule, after the clipping."""
    buffers: Mapping[str, Array] = field(default_factory=dict)
    """What is carried from update to update and not trained, as it is before the first."""
    carried: Mapping[str, str] = field(default_factory=dict)
    """For each buffer, the tensor that is its value at the next update."""

    @property
    def rules(self) -> tuple[Rule, ...]:
        """Everything around the ops that is looked up by name: the optimizer, and what else there is."""
        rules = (self.optimizer, self.schedule, self.clipping, self.decay)
        return tuple(rule for rule in rules if rule is not None)

    @property
    def values(self) -> tuple[str, ...]:
        """The names of all outputs, in the order in which the program computes them."""
        return tuple(name for call in self.calls for name in call.outputs)

    def forward(self, ops: Any, tensors: Mapping[str, Any]) -> Tensors:
        """Run the calls with plain functions `ops.NAME(*inputs, **settings)`; return every tensor by name."""
        named = dict(tensors)
        for call in self.calls:
            result = getattr(ops, call.op)(*[named[name] for name in call.inputs], **call.settings)
            if len(call.outputs) == 1:
                named[call.outputs[0]] = result
            else:
                named.update(zip(call.outputs, result, strict=True))
        return named


@dataclass(slots=True)
class Step:
    """What one update did, as NumPy arrays in the run's dtype.

    The arrays may be the backend's own memory: the harness reads them before it asks for the next step.
    """

    loss: Array
    """Shape (), before the update."""
    weights: Mapping[str, Array]
    """After the update."""
    grads: Mapping[str, Array]
    """Of the loss towards each weight, before they are clipped."""
    state: Mapping[str, Array] = field(default_factory=dict)
    """The optimizer's state after the update, where `v_w1` is state `v` of weight `w1`, and the program's buffers."""
    clipped: Mapping[str, Array] = field(default_factory=dict)
    """Where the program clips: the gradients after that, as the optimizer received them."""
    lr: float | None = None
    """Where the program has a schedule: the learning rate of this update."""
    values: Mapping[str, Array] = field(default_factory=dict)
    """When tracing: every output of the program, by name."""
    value_grads: Mapping[str, Array] = field(default_factory=dict)
    """When tracing: the gradient of the loss towards each output that depends on a weight and reaches the loss."""


class Backend(Protocol):
    """A backend module, as far as a type can say it: ops are looked up by name."""

    def train(
        self,
        ops: Any,
        program: Program,
        weights: Mapping[str, Array],
        batches: Iterable[Mapping[str, Array]],
        *,
        trace: bool = False,
    ) -> Iterator[Step]:
        """Yield one Step per batch, starting from a copy of `weights`."""
        ...
