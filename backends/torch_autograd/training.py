"""Trains a program by PyTorch's autograd and optimizers."""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import numpy as np
import torch

from backends.contract import Array, Program, Step
from backends.torch_autograd.optimizers import COUNTERS, STATE_NAMES


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
    optimizer = getattr(ops, program.optimizer.op)(list(w.values()), **program.optimizer.settings)
    for batch in batches:
        # forward
        tensors = program.forward(ops, {**{name: torch.from_numpy(array) for name, array in batch.items()}, **w})
        loss = tensors[program.loss]
        outputs = {name: tensors[name] for name in program.values} if trace else {}
        for output in outputs.values():
            if output.requires_grad:
                output.retain_grad()

        # clear gradients
        optimizer.zero_grad()

        # backward
        loss.backward()

        grads = {name: parameter.grad.numpy() for name, parameter in w.items() if parameter.grad is not None}
        values = {name: output.detach().numpy().copy() for name, output in outputs.items()}  # views would be updated

        # step
        optimizer.step()

        yield Step(
            loss=loss.detach().numpy(),
            weights={name: parameter.detach().numpy() for name, parameter in w.items()},
            grads=grads,
            state={
                f"{STATE_NAMES.get(slot, slot)}_{name}": np.asarray(value)
                for name, parameter in w.items()
                for slot, value in optimizer.state[parameter].items()
                if value is not None and slot not in COUNTERS
            },
            values=values,
            value_grads={name: output.grad.numpy() for name, output in outputs.items() if output.grad is not None},
        )


@contextmanager
def threads(count: int) -> Iterator[None]:
    """Limit PyTorch's own thread pool to `count` threads for the time of a run."""
    before = torch.get_num_threads()
    torch.set_num_threads(count)
    try:
        yield
    finally:
        torch.set_num_threads(before)
