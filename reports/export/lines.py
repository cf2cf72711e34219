"""The lines of a script that train: a backend's functions in the names of a program, with remarks from docstrings."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from textwrap import wrap

from backends.contract import Program
from reports.source.chains import chain_lines
from reports.source.columns.column import RULE_KINDS, Column, RuleKind, rules_of
from reports.source.columns.framework import FrameworkColumn
from reports.source.columns.hand_written import HandWrittenColumn
from reports.source.names import ProgramNames
from reports.source.source import BackendSource
from reports.source.spans import WIDTH

INDENTED = 8
"""The deepest indentation of the lines of an update, in columns."""

SHORT = 2
"""A longer backward stands under the name of its op."""

LONG_OP, LONG_CALL, LONG_STEP = 6, 2, 8
"""A function that is used several times and has more lines is called, not inlined.

The limits are for a hand-written op with its backward, for a framework's op, and for the steps of all weights together.
"""


@dataclass(frozen=True)
class Lines:
    """A backend's lines before the first update, in every update up to its loss, and in every update after that.

    And those before every epoch and after it. Where a step takes its gradients from several batches, those before the
    first of them and after the last stand apart.
    """

    once: list[str]
    forward: list[str]
    after: list[str]
    before_epoch: Sequence[str] = ()
    after_epoch: Sequence[str] = ()
    before_step: Sequence[str] = ()
    after_batches: Sequence[str] = ()


def called_by_hand(program: Program, source: BackendSource) -> frozenset[str]:
    """The hand-written functions that can't be inlined, or are too long for it."""
    column = HandWrittenColumn(source, program, ProgramNames(program, [source]))
    lines = [forward + backward for forward, backward in zip(column.forward, column.backward, strict=True)]
    optimizers = [rule for kind, rule in rules_of(program) if kind == "optimizer"]
    steps = [line for rule in optimizers for line in column.rule_lines("optimizer", rule)]
    is_long = len(steps) > max(LONG_STEP, 2 * len(program.weights))
    long = {rule.op for rule in optimizers} if is_long else set()
    return frozenset(long | _called(program, lines, column, LONG_OP))


def called_in_framework(program: Program, source: BackendSource) -> frozenset[str]:
    """A framework's functions that can't be inlined, or are too long for it."""
    column = FrameworkColumn(source, program, ProgramNames(program, [source]))
    return frozenset(_called(program, [column.call_lines(call) for call in program.calls], column, LONG_CALL))


def hand_written_lines(
    program: Program, source: BackendSource, named: ProgramNames, called: Collection[str], *, share: str
) -> Lines:
    """The hand-written functions' lines: forward, backward upwards, and the optimizer's arithmetic.

    `share` is what the script calls the share of a batch in its step.
    """
    column, remarks = HandWrittenColumn(source, program, named, called, share), _Remarks(source, called)
    forward = chain(*(remarks.on(call.op, lines) for call, lines in zip(program.calls, column.forward, strict=True)))
    backward = [
        [f"# {call.op}", *lines] if len(lines) > SHORT else lines
        for call, lines in reversed(list(zip(program.calls, column.backward, strict=True)))
    ]
    rules = _lines_of_rules(program, column, remarks)
    step = {
        "clip": [*column.thaw_lines(), *rules["clipping"]],
        "schedule": rules["schedule"],
        "decay": rules["decay"],
        "step": rules["optimizer"],
        "average": rules["average"],
    }
    backward_part = {"backward": [*column.loop_lines("backward"), *chain(*backward)]}
    carry = {"carry": column.carry_lines()}
    by_weight: dict[str, dict[str, str]] = {}
    for (slot, weight), state in named.state.items():
        w, first = named.tensors[weight], program.first_state_of(weight)[slot]
        by_weight.setdefault(w, {})[state] = f"np.full_like({w}, {first!r})" if first else f"np.zeros_like({w})"
    once = [f"{', '.join(firsts)} = {', '.join(firsts.values())}" for firsts in by_weight.values()]
    once += [f"{named.update} = 0"] if named.update else []
    if program.epoch.accumulates:
        clear = _parted({"clear gradients": column.loop_lines("clear gradients")})
        after = _parted({**backward_part, **carry})
        return Lines(once, ["# forward", *forward], after, before_step=clear, after_batches=_parted(step))
    return Lines(once, ["# forward", *forward], _parted({**backward_part, **step, **carry}))


def _lines_of_rules(program: Program, column: Column, remarks: _Remarks) -> Mapping[RuleKind, list[str]]:
    lines: dict[RuleKind, list[str]] = {kind: [] for kind in RULE_KINDS}
    for kind, rule in rules_of(program):
        lines[kind] += remarks.on(rule.op, column.rule_lines(kind, rule))
    return lines


def autograd_lines(
    program: Program,
    source: BackendSource,
    named: ProgramNames,
    called: Collection[str],
    *,
    share: str,
    chain_of_links: bool,
) -> Lines:
    """A framework's lines: forward, clear gradients, backward and step, in its own words.

    Chainer's optimizers are set up with a chain of links, which holds the parameters. `share` is what the script calls
    the share of a batch in its step.
    """
    column, remarks = FrameworkColumn(source, program, named, called, share), _Remarks(source, called)
    once = ["", *chain_lines(column.model, {w: named.tensors[w] for w in program.weights})] if chain_of_links else []
    rules = _lines_of_rules(program, column, remarks)
    frozen = column.freeze_lines()
    once += [*rules["optimizer"], *rules["decay"], *(["# not yet trained"] if frozen else []), *frozen]
    once += rules["schedule"]
    if program.schedule and chain_of_links:
        once.append(f"{column.scheduler}.initialize(None)")
    forward = chain(*(remarks.on(call.op, column.call_lines(call)) for call in program.calls))
    clear, backward, step = (column.loop_lines(part) for part in ("clear gradients", "backward", "step"))
    carry = column.carry_lines()  # before the step, which may change what it is a view of
    clip = [*column.leave_out_lines(), *rules["clipping"]]
    schedule = column.loop_lines("schedule") if program.schedule else []
    counts_epochs = program.schedule is not None and program.schedule.counts_epochs
    around: dict[str, Sequence[str]] = {
        "before_epoch": _parted({"thaw": column.thaw_lines()}),
        "after_epoch": _parted({"schedule": schedule}) if counts_epochs else [],
    }
    last = {"average": rules["average"], "schedule": [] if counts_epochs else schedule}
    if program.epoch.accumulates:
        around |= {
            "before_step": _parted({"clear gradients": clear}),
            "after_batches": _parted({"clip": clip, "step": step, **last}),
        }
        after = _parted({"backward": backward, "carry": carry})
    elif program.clipping or carry:
        after = _parted({"backward": [*clear, *backward], "carry": carry, "clip": clip, "step": step, **last})
    else:
        after = _parted({"backward and step": [*clear, *backward, *step], **last})
    return Lines(once, ["# forward", *forward], after, **around)


def _called(program: Program, lines: list[list[str]], column: Column, long: int) -> set[str]:
    """The functions that can't be inlined, and the ops of more than `long` lines that are used several times.

    `lines` are those that the column has written for each call.
    """
    ops = [call.op for call in program.calls]
    for kind, rule in rules_of(program):
        column.rule_lines(kind, rule)
    return column.not_inlined | {
        op for op, its in zip(ops, lines, strict=True) if len(its) > long and ops.count(op) > 1
    }


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
