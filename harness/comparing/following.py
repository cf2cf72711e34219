"""Follows two trainings update by update, with an allowance that is measured on nudged runs of the left one."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from backends.capture.calls import Draws
from backends.capture.training import Batch
from backends.contract import Array, Node
from harness.capturing.guarded import GuardedTraining
from harness.comparing.distances import share_apart
from harness.comparing.document.outcome import Followed
from harness.comparing.document.side_by_side import Losses
from harness.comparing.pairing.weights import Pair
from harness.errors import InputError
from harness.numerics.bounds.bounds import largest_size
from harness.results import Number, number
from harness.running.allowance import NUDGED_RUNS, MeasuredFloor, nudged

SEED = 20_261_126
LOSS = Node("loss", "loss", "")


@dataclass
class Trainings:
    """Both trainings in one dtype, from the same weights, and nudged copies of the left one."""

    left: GuardedTraining
    right: GuardedTraining
    nudged: Sequence[GuardedTraining]

    @staticmethod
    def start(
        left: GuardedTraining,
        right: GuardedTraining,
        dtype: str,
        batch: Batch,
        pairs: Sequence[Pair],
        nudged_runs: int = NUDGED_RUNS,
    ) -> "Trainings":
        """Copy both in a dtype; the right one gets these weights and buffers of the left one."""
        one, other = left.in_dtype(dtype, batch), right.in_dtype(dtype, batch)
        arrays = {**one.weights(), **one.buffers()}
        other.load({pair.right: pair.of(arrays) for pair in pairs})
        random = np.random.RandomState(SEED)
        copies = []
        for _ in range(nudged_runs):
            moved = left.in_dtype(dtype, batch)
            moved.load(nudged(one.weights(), random))
            copies.append(moved)
        return Trainings(one, other, copies)


def follow(
    trainings: Trainings,
    batches: Sequence[Batch],
    updates: int,
    dtype: str,
    pairs: Sequence[Pair],
    progress: Callable[[str], None],
) -> Followed:
    """Train so many updates, and note where the loss or a weight is first farther apart than allowed."""
    floor = MeasuredFloor(dtype, 1)
    losses: tuple[list[float], list[float]] = ([], [])
    farthest = ("loss", 0.0, 0.0)  # a weight, its distance and its allowance, relative to the model's largest weight
    for update in range(1, updates + 1):
        progress(f"{dtype}: update {update} of {updates}")
        batch = batches[(update - 1) % len(batches)]
        passes = [
            each.advance(batch, Draws(SEED, update)) for each in (trainings.left, trainings.right, *trainings.nudged)
        ]
        left_loss, right_loss, *nudged_losses = (np.asarray(p.arrays[p.loss]).reshape(()) for p in passes)
        losses[0].append(float(left_loss))
        losses[1].append(float(right_loss))
        left, right = trainings.left.weights(), trainings.right.weights()
        moved = [each.weights() for each in trainings.nudged]
        compared: list[tuple[Node, Array, Array, list[Array]]] = [(LOSS, left_loss, right_loss, nudged_losses)]
        compared += [
            (Node("weight", pair.name, ""), pair.of(left), right[pair.right], [pair.of(each) for each in moved])
            for pair in pairs
        ]
        scale = max((largest_size(array) for array in left.values()), default=1.0) or 1.0
        for node, mine, theirs, others in compared:
            size = largest_size(mine)
            floor.observe(update, node, size, max(largest_size(mine - other) for other in others))
            off, allowed = largest_size(mine - theirs), floor.allowed(node)
            if not off <= allowed:
                return _followed(dtype, losses, update, str(node), off, allowed, size, _apart(left, right, pairs))
            if node.kind == "weight" and off / scale > farthest[1]:
                farthest = (str(node), off / scale, allowed / scale)
    name, off, allowed = farthest
    left, right = trainings.left.weights(), trainings.right.weights()
    return _followed(dtype, losses, None, name, off, allowed, 1.0, _apart(left, right, pairs))


def losses_of(
    trainings: Trainings, batches: Sequence[Batch], updates: int, dtype: str, progress: Callable[[str], None]
) -> tuple[Losses, list[str]]:
    """The losses of so many updates, however far they part; fewer, with a note, where a model raises an error."""
    losses: tuple[list[Number], list[Number]] = ([], [])
    for update in range(1, updates + 1):
        progress(f"{dtype}: losses of update {update} of {updates}")
        batch = batches[(update - 1) % len(batches)]
        try:
            passes = [each.advance(batch, Draws(SEED, update)) for each in (trainings.left, trainings.right)]
        except InputError as error:
            return Losses(dtype=dtype, left=losses[0], right=losses[1]), [f"update {update} in {dtype}: {error}"]
        for those, captured in zip(losses, passes, strict=True):
            those.append(number(float(np.asarray(captured.arrays[captured.loss]).reshape(()))))
    return Losses(dtype=dtype, left=losses[0], right=losses[1]), []


def _followed(
    dtype: str,
    losses: tuple[list[float], list[float]],
    parted: int | None,
    tensor: str,
    off: float,
    allowed: float,
    size: float,
    weights: Sequence[float],
) -> Followed:
    scale = size if 0 < size < np.inf else 1.0
    return Followed(
        dtype=dtype,
        left_losses=[number(loss) for loss in losses[0]],
        right_losses=[number(loss) for loss in losses[1]],
        parted=parted,
        tensor=tensor,
        off=number(off / scale),
        allowed=number(allowed / scale),
        weights=[number(weight) for weight in weights],
    )


def _apart(left: Mapping[str, Array], right: Mapping[str, Array], pairs: Sequence[Pair]) -> list[float]:
    """How far each pair is apart, relative to the left array's largest element."""
    return [share_apart(pair.of(left), right[pair.right]) for pair in pairs]
