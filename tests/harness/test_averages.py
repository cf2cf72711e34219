"""Averages of the weights: what they are, that they train nothing, and that each is certified."""

from typing import Any

import numpy as np
import pytest

from harness.recording.arrays import draw_arrays
from harness.recording.catalogue import built_in_scenarios
from harness.recording.loading import hand_written_ops, load_backend, load_backends
from harness.recording.recorder import record_program
from harness.run import run_scenario
from harness.running.runner import Runner
from harness.sentences import message
from scenarios import Scenario, ScenarioError, group, param, randn, scenario, sgd, weight_average, weight_decay

AVERAGED = built_in_scenarios()["averaged"]


def steps_of(backend: str, chosen: Scenario, count: int) -> list[tuple[dict[str, Any], dict[str, Any]]]:
    """The weights and the state after each update."""
    draws = draw_arrays(chosen, "float64")
    program = record_program(chosen, draws, hand_written_ops(()))
    runner = Runner(load_backend(backend), program, draws, count, "float64")
    steps = (runner.advance() for _ in range(count))
    return [
        tuple({name: np.array(array) for name, array in part.items()} for part in (step.weights, step.state))  # type: ignore[misc]
        for step in steps
    ]


@pytest.mark.parametrize("backend", ["numpy", "chainer", "torch"])
def test_an_average_starts_at_the_weight_and_moves_towards_every_new_one(backend: str) -> None:
    expected = dict(draw_arrays(AVERAGED, "float64").weights)
    for weights, state in steps_of(backend, AVERAGED, 5):
        for name, weight in weights.items():
            expected[name] = 0.8 * expected[name] + 0.2 * weight
            np.testing.assert_allclose(state[f"average_{name}"], expected[name], rtol=1e-12, atol=1e-15)


@pytest.mark.parametrize("backend", ["numpy", "chainer", "torch"])
def test_it_trains_nothing(backend: str) -> None:
    without = [weights for weights, _ in steps_of(backend, built_in_scenarios()["averaged"].vary(), 4)]
    others = [weights for weights, _ in steps_of(backend, AVERAGED.vary(settings={"share": 0.1}), 4)]
    for one, other in zip(without, others, strict=True):
        for name, weight in one.items():
            np.testing.assert_array_equal(weight, other[name])


def test_an_average_stands_beside_groups_and_decay(dtype: str) -> None:
    @scenario(
        seed=2,
        epochs=5,
        optimizer=sgd(lr=0.2),
        decay=weight_decay(rate=0.1),
        average=weight_average(share=0.5),
        groups=[group("b", rate=0.0)],
        batch_size=4,
        x=randn(6, 3),
        y=randn(6, 2),
        w=param(3, 2),
        b=param(2),
    )
    def decayed(op: Any, x: Any, y: Any, w: Any, b: Any) -> Any:
        return op.mean_squared_error(op.linear(x, w, b), y)

    result = run_scenario(decayed, load_backends([]), dtype=dtype)
    assert result.verdict == "agree", message(result)
    assert not any(counts["failed"] or counts["unchecked"] for counts in result.certified.values())


def test_what_is_no_average_is_refused() -> None:
    with pytest.raises(ScenarioError, match="share must be a number from 0 to below 1, not 1"):
        weight_average(share=1)
