"""What a backend may declare of its functions' accuracy, and what is refused."""

from typing import Any

import numpy as np
import pytest

from harness.errors import InputError
from harness.numerics.accuracy import about_accuracy, declared_accuracy
from harness.numerics.bounds.bounded import Bounded
from harness.numerics.rounding import CHARGES, arithmetic
from harness.recording.catalogue import built_in_scenarios
from harness.recording.loading import LoadedBackend, load_backend
from harness.running.experiment import prepare
from tests.harness.broken import with_changes


def declaring(accuracy: Any) -> LoadedBackend:
    return LoadedBackend("mine", with_changes(ACCURACY=accuracy))


def test_a_number_counts_in_both_dtypes_and_a_dict_in_those_it_names() -> None:
    mine = declaring({"tanh": 6, "expm1": {"float32": 8.5}, "exp": {"float32": 7, "float64": 9}})
    assert declared_accuracy(mine, "float32") == {"tanh": 6, "expm1": 8.5, "exp": 7}
    assert declared_accuracy(mine, "float64") == {"tanh": 6, "exp": 9}
    assert declared_accuracy(load_backend("numpy"), "float32") == {}


def test_what_is_said_names_only_what_is_wider_than_the_charges() -> None:
    mine = declaring({"tanh": 6, "expm1": {"float32": 8}, "exp": 1})
    said = "mine declares its tanh accurate to 6 units (Lockstep charges 4)"
    assert about_accuracy(mine, "float64") == said
    assert about_accuracy(mine, "float32") == f"{said}, its expm1 to 8 (6)"
    assert about_accuracy(declaring({"exp": 1}), "float32") == ""


@pytest.mark.parametrize(
    ("accuracy", "said"),
    [
        ({"tnah": 6}, "backend mine: ACCURACY names 'tnah'; did you mean 'tanh'?"),
        ({"tanh": {"float23": 6}}, "backend mine: ACCURACY['tanh'] names 'float23'; did you mean 'float32'?"),
        ({"tanh": "six"}, "backend mine: ACCURACY['tanh'] is a str; it must be a number of units of u"),
        ({"tanh": True}, "backend mine: ACCURACY['tanh'] is a bool; it must be a number of units of u"),
        ({"tanh": -1}, "backend mine: ACCURACY['tanh'] is -1; it must be a finite number of units of u, 0 or above"),
        ({"tanh": float("nan")}, "backend mine: ACCURACY['tanh'] is nan; it must be a finite number"),
        ({"tanh": float("inf")}, "backend mine: ACCURACY['tanh'] is inf; it must be a finite number"),
        (
            {"tanh": {"float64": 5000}},
            "backend mine: ACCURACY['tanh'] is 5000; at most 1024 units of u can be declared",
        ),
        ([("tanh", 6)], "backend mine: ACCURACY is a list; it must be a dict"),
    ],
)
def test_what_is_no_accuracy_is_refused_before_anything_trains(accuracy: Any, said: str) -> None:
    chosen = built_in_scenarios()["two_layer_tiny"]
    with pytest.raises(InputError) as caught:
        prepare(chosen, [load_backend("numpy"), declaring(accuracy)], "float32")
    assert str(caught.value).startswith(said)


@pytest.mark.parametrize("name", [name for name in CHARGES if name not in ("power", "erf")])
def test_a_bound_is_as_wide_as_its_arithmetic_charges(name: str, dtype: str) -> None:
    """And never narrower than Lockstep's own charge."""
    x, constants = np.array([0.5, 1.5]), arithmetic(dtype)
    usual = CHARGES[name]
    for declared, charge in ((usual + 3, usual + 3), (usual - 1, usual)):
        bound = getattr(np, name)(Bounded(x, constants.charging({name: declared})))
        assert bound.radius == pytest.approx(charge * constants.unit * np.abs(getattr(np, name)(x)))
