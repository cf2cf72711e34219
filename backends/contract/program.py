"""A recorded scenario: its calls, its rules, and the tensors that each of its updates computes, in their order."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from backends.contract.calls import Call, RuleCall, ScheduleCall, WeightGroup
from backends.contract.epoch import Epoch
from backends.contract.nodes import Array, Node
from backends.vocabulary import ACCUMULATION, KEEP

Tensors = dict[str, Any]
"""One framework's tensors, by their names in the scenario."""


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
    """Computes the setting that it changes at a step, from the step's number and what the setting is at first."""
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
    first_state: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    """For each weight its optimizer's state, in the order of the parameters, and what it starts at: `{"v": 0.0}`."""
    groups: tuple[WeightGroup, ...] = ()
    """The weights that have an optimizer or settings of their own; `optimizer_of` reads them."""
    epoch: Epoch = field(default_factory=Epoch)
    """The updates of an epoch, and at which of them the optimizer steps."""

    def group_of(self, weight: str) -> WeightGroup:
        """The group that a weight is in; one without settings of its own for weights that are in none."""
        return self._group_of[weight]

    def optimizer_of(self, weight: str) -> RuleCall:
        """The optimizer of a weight, with the settings that it has for it."""
        return self.optimizer_in(self.group_of(weight))

    def optimizer_in(self, group: WeightGroup) -> RuleCall:
        """The optimizer of a group: its own, or the program's with the group's settings."""
        return group.optimizer or group.of(self.optimizer)

    def decay_of(self, weight: str) -> RuleCall | None:
        """The decay with the settings that it has for a weight; None if the program has none."""
        return self.decay_in(self.group_of(weight))

    def decay_in(self, group: WeightGroup) -> RuleCall | None:
        """The decay with the settings of a group; None if the program has none."""
        return None if self.decay is None else group.of(self.decay)

    @property
    def decays(self) -> Mapping[str, RuleCall]:
        """The decay of each weight, if the program has one."""
        return {weight: decay for weight in self.weights if (decay := self.decay_of(weight)) is not None}

    def scheduled_of(self, weight: str) -> str:
        """What results call the scheduled setting that a weight has: `lr`, or `lr_b1` for one of its group."""
        group = self.group_of(weight)
        return str(self._scheduled_node(group.weights[0] if group in self._with_own_scheduled else ""))

    @cached_property
    def all_groups(self) -> tuple[WeightGroup, ...]:
        """Every weight in one group: first the weights that are in no group, if there are any, then the groups."""
        grouped = {weight for group in self.groups for weight in group.weights}
        others = tuple(weight for weight in self.weights if weight not in grouped)
        return (*([WeightGroup(others, {})] if others else []), *self.groups)

    @cached_property
    def common_groups(self) -> tuple[WeightGroup, ...]:
        """The groups whose weights the program's optimizer trains, in the order of `all_groups`."""
        return tuple(group for group in self.all_groups if group.optimizer is None)

    @cached_property
    def own_groups(self) -> tuple[WeightGroup, ...]:
        """The groups that have an optimizer of their own, in the order of `all_groups`."""
        return tuple(group for group in self.all_groups if group.optimizer is not None)

    @cached_property
    def _group_of(self) -> Mapping[str, WeightGroup]:
        return {weight: group for group in self.all_groups for weight in group.weights}

    @cached_property
    def first_scheduled(self) -> Mapping[str, float]:
        """What a schedule starts from, by the names in results: `lr`, and `lr_b1` for a group that has its own."""
        groups = [WeightGroup((), {}), *self._with_own_scheduled]
        values = map(self._scheduled_in, groups) if self.schedule is not None else ()
        return {str(node): value for node, value in zip(self.scheduled_nodes, values, strict=True)}

    @property
    def schedules_decay(self) -> bool:
        """Whether the schedule changes the rate of the decay, and not a setting of the optimizer."""
        return self.schedule is not None and self.decay is not None and self.schedule.of in self.decay.settings

    def _scheduled_in(self, group: WeightGroup) -> float:
        assert self.schedule is not None
        decay = self.decay_in(group) if self.schedules_decay else None
        return (decay or self.optimizer_in(group)).settings[self.schedule.of]

    @cached_property
    def _with_own_scheduled(self) -> Sequence[WeightGroup]:
        """The groups that have the scheduled setting of their own."""
        if self.schedule is None:
            return []
        of = self.schedule.of
        return [g for g in self.groups if of in g.settings or (g.optimizer is not None and not self.schedules_decay)]

    @cached_property
    def scheduled_nodes(self) -> Sequence[Node]:
        """What the schedule changes at an update: the setting, and that of each group that has its own."""
        if self.schedule is None:
            return []
        return [self._scheduled_node(of) for of in ("", *(group.weights[0] for group in self._with_own_scheduled))]

    def _scheduled_node(self, of: str) -> Node:
        assert self.schedule is not None
        return Node("scheduled", of, self.schedule.op, slot=self.schedule.of)

    def moves_after(self, update: int) -> bool:
        """Whether the schedule changes its setting after an update, counted from 1."""
        if self.schedule is None or not self.epoch.ends_step(update):
            return False
        return self.schedule.ends_turn(self.epoch.step(update))

    def not_yet_trained(self, update: int) -> Collection[str]:
        """The weights whose training only begins after an update: they stay, and their gradients count as 0."""
        return [weight for weight, first in self._first_updates.items() if update < first]

    def trained_first(self, update: int) -> Collection[str]:
        """The weights that were frozen until an update, and are trained from this one on."""
        return [weight for weight, first in self._first_updates.items() if update == first]

    def steps(self, update: int) -> Mapping[str, int]:
        """For each weight that the optimizer changes at an update, how many steps it has made of it then."""
        if not self.epoch.ends_step(update):
            return {}
        steps = dict.fromkeys(self.weights, self.epoch.step(update))
        for weight, first in self._first_updates.items():
            steps[weight] -= self.epoch.step(first) - 1
            if update < first:
                del steps[weight]
        return steps

    @property
    def trained_later(self) -> Mapping[str, int]:
        """The epoch in which the training of a weight begins, for those that are frozen at first."""
        return {weight: g.trained_from for g in self.groups if g.trained_from > 1 for weight in g.weights}

    @cached_property
    def _first_updates(self) -> Mapping[str, int]:
        """The update at which the training of a weight begins, for those that are frozen at first."""
        return {weight: self.epoch.first_update(epoch) for weight, epoch in self.trained_later.items()}

    @property
    def rules(self) -> tuple[RuleCall, ...]:
        """The optimizers, and the schedule with its parts, the clipping, the decay and the average if there are any."""
        parts = () if self.schedule is None else self.schedule.parts
        own = [group.optimizer for group in self.own_groups]
        rules = (self.optimizer, *own, self.schedule, *parts, self.clipping, self.decay, self.average)
        return tuple(rule for rule in rules if rule is not None)

    def first_state_of(self, weight: str) -> Mapping[str, float]:
        """What the optimizer's state for a weight starts at, by its name: `{"v": 0.0}` for momentum."""
        return self.first_state.get(weight, {})

    def slots_of(self, weight: str) -> tuple[str, ...]:
        """The optimizer's state for a weight by its name, such as `("v",)` for momentum."""
        return tuple(self.first_state_of(weight))

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

        Values, the loss, gradients, clipped gradients, what a schedule changes, decayed gradients, the optimizer's
        state, weights, their averages, buffers.
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
            *([Node("gradient", self.loss, ACCUMULATION)] if self.epoch.accumulates else []),
            *(
                Node("gradient", name, call.op, call.outputs[0])
                for call in run_backward
                for name in dict.fromkeys(call.inputs)
                if name in with_gradient and completed_by[name] is call
            ),
            *(Node("clipped", name, self.clipping.op) for name in self.weights if self.clipping is not None),
            *self.scheduled_nodes,
            *(Node("decayed", name, self.decay.op) for name in self.weights if self.decay is not None),
            *(
                Node("state", name, self.optimizer_of(name).op, slot=slot)
                for name in self.weights
                for slot in self.slots_of(name)
            ),
            *(Node("weight", name, self.optimizer_of(name).op) for name in self.weights),
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
                return 1 + self.slots_of(node.of).index(node.slot)
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
