"""A computation that is done again makes what was recorded; with one operation changed, what the change makes."""

import numpy as np
import pytest

from backends import numpy_manual
from backends.op_inputs import MAKERS, gradients_above, inputs_of, with_gradient
from harness.explaining.computation import Change, Computation
from harness.explaining.uses import NamedUse, written
from harness.numerics.written.nodes import Elementwise, Input
from tests.harness.explaining.explaining import draw

H, B, GRAD_Y = draw(4, 5), draw(5, seed=1), draw(4, 5, seed=2)


@pytest.mark.parametrize("op", MAKERS)
def test_done_again_an_op_makes_the_same(op: str) -> None:
    random = np.random.RandomState(0)
    arrays, settings = inputs_of(op, random)
    function = getattr(numpy_manual, op)
    inputs = [(f"x{i}", array) for i, array in enumerate(arrays)]
    made, _ = function(*arrays, **settings)
    outputs = made if isinstance(made, tuple) else (made,)
    above = gradients_above(op, outputs, random, "float64")
    arriving = [(f"grad_y{i}", array) for i, array in enumerate(above)]
    uses = [("forward", NamedUse(function, inputs, settings, positions=[i])) for i in range(len(outputs))]
    for i, has_gradient in enumerate(with_gradient(op, arrays)):
        if has_gradient:
            uses.append(("backward", NamedUse(function, inputs, settings, arriving, positions=[i])))
    for phase, use in uses:
        computation = Computation(written(phase, [use], "float64").node)  # type: ignore[arg-type]
        again = computation.values({})
        for node in computation.nodes:
            np.testing.assert_array_equal(again[node], computation.recorded[node])


def test_other_inputs_are_computed_from() -> None:
    use = NamedUse(numpy_manual.add, [("h", H), ("b", B)])
    computation = Computation(written("forward", [use], "float32").node)
    np.testing.assert_array_equal(computation.values({"b": np.zeros(5)})[computation.root], H)


def test_one_operation_is_changed_and_what_follows_is_computed_again() -> None:
    use = NamedUse(numpy_manual.tanh, [("h", H)], arriving=[("grad_y", GRAD_Y)])
    computation = Computation(written("backward", [use], "float32").node)
    (h,) = (node for node in computation.nodes if isinstance(node, Input) and node.name == "h")
    (tanh,) = (node for node in computation.nodes if isinstance(node, Elementwise) and node.name == "tanh")
    changed = computation.result(Change(tanh, lambda values: values[h]), computation.recorded)
    np.testing.assert_allclose(changed, GRAD_Y * (1 - H.astype(np.float64) ** 2), 1e-15)
    assert computation.depends(computation.root, tanh)
    assert not computation.depends(tanh, computation.root)
