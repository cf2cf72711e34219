"""What random programs have reached: ops, pairs of ops, settings and rules."""

import inspect
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from backends.contract import Program
from backends.vocabulary import KINDS


@dataclass
class Coverage:
    """Counts of programs."""

    ops: Counter[str] = field(default_factory=Counter)
    """Calls of each op."""
    pairs: Counter[tuple[str, str]] = field(default_factory=Counter)
    """How often an output of the one op was an input of the other."""
    settings: Counter[tuple[str, str]] = field(default_factory=Counter)
    """How often an op or a rule was given a setting that is not its default."""
    rules: Counter[str] = field(default_factory=Counter)

    def note(self, program: Program, find_op: Callable[[str], Callable[..., Any]]) -> None:
        """Count what a program calls."""
        makers = {name: call.op for call in program.calls for name in call.outputs}
        for call in program.calls:
            self.ops[call.op] += 1
            self.pairs.update((makers[name], call.op) for name in call.inputs if name in makers)
            defaults = settings_of(find_op(call.op))
            self.settings.update((call.op, name) for name, value in call.settings.items() if value != defaults[name])
        for rule in program.rules:
            self.rules[rule.op] += 1

    def add(self, other: "Coverage") -> None:
        """Add the counts of other programs."""
        self.ops += other.ops
        self.pairs += other.pairs
        self.settings += other.settings
        self.rules += other.rules

    def missing(self, known: Sequence[str], find_op: Callable[[str], Callable[..., Any]]) -> Mapping[str, list[str]]:
        """What was not reached of the ops, their settings and the rules that are known."""
        ops = [op for op in KINDS if KINDS[op] == "op" and op in known]
        settings = [(op, name) for op in ops for name in settings_of(find_op(op))]
        return {
            "ops": [op for op in ops if not self.ops[op]],
            "settings": [f"{op}({name}=…)" for op, name in settings if not self.settings[op, name]],
            "rules": [name for name in known if KINDS[name] != "op" and not self.rules[name]],
        }


def settings_of(op: Callable[..., Any]) -> dict[str, Any]:
    """The settings of an op, each with its default."""
    parameters = inspect.signature(op).parameters.values()
    return {p.name: p.default for p in parameters if p.kind is p.KEYWORD_ONLY}
