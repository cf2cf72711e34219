"""A sum whose terms cancel rounds by more than nudged weights show: no disagreement, while a wrong sum still is one."""

from typing import Any

import numpy as np

from backends import numpy_manual
from backends.contract import Array
from harness.recording.loading import LoadedBackend, load_backend
from harness.results import Result
from harness.run import run_scenario
from scenarios import param, randn, scenario, sgd
from tests.harness.broken import with_changes


@scenario(seed=4, epochs=2, optimizer=sgd(lr=0.01), x=randn(30000, 2), t=randn(3), w=param(2, 3), v=param(3))
def mean_of_many_rows(op: Any, x: Any, t: Any, w: Any, v: Any) -> Any:
    """Means that are far smaller than what they are means of."""
    means = op.reduce_mean(op.matmul(x, w), axis=0)
    return op.mean_squared_error(op.multiply(means, v), t)


def one_after_the_other(x: Array, *, axis: int) -> Any:
    """A mean whose terms are added in order, as a loop does, and not in pairs."""
    _, backward = numpy_manual.reduce_mean(x, axis=axis)
    return np.cumsum(x, axis=axis)[-1] / x.dtype.type(len(x)), backward


def one_row_short(x: Array, *, axis: int) -> Any:
    """A mean that leaves out the last row."""
    _, backward = numpy_manual.reduce_mean(x, axis=axis)
    return np.cumsum(x, axis=axis)[-2] / x.dtype.type(len(x)), backward


def judged(reduce_mean: Any, dtype: str = "float32", certify: int | None = 1) -> Result:
    backends = [load_backend("numpy"), LoadedBackend("mine", with_changes(reduce_mean=reduce_mean))]
    return run_scenario(mean_of_many_rows, backends, dtype=dtype, certify=certify)


def test_the_order_of_a_sum_is_no_disagreement() -> None:
    assert judged(one_after_the_other).verdict == "agree"


def test_a_wrong_sum_is_found(dtype: str) -> None:
    result = judged(one_row_short, dtype)
    assert result.verdict == "disagree"
    assert result.culprits[0].op == "reduce_mean"
