"""The scenarios. Write your own with `from scenarios import scenario, randn, param, sgd`."""

from scenarios.language.definition import Scenario, scenario
from scenarios.language.draws import Bernoulli, Draw, Loaded, Normal, bernoulli, buffer, data, param, randn
from scenarios.language.errors import ScenarioError
from scenarios.language.groups import Group, group
from scenarios.language.optimizers import (
    adadelta,
    adagrad,
    adam,
    adamw,
    amsgrad,
    momentum,
    nesterov,
    nesterov_ag,
    rmsprop,
    sgd,
)
from scenarios.language.rules import Clipping, Decay, Optimizer, Rule, clip_by_norm, clip_by_value, weight_decay
from scenarios.language.schedules import (
    Schedule,
    cosine_decay,
    exponential_decay,
    in_sequence,
    step_decay,
    warm_up,
)
from scenarios.language.values import DTYPES

__all__ = [
    "DTYPES",
    "Bernoulli",
    "Clipping",
    "Decay",
    "Draw",
    "Group",
    "Loaded",
    "Normal",
    "Optimizer",
    "Rule",
    "Scenario",
    "ScenarioError",
    "Schedule",
    "adadelta",
    "adagrad",
    "adam",
    "adamw",
    "amsgrad",
    "bernoulli",
    "buffer",
    "clip_by_norm",
    "clip_by_value",
    "cosine_decay",
    "data",
    "exponential_decay",
    "group",
    "in_sequence",
    "momentum",
    "nesterov",
    "nesterov_ag",
    "param",
    "randn",
    "rmsprop",
    "scenario",
    "sgd",
    "step_decay",
    "warm_up",
    "weight_decay",
]
