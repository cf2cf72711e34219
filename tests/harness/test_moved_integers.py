"""Labels and ids may be cut out of a tensor of integers; a backend that cuts elsewhere is named."""

from types import ModuleType
from typing import Any

import numpy as np

from backends import numpy_manual
from backends.contract import Array
from harness.recording.loading import LoadedBackend, load_backend
from harness.run import run_scenario
from scenarios import data, param, randn, scenario, sgd
from scenarios.sequences.language_models import bigrams


def slice_one_early(x: Array, *, start: int, stop: int, axis: int) -> Any:
    """Labels that are the inputs themselves, not the next characters."""
    is_label = x.dtype.kind == "i" and start == 1
    return numpy_manual.slice_axis(x, start=start - is_label, stop=stop - is_label, axis=axis)


@scenario(
    seed=1,
    epochs=2,
    optimizer=sgd(lr=0.1),
    x=randn(4, 3),
    t=data(lambda: np.array([0, 2, 1, 2])),
    ids=data(lambda: np.array([3, 0, 0, 1])),
    w=param(3, 3),
)
def labels_read_elsewhere(op: Any, x: Any, t: Any, ids: Any, w: Any) -> Any:
    """Labels from the end to the start, and at given places."""
    y = op.matmul(x, w)
    turned = op.softmax_cross_entropy(y, op.flip(t, axis=0))
    return op.add(turned, op.softmax_cross_entropy(y, op.gather(t, ids, axis=0)))


def test_labels_may_be_read_at_other_places() -> None:
    backends = [load_backend(name) for name in ("numpy", "chainer", "torch")]
    assert run_scenario(labels_read_elsewhere, backends).verdict == "agree"


def test_a_slice_of_integers_that_starts_elsewhere_is_named() -> None:
    module = ModuleType("early")
    vars(module).update({**vars(numpy_manual), "slice_axis": slice_one_early})
    result = run_scenario(bigrams, [load_backend("numpy"), LoadedBackend("early", module)])
    assert result.verdict == "disagree"
    first = result.culprits[0]
    assert (first.op, first.phase, first.tensor) == ("slice_axis", "forward", "slice_axis_2")
    assert np.isclose(first.allowed, 0)
