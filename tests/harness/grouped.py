"""Networks whose weights have settings of their own, in groups."""

from typing import Any

import pytest

from backends.contract import Program
from harness.recording.arrays import draw_arrays
from harness.recording.loading import hand_written_ops
from harness.recording.recorder import record_program
from scenarios import (
    Decay,
    Group,
    Optimizer,
    Scenario,
    Schedule,
    adabound,
    adadelta,
    adagrad,
    adam,
    adamax,
    adamw,
    amsbound,
    amsgrad,
    clip_by_norm,
    cosine_decay,
    dampened_momentum,
    exponential_decay,
    group,
    in_sequence,
    lion,
    momentum,
    msvag,
    nadam,
    nesterov,
    nesterov_ag,
    param,
    radam,
    randn,
    rmsprop,
    rmsprop_centered,
    rmsprop_eps_inside,
    rmsprop_graves,
    rmsprop_with_momentum,
    scenario,
    sgd,
    smorms3,
    step_decay,
    warm_up,
    weight_decay,
)

OPTIMIZERS: dict[str, tuple[Optimizer, dict[str, Any]]] = {
    # name: (optimizer, a group's own settings of it)
    "sgd": (sgd(lr=0.1), {"lr": 0.02}),
    "momentum": (momentum(lr=0.05, momentum=0.9), {"lr": 0.02, "momentum": 0.5}),
    "nesterov": (nesterov(lr=0.05, momentum=0.9), {"momentum": 0.5}),
    "nesterov_ag": (nesterov_ag(lr=0.05, momentum=0.9), {"lr": 0.02}),
    "adagrad": (adagrad(lr=0.1), {"lr": 0.02, "eps": 1e-4}),
    "rmsprop": (rmsprop(lr=0.01), {"alpha": 0.9, "eps": 1e-4}),
    "adagrad from above 0": (adagrad(lr=0.1, initial_h=0.1), {"lr": 0.02}),
    "rmsprop from 1": (rmsprop(lr=0.01, initial_v=1.0), {"alpha": 0.9}),
    "rmsprop_eps_inside from 1": (rmsprop_eps_inside(lr=0.01, initial_v=1.0), {"lr": 0.02}),
    "rmsprop_with_momentum from 1": (rmsprop_with_momentum(lr=0.002, momentum=0.9, initial_v=1.0), {"momentum": 0.5}),
    "adadelta": (adadelta(), {"rho": 0.8, "eps": 1e-4}),
    "adam": (adam(lr=0.01), {"lr": 0.002, "beta2": 0.9, "eps": 1e-4}),
    "amsgrad": (amsgrad(lr=0.01), {"lr": 0.002, "beta1": 0.5}),
    "adamw": (adamw(lr=0.01, weight_decay=0.1), {"lr": 0.002, "weight_decay": 0.0}),
    "dampened_momentum": (dampened_momentum(lr=0.05, momentum=0.9, dampening=0.5), {"lr": 0.02, "dampening": 0.1}),
    "rmsprop_eps_inside": (rmsprop_eps_inside(lr=0.01), {"alpha": 0.9, "eps": 1e-4}),
    "rmsprop_with_momentum": (rmsprop_with_momentum(lr=0.002, momentum=0.9), {"momentum": 0.5, "lr": 0.005}),
    "rmsprop_centered": (rmsprop_centered(lr=0.01, alpha=0.9), {"lr": 0.02, "alpha": 0.8}),
    "rmsprop_graves": (rmsprop_graves(lr=0.001), {"momentum": 0.5, "alpha": 0.9}),
    "smorms3": (smorms3(lr=0.05), {"lr": 0.02, "eps": 1e-4}),
    "adamax": (adamax(lr=0.01), {"lr": 0.002, "beta2": 0.9}),
    "nadam": (nadam(lr=0.01), {"lr": 0.002, "momentum_decay": 0.1}),
    "radam": (radam(lr=0.01), {"lr": 0.002, "beta2": 0.9}),
    "adabound": (adabound(lr=0.01, gamma=0.1), {"lr": 0.002, "final_lr": 0.02}),
    "amsbound": (amsbound(lr=0.01, gamma=0.1), {"lr": 0.05, "beta2": 0.9}),
    "msvag": (msvag(lr=0.1), {"lr": 0.02, "beta": 0.5}),
    "lion": (lion(lr=0.01), {"lr": 0.002, "weight_decay": 0.1}),
    "adamw that only a group decays": (adamw(lr=0.01, weight_decay=0.0), {"weight_decay": 0.1}),
}
SCHEDULES: dict[str, Schedule | None] = {
    "none": None,
    "step_decay": step_decay(every=2, factor=0.5),
    "exponential_decay": exponential_decay(factor=0.9),
    "cosine_decay": cosine_decay(updates=6),
    "warm_up": warm_up(updates=3),
    "in_sequence": in_sequence(warm_up(updates=2), cosine_decay(updates=4), after=[2]),
}


def _mark(place: int, schedule: str, other: int) -> pytest.MarkDecorator:
    return pytest.mark.slow if schedule == "none" or place % (len(SCHEDULES) - 1) == other else pytest.mark.exhaustive


PAIRS = [
    pytest.param(name, schedule, marks=_mark(place, schedule, number - 1))
    for place, (name, (optimizer, _)) in enumerate(OPTIMIZERS.items())
    for number, schedule in enumerate(SCHEDULES)
    if schedule == "none" or "lr" in optimizer.settings
]
"""Every optimizer with every schedule: the slow tests run each without one and with one of the others, in turn."""


def network(
    groups: list[Group], optimizer: Optimizer, schedule: Schedule | None = None, decay: Decay | None = None
) -> Scenario:
    """Two layers, whose weights are w1, b1, w2 and b2."""

    @scenario(
        seed=1,
        epochs=6,
        optimizer=optimizer,
        schedule=schedule,
        clipping=clip_by_norm(max_norm=0.5),
        decay=decay,
        groups=groups,
        x=randn(6, 3),
        y=randn(6, 2),
        w1=param(3, 4),
        b1=param(4),
        w2=param(4, 2),
        b2=param(2),
    )
    def in_groups(op: Any, x: Any, y: Any, w1: Any, b1: Any, w2: Any, b2: Any) -> Any:
        h = op.tanh(op.linear(x, w1, b1))
        return op.mean_squared_error(op.linear(h, w2, b2), y)

    return in_groups


BIASES = group("b1", "b2", lr=0.02, rate=0.0)
HEAD = group("w2", lr=0.3)
DECAYED = network([BIASES, HEAD], sgd(lr=0.1), decay=weight_decay(rate=0.05))
SCHEDULED = network([group("b1", "b2", lr=0.02), HEAD], sgd(lr=0.1), step_decay(every=2, factor=0.5))


def program_of(chosen: Scenario) -> Program:
    return record_program(chosen, draw_arrays(chosen, "float64"), hand_written_ops(()))
