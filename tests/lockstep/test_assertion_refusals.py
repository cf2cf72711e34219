"""`assert_agree` refuses arguments of a wrong type in a sentence, before anything trains."""

import re
from typing import Any

import pytest

from backends import numpy_manual
from harness.errors import InputError
from lockstep import assert_agree
from scenarios import Scenario

TOLERANCE = "must be a finite number of at least 0, not"


def test_one_backend_may_be_named_alone(tiny: Scenario) -> None:
    assert assert_agree(tiny.vary(epochs=2), backends="torch").backends == ["numpy", "torch"]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ({"backends": "troch"}, "there is no backend 'troch'; did you mean 'torch'?"),
        ({"backends": [numpy_manual]}, "the module backends.numpy_manual has no name"),
        ({"backends": numpy_manual}, 'has no name; write {"mine": module}'),
        ({"backends": 3}, "backends: 3 has no name"),
        ({"backends": [("mine", numpy_manual)]}, 'has no name; write {"mine": module}'),
        ({"backends": {"mine": "./mine.py"}}, "a list like [\"mine=./mine.py\"], not {'mine': './mine.py'}"),
        ({"backends": {3: numpy_manual}}, "not {3: the module backends.numpy_manual}"),
        ({"backends": {"mine": re}}, "backend mine (the module re) has no train()"),
        ({"backends": {"mine": None}}, "backend mine (None) has no train()"),
        ({"backends": {}}, "fewer than two backends"),
        ({"reference": None}, "reference must be the name of a backend, not None"),
        ({"dtype": 32}, "dtype must be float32 or float64, not 32"),
        ({"dtype": "both"}, "dtype must be float32 or float64, not 'both'"),
        ({"dtype": float}, "dtype must be float32 or float64, not <class 'float'>"),
        ({"rtol": "0.1"}, f"rtol {TOLERANCE} '0.1'"),
        ({"atol": [0.1]}, f"atol {TOLERANCE} [0.1]"),
        ({"atol": float("inf")}, f"atol {TOLERANCE} inf"),
        ({"threads": "2"}, "threads must be a whole number of at least 1, not '2'"),
        ({"threads": 0}, "threads must be a whole number of at least 1, not 0"),
        ({"threads": None}, "threads must be a whole number of at least 1, not None"),
        ({"scenario": 3}, "scenario must be a Scenario as @scenario(...) makes it, a name or ./file.py:name, not 3"),
        ({"scenario": test_one_backend_may_be_named_alone}, "not the function test_one_backend_may_be_named_alone"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_an_argument_of_a_wrong_type(arguments: dict[str, Any], said: str) -> None:
    with pytest.raises(InputError) as raised:
        assert_agree(**{"scenario": "two_layer_tiny", **arguments})
    assert said in str(raised.value)
