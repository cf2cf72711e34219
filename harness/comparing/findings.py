"""Puts what is wrong in the first update into words, in the order in which it goes wrong."""

from collections import Counter
from collections.abc import Iterator, Sequence
from math import inf

from backends.capture.calls import LiveCall, Pass
from backends.layouts.without_counterpart import WITHOUT_COUNTERPART
from harness.comparing.document.outcome import Finding, FindingKind, WeightPair
from harness.comparing.first_update import FirstUpdate
from harness.comparing.gates import FUSED, NAMES, order_of_cell
from harness.comparing.mates import TOLERANCE, Mates
from harness.comparing.pairing.naming import assigned_at, names_of
from harness.comparing.pairing.weights import Pair, Pairing
from harness.comparing.parting import (
    Parting,
    follow_alone,
    forward_partings,
    told_together,
    where_gradients_stop,
)
from harness.comparing.settings import SettingDifference, between, in_short

REDUCTION = "reduction"
"""What a loss does with its terms, among the settings of a call."""


def findings(
    update: FirstUpdate, pairing: Pairing, rules: Sequence[SettingDifference], entries: Sequence[str]
) -> list[Finding]:
    """All that is wrong in an update.

    A gradient is only looked at where the losses are equal, and a weight after its update where the gradients are.

    rules: how the optimizers differ. entries: those of the catalogue of differences that are about them.
    """
    found = [*_unpaired(update, pairing), *_forward(update)]
    if not any(finding.kind == "forward" for finding in found):
        found += _backward(update)
    if not found:
        found += [*_optimizer(update, rules, entries), *_buffers(update)]
    return found


def _unpaired(update: FirstUpdate, pairing: Pairing) -> Iterator[Finding]:
    """Weights that are used, and fit nothing on the other side: of each side the first one, and how many there are."""
    for side, names, captured, other, mated in (
        ("left", pairing.only_left, update.left, update.right, update.mates.right),
        ("right", pairing.only_right, update.right, update.left, update.mates.left),
    ):
        used = [name for name in names if name in captured.weights]
        if used:
            number = captured.weights[used[0]]
            users = [call for call in captured.calls if number in call.inputs][:1]
            there = {mated[n] for call in users for n in call.inputs if n in mated and n in _weights(captured)}
            others = [call for call in other.calls if there & {*call.inputs}][:1]
            sides = (users, others) if side == "left" else (others, users)
            places = " | ".join(_calls(calls) for calls in sides if calls)
            text = f"{used[0]} of shape {captured.arrays[number].shape} fits nothing on the other side, "
            text += f"it is only on the {side}{f', in {places}' if places else ''}"
            why = next((reason for call in users for reason in _without_counterpart(call)), "")
            more = f"; nor do {len(used) - 1} others" if len(used) > 2 else f"; nor does {used[1]}" if used[1:] else ""
            yield _finding("weights", f"{text}{why}{more}", *sides)


def _without_counterpart(call: LiveCall) -> Iterator[str]:
    """Why the link that a call belongs to has no module that holds the same."""
    for name in call.names:
        module, _, link = name.rpartition(".")
        if module == "chainer.links" and link in WITHOUT_COUNTERPART:
            yield f", of {name}, which has no counterpart: {WITHOUT_COUNTERPART[link]}"


def _weights(captured: Pass) -> set[int]:
    return {*captured.weights.values()}


def _forward(update: FirstUpdate) -> Iterator[Finding]:
    """Where results first part; also two losses that are not finite, which say nothing of each other."""
    is_watched = update.left.calls and update.right.calls
    partings = forward_partings(update.left, update.right, update.mates) if is_watched else []
    for first, *others in told_together(partings, update.mates):
        yield _parting(update, first)
        if others:
            yield _also(others)
    left, right = update.losses()
    if not partings and not abs(left - right) <= TOLERANCE * max(abs(left), abs(right)) < inf:
        yield _finding("forward", f"the losses of update 1 are {left:.9g} | {right:.9g}")


def _parting(update: FirstUpdate, parting: Parting) -> Finding:
    told = [difference for one in parting.left for other in parting.right for difference in between(one, other)]
    told = told or _reductions(update, parting)
    settings = f", {in_short(told)}" if told else ""
    left, right = _both(update, parting)
    text = f"forward parts at {left} | {right}{settings}{_gates(update, parting)}"
    return _finding("forward", text, parting.left, parting.right)


def _gates(update: FirstUpdate, parting: Parting) -> str:
    """Where one side fuses the gates of a cell, that the other side has them in another order, if that explains it."""
    for calls, captured, other, side in (
        (parting.left, update.left, update.right, "right"),
        (parting.right, update.right, update.left, "left"),
    ):
        for call in calls:
            if call.kind == FUSED and (order := order_of_cell(call, captured, other)):
                wrong, right = ", ".join(order), ", ".join(NAMES)
                return f", whose gates are in the order {wrong} on the {side}, not {right}"
    return ""


def _reductions(update: FirstUpdate, parting: Parting) -> list[SettingDifference]:
    """How the reduction differs where one side computes a loss in one call, and the other in several."""
    if not parting.left or not parting.right:
        return []
    last = follow_alone(parting.left, update.left, update.mates.right)
    last_of_right = follow_alone(parting.right, update.right, update.mates.left)
    return [each for each in between(last, last_of_right) if each.setting == REDUCTION]


def _both(update: FirstUpdate, parting: Parting) -> tuple[str, str]:
    """The calls of both sides in words: where one side has a call more, and how far one goes that the other fuses."""
    left, right = (_calls(calls) or "nothing" for calls in (parting.left, parting.right))
    if not parting.left or not parting.right or parting.left[0].kind == parting.right[0].kind:
        return left, right
    mine, theirs = parting.left[0], parting.right[0]
    has_left_more = _is_used_by_equal(mine, theirs, update.left, update.mates)
    has_right_more = _is_used_by_equal(theirs, mine, update.right, update.mates)
    if has_left_more != has_right_more:  # with both, the two are in another order
        return (left, f"nothing before {right}") if has_left_more else (f"nothing before {left}", right)
    last = follow_alone(parting.left, update.left, update.mates.right)
    last_of_right = follow_alone(parting.right, update.right, update.mates.left)
    if last is parting.left[-1] and last_of_right.place != parting.right[-1].place:
        right += f" … {last_of_right}"
    elif last_of_right is parting.right[-1] and last.place != parting.left[-1].place:
        left += f" … {last}"
    return left, right


def _is_used_by_equal(call: LiveCall, other: LiveCall, captured: Pass, mates: Mates) -> bool:
    """Whether what uses a call's result is of the other's kind, and uses the same weight if it uses one."""
    weights = _weights(captured)
    for user in captured.calls:
        if user.kind == other.kind and {*call.outputs} & {*user.inputs}:
            used = [number for number in user.inputs if number in weights]
            if all(mates.right.get(n) in other.inputs or mates.left.get(n) in other.inputs for n in used):
                return True
    return False


def _also(partings: Sequence[Parting]) -> Finding:
    """Other places where the same results go different ways."""
    left = tuple({call.outputs[0]: call for parting in partings for call in parting.left}.values())
    right = tuple({call.outputs[0]: call for parting in partings for call in parting.right}.values())
    text = f"what uses the same results parts: {_calls(left) or 'nothing'} | {_calls(right) or 'nothing'}"
    return _finding("forward", text, left, right)


def _backward(update: FirstUpdate) -> Iterator[Finding]:
    if not update.wrong:
        return
    several = len(update.wrong) > 1
    subject = (
        f"the gradients of {_names(update.wrong)} are" if several else f"the gradient of {_names(update.wrong)} is"
    )
    that = "those of {} are" if len(update.right_ones) > 1 else "that of {} is"
    right = f", {that.format(_names(update.right_ones))} right" if update.right_ones else ""
    parting = update.parting_on_the_way_back()
    stop = where_gradients_stop(parting, update.left, update.right, update.mates)
    parting = stop or parting
    places = " | ".join(_calls(calls) for calls in (parting.left, parting.right) if calls)
    between = f": between {around}" if (around := _tensors(update)) else ""
    text = f"{subject} {_how_wrong(update)}{right}{between}{f', in {places}' if places else ''}"
    if stop is not None:
        text += f", which lets no gradient through on the {'left' if _stops(stop.left) else 'right'}"
    yield _finding("backward", text, parting.left, parting.right)


def _stops(calls: Sequence[LiveCall]) -> bool:
    return any(call.stops_gradient for call in calls)


def _tensors(update: FirstUpdate) -> str:
    """The tensors around the one place where gradients go wrong, as the user's program calls them; empty if unnamed."""
    for is_left, captured in ((True, update.left), (False, update.right)):
        brackets = update.brackets(is_left=is_left)
        if len(brackets) == 1:
            first, last = brackets[0].calls[0], brackets[0].calls[-1]
            names = names_of(captured)
            end = names.get(last.inputs[0]) if last is not first else assigned_at(last.place)
            around = [end, names.get(first.inputs[0])]
            if all(around) and around[0] != around[1]:
                return " and ".join(map(str, around))
    return ""


def _how_wrong(update: FirstUpdate) -> str:
    missing = [update.is_missing(pair) for pair in update.wrong]
    for position, side in enumerate(("left", "right")):
        if all(one[position] for one in missing):
            return f"zero on the {side}"
    return "wrong"


def _optimizer(update: FirstUpdate, rules: Sequence[SettingDifference], entries: Sequence[str]) -> Iterator[Finding]:
    wrong = [pair for pair in update.weights if pair.is_wrong]
    if wrong and all(pair.is_surplus for pair in wrong):
        biases = ", ".join(pair.right for pair in wrong)
        is_trained = (
            "are trained, too: each of them and its twin move"
            if len(wrong) > 1
            else "is trained, too: it and its twin move"
        )
        moved = "twice as far as the one bias on the left, unless it is frozen"
        yield _finding("optimizer", f"{biases} {is_trained} {moved}")
    elif wrong:
        worst = max(wrong, key=_share_after)
        why = in_short(rules) or (f"see `lockstep differences {entries[0]}`" if entries else "")
        text = f"gradients agree at update 1, weights don't: the optimizer{f' ({why})' if why else ''}"
        yield _finding("optimizer", f"{text}; {worst.name} is {_share_after(worst):.1e} apart")


def _buffers(update: FirstUpdate) -> Iterator[Finding]:
    for pair in update.buffers:
        if pair.is_wrong:
            yield _finding("buffer", f"after update 1 {pair.name} is {_share_after(pair):.1e} apart")


def _share_after(pair: WeightPair) -> float:
    assert pair.after is not None
    return float(pair.after)


def _names(pairs: Sequence[Pair]) -> str:
    return ", ".join(pair.name for pair in pairs)


def _calls(calls: Sequence[LiveCall]) -> str:
    """Calls in words, those that look the same once, with how many they are."""
    counts = Counter(map(str, calls))
    return ", ".join(f"{text} {count} times" if count > 1 else text for text, count in counts.items())


def _finding(kind: FindingKind, text: str, left: Sequence[LiveCall] = (), right: Sequence[LiveCall] = ()) -> Finding:
    places = [next((call.place for call in calls), "") for calls in (left, right)]
    return Finding(kind=kind, text=text, left_place=places[0], right_place=places[1])
