"""Parameter groups of PyTorch's optimizers: weights with settings, or an optimizer, of their own."""

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor

from backends.contract import Program, WeightGroup
from backends.torch_autograd.training.settings import setting_of


def grouped(parameters: Sequence[Tensor], *, ops: Any, program: Program) -> torch.optim.Optimizer:
    """The optimizer of a program with its decay, where each group of weights is one of `param_groups`.

    `parameters` are in the order of `program.weights`, and the groups those of `program.common_groups`.
    """
    first, *others = _of_each(program.common_groups, parameters, ops, program)
    for other in others:
        first.add_param_group(other.param_groups[0])
        first.state.update(other.state)  # that which Adagrad starts from
    return first


def own_optimizers(parameters: Sequence[Tensor], *, ops: Any, program: Program) -> list[torch.optim.Optimizer]:
    """The optimizers of `program.own_groups`; `parameters` are in the order of `program.weights`."""
    return _of_each(program.own_groups, parameters, ops, program)


def scheduled_settings(
    optimizer: torch.optim.Optimizer, own: Sequence[torch.optim.Optimizer], program: Program
) -> dict[str, float]:
    """The current values of the setting that the schedule changes, by their names in results.

    `optimizer` is what `grouped` returns, and `own` what `own_optimizers` does.
    """
    assert program.schedule is not None
    of_own = [its for each in own for its in each.param_groups]
    pairs = [
        *zip(program.common_groups, optimizer.param_groups, strict=True),
        *zip(program.own_groups, of_own, strict=True),
    ]
    of = program.schedule.of
    return {program.scheduled_of(group.weights[0]): setting_of(its, of) for group, its in pairs}


def _of_each(
    groups: Sequence[WeightGroup], parameters: Sequence[Tensor], ops: Any, program: Program
) -> list[torch.optim.Optimizer]:
    """An optimizer for each group."""
    by_name = dict(zip(program.weights, parameters, strict=True))
    return [_of_group(group, [by_name[name] for name in group.weights], ops, program) for group in groups]


def _of_group(group: WeightGroup, parameters: list[Tensor], ops: Any, program: Program) -> torch.optim.Optimizer:
    """An optimizer for one group alone."""
    rule = program.optimizer_in(group)
    optimizer: torch.optim.Optimizer = getattr(ops, rule.op)(parameters, **rule.settings)
    decay = program.decay_in(group)
    if decay is not None:
        getattr(ops, decay.op)(optimizer, **decay.settings)
    return optimizer
