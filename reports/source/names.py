"""What a program's tensors are called where its backends' lines stand one after the other."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from backends.contract import Program, average_name, clipped_name, decayed_name, gradient_name
from reports.source.inlining import Names
from reports.source.source import LOOP_PARTS, SCHEDULE_PART, BackendSource
from reports.source.spans import read_names


class ProgramNames:
    """What a program's tensors, gradients and optimizer state are called in its map.

    A tensor has the scenario's name, unless the backends' lines mean a module or a function by it, as by `np`, or
    whoever writes them does: by the names `meant`. The dots of a name, as in `block_1.w`, become underscores.
    """

    def __init__(
        self, program: Program, sources: Sequence[BackendSource], meant: Iterable[str] = (), epoch: str = ""
    ) -> None:
        """`epoch` is what whoever writes the lines calls the number of the epoch, if anything."""
        functions = dict.fromkeys([*(call.op for call in program.calls), *(rule.op for rule in program.rules)])
        read = [source.function(name) for source in sources for name in functions]
        meant = {*meant, *(name for function in read if function is not None for name in function.outside_names)}
        meant |= {
            name for source in sources for name in _free_in_loop(source, is_scheduled=program.schedule is not None)
        }
        names = Names(meant | {name for name in program.shapes if name not in meant})
        self.tensors = {
            name: names.take(name.replace(".", "_")) if name in meant or "." in name else name
            for name in program.shapes
        }

        differentiable = [name for name in program.shapes if name in program.differentiable]
        self.gradients = {name: names.take(gradient_name(self.tensors[name])) for name in differentiable}
        optimizers = {program.optimizer_of(weight).op for weight in program.weights}
        counts = any("t" in _settings(sources[0], optimizer) for optimizer in optimizers)
        schedule = program.schedule
        counts_epochs = schedule is not None and schedule.counts_epochs
        needs_epoch = counts_epochs or bool(program.trained_later)
        self.update = names.take("t") if counts or (schedule and not counts_epochs) else None
        """The number of the update, where a rule asks for it."""
        self.epoch = (epoch or names.take("epoch")) if needs_epoch else None
        """The number of the epoch, where the schedule or a weight that is trained later asks for it."""
        self.scheduled = {
            str(node): names.take(str(replace(node, of=self.tensors.get(node.of, ""))))
            for node in program.nodes()
            if node.kind == "scheduled"
        }
        """What the schedule changes, by the names in results."""
        self.clipped = {weight: names.take(clipped_name(self.tensors[weight])) for weight in program.weights}
        self.decayed = {weight: names.take(decayed_name(self.tensors[weight])) for weight in program.weights}
        self.averages = {weight: names.take(average_name(self.tensors[weight])) for weight in program.weights}
        self.state = {
            (node.slot, node.of): names.take(str(replace(node, of=self.tensors[node.of])))
            for node in program.nodes()
            if node.kind == "state"
        }
        self.in_results = self._in_results(program)
        """What results call the tensor that a name stands for."""
        self._meant = meant

    def _in_results(self, program: Program) -> dict[str, str]:
        names = {shown: name for name, shown in self.tensors.items()}
        names |= {shown: gradient_name(name) for name, shown in self.gradients.items()}
        for node in program.nodes():
            match node.kind:
                case "state":
                    names[self.state[node.slot, node.of]] = str(node)
                case "average":
                    names[self.averages[node.of]] = str(node)
                case "clipped":
                    names[self.clipped[node.of]] = str(node)
                case "decayed":
                    names[self.decayed[node.of]] = str(node)
                case "scheduled":
                    names[self.scheduled[str(node)]] = str(node)
        return names

    def fresh(self) -> Names:
        """The names that are taken in every column."""
        return Names(
            {
                *self._meant,
                *self.tensors.values(),
                *self.gradients.values(),
                *self.state.values(),
                *filter(None, [self.update, self.epoch]),
                *self.scheduled.values(),
                *self.clipped.values(),
                *self.decayed.values(),
                *self.averages.values(),
            }
        )


def _settings(source: BackendSource, rule: str) -> list[str]:
    """The settings that a backend's rule takes; none if it has no such rule."""
    return [setting.arg for setting in source.definition(rule).args.kwonlyargs] if rule in source.texts else []


def _free_in_loop(source: BackendSource, *, is_scheduled: bool) -> set[str]:
    """The modules and functions that the lines of the loop mean, and those that make the schedule."""
    train = source.train
    lines = [line for part in (*LOOP_PARTS, SCHEDULE_PART) for line in train.part(part)]
    return (read_names(lines) & train.outside_names) | (train.called_for_schedules() if is_scheduled else set())
