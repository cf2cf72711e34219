"""Where two models first part, on the way to the loss and on the way back."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass

from backends.capture.calls import LiveCall, Pass
from harness.comparing.mates import Mates, is_close

DETACH = "detach"
"""The kind of a call that no gradient passes through."""


@dataclass(frozen=True)
class Parting:
    """Calls of both models where what they were given agrees, and what they gave does not."""

    left: tuple[LiveCall, ...]
    right: tuple[LiveCall, ...]


def forward_partings(left: Pass, right: Pass, mates: Mates) -> list[Parting]:
    """Where results first have no mate, though all that they were computed from has.

    None where the losses are equal: where the two sides group their arithmetic otherwise, what is in between has no
    mates, and that is nothing wrong. Else only results from which a way without mates leads to the loss. Calls of both
    sides that were computed from mates of each other, or that mean the same, are shown together; so are all that are
    left.
    """
    # The losses need not be mates: one of them may be the mate of what the other is computed from, such as its mean.
    if is_close(left.arrays[left.loss].reshape(()), right.arrays[right.loss].reshape(())):
        return []
    mine = _first_without_mates(left, mates.right)
    theirs = _first_without_mates(right, mates.left)
    found: list[Parting] = []
    alone: list[LiveCall] = []
    for call in mine:
        fed_by = {mates.right[number] for number in call.inputs if number in mates.right}
        others = [other for other in theirs if other.kind == call.kind and fed_by & set(other.inputs)]
        others = others or [other for other in theirs if fed_by & set(other.inputs)]
        if others:
            found.append(Parting((call,), (others[0],)))
            theirs.remove(others[0])
        else:
            alone.append(call)
    return [*found, Parting(tuple(alone), tuple(theirs))] if alone or theirs else found


def _first_without_mates(captured: Pass, mated: Mapping[int, int]) -> list[LiveCall]:
    makers = captured.makers()
    without: set[int] = set()
    waiting = [captured.loss]
    while waiting:
        number = waiting.pop()
        if number in makers and number not in without and (number not in mated or number == captured.loss):
            without.add(number)
            waiting += makers[number].inputs
    return [
        call
        for call in captured.calls
        if without & set(call.outputs) and not any(number in without for number in call.inputs)
    ]


@dataclass(frozen=True)
class Bracket:
    """Between which tensors a gradient goes wrong: it is right behind these calls and wrong before them."""

    calls: tuple[LiveCall, ...]
    """In the order in which they are made."""


def with_gradient(captured: Pass) -> set[int]:
    """The weights, and all results that a gradient can pass through to one of them, by their numbers."""
    found = {*captured.weights.values()}
    for call in captured.calls:
        if call.kind != DETACH and found & {*call.inputs}:
            found |= {*call.outputs}
    return found


def backward_partings(captured: Pass, wrong: Collection[int], right: Collection[int]) -> list[Bracket]:
    """The calls at which gradients first go wrong on their way back, in one of the models.

    wrong, right: the numbers of tensors whose gradients are known to be that. Between a tensor whose gradient is wrong
    and those behind it whose gradients are right there may be several calls, where nothing is known in between.
    """
    users = _users(captured)
    # What arrived at the only call that uses a weight is right if the weight's gradient is.
    right = {*right, *(n for number in right if len(users(number)) == 1 for n in users(number)[0].outputs)}
    found: dict[tuple[int, ...], Bracket] = {}
    for number in sorted(wrong, reverse=True):
        calls = _up_to_right_ones(number, users, captured, wrong, right)
        if calls:
            found.setdefault(tuple(call.outputs[0] for call in calls), Bracket(tuple(calls)))
    return list(found.values())


def _up_to_right_ones(
    number: int,
    users: Callable[[int], Sequence[LiveCall]],
    captured: Pass,
    wrong: Collection[int],
    right: Collection[int],
) -> list[LiveCall]:
    """The calls from a tensor to the first right gradients behind it; none if there is a wrong one before those."""
    calls: list[LiveCall] = []
    waiting = [number]
    while waiting:
        for call in users(waiting.pop()):
            if call in calls:
                continue
            calls.append(call)
            for output in call.outputs:
                if output in wrong:
                    return []
                if output not in right and output != captured.loss:
                    waiting.append(output)
    return sorted(calls, key=lambda call: call.outputs[0])


def _users(captured: Pass) -> Callable[[int], list[LiveCall]]:
    by_input: dict[int, list[LiveCall]] = {}
    for call in captured.calls:
        for number in call.inputs:
            by_input.setdefault(number, []).append(call)
    return lambda number: by_input.get(number, [])
