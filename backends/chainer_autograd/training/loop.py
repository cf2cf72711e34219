"""Trains a program by Chainer's autograd and optimizers."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import numpy as np

from backends.chainer_autograd.framework import chainer
from backends.chainer_autograd.training.freezing import freeze, leave_out, thaw
from backends.chainer_autograd.training.groups import Scheduler, grouped
from backends.chainer_autograd.training.recording import VariableRecording
from backends.chainer_autograd.training.settings import setting_of
from backends.chainer_autograd.training.state import state_of
from backends.contract import Array, Program, Step, average_name
from backends.rules import bound_if_any, made_for, may_overwrite_gradients


def train(
    ops: Any,
    program: Program,
    weights: Mapping[str, Array],
    batches: Iterable[Mapping[str, Array]],
    *,
    trace: bool = False,
) -> Iterator[Step]:
    """Train by Chainer's autograd and optimizers; yield one Step per update."""
    w = {name: chainer.Parameter(np.array(array), name=name) for name, array in weights.items()}
    model = chainer.Chain()
    with model.init_scope():
        for name, parameter in w.items():
            setattr(model, f"parameter_{name}", parameter)

    # optimizer
    optimizer = grouped(model, parameters=w, ops=ops, program=program)
    copied = may_overwrite_gradients(ops, program)
    for name in program.not_yet_trained(1):
        freeze(w[name])
    clip, schedule = bound_if_any(ops, program.clipping), made_for(ops, program.schedule)
    average = bound_if_any(ops, program.average)
    averages = {name: np.array(parameter.array) for name, parameter in w.items()} if average else {}
    setting = program.schedule.of if program.schedule else ""
    scheduler = Scheduler(schedule, optimizer, setting) if schedule else None
    if scheduler:
        scheduler.initialize(None)

    buffers = {name: chainer.as_variable(np.array(array)) for name, array in program.buffers.items()}
    for update, batch in enumerate(batches, 1):
        is_first, is_last = program.epoch.begins_step(update), program.epoch.ends_step(update)
        share = program.epoch.share(update) if program.epoch.accumulates else None
        for name in program.trained_first(update):
            thaw(w[name])

        # forward
        data = {name: chainer.as_variable(array) for name, array in batch.items()}
        recording = VariableRecording({**data, **buffers, **w}) if trace else None
        tensors = program.forward(ops, {**data, **buffers, **w}, recording.keep_outputs if recording else None)
        loss = tensors[program.loss]

        # clear gradients
        if is_first:
            model.cleargrads()

        # backward
        (loss if share is None else loss * share).backward()
        if program.clipping or program.decay:
            for each in model.params():  # hooks work in place, and the terms of a sum share one gradient
                each.grad = np.array(each.grad)

        if recording:
            recording.stop_watching()
        for name in program.not_yet_trained(update):
            leave_out(w[name])
        grads = {name: np.array(parameter.grad) if copied else parameter.grad for name, parameter in w.items()}
        # What the program computes may be a view of a weight, which the step changes.
        loss = chainer.as_variable(np.array(loss.array))

        # carry
        buffers = {name: chainer.as_variable(np.array(tensors[value].array)) for name, value in program.carried.items()}

        # clip
        if clip and is_last:
            clip(optimizer)
        clipped = {name: np.array(parameter.grad) for name, parameter in w.items()} if clip and is_last else {}

        # step
        if is_last:
            optimizer.update()

        trained = program.steps(update)
        decayed = {name: np.array(w[name].grad) for name in trained} if program.decay else {}
        scheduled: dict[str, float] = {}
        if scheduler and is_last:
            scheduled = {program.scheduled_of(name): setting_of(optimizer, w[name], setting) for name in w}

        # average
        if average and is_last:
            averages = {name: average(kept, w[name]) for name, kept in averages.items()}

        # schedule
        if scheduler and program.moves_after(update):
            scheduler(None)

        traced = recording.taken(program.values) if recording else {}
        del recording, data, tensors  # nobody needs their memory while the step is looked at
        yield Step(
            loss=loss.array,
            weights={name: parameter.array for name, parameter in w.items()},
            grads=grads,
            state={
                **state_of(w, program),
                **{average_name(name): kept for name, kept in averages.items()},
                **{name: buffer.array for name, buffer in buffers.items()},
            },
            clipped=clipped,
            scheduled=scheduled,
            decayed=decayed if _differ(decayed, clipped or grads) else {},  # some optimizers decay inside
            **traced,
        )


def _differ(some: Mapping[str, Array], others: Mapping[str, Array]) -> bool:
    return any(not np.array_equal(array, others[name]) for name, array in some.items())
