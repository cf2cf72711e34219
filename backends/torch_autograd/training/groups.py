"""Parameter groups of PyTorch's optimizers: weights with settings of their own."""

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor

from backends.contract import Program, WeightGroup


def grouped(parameters: Sequence[Tensor], *, ops: Any, program: Program) -> torch.optim.Optimizer:
    """The optimizer of a program with its decay, where each group of weights is one of `param_groups`.

    `parameters` are in the order of `program.weights`; the groups are in that of `program.all_groups`.
    """
    by_name = dict(zip(program.weights, parameters, strict=True))
    groups = program.all_groups
    first, *others = [_of_group(group, [by_name[name] for name in group.weights], ops, program) for group in groups]
    for other in others:
        first.add_param_group(other.param_groups[0])
        first.state.update(other.state)  # that which Adagrad starts from
    return first


def learning_rates(optimizer: torch.optim.Optimizer, program: Program) -> dict[str, float]:
    """The current learning rates by `program.rate_of`: the optimizer's, and those that groups have of their own."""
    pairs = zip(program.all_groups, optimizer.param_groups, strict=True)
    return {program.rate_of(group.weights[0]): float(its["lr"]) for group, its in pairs}


def _of_group(group: WeightGroup, parameters: list[Tensor], ops: Any, program: Program) -> torch.optim.Optimizer:
    """An optimizer for one group alone."""
    rule = group.of(program.optimizer)
    optimizer: torch.optim.Optimizer = getattr(ops, rule.op)(parameters, **rule.settings)
    if program.decay is not None:
        decay = group.of(program.decay)
        getattr(ops, decay.op)(optimizer, **decay.settings)
    return optimizer
