"""Exported programs of small scenarios, each with something that lines once got wrong, print the losses of the run."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from backends.vocabulary import BUILT_IN
from scenarios import (
    Scenario,
    adam,
    buffer,
    clip_by_norm,
    clip_by_value,
    data,
    exponential_decay,
    group,
    param,
    randn,
    scenario,
    sgd,
    weight_decay,
)
from tests.reports.export.test_export import losses_of_run, printed_by, script_of

OF_BATCHES: dict[str, Any] = {"seed": 1, "epochs": 3, "optimizer": sgd(lr=0.1), "batch_size": 4}
OF_A_SUM: dict[str, Any] = {"seed": 1, "epochs": 3, "optimizer": sgd(lr=0.1)}
TERMS: dict[str, Any] = {"y": randn(6, 2), "a": param(6, 2), "b": param(6, 2)}


@scenario(
    seed=1,
    epochs=4,
    optimizer=adam(lr=0.1),
    schedule=exponential_decay(factor=0.9),
    groups=[group("b", trained_from=3)],
    batch_size=2,
    x=randn(6, 3),
    y=randn(6, 2),
    w=param(3, 2),
    b=param(2),
)
def a_schedule_of_updates_with_a_weight_that_is_trained_later(op: Any, x: Any, y: Any, w: Any, b: Any) -> Any:
    return op.mean_squared_error(op.linear(x, w, b), y)


@scenario(**OF_BATCHES, x=randn(6, 3), w=param(3, 2), s=param())
def tiles_of_batches_that_differ(op: Any, x: Any, w: Any, s: Any) -> Any:
    tiled = op.tile(op.matmul(x, w), repeats=(1, 2))
    return op.reduce_mean(op.tanh(tiled)) * op.reduce_sum(op.tile(s, repeats=(3,)))


@scenario(**OF_BATCHES, x=randn(6, 3), w=param(3, 2))
def means_of_all_that_keep_their_axes(op: Any, x: Any, w: Any) -> Any:
    h = op.matmul(x, w)
    return op.reduce_mean((h - op.reduce_mean(h, keepdims=True)) ** 2)


@scenario(**OF_BATCHES, clipping=clip_by_norm(max_norm=0.1), x=randn(6, 3), w=param(3, 2))
def one_weight_that_is_clipped(op: Any, x: Any, w: Any) -> Any:
    return op.reduce_mean(op.matmul(x, w))


@scenario(**OF_BATCHES, clipping=clip_by_value(limit=0.01), x=randn(6, 3), w=param(3, 2))
def one_weight_whose_elements_are_clipped(op: Any, x: Any, w: Any) -> Any:
    return op.reduce_mean(op.matmul(x, w))


@scenario(**OF_BATCHES, x=randn(6, 3), w=param(3, 2), v=param(3, 2))
def targets_that_depend_on_weights(op: Any, x: Any, w: Any, v: Any) -> Any:
    p, t = op.sigmoid(op.matmul(x, w)), op.sigmoid(op.matmul(x, v))
    return op.binary_cross_entropy(p, t)


@scenario(**OF_BATCHES, x=randn(6, 3), t=data(lambda: np.arange(12).reshape(6, 2) % 2), w=param(3, 2))
def targets_of_integers(op: Any, x: Any, t: Any, w: Any) -> Any:
    return op.binary_cross_entropy_with_logits(op.matmul(x, w), t)


@scenario(**OF_A_SUM, decay=weight_decay(rate=0.1), **TERMS)
def decayed_terms_of_a_sum(op: Any, y: Any, a: Any, b: Any) -> Any:
    return op.mean_squared_error(a + b, y)


@scenario(**OF_A_SUM, clipping=clip_by_norm(max_norm=0.1), **TERMS)
def clipped_terms_of_a_sum(op: Any, y: Any, a: Any, b: Any) -> Any:
    return op.mean_squared_error(a + b, y)


@scenario(**OF_A_SUM, decay=weight_decay(rate=0.1), **TERMS)
def a_decayed_weight_that_is_summed(op: Any, y: Any, a: Any, b: Any) -> Any:
    return op.reduce_sum(a) + op.mean_squared_error(b, y)


@scenario(seed=1, epochs=3, optimizer=sgd(lr=0.1), x=randn(4, 3), w=param(3, 2), before=buffer(4, 2, fill=0.0))
def a_buffer_that_is_detached(op: Any, x: Any, w: Any, before: Any) -> Any:
    h = op.tanh(op.matmul(x, w) + op.detach(before))
    return op.reduce_mean(h * h), {"before": h}


TRAINED: list[Scenario] = [
    decayed_terms_of_a_sum,
    clipped_terms_of_a_sum,
    a_decayed_weight_that_is_summed,
    a_buffer_that_is_detached,
    a_schedule_of_updates_with_a_weight_that_is_trained_later,
    tiles_of_batches_that_differ,
    means_of_all_that_keep_their_axes,
    one_weight_that_is_clipped,
    one_weight_whose_elements_are_clipped,
    targets_that_depend_on_weights,
    targets_of_integers,
]


@pytest.mark.parametrize("backend", BUILT_IN)
@pytest.mark.parametrize("chosen", TRAINED, ids=lambda chosen: chosen.name)
def test_a_program_prints_the_losses_of_the_run(chosen: Scenario, backend: str, tmp_path: Path) -> None:
    script = script_of(chosen, backend)
    assert printed_by(script.text(), script, tmp_path) == losses_of_run(chosen)[backend]
