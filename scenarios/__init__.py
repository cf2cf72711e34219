"""What is trained. Write your own with `from scenarios import scenario, randn, param, sgd`."""

from scenarios.definition import Optimizer, Scenario, adam, adamw, momentum, scenario, sgd
from scenarios.drawing import Draw, Loaded, Normal, data, param, randn
from scenarios.errors import ScenarioError
from scenarios.kinds import DTYPES

__all__ = [
    "DTYPES",
    "Draw",
    "Loaded",
    "Normal",
    "Optimizer",
    "Scenario",
    "ScenarioError",
    "adam",
    "adamw",
    "data",
    "momentum",
    "param",
    "randn",
    "scenario",
    "sgd",
]
