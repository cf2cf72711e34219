"""The lines of a script that train: a backend's functions in the names of a program, with remarks from docstrings."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from textwrap import wrap

from backends.contract import Program
from reports.export.wrapping import WIDTH
from reports.source.columns import Column, rules_by_kind, see_source
from reports.source.framework_column import FrameworkColumn
from reports.source.hand_written_column import HandWrittenColumn
from reports.source.names import ProgramNames
from reports.source.source import BackendSource

INDENTED = 8
"""The deepest indentation of the lines of an update, in columns."""

SHORT = 2
"""A longer backward stands under the name of its op."""

LONG_OP, LONG_CALL, LONG_STEP = 6, 2, 8
"""A function that is used several times and has more lines is called, not inlined.

The limits are for a hand-written op with its backward, for a framework's op, and for the steps of all weights together.
"""

CHAIN_ATTRIBUTES = """
    add_hook add_link add_param add_persistent addgrads children cleargrads copy copyparams count_params delete_hook
    device device_resident_accept disable_update enable_update from_chx from_params init_scope links local_link_hooks
    name namedlinks namedparams params printable_specs register_persistent repeat serialize to_chx to_cpu to_device
    to_gpu to_intel64 update_enabled within_init_scope xp zerograds
"""
"""Attributes of every chainer.Chain, which no parameter may be called."""


@dataclass(frozen=True)
class Lines:
    """A backend's lines before the first update, in every update up to its loss, in every update after that.

    And those at the end of every epoch.
    """

    once: list[str]
    forward: list[str]
    after: list[str]
    after_epoch: Sequence[str] = ()


def called_by_hand(program: Program, source: BackendSource) -> frozenset[str]:
    """The hand-written functions that can't be inlined, or are too long for it."""
    column = HandWrittenColumn(source, program, ProgramNames(program, [source]))
    lines = [forward + backward for forward, backward in zip(column.forward, column.backward, strict=True)]
    steps = column.rule_lines("optimizer")
    long = {program.optimizer.op} if len(steps) > max(LONG_STEP, 2 * len(program.weights)) else set()
    return frozenset(long | _called(program, lines, column, LONG_OP))


def called_in_framework(program: Program, source: BackendSource) -> frozenset[str]:
    """A framework's functions that can't be inlined, or are too long for it."""
    column = FrameworkColumn(source, program, ProgramNames(program, [source]))
    return frozenset(_called(program, [column.call_lines(call) for call in program.calls], column, LONG_CALL))


def hand_written_lines(program: Program, source: BackendSource, named: ProgramNames, called: Collection[str]) -> Lines:
    """The hand-written functions' lines: forward, backward upwards, and the optimizer's arithmetic."""
    column, remarks = HandWrittenColumn(source, program, named, called), _Remarks(source, called)
    forward = chain(*(remarks.on(call.op, lines) for call, lines in zip(program.calls, column.forward, strict=True)))
    backward = [
        [f"# {call.op}", *lines] if len(lines) > SHORT else lines
        for call, lines in reversed(list(zip(program.calls, column.backward, strict=True)))
    ]
    rules = {kind: remarks.on(rule.op, column.rule_lines(kind)) for kind, rule in rules_by_kind(program).items()}
    parts = {
        "backward": [*column.loop_lines("backward"), *chain(*backward)],
        "clip": rules.get("clipping", []),
        "schedule": rules.get("schedule", []),
        "decay": rules.get("decay", []),
        "step": rules["optimizer"],
        "average": rules.get("average", []),
        "carry": column.carry_lines(),
    }
    by_weight: dict[str, dict[str, str]] = {}
    for (slot, weight), state in named.state.items():
        w, first = named.tensors[weight], program.first_state[slot]
        by_weight.setdefault(w, {})[state] = f"np.full_like({w}, {first!r})" if first else f"np.zeros_like({w})"
    once = [f"{', '.join(firsts)} = {', '.join(firsts.values())}" for firsts in by_weight.values()]
    once += [f"{named.update} = 0"] if named.update else []
    return Lines(once, ["# forward", *forward], _parted(parts))


def autograd_lines(
    program: Program, source: BackendSource, named: ProgramNames, called: Collection[str], *, chain_of_links: bool
) -> Lines:
    """A framework's lines: forward, clear gradients, backward and step, in its own words.

    Chainer's optimizers are set up with a chain of links, which holds the parameters.
    """
    column, remarks = FrameworkColumn(source, program, named, called), _Remarks(source, called)
    once = _model(program, named, column.model) if chain_of_links else []
    rules = {kind: remarks.on(rule.op, column.rule_lines(kind)) for kind, rule in rules_by_kind(program).items()}
    once += [*rules["optimizer"], *rules.get("decay", []), *rules.get("schedule", [])]
    if program.schedule and chain_of_links:
        once.append(f"{column.scheduler}.initialize(None)")
    forward = chain(*(remarks.on(call.op, column.call_lines(call)) for call in program.calls))
    backward, step = [*column.loop_lines("clear gradients"), *column.loop_lines("backward")], column.loop_lines("step")
    carry = column.carry_lines()  # before the step, which may change what it is a view of
    if program.clipping or carry:
        parts = {"backward": backward, "carry": carry, "clip": rules.get("clipping", []), "step": step}
    else:
        parts = {"backward and step": [*backward, *step]}
    parts["average"] = rules.get("average", [])
    schedule = column.loop_lines("schedule") if program.schedule else []
    if program.schedule and program.schedule.counts_epochs:
        return Lines(once, ["# forward", *forward], _parted(parts), _parted({"schedule": schedule}))
    return Lines(once, ["# forward", *forward], _parted({**parts, "schedule": schedule}))


def _called(program: Program, lines: list[list[str]], column: Column, long: int) -> set[str]:
    """The ops and rules that can't be inlined, and the ops of more than `long` lines that are used several times."""
    ops = [call.op for call in program.calls]
    called = {op for op, its in zip(ops, lines, strict=True) if see_source(op) in its}
    called |= {op for op, its in zip(ops, lines, strict=True) if len(its) > long and ops.count(op) > 1}
    rules = rules_by_kind(program).items()
    return called | {rule.op for kind, rule in rules if see_source(rule.op) in column.rule_lines(kind)}


def _model(program: Program, named: ProgramNames, model: str) -> list[str]:
    """The chain that holds the parameters under their names in the scenario, by which Chainer sorts them."""
    prefix = "" if set(CHAIN_ATTRIBUTES.split()).isdisjoint(program.weights) else "parameter_"
    attributes = [f"{model}.{prefix}{name}" for name in program.weights]
    parameters = [named.tensors[name] for name in program.weights]
    lines = [f"    {', '.join(attributes)} = {', '.join(parameters)}"]
    if any("." in name for name in program.weights):  # other names would sort in another order
        lines = [f'    setattr({model}, "{prefix}{name}", {named.tensors[name]})' for name in program.weights]
    elif len(lines[0]) > WIDTH:
        lines = [f"    {attribute} = {parameter}" for attribute, parameter in zip(attributes, parameters, strict=True)]
    return ["", f"{model} = chainer.Chain()", f"with {model}.init_scope():", *lines]


def _parted(parts: Mapping[str, Iterable[str]]) -> list[str]:
    """The parts that have lines, each under its name, with an empty line between them."""
    written = [[f"# {part}", *lines] for part, lines in ((part, list(lines)) for part, lines in parts.items()) if lines]
    return [line for lines in written for line in ["", *lines]][1:]


class _Remarks:
    """Adds the docstring and the comments of a function to its lines, where they stand first."""

    def __init__(self, source: BackendSource, called: Collection[str]) -> None:
        self._source = source
        self._said = set(called)  # functions that are called stand in the script with their remarks

    def on(self, name: str, lines: list[str]) -> list[str]:
        """The lines with their remarks, on the same line where there is room."""
        if name in self._said or not lines:
            return lines
        self._said.add(name)
        formula = self._source.summary(name).partition(".  ")[0]  # shapes and sources follow it
        said = f"{name}: {formula.rstrip('.')}"
        comments = " ".join(re.findall(r"^    # (.*)$", self._source.texts.get(name, ""), flags=re.MULTILINE))
        if len(lines) == 1 and not comments and len(f"{lines[0]}  # {said}") + INDENTED <= WIDTH:
            return [f"{lines[0]}  # {said}"]
        remarks = [
            f"# {line}"
            for text in (said, comments)
            for line in wrap(text, WIDTH - INDENTED - 2, break_on_hyphens=False)
        ]
        return [*remarks, *lines]
