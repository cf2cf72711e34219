"""Connectionist temporal classification against its definition: the sum over every path there is."""

import itertools
import math

import numpy as np
import pytest

from backends import numpy_manual


def read(path: tuple[int, ...], blank: int) -> tuple[int, ...]:
    """What a path says: repeats are merged, then blanks are dropped."""
    merged = [key for key, _ in itertools.groupby(path)]
    return tuple(said for said in merged if said != blank)


@pytest.mark.parametrize("blank", [0, 2])
@pytest.mark.parametrize("labels", [(1,), (1, 1), (1, 3), (3, 1, 3), (1, 1, 3), ()], ids=str)
@pytest.mark.parametrize("steps", [4, 5])
def test_the_loss_is_that_of_all_paths_together(labels: tuple[int, ...], steps: int, blank: int) -> None:
    x = np.random.RandomState(steps).standard_normal((6, 1, 4))
    p = np.exp(x[:, 0]) / np.exp(x[:, 0]).sum(axis=1, keepdims=True)
    paths = [path for path in itertools.product(range(4), repeat=steps) if read(path, blank) == labels]
    want = -math.log(sum(math.prod(p[t, said] for t, said in enumerate(path)) for path in paths))
    padded = np.array([(*labels, *[blank] * (4 - len(labels)))])
    loss, _ = numpy_manual.ctc(x, padded, np.array([steps]), np.array([len(labels)]), blank=blank)
    assert loss == pytest.approx(want, rel=1e-13)


def test_scores_far_apart_overflow_nothing() -> None:
    x = np.array([[[1000.0, -1000.0, 0.0]], [[-1000.0, 1000.0, 0.0]], [[0.0, 0.0, 1000.0]]], np.float32)
    with np.errstate(all="raise", under="ignore"):
        loss, backward = numpy_manual.ctc(x, np.array([[1, 2]]), np.array([3]), np.array([2]))
        grad_x = backward(np.ones_like(loss))[0]
    assert loss == 0
    np.testing.assert_array_equal(grad_x, np.zeros_like(x))
