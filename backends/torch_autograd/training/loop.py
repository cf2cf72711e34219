"""Trains a program by PyTorch's autograd and optimizers."""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import numpy as np
import torch

from backends.contract import Array, Program, Step, average_name
from backends.rules import bound_if_any, made_for, may_overwrite_gradients
from backends.torch_autograd.training.compiler import leave_compiler_unimported
from backends.torch_autograd.training.freezing import freeze, thaw
from backends.torch_autograd.training.groups import grouped, own_optimizers, scheduled_settings
from backends.torch_autograd.training.recording import TensorRecording
from backends.torch_autograd.training.settings import scheduled
from backends.torch_autograd.training.state import state_of

leave_compiler_unimported()


def train(
    ops: Any,
    program: Program,
    weights: Mapping[str, Array],
    batches: Iterable[Mapping[str, Array]],
    *,
    trace: bool = False,
) -> Iterator[Step]:
    """Train by PyTorch's autograd and optimizers; yield one Step per update."""
    w = {name: torch.tensor(array, requires_grad=True) for name, array in weights.items()}

    # optimizer
    optimizer = grouped(list(w.values()), ops=ops, program=program)
    others = own_optimizers(list(w.values()), ops=ops, program=program)
    clip, schedule = bound_if_any(ops, program.clipping), made_for(ops, program.schedule)
    average = bound_if_any(ops, program.average)
    averages = {name: parameter.detach().clone() for name, parameter in w.items()} if average else {}
    setting = program.schedule.of if program.schedule else ""
    scheduler = scheduled(schedule, optimizer, setting) if schedule else None
    other_schedulers = [scheduled(schedule, other, setting) for other in others] if schedule else []
    copied = may_overwrite_gradients(ops, program)
    for name in program.not_yet_trained(1):
        freeze(w[name])

    buffers = {name: torch.tensor(array) for name, array in program.buffers.items()}
    for update, batch in enumerate(batches, 1):
        is_first, is_last = program.epoch.begins_step(update), program.epoch.ends_step(update)
        share = program.epoch.share(update) if program.epoch.accumulates else None
        for name in program.trained_first(update):
            thaw(w[name])

        # forward
        data = {name: torch.from_numpy(array) for name, array in batch.items()}
        recording = TensorRecording({**data, **buffers, **w}) if trace else None
        tensors = program.forward(ops, {**data, **buffers, **w}, recording.keep_outputs if recording else None)
        loss = tensors[program.loss].clone()  # it may be a view of a weight, which the step changes

        # clear gradients
        if is_first:
            optimizer.zero_grad()
            for other in others:
                other.zero_grad()

        # backward
        (loss if share is None else loss * share).backward()

        grads = _gradients(w, copied=copied)

        # carry
        buffers = {name: tensors[value].detach().clone() for name, value in program.carried.items()}

        # clip
        if clip and is_last:
            clip(list(w.values()))
        clipped = _gradients(w, copied=copied) if clip and is_last else {}

        # step
        if is_last:
            optimizer.step()
            for other in others:
                other.step()

        settings = scheduled_settings(optimizer, others, program) if scheduler and is_last else {}

        # average
        if average and is_last:
            averages = {name: average(kept, w[name]) for name, kept in averages.items()}

        # schedule
        if scheduler and program.moves_after(update):
            scheduler.step()
            for other_scheduler in other_schedulers:
                other_scheduler.step()

        traced = recording.taken(program.values) if recording else {}
        del recording, data, tensors  # nobody needs their memory while the step is looked at
        yield Step(
            loss=loss.detach().numpy(),
            weights={name: parameter.detach().numpy() for name, parameter in w.items()},
            grads=grads,
            state={
                **state_of([optimizer, *others], w, program),
                **{average_name(name): kept.numpy() for name, kept in averages.items()},
                **{name: buffer.numpy() for name, buffer in buffers.items()},
            },
            clipped=clipped,
            scheduled=settings,
            **traced,
        )


def _gradients(parameters: Mapping[str, torch.Tensor], *, copied: bool) -> dict[str, Array]:
    """Those of all parameters; of a frozen one, which has none, 0."""
    gradients: dict[str, Array] = {}
    for name, each in parameters.items():
        if each.grad is None:
            gradients[name] = np.zeros(each.shape, each.detach().numpy().dtype)
        else:
            gradients[name] = each.grad.numpy().copy() if copied else each.grad.numpy()
    return gradients


@contextmanager
def threads(count: int) -> Iterator[None]:
    """Limit PyTorch's own thread pool to `count` threads during a run."""
    before = torch.get_num_threads()
    torch.set_num_threads(count)
    try:
        yield
    finally:
        torch.set_num_threads(before)
