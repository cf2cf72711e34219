"""Puts what is wrong in the first update into words, in the order in which it goes wrong."""

from collections import Counter
from collections.abc import Iterator, Sequence
from math import inf

from backends.capture.calls import LiveCall, Pass
from harness.comparing.document.outcome import Finding, FindingKind, WeightPair
from harness.comparing.first_update import FirstUpdate
from harness.comparing.mates import TOLERANCE
from harness.comparing.pairing.naming import assigned_at, names_of
from harness.comparing.pairing.weights import Pair, Pairing
from harness.comparing.parting import Parting, forward_partings, where_gradients_stop
from harness.comparing.settings import SettingDifference, between, in_short


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
    """Weights that are used, and fit nothing on the other side."""
    for side, names, captured, other, mated in (
        ("left", pairing.only_left, update.left, update.right, update.mates.right),
        ("right", pairing.only_right, update.right, update.left, update.mates.left),
    ):
        for name in names:
            if name in captured.weights:
                shape = captured.arrays[captured.weights[name]].shape
                users = [call for call in captured.calls if captured.weights[name] in call.inputs][:1]
                there = {mated[n] for call in users for n in call.inputs if n in mated and n in _weights(captured)}
                others = [call for call in other.calls if there & {*call.inputs}][:1]
                sides = (users, others) if side == "left" else (others, users)
                places = " | ".join(_calls(calls) for calls in sides if calls)
                said = f"{name} of shape {shape} fits nothing on the other side, it is only on the {side}"
                yield _finding("weights", f"{said}{f', in {places}' if places else ''}", *sides)


def _weights(captured: Pass) -> set[int]:
    return {*captured.weights.values()}


def _forward(update: FirstUpdate) -> Iterator[Finding]:
    """Where results first part; also two losses that are not finite, which say nothing of each other."""
    is_watched = update.left.calls and update.right.calls
    partings = forward_partings(update.left, update.right, update.mates) if is_watched else []
    yield from map(_parting, partings)
    left, right = update.losses()
    if not partings and not abs(left - right) <= TOLERANCE * max(abs(left), abs(right)) < inf:
        yield _finding("forward", f"the losses of update 1 are {left:.9g} | {right:.9g}")


def _parting(parting: Parting) -> Finding:
    told = [difference for one in parting.left for other in parting.right for difference in between(one, other)]
    settings = f", {in_short(told)}" if told else ""
    left, right = (_calls(calls) or "nothing" for calls in (parting.left, parting.right))
    return _finding("forward", f"forward parts at {left} | {right}{settings}", parting.left, parting.right)


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
        yield _finding("optimizer", f"{text}; {worst.left} | {worst.right} is {_share_after(worst):.1e} apart")


def _buffers(update: FirstUpdate) -> Iterator[Finding]:
    for pair in update.buffers:
        if pair.is_wrong:
            yield _finding("buffer", f"after update 1 {pair.left} | {pair.right} is {_share_after(pair):.1e} apart")


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
