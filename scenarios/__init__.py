"""What is trained. Write your own with `from scenarios import scenario, randn, param, sgd`."""

from scenarios.definition import (
    DTYPES,
    Draw,
    Loaded,
    Normal,
    Optimizer,
    Scenario,
    ScenarioError,
    data,
    momentum,
    param,
    randn,
    scenario,
    sgd,
)

__all__ = [
    "DTYPES",
    "Draw",
    "Loaded",
    "Normal",
    "Optimizer",
    "Scenario",
    "ScenarioError",
    "data",
    "momentum",
    "param",
    "randn",
    "scenario",
    "sgd",
]
