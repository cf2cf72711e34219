"""Trains a program by the ops' own `backward`s, kept on a tape."""

from collections.abc import Iterable, Iterator, Mapping
from functools import partial
from typing import Any

import numpy as np

from backends.contract import Array, Program, Step, Tensors
from backends.deferred import computed
from backends.rules import bound, counts_updates, decayed, state_slots


def train(
    ops: Any,
    program: Program,
    weights: Mapping[str, Array],
    batches: Iterable[Mapping[str, Array]],
    *,
    trace: bool = False,
) -> Iterator[Step]:
    """Train by the ops' own `backward`s, kept on a tape; yield one Step per update."""
    w: Tensors = {name: np.array(array) for name, array in weights.items()}

    # optimizer
    settings = program.optimizer.settings
    rule = decayed(getattr(ops, program.optimizer.op), program.decay, partial(getattr, ops))
    clip, schedule = bound(ops, program.clipping), bound(ops, program.schedule)
    slots = state_slots(rule)
    counts = counts_updates(rule)
    state = {name: [np.zeros_like(w[name]) for _ in slots] for name in w}

    buffers: Tensors = {name: np.array(array) for name, array in program.buffers.items()}
    differentiable = program.differentiable
    calls = [(partial(getattr(ops, call.op), **call.settings), call.inputs, call.outputs) for call in program.calls]
    for t, batch in enumerate(batches, 1):
        settings = {**settings, "t": t} if counts else settings

        # forward
        tensors: Tensors = {**batch, **buffers, **w}
        tape = []
        for op, inputs, outputs in calls:
            result, backward = op(*[tensors[name] for name in inputs])
            tape.append((inputs, outputs, backward))
            if len(outputs) == 1:
                tensors[outputs[0]] = result
            else:
                tensors.update(zip(outputs, result, strict=True))
        loss = tensors[program.loss]

        # clear gradients
        grads: Tensors = {}

        # backward
        grads[program.loss] = loss.dtype.type(1)

        for inputs, outputs, backward in reversed(tape):
            if grads.keys().isdisjoint(outputs):
                continue  # the loss does not depend on this call
            grad_outputs = [grads[name] if name in grads else np.zeros_like(tensors[name]) for name in outputs]
            for name, grad in zip(inputs, backward(*grad_outputs), strict=True):
                if name in differentiable:
                    grad = computed(grad)
                    grads[name] = grads[name] + grad if name in grads else grad

        # clip
        clipped = dict(zip(w, clip(*[grads[name] for name in w]), strict=True)) if clip else {}
        received = clipped or grads

        # schedule
        lr = schedule(t, lr=program.optimizer.settings["lr"]) if schedule else None
        settings = settings if lr is None else {**settings, "lr": lr}

        # step
        for name in w:
            w[name], *state[name] = _as_tuple(rule(w[name], received[name], *state[name], **settings))

        # carry
        buffers = {name: tensors[value] for name, value in program.carried.items()}

        yield Step(
            loss=loss,
            weights=w,
            grads={name: grads[name] for name in w},
            state={f"{slot}_{name}": kept for name in w for slot, kept in zip(slots, state[name], strict=True)}
            | buffers,
            clipped=clipped,
            lr=lr,
            values={name: tensors[name] for name in program.values} if trace else {},
            value_grads={name: grads[name] for name in program.values if name in grads} if trace else {},
        )


def _as_tuple(result: Any) -> tuple[Any, ...]:
    return result if isinstance(result, tuple) else (result,)
