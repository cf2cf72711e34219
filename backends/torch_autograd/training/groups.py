"""Parameter groups of PyTorch's optimizers: weights with settings, or an optimizer, of their own."""

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor

from backends.contract import Program, WeightGroup
from backends.torch_autograd.training.settings import setting_of


def grouped(parameters: Sequence[Tensor], *, ops: Any, program: Program) -> torch.optim.Optimizer:
    """The optimizer of a program with its decay, where each group of weights is one of `param_groups`.

    `parameters` are in the order of `program.weights`; the groups are in that of `program.all_groups`, without those
    that have an optimizer of their own.
    """
    by_name = dict(zip(program.weights, parameters, strict=True))
    groups = [group for group in program.all_groups if group.optimizer is None]
    first, *others = [_of_group(group, [by_name[name] for name in group.weights], ops, program) for group in groups]
    for other in others:
        first.add_param_group(other.param_groups[0])
        first.state.update(other.state)  # that which Adagrad starts from
    return first


def own_optimizers(parameters: Sequence[Tensor], *, ops: Any, program: Program) -> list[torch.optim.Optimizer]:
    """The optimizers that groups have of their own, in the order of the groups."""
    by_name = dict(zip(program.weights, parameters, strict=True))
    own = [group for group in program.groups if group.optimizer is not None]
    return [_of_group(group, [by_name[name] for name in group.weights], ops, program) for group in own]


def scheduled_settings(optimizers: Sequence[torch.optim.Optimizer], program: Program) -> dict[str, float]:
    """The current values of the setting that the schedule changes, by their names in results."""
    assert program.schedule is not None
    common = [group for group in program.all_groups if group.optimizer is None]
    own = [group for group in program.groups if group.optimizer is not None]
    param_groups = [its for optimizer in optimizers for its in optimizer.param_groups]
    pairs = zip([*common, *own], param_groups, strict=True)
    of = program.schedule.of
    return {program.scheduled_of(group.weights[0]): setting_of(its, of) for group, its in pairs}


def _of_group(group: WeightGroup, parameters: list[Tensor], ops: Any, program: Program) -> torch.optim.Optimizer:
    """An optimizer for one group alone."""
    rule = program.optimizer_in(group)
    optimizer: torch.optim.Optimizer = getattr(ops, rule.op)(parameters, **rule.settings)
    if program.decay is not None:
        decay = group.of(program.decay)
        getattr(ops, decay.op)(optimizer, **decay.settings)
    return optimizer
