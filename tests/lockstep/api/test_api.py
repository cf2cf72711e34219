"""What `lockstep.run`, `map`, `trace` and `check` return prints as the commands do, and is HTML in a notebook."""

from types import ModuleType
from typing import Any

import numpy as np
import pytest

import lockstep
from backends import numpy_manual
from harness.errors import InputError
from scenarios import Scenario, ScenarioError
from tests.lockstep.commands.commands import Lockstep


def doubled(x: Any) -> Any:
    def backward(grad_y: Any) -> Any:
        return (2 * grad_y,)

    return 2 * x, backward


def tripled_backward(x: Any) -> Any:
    def backward(grad_y: Any) -> Any:
        return (3 * grad_y,)

    return 2 * x, backward


def test_a_run_is_what_the_command_prints_but_for_the_times(lockstep: Lockstep) -> None:
    import lockstep as api

    run = api.run("two_layer_tiny", epochs=3, settings={"lr": 0.01}, dtype="float64")
    printed = lockstep("run", "two_layer_tiny", "--epochs", 3, "--set", "lr=0.01", "--dtype", "float64").stdout
    before, _, table = str(run).partition("\n\n")
    assert before == printed.partition("\n\n")[0]
    assert [line.split()[:2] for line in table.splitlines()] == [
        line.split()[:2] for line in printed.partition("\n\n")[2].splitlines()
    ]
    assert repr(run) == str(run)
    assert run.verdict == run.result.verdict == "agree"
    assert len(run.losses["torch"]) == 3
    assert "matmul" in run.explanation


def test_a_disagreement_is_returned_and_shown(tiny: Scenario) -> None:
    mine = ModuleType("mine")
    mine.__dict__.update(vars(numpy_manual), relu=lambda x: (np.maximum(x, 0), lambda grad_y: (grad_y,)))
    run = lockstep.run(tiny, {"mine": mine}, epochs=2)
    assert run.verdict == "disagree"
    html = run._repr_html_()
    assert ">disagree</strong>: mine: relu backward" in html
    assert "<details open>" in html
    assert "<script" not in html


@pytest.mark.parametrize("asked", [{"scenario": "two_layer_tiny"}, {"op": "relu"}])
def test_what_is_shown_is_escaped(asked: dict[str, str]) -> None:
    html = lockstep.map(**asked)._repr_html_()  # of a mask, h > 0
    assert "&gt;" in html
    assert " > 0" not in html


def test_a_map_and_a_trace_are_what_the_commands_print(lockstep: Lockstep) -> None:
    import lockstep as api

    assert str(api.map("two_layer_tiny")) == lockstep("map", "two_layer_tiny").stdout
    assert str(api.map(op="relu")) == lockstep("map", "--op", "relu").stdout
    assert str(api.map("two_layer_tiny", op="relu")) == lockstep("map", "two_layer_tiny", "--op", "relu").stdout
    traced = api.trace("two_layer_tiny", ["numpy", "torch"], epoch=2, tensor="h")
    asked = ("trace", "two_layer_tiny", "--backend", "numpy", "--backend", "torch", "--epoch", 2, "--tensor", "h")
    assert str(traced) == lockstep(*asked).stdout
    assert "<pre>" in traced._repr_html_()
    assert "<table" in api.map("two_layer_tiny")._repr_html_()


def test_an_op_is_checked_by_its_name_and_by_a_reference() -> None:
    assert lockstep.check(numpy_manual.softmax, like="softmax").passed
    assert lockstep.check(doubled, like=doubled, inputs=[np.ones((2, 3), np.float32)]).passed
    wrong = lockstep.check(tripled_backward, like=doubled, inputs=[np.ones((2, 3))])
    assert not wrong.passed
    assert "got is 3/2 of want" in str(wrong)
    assert f"{__name__.rpartition('.')[2]}.py:" in str(wrong)
    assert "hints=1" in str(wrong)
    assert wrong.document.of == 4
    assert "2 of 4 points" in wrong._repr_html_()


def test_an_op_is_checked_in_one_dtype_with_settings_of_its_own() -> None:
    check = lockstep.check(
        numpy_manual.softmax, like="softmax", inputs=[np.eye(3)], settings={"axis": 0}, dtype="float64"
    )
    assert {cell.dtype for op in check.document.ops for cell in op.cells} == {"float64"}
    assert check.passed


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"function": doubled, "like": "softmx"}, "did you mean 'softmax'"),
        ({"function": np.exp, "like": "exp"}, "must be written in Python"),
        ({"function": 3, "like": "exp"}, "the function to check must be one, not 3"),
        ({"function": doubled, "like": 3}, "like must be the name of an op or a reference to call, not 3"),
        ({"function": doubled, "like": doubled}, "a reference of your own needs inputs"),
        ({"function": doubled, "like": "relu", "hints": 7}, "hints must be 0, 1, 2 or 3, not 7"),
        ({"function": doubled, "like": "relu", "dtype": "float16"}, "dtype"),
        ({"function": doubled, "like": "relu", "settings": {"axis": 0}}, "settings need inputs"),
        ({"function": doubled, "like": "relu", "inputs": ["a"]}, r"inputs\[0\] must be an array of numbers"),
        ({"function": doubled, "like": "matmul", "inputs": [np.eye(3), np.ones((2, 2))]}, "matmul refuses"),
        ({"function": doubled, "like": np.sign, "inputs": [np.ones(2)]}, "must return its output and its backward"),
        ({"function": doubled, "like": "log", "inputs": [np.zeros(2)]}, "not finite"),
        ({"function": doubled, "like": doubled, "inputs": [np.array([1, 2])]}, "none of these inputs has a gradient"),
    ],
)
def test_what_can_not_be_checked_is_said(given: dict[str, Any], said: str) -> None:
    with pytest.raises(InputError, match=said):
        lockstep.check(**given)


def test_a_reference_without_a_bound_is_said() -> None:
    with pytest.raises(InputError, match="of the reference sinc has no bound"):
        lockstep.check(doubled, like=sinc, inputs=[np.ones(3)])


def sinc(x: Any) -> Any:
    return np.sinc(x), lambda grad_y: (grad_y,)


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda: lockstep.run("two_layr"), "did you mean 'two_layer'"),
        (lambda: lockstep.run("two_layer_tiny", dtype="float16"), "dtype"),
        (lambda: lockstep.run("two_layer_tiny", settings={"rl": 1}), "has no setting 'rl'"),
        (lambda: lockstep.map(), "name a scenario, or an op"),
        (lambda: lockstep.map(op="rellu"), "there is no op 'rellu'"),
        (lambda: lockstep.trace("two_layer_tiny", epoch=0), "has no epoch 0"),
        (lambda: lockstep.trace("two_layer_tiny", tensor="q"), "has no tensor 'q'"),
    ],
)
def test_what_is_asked_wrongly_is_said(call: Any, said: str) -> None:
    with pytest.raises((InputError, ScenarioError), match=said):
        call()
