"""Gradients that a built-in backend yields without copying them: its rules leave them as they were."""

from types import ModuleType
from typing import Any

import numpy as np
import pytest

from backends.rules import may_overwrite_gradients
from harness.guarding.guest import Guest
from harness.recording.loading import LoadedBackend, load_backend
from harness.running.experiment import prepare
from harness.running.runner import Runner
from scenarios import Optimizer, Scenario, param, randn, scenario, sgd
from tests.harness.grouped import OPTIMIZERS

EPOCHS = 4


def unclipped(optimizer: Optimizer) -> Scenario:
    """A layer in which nothing but the optimizer touches the gradients, one of which an addition shares."""

    @scenario(
        seed=1,
        epochs=EPOCHS,
        optimizer=optimizer,
        x=randn(6, 3),
        y=randn(6, 2),
        w=param(3, 2),
        u=param(6, 2),
        v=param(6, 2),
    )
    def layer(op: Any, x: Any, y: Any, w: Any, u: Any, v: Any) -> Any:
        return op.mean_squared_error(op.add(op.matmul(x, w), op.add(u, v)), y)

    return layer


def copying(backend: LoadedBackend) -> LoadedBackend:
    """The same backend as a user's file with a star import would be, which may hold anything."""
    module = ModuleType("mine")
    module.__dict__.update({name: value for name, value in vars(backend.module).items() if not name.startswith("__")})
    return LoadedBackend("mine", module, Guest())


def test_a_rule_that_works_in_place_is_given_copies() -> None:
    """Of a module that comes with the built-in backends and is none of them."""
    in_place = load_backend("in_place=backends.correct.in_place")
    experiment = prepare(unclipped(sgd(lr=0.1)), [load_backend("numpy"), in_place])
    mine, numpy = (
        Runner(each, experiment.program, experiment.draws, 1, experiment.dtype).advance()
        for each in (in_place, experiment.backends[0])
    )
    for name, gradient in numpy.grads.items():
        np.testing.assert_allclose(mine.grads[name], gradient, rtol=1e-5)


@pytest.mark.parametrize("backend", ["numpy", "chainer", "torch"])
@pytest.mark.parametrize("optimizer", [pytest.param(its, id=name) for name, (its, _) in OPTIMIZERS.items()])
def test_no_rule_writes_over_the_gradients_that_are_yielded(optimizer: Optimizer, backend: str) -> None:
    built_in = load_backend(backend)
    experiment = prepare(unclipped(optimizer), [load_backend("numpy"), copying(built_in)])
    assert may_overwrite_gradients(copying(built_in).module, experiment.program)
    assert not may_overwrite_gradients(built_in.module, experiment.program)
    draws, dtype = experiment.draws, experiment.dtype
    with np.errstate(all="ignore"):
        mine, own = (Runner(each, experiment.program, draws, EPOCHS, dtype) for each in (copying(built_in), built_in))
        for _ in range(EPOCHS * len(draws.batch_rows)):
            copied, yielded = mine.advance(), own.advance()
            assert yielded.grads.keys() == copied.grads.keys()
            for name, gradient in copied.grads.items():
                np.testing.assert_array_equal(yielded.grads[name], gradient)
