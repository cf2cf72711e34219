"""Layers of Elman's networks, step by step: there is an op for one step alone."""

from collections.abc import Mapping, Sequence
from typing import Any

from backends.translating import sequences
from backends.translating.axes import Tensor, Translation
from backends.translating.torch.recurrent import Layers, products


def rnn_tanh(op: Any, input: Tensor, *arguments: Any) -> tuple[Tensor, ...]:
    """y of the last layer, in the order of the input, and the last states (L, N, H)."""
    told = Layers.read(op, input, arguments)
    is_packed = told.counts is not None
    x = input
    if told.counts is not None:
        x = sequences.padded(op, input, told.counts, steps=max(map(len, told.counts)))
    axis = 1 if is_packed or told.batch_first else 0
    steps = [op.select(x, index=t, axis=axis) for t in range(x.shape[axis])]
    states = sequences.states_by_row(op, told.states[0])
    masks = [None for _ in steps] if told.counts is None else sequences.running(op, told.counts, len(steps))
    directions = 2 if told.is_bidirectional else 1
    last = []
    for layer in range(len(told.weights) // directions):
        shown = []
        for number in range(layer * directions, (layer + 1) * directions):
            first = op.select(states, index=number, axis=1)
            outputs, state = _over_steps(
                op, steps, masks, first, told.weights[number], is_backward=number % directions == 1
            )
            shown.append(outputs)
            last.append(state)
        steps = [op.concatenate(*both, axis=1) if len(both) > 1 else both[0] for both in zip(*shown, strict=True)]
    y = op.stack(*steps, axis=axis)
    return y if told.counts is None else sequences.packed(op, y, told.counts), op.stack(*last, axis=0)


def _over_steps(
    op: Any,
    steps: Sequence[Tensor],
    masks: Sequence[Tensor | None],
    state: Tensor,
    weights: Sequence[Tensor],
    *,
    is_backward: bool,
) -> tuple[list[Tensor], Tensor]:
    """The states (N, H) after each step, in the steps' order, and the last one; a row that has ended keeps its own."""
    given = products(op, weights, 1, adds_biases=True)
    made: dict[int, Tensor] = {}
    for t in range(len(steps))[:: -1 if is_backward else 1]:
        new, mask = op.rnn(steps[t], state, *given), masks[t]
        state = new if mask is None else op.where(mask, new, state)
        made[t] = new
    return [made[t] for t in range(len(steps))], state


TRANSLATIONS: Mapping[str, Translation] = {"rnn_tanh": rnn_tanh}
"""By the function's name, as a capture has it."""
