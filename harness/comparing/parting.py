"""Where two models first part, on the way to the loss and on the way back."""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

from backends.capture.calls import LiveCall, Pass
from harness.comparing.mates import Mates, is_close


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
    left, unless they only follow another parting: what the other side computes of the same has been given something
    else as well.
    """
    # The losses need not be mates: one of them may be the mate of what the other is computed from, such as its mean.
    if is_close(left.arrays[left.loss].reshape(()), right.arrays[right.loss].reshape(())):
        return []
    without = _without_mates(left, mates.right), _without_mates(right, mates.left)
    mine, theirs = (_first_of(captured, numbers) for captured, numbers in zip((left, right), without, strict=True))
    found: list[Parting] = []
    alone: list[LiveCall] = []
    for call in mine:
        others = [other for other in theirs if is_fed_alike(call, other, mates)]
        others = [other for other in others if other.kind == call.kind] or others
        if others:
            found.append(Parting((call,), (others[0],)))
            theirs.remove(others[0])
        else:
            alone.append(call)
    weights = {*left.weights.values()}
    behind = [
        [call for call in captured.calls if _follows(call, numbers)]
        for captured, numbers in ((left, without[0]), (right, without[1]))
    ]
    unexplained = Parting(
        tuple(call for call in alone if not any(is_fed_alike(call, each, mates, weights) for each in behind[1])),
        tuple(call for call in theirs if not any(is_fed_alike(each, call, mates, weights) for each in behind[0])),
    )
    if not found and not (unexplained.left or unexplained.right):
        unexplained = Parting(tuple(alone), tuple(theirs))
    return [*found, unexplained] if unexplained.left or unexplained.right else found


def is_fed_alike(left: LiveCall, right: LiveCall, mates: Mates, apart_from: Collection[int] = ()) -> bool:
    """Whether an input of one call is the mate of one of the other's, apart from some of the left model's tensors."""
    mine = {*left.inputs} - {*apart_from}
    return any(mates.right.get(number) in right.inputs for number in mine) or any(
        mates.left.get(number) in mine for number in right.inputs
    )


def _without_mates(captured: Pass, mated: Mapping[int, int]) -> set[int]:
    """The results without mates that lead to the loss by others without mates, and the loss."""
    makers = captured.makers()
    without: set[int] = set()
    waiting = [captured.loss]
    while waiting:
        number = waiting.pop()
        if number in makers and number not in without and (number not in mated or number == captured.loss):
            without.add(number)
            waiting += makers[number].inputs
    return without


def _first_of(captured: Pass, without: Collection[int]) -> list[LiveCall]:
    """The calls that give results without mates, and were given none."""
    return [
        call
        for call in captured.calls
        if any(number in without for number in call.outputs) and not any(number in without for number in call.inputs)
    ]


def _follows(call: LiveCall, without: Collection[int]) -> bool:
    """Whether a call gives a result without a mate, and was given one."""
    return any(number in without for number in call.outputs) and any(number in without for number in call.inputs)


def told_together(partings: Sequence[Parting], mates: Mates) -> list[list[Parting]]:
    """Partings in groups that were given the same results, in order: they tend to have one cause.

    Of those behind the first of a group, calls that look like the first's own are put into it.
    """
    groups: list[list[Parting]] = []
    for parting in partings:
        group = next((group for group in groups if any(_share_inputs(parting, each, mates) for each in group)), None)
        if group is None:
            groups.append([parting])
        else:
            group.append(parting)
    return [[each for each in _merged(group) if each.left or each.right] for group in groups]


def _share_inputs(one: Parting, other: Parting, mates: Mates) -> bool:
    def inputs(parting: Parting) -> set[int]:
        mine = {number for call in parting.left for number in call.inputs}
        return mine | {mates.left[n] for call in parting.right for n in call.inputs if n in mates.left}

    return bool(inputs(one) & inputs(other))


def _merged(group: Sequence[Parting]) -> list[Parting]:
    (first, *others) = group
    alike = {str(call) for call in (*first.left, *first.right)}

    def split(calls: Sequence[LiveCall], *, is_alike: bool) -> tuple[LiveCall, ...]:
        return tuple(call for call in calls if (str(call) in alike) == is_alike)

    left = [call for each in others for call in split(each.left, is_alike=True)]
    right = [call for each in others for call in split(each.right, is_alike=True)]
    rest = [Parting(split(each.left, is_alike=False), split(each.right, is_alike=False)) for each in others]
    return [Parting((*first.left, *left), (*first.right, *right)), *rest]


def follow_alone(calls: Sequence[LiveCall], captured: Pass, mated: Mapping[int, int]) -> LiveCall:
    """The last call that computes from these alone, besides mates and constants, and uses no weight.

    That is the end of what another model may do in one call, such as an LSTM.
    """
    makers, weights = captured.makers(), {*captured.weights.values()}
    made = {number for call in calls for number in call.outputs}
    last = calls[-1]
    for call in captured.calls:
        is_known = all(n in made or n in mated or n not in makers for n in call.inputs)
        if is_known and made & {*call.inputs} and not weights & {*call.inputs}:
            made |= {*call.outputs}
            last = call
    return last


@dataclass(frozen=True)
class Bracket:
    """Between which tensors a gradient goes wrong: it is right behind these calls and wrong before them."""

    calls: tuple[LiveCall, ...]
    """In the order in which they are made."""


def with_gradient(captured: Pass) -> set[int]:
    """The weights, and all results that a gradient can pass through to one of them, by their numbers."""
    found = {*captured.weights.values()}
    for call in captured.calls:
        if not call.stops_gradient and found & {*call.inputs}:
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


def where_gradients_stop(parting: Parting, left: Pass, right: Pass, mates: Mates) -> Parting | None:
    """Of the calls of a parting those that let no gradient through on one side alone, with what gives the same there.

    None if there are none, or on both sides.
    """
    stops = [
        [(call, other) for call, other in _with_equals(calls, others, mated) if not (other and other.stops_gradient)]
        for calls, others, mated in ((parting.left, right, mates.right), (parting.right, left, mates.left))
    ]
    if bool(stops[0]) == bool(stops[1]):
        return None
    is_left = bool(stops[0])
    chosen = tuple(call for call, _ in stops[not is_left])
    equals = tuple(other for _, other in stops[not is_left] if other is not None)
    return Parting(chosen, equals) if is_left else Parting(equals, chosen)


def _with_equals(
    calls: Sequence[LiveCall], other: Pass, mated: Mapping[int, int]
) -> Iterator[tuple[LiveCall, LiveCall | None]]:
    """The calls that let no gradient through, each with the one of the other side that gives the same."""
    makers = other.makers()
    for call in calls:
        if call.stops_gradient:
            yield call, makers.get(mated.get(call.outputs[0], -1))


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
