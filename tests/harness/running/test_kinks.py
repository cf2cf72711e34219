"""A unit on the other side of a kink is found for every op whose gradient jumps, and for no op that is only steep."""

from typing import Any

import numpy as np
import pytest

from backends.contract import Program, Step
from harness.recording.arrays import draw_arrays
from harness.recording.loading import hand_written_ops
from harness.recording.recorder import record_program
from harness.results import Flip
from harness.running.kinks import first_flip
from harness.running.updates import Update
from scenarios import Scenario, data, param, scenario, sgd

TIE = np.array([[0.5, 0.5, -1.0, 2.0], [0.1, 0.2, 0.3, 0.4]])


def scenario_of(call: Any) -> Scenario:
    """A network that applies a call to its data times 1."""

    @scenario(seed=1, epochs=1, optimizer=sgd(lr=0.1), dtype="float64", x=data(lambda: TIE), w=param(1, 4, fill=1.0))
    def network(op: Any, x: Any, w: Any) -> Any:
        """One call."""
        return op.reduce_mean(call(op, op.multiply(x, w)))

    return network


def flip_between(call: Any, theirs: Any, ours: Any) -> Flip | None:
    chosen = scenario_of(call)
    find_op = hand_written_ops(())
    program = record_program(chosen, draw_arrays(chosen, "float64"), find_op)
    w = np.ones((1, 4))
    updates = []
    for x in (theirs, ours):
        values = {name: array for name, (array, _) in _outputs(program, find_op, {"x": x, "w": w}).items()}
        step = Step(loss=np.zeros(()), weights={"w": w}, grads={}, values=values)
        updates.append(Update(1, {"x": TIE}, {"w": w}, {}, step))
    return first_flip(program, [], find_op, 1, "mine", *updates)


def _outputs(program: Program, find_op: Any, tensors: dict[str, Any]) -> dict[str, Any]:
    """Every output of the program with its backward."""
    results: dict[str, Any] = {}
    for call in program.calls:
        inputs = [results[name][0] if name in results else tensors[name] for name in call.inputs]
        results[call.outputs[0]] = find_op(call.op)(*inputs, **call.settings)
    return results


def moved(place: tuple[int, int], by: float) -> Any:
    values = TIE.copy()
    values[place] += by
    return values


KINKED: dict[str, Any] = {
    "largest of a row": lambda op, h: op.reduce_max(h, axis=1),
    "pooling": lambda op, h: op.max_pool2d(op.reshape(h, shape=(1, 1, 2, 4)), window=2, stride=2),
    "maxout": lambda op, h: op.maxout(h, pieces=2),
}


@pytest.mark.parametrize("name", KINKED)
def test_another_largest_element_is_a_flip(name: str) -> None:
    call = KINKED[name]
    tie = flip_between(call, moved((0, 0), 1e-12), moved((0, 0), -1e-12))
    if name == "largest of a row":  # 2.0 is the largest of that row, whichever of the two is larger
        assert tie is None
        tie = flip_between(call, moved((1, 2), 0.1 + 1e-12), moved((1, 2), 0.1 - 1e-12))
    assert tie is not None
    assert tie.tensor in ("multiply_1", "reshape_1")


@pytest.mark.parametrize("by", [1e-12, 1e-6])
def test_a_steep_gradient_is_no_flip(by: float) -> None:
    def steep(op: Any, h: Any) -> Any:
        return op.exp(op.multiply(op.power(h, exponent=2), op.power(h, exponent=2)))

    assert flip_between(steep, TIE, moved((0, 3), by)) is None


def test_the_same_values_are_no_flip() -> None:
    assert flip_between(KINKED["pooling"], TIE, TIE) is None
