"""The points of a sweep, and what tells two runs apart."""

import dataclasses
from typing import Any

import numpy as np
import pytest

from backends.contract import Array
from harness.errors import InputError
from harness.recording.loading import LoadedBackend
from harness.running.allowance import Tolerances
from harness.sweeping.identity import LENGTH, hash_of
from harness.sweeping.points import Grid, Point, numbers, whole_numbers
from harness.sweeping.work import Identities, Options, Work
from scenarios import Scenario, data, momentum, nesterov, nesterov_ag, param, randn, scenario, sgd
from tests.harness.sweeping.stored import backends, work


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("7", [7]),
        ("1,5,9", [1, 5, 9]),
        ("0:4", [0, 1, 2, 3]),
        ("10:100:30", [10, 40, 70]),
        ("0:2,7", [0, 1, 7]),
        ("-1", [-1]),
    ],
)
def test_whole_numbers(text: str, found: list[int]) -> None:
    assert whole_numbers(text) == found


@pytest.mark.parametrize("text", ["", "1:", "a", "1:2:0", "1:2:3:4", "0.5", "1,,2", "5:1:-1", "3:3", "1,9:5"])
def test_what_is_no_whole_number(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        whole_numbers(text)


def test_numbers() -> None:
    assert numbers("0.1,0.01,1e-3") == [0.1, 0.01, 1e-3]
    assert numbers("10:30:10") == [10, 20]
    assert [type(number) for number in numbers("1,0.5")] == [int, float]
    with pytest.raises(ValueError, match="could not convert"):
        numbers("0.1,,0.2")


def test_the_product_of_everything() -> None:
    of = work("two_layer_tiny", "xor")
    points = list(Grid(of.scenarios, [3, 4], {"lr": [0.1, 0.01], "N_H": [5, 6, 7]}, ["float32", "float64"]).points())
    assert len(points) == len(set(points)) == 2 * 2 * 2 * 3 + 2 * 2 * 2  # xor has no N_H
    assert points[0] == Point(0, 3, (("lr", 0.1), ("N_H", 5)), "float32")
    assert points[-1] == Point(1, 4, (("lr", 0.01),), "float64")
    varied = points[0].of(of.scenarios)
    assert (varied.seed, varied.settings["lr"], varied.settings["N_H"]) == (3, 0.1, 5)


def test_settings_that_scenarios_lack() -> None:
    of = work("two_layer_tiny", "xor")
    assert Grid(of.scenarios, None, {"N_H": [5]}, [None]).left_out == {"N_H": ["xor"]}
    with pytest.raises(InputError, match=r"no scenario of the sweep has a setting 'l'; did you mean"):
        Grid(of.scenarios, None, {"l": [5]}, [None])


def loaded(array: Array) -> Scenario:
    @scenario(seed=1, epochs=2, optimizer=sgd(lr=0.1), x=randn(4, 3), y=data(lambda: array), w=param(3, 1))
    def mine(op: Any, x: Any, y: Any, w: Any) -> Any:
        return op.mean_squared_error(op.matmul(x, w), y)

    return mine


BASE = loaded(np.ones((4, 1), "float32"))
DIFFERENT = {
    "seed": BASE.vary(seed=2),
    "epochs": BASE.vary(epochs=3),
    "a setting": BASE.vary(settings={"lr": 0.2}),
    "a batch size": BASE.vary(batch_size=2),
    "a name": BASE.vary(name="other"),
    "an array": loaded(np.zeros((4, 1), "float32")),
    "a draw": dataclasses.replace(BASE, draws={**BASE.draws, "w": param(3, 1, scale=0.5)}),
    "a program": dataclasses.replace(BASE, function=lambda op, x, y, w: op.mean_absolute_error(op.matmul(x, w), y)),
    "an order": dataclasses.replace(BASE, shuffle=False),
}


def run_of(each: Scenario, dtype: str = "float32", options: Options | None = None, other: object = None) -> str:
    loaded_backends = backends() if other is None else [*backends(), LoadedBackend("mine", other)]
    of = Work("sweep", [each], loaded_backends, options or Options())
    return Identities(of).task(Point(0, each.seed, (), dtype)).run


@pytest.mark.parametrize("other", DIFFERENT.values(), ids=DIFFERENT.keys())
def test_contents_that_differ_are_told_apart(other: Scenario) -> None:
    assert run_of(other) != run_of(BASE)


def test_rules_of_the_same_settings_are_told_apart() -> None:
    rules = [rule(lr=0.1, momentum=0.9) for rule in (momentum, nesterov, nesterov_ag)]
    assert len({run_of(dataclasses.replace(BASE, optimizer=rule)) for rule in rules}) == len(rules)


def test_the_same_content_is_the_same_run() -> None:
    assert run_of(BASE) == run_of(loaded(np.ones((4, 1), "float32"))) == run_of(BASE.vary(seed=1))
    assert len(run_of(BASE)) == LENGTH


def test_how_runs_are_compared_tells_them_apart() -> None:
    every = [
        run_of(BASE),
        run_of(BASE, "float64"),
        run_of(BASE, options=Options(certify=None)),
        run_of(BASE, options=Options(certify=2)),
        run_of(BASE, options=Options(tolerances=Tolerances(1e-3, 0))),
        run_of(BASE, options=Options(accept_untested=True)),
        run_of(BASE, other=backends()[0].module),
    ]
    assert len(set(every)) == len(every)


def test_the_lines_of_a_program_do_not_tell_runs_apart() -> None:
    def moved(op: Any, x: Any, y: Any, w: Any) -> Any:
        return op.mean_squared_error(op.matmul(x, w), y)

    assert run_of(dataclasses.replace(BASE, function=moved)) == run_of(BASE)


def test_hashes_of_arrays_are_those_of_dtype_shape_and_numbers() -> None:
    array = np.arange(6.0)
    others = [array.astype("float32"), array.reshape(2, 3), array + 1, array[::-1]]
    assert hash_of(array) == hash_of(array.copy()) == hash_of(np.arange(12.0)[:6])
    assert len({hash_of(each) for each in (array, *others)}) == 5


def test_a_point_that_cannot_be_run_has_an_identity_of_its_own() -> None:
    of = work("two_layer_tiny")
    identities = Identities(of)
    bad, worse = (identities.task(Point(0, 1, (("N_H", size),), "float32")) for size in (-1, -2))
    assert bad.run != worse.run
    row = of.do(bad)
    assert row.verdict == "crashed"
    assert "N_H" in row.headline
