"""Every op as a user of PyTorch would call it; PyTorch's autograd does the rest."""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from backends.contract import Array, Program, Step


def matmul(x: Tensor, w: Tensor) -> Tensor:
    """y = x·w.  x (N, D), w (D, H) → y (N, H)."""
    return x @ w


def add(x: Tensor, b: Tensor) -> Tensor:
    """y = x + b, b (N, D) or (D,)."""
    return x + b


def relu(x: Tensor) -> Tensor:
    """y = max(x, 0); the gradient at exactly 0 is 0."""
    return F.relu(x)


def sigmoid(x: Tensor) -> Tensor:
    """y = 1 / (1 + e⁻ˣ)."""
    return torch.sigmoid(x)


def tanh(x: Tensor) -> Tensor:
    """y = (eˣ − e⁻ˣ) / (eˣ + e⁻ˣ)."""
    return torch.tanh(x)


def layer_norm(x: Tensor, gain: Tensor, bias: Tensor, *, eps: float) -> Tensor:
    """y = gain·(x − μ) / √(σ² + eps) + bias, by row.  x (N, D), gain (D,), bias (D,) → y (N, D)."""
    return F.layer_norm(x, gain.shape, gain, bias, eps)


def mean_squared_error(y: Tensor, t: Tensor) -> Tensor:
    """loss = mean of (y − t)² over all elements."""
    return F.mse_loss(y, t)


def softmax_cross_entropy(x: Tensor, t: Tensor) -> Tensor:
    """loss = −mean over rows of log softmax(x)[t], t (N,) integer labels."""
    return F.cross_entropy(x, t)


def sgd(parameters: list[Tensor], *, lr: float) -> torch.optim.Optimizer:
    """w ← w − lr·∂L/∂w."""
    return torch.optim.SGD(parameters, lr=lr)


def momentum(parameters: list[Tensor], *, lr: float, momentum: float) -> torch.optim.Optimizer:
    """v ← momentum·v + ∂L/∂w,  w ← w − lr·v."""
    return torch.optim.SGD(parameters, lr=lr, momentum=momentum)


def adam(parameters: list[Tensor], *, lr: float, beta1: float, beta2: float, eps: float) -> torch.optim.Optimizer:
    """w ← w − lr·m̂ / (√v̂ + eps)."""
    return torch.optim.Adam(parameters, lr=lr, betas=(beta1, beta2), eps=eps)


def adamw(
    parameters: list[Tensor], *, lr: float, beta1: float, beta2: float, eps: float, weight_decay: float
) -> torch.optim.Optimizer:
    """w ← w − lr·weight_decay·w, then Adam's step."""
    return torch.optim.AdamW(parameters, lr=lr, betas=(beta1, beta2), eps=eps, weight_decay=weight_decay)


STATE_NAMES = {"momentum_buffer": "v", "exp_avg": "m", "exp_avg_sq": "v"}
"""What the hand-written rules call PyTorch's optimizer state."""

COUNTERS = ("step",)
"""State that is the number of updates, which the hand-written rules are given."""


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
            values={name: output.detach().numpy() for name, output in outputs.items()},
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
