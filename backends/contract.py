"""The contract between the harness and a backend: the program to train, and one Step per update.

A backend is a module with one function per op, one per optimizer, and a generator of `Step`s,
`train(ops, program, weights, batches, *, trace)`. docs/backends.md is the whole contract in prose.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Literal, Protocol

import numpy as np

from backends.calls import Call as Call
from backends.calls import RuleCall as RuleCall
from backends.calls import ScheduleCall as ScheduleCall
from backends.calls import WeightGroup as WeightGroup
from backends.vocabulary import KEEP

Array = np.ndarray[Any, np.dtype[Any]]
Phase = Literal["forward", "loss", "backward", "state", "update"]
"""The part of an update that computes a tensor."""
Tensors = dict[str, Any]
"""One framework's tensors, by their names in the scenario."""


NodeKind = Literal[
    "value", "loss", "gradient", "clipped", "learning rate", "decayed", "state", "weight", "average", "buffer"
]
PHASES: Mapping[NodeKind, Phase] = {
    "value": "forward",
    "loss": "loss",
    "gradient": "backward",
    "clipped": "update",
    "learning rate": "update",
    "decayed": "update",
    "state": "state",
    "weight": "update",
    "average": "update",
    "buffer": "state",
}


@dataclass(frozen=True)
class Node:
    """A tensor that an update computes. Its text is the tensor's name in results, such as `grad_w1` or `v_w1`."""

    kind: NodeKind
    of: str
    """The program's tensor that this is or belongs to: `w1` for `grad_w1`.

    Of a learning rate, the first weight of the group whose own it is; empty for that of the optimizer.
    """
    op: str
    """The op or the rule that computes it."""
    call: str | None = None
    """The first output of the call that computes it; for a gradient, of the call whose backward completes it.

    None if a rule computes it, or none does.
    """
    slot: str = ""
    """For state: the optimizer's name for it, such as `v`."""

    def __str__(self) -> str:
        match self.kind:
            case "gradient":
                return gradient_name(self.of)
            case "clipped":
                return clipped_name(self.of)
            case "decayed":
                return decayed_name(self.of)
            case "average":
                return average_name(self.of)
            case "state":
                return f"{self.slot}_{self.of}"
            case "learning rate":
                return f"lr_{self.of}" if self.of else "lr"
        return self.of

    @property
    def phase(self) -> Phase:
        """The part of an update that computes it."""
        return PHASES[self.kind]

    @property
    def is_kept(self) -> bool:
        """Whether the next update starts from it: an optimizer's state, a weight, its average or a buffer."""
        return self.kind in ("state", "weight", "average", "buffer")

    def read(self, step: "Step") -> Array | None:
        """This tensor in a Step; None if the backend did not yield it."""
        match self.kind:
            case "value":
                return step.values.get(self.of)
            case "loss":
                return np.asarray(step.loss)
            case "gradient":
                return step.grads[self.of] if self.of in step.grads else step.value_grads.get(self.of)
            case "clipped":
                return step.clipped.get(self.of)
            case "decayed":
                return step.decayed.get(self.of)
            case "learning rate":
                lr = step.group_lrs.get(self.of) if self.of else step.lr
                return None if lr is None else np.asarray(lr)
            case "weight":
                return step.weights.get(self.of)
        return step.state.get(str(self))


def gradient_name(tensor: str) -> str:
    """What results call the gradient of the loss with respect to a tensor."""
    return f"grad_{tensor}"


def clipped_name(weight: str) -> str:
    """What results call the clipped gradient of a weight."""
    return f"clipped_{gradient_name(weight)}"


def decayed_name(weight: str) -> str:
    """What results call the gradient of a weight after its decay, as the optimizer receives it."""
    return f"decayed_{gradient_name(weight)}"


def average_name(weight: str) -> str:
    """What results call the average of a weight over the updates."""
    return f"average_{weight}"


@dataclass(frozen=True)
class Program:
    """A recorded scenario: the calls in order, from the data and the weights to the loss."""

    calls: tuple[Call, ...]
    data: tuple[str, ...]
    weights: tuple[str, ...]
    loss: str
    optimizer: RuleCall
    shapes: Mapping[str, tuple[int, ...]]
    """The shape of every tensor on the first batch."""
    differentiable: frozenset[str]
    """The weights and every tensor that depends on one; no other tensor needs a gradient."""
    schedule: ScheduleCall | None = None
    """Computes the learning rate of an update from the update's number and the optimizer's `lr`."""
    clipping: RuleCall | None = None
    """Changes all gradients together before the optimizer receives them."""
    decay: RuleCall | None = None
    """Adds to a weight's gradient, after clipping and before the optimizer's rule."""
    average: RuleCall | None = None
    """Computes the average of a weight over the updates, which starts at the weight."""
    buffers: Mapping[str, Array] = field(default_factory=dict)
    """State that is carried from update to update and not trained: its values before the first update.

    Frozen weights and constants are among them.
    """
    carried: Mapping[str, str] = field(default_factory=dict)
    """For each buffer, the tensor that is its value at the next update: an output, or for a frozen weight, itself."""
    constants: Mapping[str, float] = field(default_factory=dict)
    """The numbers that the scenario writes beside tensors, as in `0.1 * h`, by the names of the buffers that hold them.

    As the scenario writes them; `buffers` has them in the run's dtype.
    """
    first_state: Mapping[str, float] = field(default_factory=dict)
    """The optimizer's state for each weight, in the order of its parameters, and what it starts at: `{"v": 0.0}`."""
    groups: tuple[WeightGroup, ...] = ()
    """The weights that have settings of their own of the optimizer or the decay; `optimizer_of` reads them."""

    def group_of(self, weight: str) -> WeightGroup:
        """The group that a weight is in; one without settings of its own for weights that are in none."""
        return self._group_of[weight]

    def optimizer_of(self, weight: str) -> RuleCall:
        """The optimizer with the settings that it has for a weight."""
        return self.group_of(weight).of(self.optimizer)

    def decay_of(self, weight: str) -> RuleCall | None:
        """The decay with the settings that it has for a weight; None if the program has none."""
        return None if self.decay is None else self.group_of(weight).of(self.decay)

    def rate_of(self, weight: str) -> str:
        """Whose learning rate a weight has: the first weight of its group, or empty for that of the optimizer."""
        group = self.group_of(weight)
        return group.weights[0] if "lr" in group.settings else ""

    @cached_property
    def all_groups(self) -> tuple[WeightGroup, ...]:
        """Every weight in one group: first the weights that are in no group, if there are any, then the groups."""
        grouped = {weight for group in self.groups for weight in group.weights}
        others = tuple(weight for weight in self.weights if weight not in grouped)
        return (*([WeightGroup(others, {})] if others else []), *self.groups)

    @cached_property
    def _group_of(self) -> Mapping[str, WeightGroup]:
        return {weight: group for group in self.all_groups for weight in group.weights}

    @property
    def first_lrs(self) -> dict[str, float]:
        """The learning rates that a schedule starts from: each group's own by its first weight, "" the optimizer's."""
        own = {group.weights[0]: group.settings["lr"] for group in self.groups if "lr" in group.settings}
        return {"": self.optimizer.settings["lr"], **own}

    def moves_after(self, update: int) -> bool:
        """Whether the schedule changes the learning rate after an update, counted from 1."""
        return self.schedule is not None and self.schedule.ends_turn(update)

    @property
    def rules(self) -> tuple[RuleCall, ...]:
        """The optimizer, and the schedule with its parts, the clipping, the decay and the average if there are any."""
        parts = () if self.schedule is None else self.schedule.parts
        rules = (self.optimizer, self.schedule, *parts, self.clipping, self.decay, self.average)
        return tuple(rule for rule in rules if rule is not None)

    @property
    def slots(self) -> tuple[str, ...]:
        """The optimizer's state for each weight by its name, such as `("v",)` for momentum."""
        return tuple(self.first_state)

    @property
    def kept(self) -> frozenset[str]:
        """The buffers that stay as they are: frozen weights and constants."""
        return frozenset(name for name, value in self.carried.items() if value == name)

    @property
    def values(self) -> tuple[str, ...]:
        """The names of all outputs, in the order in which the program computes them."""
        return tuple(name for call in self.calls for name in call.outputs)

    def nodes(self) -> tuple[Node, ...]:
        """Every tensor that an update computes, in computing order.

        Values, the loss, gradients, clipped gradients, learning rates, decayed gradients, the optimizer's state,
        weights, their averages, buffers.
        """
        return self._nodes

    @cached_property
    def backwards(self) -> Sequence[Call]:
        """The calls whose backward runs, in the order in which it does."""
        return [call for call in reversed(self.calls) if self.with_gradient & set(call.outputs)]

    def detaching(self, name: str) -> Call | None:
        """The first call that lets no gradient pass on the way from a tensor that depends on a weight to the loss."""
        reached = {name}
        for call in self.calls:
            if reached & set(call.inputs):
                if not self.differentiable & set(call.outputs):
                    return call
                reached.update(call.outputs)
        return None

    def detached_by(self, name: str) -> Call | None:
        """The last call that lets no gradient pass on the way from the weights to a tensor that has none."""
        reached = {name} - self.differentiable
        for call in reversed(self.calls):
            if reached & set(call.outputs):
                if self.differentiable & set(call.inputs):
                    return call
                reached.update(call.inputs)
        return None

    @cached_property
    def uses(self) -> Mapping[str, Sequence[Call]]:
        """The calls that contribute to each tensor's gradient, in the order in which they do."""
        uses: dict[str, list[Call]] = {}
        for call in self.backwards:
            for name in dict.fromkeys(call.inputs):
                uses.setdefault(name, []).append(call)
        return uses

    @cached_property
    def _nodes(self) -> tuple[Node, ...]:
        maker, with_gradient = self._maker, self.with_gradient
        # Backwards run in reverse order, so a tensor's gradient is complete after that of the first call that uses it.
        run_backward = self.backwards
        completed_by = {name: call for call in run_backward for name in call.inputs}
        return (
            *(Node("value", name, maker[name].op, maker[name].outputs[0]) for name in self.values if name != self.loss),
            Node("loss", self.loss, maker[self.loss].op, maker[self.loss].outputs[0]),
            *(
                Node("gradient", name, call.op, call.outputs[0])
                for call in run_backward
                for name in dict.fromkeys(call.inputs)
                if name in with_gradient and completed_by[name] is call
            ),
            *(Node("clipped", name, self.clipping.op) for name in self.weights if self.clipping is not None),
            *([Node("learning rate", of, self.schedule.op) for of in self.first_lrs] if self.schedule else []),
            *(Node("decayed", name, self.decay.op) for name in self.weights if self.decay is not None),
            *(Node("state", name, self.optimizer.op, slot=slot) for name in self.weights for slot in self.slots),
            *(Node("weight", name, self.optimizer.op) for name in self.weights),
            *(Node("average", name, self.average.op) for name in self.weights if self.average is not None),
            *(
                Node("buffer", name, KEEP)
                if value == name
                else Node("buffer", name, maker[value].op, maker[value].outputs[0])
                for name, value in self.carried.items()
            ),
        )

    def position_of(self, node: Node) -> int:
        """The position of a node among the results of its call or rule, counted from 0."""
        match node.kind:
            case "buffer" if node.op == KEEP:
                return 0
            case "value" | "loss" | "buffer":
                output = self.carried[node.of] if node.kind == "buffer" else node.of
                return self._maker[output].outputs.index(output)
            case "clipped":
                return self.weights.index(node.of)
            case "state":
                return 1 + self.slots.index(node.slot)
        return 0

    @property
    def loss_gradient(self) -> Node:
        """The start of the backward pass: the gradient of the loss with respect to itself, which is 1."""
        return Node("gradient", self.loss, self._maker[self.loss].op)

    @cached_property
    def _maker(self) -> Mapping[str, Call]:
        """The call that makes each output."""
        return {name: call for call in self.calls for name in call.outputs}

    @cached_property
    def with_gradient(self) -> frozenset[str]:
        """The tensors that have a gradient: they depend on a weight, and the loss depends on them."""
        reaching = {self.loss} & self.differentiable
        for call in reversed(self.calls):
            if reaching & set(call.outputs):
                reaching.update(self.differentiable & set(call.inputs))
        return frozenset(reaching)

    def forward(
        self, ops: Any, tensors: Mapping[str, Any], made: Callable[[Call, Tensors], None] | None = None
    ) -> Tensors:
        """Run the calls with plain functions `ops.NAME(*inputs, **settings)`; return every tensor by name.

        After each call, `made` is called with it and with all tensors so far.
        """
        named = dict(tensors)
        for call in self.calls:
            result = getattr(ops, call.op)(*[named[name] for name in call.inputs], **call.settings)
            if len(call.outputs) == 1:
                named[call.outputs[0]] = result
            else:
                named.update(zip(call.outputs, result, strict=True))
            if made is not None:
                made(call, named)
        return named


class ContractError(Exception):
    """An op or a rule does not fit the contract; the message says which one, where, and what would be right."""


@dataclass(frozen=True)
class Overwriting:
    """An op or a rule that wrote into a tensor that it was given, or that shares memory with one."""

    op: str
    phase: Phase
    call: str | None
    """The first output of the call; None for a rule."""
    tensor: str
    """As results call it: `h`, `grad_h`."""


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
    """Of the loss with respect to each weight, before clipping."""
    state: Mapping[str, Array] = field(default_factory=dict)
    """After the update: the optimizer's state, where `v_w1` is state `v` of weight `w1`, `average_w1`, and buffers."""
    clipped: Mapping[str, Array] = field(default_factory=dict)
    """If the program clips: the clipped gradients, as the optimizer received them."""
    lr: float | None = None
    """If the program has a schedule: the learning rate of this update."""
    group_lrs: Mapping[str, float] = field(default_factory=dict)
    """If the program has a schedule: the learning rate of each group that has an `lr` of its own.

    By the group's first weight, as in `Program.first_lrs`.
    """
    decayed: Mapping[str, Array] = field(default_factory=dict)
    """If the program decays: the decayed gradients, unless the framework keeps them inside its optimizer."""
    values: Mapping[str, Array] = field(default_factory=dict)
    """When tracing: the outputs of the program by name, each as it was when it was made."""
    value_grads: Mapping[str, Array] = field(default_factory=dict)
    """When tracing: the loss's gradient with respect to outputs in `Program.with_gradient`, each as it was made."""
    overwritten: Sequence[Overwriting] = ()
    """When tracing: what was written over, in the order in which it happened."""


class Backend(Protocol):
    """The part of a backend module that has a fixed name; ops and rules are looked up by name."""

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
