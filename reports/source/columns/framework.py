"""The code map's column of a framework: an op's call, and the optimizer with what is set up around it."""

from __future__ import annotations

import ast
from collections.abc import Collection, Mapping, Sequence
from functools import cached_property
from itertools import chain

from backends.contract import Call, RuleCall, ScheduleCall, WeightGroup
from reports.source.chains import chain_lines
from reports.source.columns.column import Column, RuleKind, as_source, call_of
from reports.source.functions import FunctionSource
from reports.source.spans import read_names


class FrameworkColumn(Column):
    """A framework's functions: an op's call, and the optimizer with what is set up around it."""

    def call_lines(self, call: Call) -> list[str]:
        """An op's lines for one call."""
        function = self._source.function(call.op)
        if function is None:
            return [f"# no op {call.op}"]
        tensors = self._named.tensors
        inputs, outputs = [tensors[name] for name in call.inputs], [tensors[name] for name in call.outputs]
        axes = [len(self._program.shapes[name]) for name in call.inputs]
        return self._lines(function, outputs, inputs, as_source(call.settings), axes)

    @property
    def _per_step(self) -> Collection[RuleKind]:
        return ("clipping", "average")

    @property
    def model(self) -> str:
        """What the optimizer is made of: a variable of `train`, or else the list of all weights that it trains."""
        if self._has_model:
            return self._argument(self._source.train.optimizer()[1])
        own = {weight for group in self._program.own_groups for weight in group.weights}
        return self._listed([weight for weight in self._program.weights if weight not in own])

    @property
    def scheduler(self) -> str:
        """What holds the schedule."""
        return self._loop[self._source.train.scheduler()]

    def _lines_of_rule(self, kind: RuleKind, rule: RuleCall, function: FunctionSource) -> list[str]:
        settings, optimizer = as_source(rule.settings), self._loop[self._source.train.optimizer()[0]]
        match kind:
            case "clipping":
                return self._lines(function, [], [self._argument(self._source.train.clipped())], settings)
            case "schedule":
                assert isinstance(rule, ScheduleCall)
                return self._lines_of_schedule(rule, function, optimizer)
            case "decay":
                return self._lines_of_decay(rule, function, optimizer)
            case "optimizer":
                return self._lines_of_optimizer(rule, function, optimizer)
            case "average":
                averages, tensors = self._named.averages, self._named.tensors
                kept = [(averages[weight], tensors[weight]) for weight in self._program.weights]
                return [*chain(*(self._lines(function, [each], [each, w], settings) for each, w in kept))]

    def _lines_of_optimizer(self, rule: RuleCall, function: FunctionSource, optimizer: str) -> list[str]:
        """Those of the program's optimizer, and of those of this name that groups have of their own."""
        lines = [] if rule.op != self._program.optimizer.op else self._lines_of_common(rule, function, optimizer)
        for group in self._program.own_groups:
            own = self._program.optimizer_in(group)
            if own.op == rule.op:
                settings, name = as_source(own.settings), self._own_optimizers[group.weights]
                of = self._listed(group.weights)
                if self._has_model:
                    of = self._names.take("part")
                    lines += chain_lines(of, {weight: self._named.tensors[weight] for weight in group.weights})
                lines += self._lines(function, [name], [of], settings)
        return lines

    def _lines_of_common(self, rule: RuleCall, function: FunctionSource, optimizer: str) -> list[str]:
        """Those of the optimizer of all weights whose group has none of its own."""
        program, settings = self._program, as_source(rule.settings)
        common = self._lines(function, [optimizer], [self.model], settings)
        groups = program.common_groups
        if all(not group.settings for group in groups):
            return common
        own = [
            differing_keywords(
                common, self._lines(function, [optimizer], [self.model], as_source(group.of(rule).settings))
            )
            for group in groups
        ]
        if self._has_model:
            its = zip(groups, own, strict=True)
            return [*common, *chain(*(self._lines_of_hyperparameters(group.weights, each) for group, each in its))]
        dictionaries = [
            as_dictionary({"params": self._listed(group.weights), **keywords, **self._decay_of_group(group)})
            for group, keywords in zip(groups, own, strict=True)
        ]
        return self._lines(function, [optimizer], [f"[{', '.join(dictionaries)}]"], settings)

    def _lines_of_hyperparameters(self, weights: Sequence[str], keywords: Mapping[str, str]) -> list[str]:
        """What parameters of a chain have of their own."""
        if not keywords:
            return []
        tensors = [self._named.tensors[weight] for weight in weights]
        if len(tensors) == 1:
            return [f"{tensors[0]}.update_rule.hyperparam.{name} = {value}" for name, value in keywords.items()]
        variable = self._names.take("parameter")
        lines = [f"    {variable}.update_rule.hyperparam.{name} = {value}" for name, value in keywords.items()]
        return [f"for {variable} in ({', '.join(tensors)}):", *lines]

    def _lines_of_decay(self, rule: RuleCall, function: FunctionSource, optimizer: str) -> list[str]:
        program = self._program
        lines: list[str] = []
        if not self._decays_differ:
            lines += self._lines(function, [], [optimizer], as_source(rule.settings))
        elif not self._has_model:
            lines.append(f"# {rule.op} is set in each parameter group of the optimizer")
        if not self._has_model:
            for group in self._program.own_groups:
                name = self._own_optimizers[group.weights]
                lines += self._lines(function, [], [name], as_source(group.of(rule).settings))
        if not (self._decays_differ and self._has_model):
            return lines
        for weight in program.weights:
            settings = program.group_of(weight).of(rule).settings
            if any(settings.values()):
                of = f"{self._named.tensors[weight]}.update_rule"
                lines += self._lines(function, [], [of], as_source(settings))
        return lines

    def _decay_of_group(self, group: WeightGroup) -> dict[str, str]:
        """What the decay sets in a group of the optimizer, if groups decay differently."""
        rule = self._program.decay
        function = None if rule is None else self._source.function(rule.op)
        if rule is None or function is None or not self._decays_differ:
            return {}
        return assigned_items(self._lines(function, [], ["optimizer"], as_source(group.of(rule).settings)))

    @property
    def _decays_differ(self) -> bool:
        program = self._program
        groups = program.all_groups if self._has_model else program.common_groups
        return any(program.decay_in(group) != program.decay for group in groups)

    @cached_property
    def _own_optimizers(self) -> Mapping[tuple[str, ...], str]:
        """What the optimizers that groups have of their own are called, by the weights of the group."""
        tensors = self._named.tensors
        return {
            group.weights: self._names.take(f"optimizer_of_{tensors[group.weights[0]]}")
            for group in self._program.own_groups
        }

    @cached_property
    def _own_schedulers(self) -> Mapping[tuple[str, ...], str]:
        """What their schedulers are called."""
        tensors = self._named.tensors
        return {
            group.weights: self._names.take(f"{self.scheduler}_of_{tensors[group.weights[0]]}")
            for group in self._program.own_groups
        }

    def _others(self, several: str) -> Sequence[str]:
        train = self._source.train
        if several == train.others:
            return list(self._own_optimizers.values())
        return list(self._own_schedulers.values()) if several == train.other_schedulers else super()._others(several)

    def freeze_lines(self) -> list[str]:
        """What leaves weights as they are until their training begins."""
        return [line for weight in self._program.trained_later for line in self._of_parameter("freeze", weight)]

    def thaw_lines(self) -> list[str]:
        """What begins their training, at the start of an epoch."""
        return self._of_weights_trained_later("==", lambda weight: self._of_parameter("thaw", weight))

    def leave_out_lines(self) -> list[str]:
        """What leaves weights not yet trained out of the clipping, in a framework that computes their gradients."""
        if self._source.function("leave_out") is None or self._program.clipping is None:
            return []
        return self._of_weights_trained_later("<", lambda weight: self._of_parameter("leave_out", weight))

    def _of_parameter(self, name: str, weight: str) -> list[str]:
        function = self._source.function(name)
        return [] if function is None else self._lines(function, [], [self._named.tensors[weight]], {})

    def _lines_of_schedule(self, schedule: ScheduleCall, function: FunctionSource, optimizer: str) -> list[str]:
        holder = self._source.train.scheduler_of_groups()
        settings = as_source({"after": list(schedule.after)} if schedule.parts else schedule.settings)
        parts = [(self._source.function(part.op), as_source(part.settings)) for part in schedule.parts]
        known = [(each, its) for each, its in parts if each is not None]
        is_of_lr = schedule.of == "lr"
        made = [call_of(each.node, ["holder"], its) for each, its in known]
        called = call_of(function.node, ["holder", *([f"[{', '.join(made)}]"] if made else [])], settings)
        if self._has_model and (len(self._program.first_scheduled) > 1 or not is_of_lr):
            setting = "" if is_of_lr else f', "{schedule.of}"'
            return [f"{self.scheduler} = {holder}(lambda holder: {called}, {optimizer}{setting})"]
        holders = {optimizer: self.scheduler}
        holders |= {self._own_optimizers[weights]: name for weights, name in self._own_schedulers.items()}
        if not is_of_lr:
            return [
                f'{scheduler} = {holder}(lambda holder: {called}, {of}, "{schedule.of}")'
                for of, scheduler in holders.items()
            ]
        lines = []
        for of, scheduler in holders.items():
            made = []
            for each, its in known:
                made.append(self._names.take(f"{each.node.name}_{scheduler}"))
                lines += self._lines(each, [made[-1]], [of], its)
            given = [of, *([f"[{', '.join(made)}]"] if made else [])]
            lines += self._lines(function, [scheduler], given, settings)
        return lines

    @property
    def _has_model(self) -> bool:
        """Whether the optimizer is made of a model, which holds the parameters, and not of a list of them."""
        return isinstance(self._source.train.optimizer()[1], ast.Name)

    def _argument(self, argument: ast.expr) -> str:
        return self._loop[argument.id] if isinstance(argument, ast.Name) else self._listed(self._program.weights)

    def _listed(self, weights: Sequence[str]) -> str:
        return f"[{', '.join(self._named.tensors[name] for name in weights)}]"

    def _loop_variables(self) -> set[str]:
        variable, made_of = self._source.train.optimizer()
        return super()._loop_variables() | {variable} | read_names([made_of])


def differing_keywords(lines: Sequence[str], others: Sequence[str]) -> dict[str, str]:
    """The keyword arguments that have other values in `others`, which are the same calls: `{"lr": "0.2"}`."""
    found: dict[str, str] = {}
    for call, other in zip(_calls(lines), _calls(others), strict=True):
        for keyword, other_keyword in zip(call.keywords, other.keywords, strict=True):
            value = ast.unparse(other_keyword.value)
            if keyword.arg is not None and ast.unparse(keyword.value) != value:
                found[keyword.arg] = value
    return found


def _calls(lines: Sequence[str]) -> list[ast.Call]:
    return [node for node in ast.walk(ast.parse("\n".join(lines))) if isinstance(node, ast.Call)]


def assigned_items(lines: Sequence[str]) -> dict[str, str]:
    """What lines assign to the items of a dictionary, as `group["weight_decay"] = 0.01` does."""
    found: dict[str, str] = {}
    for node in ast.walk(ast.parse("\n".join(lines))):
        match node:
            case ast.Assign(targets=[ast.Subscript(slice=ast.Constant(value=str(key)))], value=value):
                found[key] = ast.unparse(value)
    return found


def as_dictionary(items: Mapping[str, str]) -> str:
    """The source of a dictionary with these keys, and values that are source."""
    return "{" + ", ".join(f'"{key}": {value}' for key, value in items.items()) + "}"
