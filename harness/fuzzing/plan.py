"""Which ops each program of a run is to call, so that rare ones are not left to chance."""

import random
from collections.abc import Sequence

PER_PROGRAM = 3
"""Ops that are planned for each program, beside those that it chooses."""


def planned_ops(ops: Sequence[str], number: int, count: int = PER_PROGRAM) -> tuple[str, ...]:
    """The ops of the program of a number: all in turn, and in another order each time, so that other ones meet."""
    if not ops:
        return ()
    places = range(number * count, (number + 1) * count)
    return tuple(_shuffled(ops, place // len(ops))[place % len(ops)] for place in places)


def _shuffled(ops: Sequence[str], turn: int) -> list[str]:
    order = list(ops)
    random.Random(turn).shuffle(order)
    return order
