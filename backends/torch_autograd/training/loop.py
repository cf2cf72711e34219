"""Trains a program by PyTorch's autograd and optimizers."""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import torch

from backends.contract import Array, Program, Step, average_name
from backends.rules import bound, made_for
from backends.torch_autograd.training.compiler import leave_compiler_unimported
from backends.torch_autograd.training.groups import grouped, learning_rates
from backends.torch_autograd.training.recording import TensorRecording
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
    clip, schedule = bound(ops, program.clipping), made_for(ops, program.schedule)
    average = bound(ops, program.average)
    averages = {name: parameter.detach().clone() for name, parameter in w.items()} if average else {}
    scheduler = schedule(optimizer) if schedule else None

    buffers = {name: torch.tensor(array) for name, array in program.buffers.items()}
    for t, batch in enumerate(batches, 1):
        # forward
        data = {name: torch.from_numpy(array) for name, array in batch.items()}
        recording = TensorRecording({**data, **buffers, **w}) if trace else None
        tensors = program.forward(ops, {**data, **buffers, **w}, recording.keep_outputs if recording else None)
        loss = tensors[program.loss].clone()  # it may be a view of a weight, which the step changes

        # clear gradients
        optimizer.zero_grad()

        # backward
        loss.backward()

        grads = _gradients(w)

        # carry
        buffers = {name: tensors[value].detach().clone() for name, value in program.carried.items()}

        # clip
        if clip:
            clip(list(w.values()))
        clipped = _gradients(w) if clip else {}

        # step
        optimizer.step()

        lrs = learning_rates(optimizer, program) if scheduler else {}

        # average
        if average:
            averages = {name: average(kept, w[name]) for name, kept in averages.items()}

        # schedule
        if scheduler and program.moves_after(t):
            scheduler.step()

        yield Step(
            loss=loss.detach().numpy(),
            weights={name: parameter.detach().numpy() for name, parameter in w.items()},
            grads=grads,
            state={
                **state_of(optimizer, w),
                **{average_name(name): kept.numpy() for name, kept in averages.items()},
                **{name: buffer.numpy() for name, buffer in buffers.items()},
            },
            clipped=clipped,
            lr=lrs.pop("", None),
            group_lrs=lrs,
            values=recording.values(program.values) if recording else {},
            value_grads=recording.gradients(program.values) if recording else {},
            overwritten=recording.overwritten if recording else (),
        )


def _gradients(parameters: Mapping[str, torch.Tensor]) -> dict[str, Array]:
    """Copies, since rules work in place."""
    return {name: each.grad.numpy().copy() for name, each in parameters.items() if each.grad is not None}


@contextmanager
def threads(count: int) -> Iterator[None]:
    """Limit PyTorch's own thread pool to `count` threads during a run."""
    before = torch.get_num_threads()
    torch.set_num_threads(count)
    try:
        yield
    finally:
        torch.set_num_threads(before)
