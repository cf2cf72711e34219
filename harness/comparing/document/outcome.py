"""What came of comparing two live trainings; as JSON, `lockstep.comparison/1`."""

import textwrap
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Literal

import msgspec

from harness.comparing.document.side_by_side import CatalogueEntry, Losses, SideBySide
from harness.comparing.settings import SettingDifference
from harness.files import write_file
from harness.recording.versions import versions
from harness.results import Number

WIDTH = 120
"""How wide a list of names is printed."""
SCHEMA = "lockstep.comparison/1"
Verdict = Literal["agree", "drift", "disagree"]
FindingKind = Literal["weights", "forward", "backward", "buffer", "optimizer", "training", "certificate"]
Layout = Literal["same", "transposed", "reshaped", "reordered", "joined", "zeros"]


class Certified(msgspec.Struct, frozen=True, kw_only=True):
    """What the certificates of one side's first update in float64 say."""

    certified: int
    """How many calls on the way to the loss are made of ops, so that their results and gradients were checked."""
    opaque: list[str]
    """The calls that no op computes, each with its place and why; they are compared and not certified."""
    checks: int
    failed: int
    """Failed checks; they are findings where they are off by more than the tolerance of the comparison."""
    unchecked: int
    """Checks that could say nothing, as those of a gradient that an opaque call has a part in."""


class Side(msgspec.Struct, frozen=True, kw_only=True):
    """One of the two trainings."""

    framework: str
    model: str
    """The name that it was given, or that of the model's class."""
    optimizer: str
    optimizer_settings: dict[str, str]
    """As messages show them, under names that both frameworks share; of parameter groups, those of the first."""
    calls: int
    """How many calls were captured on the way to the loss; 0 for code that can't be watched."""
    certificate: Certified | None
    """None for code that can't be watched."""


class Finding(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that is wrong, at the first place where it is."""

    kind: FindingKind
    text: str
    """A sentence without a full stop: what, where and by how much."""
    left_place: str = ""
    right_place: str = ""


def pair_name(left: str, right: str) -> str:
    """What results call two weights that belong together: by the left name, and the right one unless it is the same."""
    return left if left == right else f"{left} | {right}"


class WeightPair(msgspec.Struct, frozen=True, kw_only=True):
    """A weight or a buffer of both models, and how far apart they are in float64, relative to the largest element."""

    left: str
    right: str
    is_buffer: bool
    is_transposed: bool
    is_surplus: bool
    """Whether the right array starts as zeros, whatever the left one is: PyTorch's second bias of a recurrent layer."""
    shape: list[int]
    """Of the right array."""
    layout: Layout
    """How the right array is made of the left one: its elements in another order, several joined, or zeros."""
    start: Number
    """How far the arrays are apart before the first update."""
    gradient: Number | None
    """How far the gradients are apart at update 1; None for a buffer, or where neither side has one."""
    after: Number | None
    """How far the arrays are apart after update 1; None for a weight where there are no optimizers."""
    is_gradient_wrong: bool
    is_wrong: bool
    """Whether the arrays are farther apart than allowed."""

    @property
    def name(self) -> str:
        """What findings call it."""
        return pair_name(self.left, self.right)


class Followed(msgspec.Struct, frozen=True, kw_only=True):
    """The trainings of both in one dtype, update by update."""

    dtype: str
    left_losses: list[Number]
    right_losses: list[Number]
    parted: int | None
    """The first update after which the loss or a weight is farther apart than allowed."""
    tensor: str
    """What that was; else the weight that was farthest apart at any update."""
    off: Number
    """How far, relative to its own largest element where it parted, else to the model's largest weight."""
    allowed: Number
    weights: list[Number]
    """How far each weight is apart after the last of these updates, relative to its own largest element, in order."""


class Outcome(msgspec.Struct, frozen=True, kw_only=True):
    """The whole comparison."""

    name: str
    left: Side
    right: Side
    verdict: Verdict
    findings: list[Finding]
    weights: list[WeightPair]
    only_left: list[str]
    """Weights and buffers that fit nothing on the other side."""
    only_right: list[str]
    settings: list[SettingDifference]
    """Every setting that differs, also where it makes no difference to the numbers."""
    differences: list[str]
    """Entries of `lockstep differences` about what the models use, also where it makes no difference to the numbers."""
    catalogue: list[CatalogueEntry]
    """These entries in words."""
    side_by_side: SideBySide
    compared: int
    """How many results of the left model have an equal in the right one."""
    results: int
    updates: list[Followed]
    losses: Losses | None
    """How the losses go on where something is wrong in the first update already, so that `updates` is empty."""
    notes: list[str]
    """What stood in the way: random numbers that could not be replayed, a dtype that is written in the code."""

    @property
    def first(self) -> Finding | None:
        """The first finding; None where there is none."""
        return self.findings[0] if self.findings else None

    @property
    def is_updated(self) -> bool:
        """Whether the weights were compared after an update; not without optimizers."""
        return any(pair.after is not None for pair in self.weights if not pair.is_buffer)

    @property
    def trained_weights(self) -> int:
        """How many pairs of weights there are, without buffers."""
        return sum(not pair.is_buffer for pair in self.weights)

    @property
    def agreeing_weights(self) -> int:
        """How many of them agree in their gradients, and after update 1."""
        return sum(not (pair.is_buffer or pair.is_gradient_wrong or pair.is_wrong) for pair in self.weights)

    @property
    def gradients(self) -> tuple[int, int]:
        """How many weights have gradients that agree, and how many have one on either side."""
        compared = [pair for pair in self.weights if pair.gradient is not None]
        return sum(not pair.is_gradient_wrong for pair in compared), len(compared)

    def save(self, path: str | Path) -> None:
        """Write a document with this outcome to a file. Raises InputError if that can't be done."""
        write_file(Path(path), to_json([self]))

    def __str__(self) -> str:
        return "\n".join(lines(self))


class Document(msgspec.Struct, frozen=True, kw_only=True):
    """Comparisons as a file holds them."""

    schema: str
    versions: dict[str, str]
    outcomes: list[Outcome]


def to_json(outcomes: Sequence[Outcome]) -> str:
    """The document, indented, with a final newline."""
    document = Document(schema=SCHEMA, versions=versions(), outcomes=list(outcomes))
    return msgspec.json.format(msgspec.json.encode(document), indent=1).decode() + "\n"


def headline(outcome: Outcome) -> str:
    """One line: the two sides, the verdict, and what was found first."""
    sides = f"{outcome.left.model} ({outcome.left.framework}) | {outcome.right.model} ({outcome.right.framework})"
    name = f"{outcome.name}: " if outcome.name else ""
    verdict: str = outcome.verdict
    if outcome.first is not None:
        verdict += f": {outcome.first.text}"
    elif not outcome.is_updated:
        verdict += " without an optimizer: the loss and the gradients of update 1"
    return f"{name}{sides}: {verdict}"


def lines(outcome: Outcome, *, with_entries: bool = True) -> list[str]:
    """The headline, and below it what else is known; the entries of `lockstep differences` unless told otherwise."""
    said = [headline(outcome)]
    said += [f"  also {finding.text}" for finding in outcome.findings[1:]]
    for side, names in (("left", outcome.only_left), ("right", outcome.only_right)):
        if names:
            said.append(f"  only on the {side}: {', '.join(names)}")
    said += [f"  {line}" for line in _grouped(outcome.settings)]
    if outcome.differences and with_entries:
        said += entries_in_lines(outcome.differences)
    if outcome.results:
        said.append(f"  {outcome.compared} of {outcome.results} results have an equal on the other side")
    said += [f"  {_certified(name, side)}" for name, side in (("left", outcome.left), ("right", outcome.right))]
    weights = [pair for pair in outcome.weights if not pair.is_buffer]
    updated = sum(not pair.is_wrong for pair in weights)
    after = f"; after it {updated} of {len(weights)} weights agree" if outcome.is_updated else ""
    agreeing, compared = outcome.gradients
    without = f", {_without_gradient(len(weights) - compared)}" if compared < len(weights) else ""
    said.append(f"  update 1: the gradients of {agreeing} of {compared} weights agree{without}{after}")
    said += [f"  {_followed(followed)}" for followed in outcome.updates]
    return said + [f"  {note}" for note in outcome.notes]


def entries_in_lines(names: Sequence[str], of: str = "") -> list[str]:
    """Where to read of these entries of `lockstep differences`, indented below what they are `of`, if that is said."""
    return textwrap.wrap(
        f"{of and f'{of}: '}see `lockstep differences` {', '.join(names)}",
        WIDTH,
        initial_indent="" if of else "  ",
        subsequent_indent="  " if of else "    ",
        break_long_words=False,
    )


def _without_gradient(count: int) -> str:
    return f"{count} weight has none on either side" if count == 1 else f"{count} weights have none on either side"


def _certified(name: str, side: Side) -> str:
    """How many calls were certified, and the first that no op computes."""
    if not side.calls:
        return f"{name}: its calls can't be seen, so its loss, gradients and weights alone are compared"
    if side.certificate is None:
        return f"{name}: {side.calls} calls compared, none certified"
    found = side.certificate
    failed = f", {found.failed} failed" if found.failed else ""
    opaque = f", {len(found.opaque)} compared only, such as {found.opaque[0]}" if found.opaque else ""
    return f"{name}: {found.certified} calls certified by {found.checks:,} checks{failed}{opaque}"


def _grouped(settings: list[SettingDifference]) -> list[str]:
    """A line for each setting and its two values, with the first place and how many more there are."""
    groups: dict[str, list[SettingDifference]] = {}
    for each in settings:
        groups.setdefault(each.what, []).append(each)
    return [f"{group[0]}{f' and {len(group) - 1} more' if len(group) > 1 else ''}" for group in groups.values()]


def _followed(followed: Followed) -> str:
    count = len(followed.left_losses)
    if followed.parted is None:
        updates = "1 update agrees" if count == 1 else f"{count} updates agree"
        return f"{followed.dtype}: {updates}, weights within {_share(followed.off)} of the largest"
    return (
        f"{followed.dtype}: parts at update {followed.parted}: {followed.tensor} is {_share(followed.off)} apart, "
        f"allowed {_share(followed.allowed)}"
    )


def _share(value: Number) -> Any:
    return f"{float(value):.1e}"
