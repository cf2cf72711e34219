"""Puts the calls of two models side by side: mates in one row, in the order of both sides."""

import linecache
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

from backends.capture.calls import LiveCall, Pass
from harness.comparing.distances import share_apart
from harness.comparing.document.outcome import Finding
from harness.comparing.document.side_by_side import CapturedCall, Row, SideBySide
from harness.comparing.first_update import Apart, FirstUpdate
from harness.comparing.mates import REARRANGEMENTS
from harness.comparing.parting import Parting, forward_partings
from harness.comparing.settings import between, shown
from harness.results import number

Pairs = list[tuple[int, int]]
"""Positions of calls that belong together, left and right."""
Positions = tuple[int | None, int | None]


def side_by_side(update: FirstUpdate, found: Sequence[Finding]) -> SideBySide:
    """The calls of the first update; where they first part, in words what was found, is marked."""
    left, right = update.left.calls, update.right.calls
    forward, backward = _partings(update)
    parting = forward or backward
    mated = _mated_calls(update)
    anchors = [pair for pair in mated if _is_like(update, pair)]
    if forward is not None and len(forward.left) == len(forward.right) == 1:
        anchors.append((_position(left, forward.left[0]), _position(right, forward.right[0])))
    ordered = list(in_order(update, longest_chain(anchors)))
    at = tuple({row[side]: i for i, row in enumerate(ordered) if row[side] is not None} for side in (0, 1))
    known = _Known(
        update=update,
        parting=[{call.outputs[0] for call in calls} for calls in (parting.left, parting.right)] if parting else [],
        equals=({i: at[1][j] for i, j in reversed(mated)}, {j: at[0][i] for i, j in reversed(mated)}),
        tells_gradients=backward is not None,
    )
    places = [call.place for call in (*left, *right)] + [p for f in found for p in (f.left_place, f.right_place)]
    return SideBySide(
        left=[_captured(call, update.left, update.mates.right) for call in left],
        right=[_captured(call, update.right, update.mates.left) for call in right],
        rows=[_row(known, positions) for positions in ordered],
        sources=_sources(places),
    )


@dataclass(frozen=True)
class _Known:
    """What all rows are made from."""

    update: FirstUpdate
    parting: Sequence[set[int]]
    """The first results of the calls at which the two sides first part, left and right; empty if they don't."""
    equals: tuple[Mapping[int, int], Mapping[int, int]]
    """The row where the equal of a call's result stands, by the call's position, left and right."""
    tells_gradients: bool
    """Whether a gradient that differs tells something: some weight's is wrong, and the losses are equal."""


def _partings(update: FirstUpdate) -> tuple[Parting | None, Parting | None]:
    """Where the two sides first part on the way to the loss; if they don't, where on the way back."""
    if update.left.calls and update.right.calls:
        forward = forward_partings(update.left, update.right, update.mates)
        if forward:
            return forward[0], None
    return None, update.parting_on_the_way_back() if update.wrong else None


def _position(calls: Sequence[LiveCall], wanted: LiveCall) -> int:
    return next(i for i, call in enumerate(calls) if call is wanted)


def _mated_calls(update: FirstUpdate) -> Pairs:
    """The calls whose results are mates, also where a step on one side is mate of a sequence on the other."""
    mine, theirs = (
        {n: i for i, call in enumerate(captured.calls) for n in call.outputs}
        for captured in (update.left, update.right)
    )
    mates = [*update.mates.right.items(), *((left, right) for right, left in update.mates.left.items())]
    return sorted({(mine[left], theirs[right]) for left, right in mates if left in mine and right in theirs})


def _is_like(update: FirstUpdate, pair: tuple[int, int]) -> bool:
    """Whether neither or both of two calls only rearrange: what is rearranged has the mate of what it was before."""
    kinds = update.left.calls[pair[0]].kind, update.right.calls[pair[1]].kind
    return (kinds[0] in REARRANGEMENTS) == (kinds[1] in REARRANGEMENTS)


def longest_chain(pairs: Pairs) -> Pairs:
    """The most pairs that stand in the same order on both sides, none of them in two."""
    ends: list[int] = []  # the right position that a chain of this length can end with, as small as possible
    last: list[tuple[int, int]] = []
    before: dict[tuple[int, int], tuple[int, int] | None] = {}
    for pair in sorted(set(pairs), key=lambda pair: (pair[0], -pair[1])):
        length = bisect_left(ends, pair[1])
        before[pair] = last[length - 1] if length else None
        ends[length : length + 1], last[length : length + 1] = [pair[1]], [pair]
    chain: Pairs = []
    at = last[-1] if last else None
    while at is not None:
        chain.append(at)
        at = before[at]
    return chain[::-1]


def in_order(update: FirstUpdate, anchors: Pairs) -> Iterator[Positions]:
    """Every call once: the anchors, and between them those that are alike, then the others, the left ones first."""
    end = len(update.left.calls), len(update.right.calls)
    pairs: Pairs = []
    i = j = 0
    for mine, theirs in [*anchors, end]:
        pairs += [*_alike(update, range(i, mine), range(j, theirs)), (mine, theirs)]
        i, j = mine + 1, theirs + 1
    i = j = 0
    for mine, theirs in pairs:
        yield from ((alone, None) for alone in range(i, mine))
        yield from ((None, alone) for alone in range(j, theirs))
        if (mine, theirs) != end:
            yield mine, theirs
        i, j = mine + 1, theirs + 1


def _alike(update: FirstUpdate, mine: range, theirs: range) -> Pairs:
    """Calls without mates that mean the same and stand in the same order."""
    left = [i for i in mine if update.left.calls[i].outputs[0] not in update.mates.right]
    right = [j for j in theirs if update.right.calls[j].outputs[0] not in update.mates.left]
    kinds = [update.left.calls[i].kind for i in left], [update.right.calls[j].kind for j in right]
    blocks = SequenceMatcher(None, *kinds, autojunk=False).get_matching_blocks()
    return [(left[block.a + k], right[block.b + k]) for block in blocks for k in range(block.size)]


def _row(known: _Known, positions: Positions) -> Row:
    i, j = positions
    mine = None if i is None else known.update.left.calls[i]
    theirs = None if j is None else known.update.right.calls[j]
    apart, gradient = (None, None) if mine is None or theirs is None else _apart(known.update, mine, theirs)
    alone = next((rows.get(at) for at, rows in zip(positions, known.equals, strict=True) if at is not None), None)
    parting = zip((mine, theirs), known.parting or [set(), set()], strict=True)
    tells = gradient is not None and (known.tells_gradients or not gradient.is_wrong)
    return Row(
        left=i,
        right=j,
        apart=None if apart is None else number(apart),
        gradient=number(gradient.share) if gradient is not None and tells else None,
        is_gradient_wrong=gradient is not None and gradient.is_wrong and tells,
        differing=_differing(mine, theirs),
        is_parting=any(call is not None and call.outputs[0] in those for call, those in parting),
        equal_in=alone if i is None or j is None else None,
    )


def _apart(update: FirstUpdate, mine: LiveCall, theirs: LiveCall) -> tuple[float | None, Apart | None]:
    """How far the results of two calls are apart, and the gradients if the results are mates."""
    for n in mine.outputs:
        other = update.mates.right.get(n)
        form = update.mates.forms.get(n)
        if other in theirs.outputs and form is not None:
            results = share_apart(form(update.left.arrays[n]), update.right.arrays[other])
            return results, update.gradients_of_mates(n, other, form)
    arrays = update.left.arrays[mine.outputs[0]], update.right.arrays[theirs.outputs[0]]
    return (share_apart(*arrays) if arrays[0].shape == arrays[1].shape else None), None


def _differing(mine: LiveCall | None, theirs: LiveCall | None) -> list[str]:
    if mine is None or theirs is None or mine.kind != theirs.kind or mine.kind in REARRANGEMENTS:
        return []
    return [difference.setting for difference in between(mine, theirs)]


def _captured(call: LiveCall, captured: Pass, mates: Mapping[int, int]) -> CapturedCall:
    return CapturedCall(
        function=call.function,
        layer=call.layer,
        place=call.place,
        settings={name: shown(value) for name, value in call.settings.items()},
        shapes=[list(captured.arrays[n].shape) for n in call.outputs],
        has_equal=all(n in mates for n in call.outputs),
    )


def _sources(places: Iterable[str]) -> dict[str, str]:
    """The line of code at each place."""
    found = {}
    for place in dict.fromkeys(places):
        file, _, line = place.rpartition(":")
        if line.isdigit():
            found[place] = linecache.getline(file, int(line)).strip()
    return found
