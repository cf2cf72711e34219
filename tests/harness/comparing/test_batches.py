"""Every training is given a batch of its own: what it writes over reaches neither the user nor the other side."""

from typing import Any

import numpy as np
import torch.nn.functional as nnF

from backends.capture.training import Training
from lockstep import compare
from tests.harness.comparing.networks import mlp


def writes_over(model: Any, x: Any, t: Any) -> Any:
    """Its labels are all 0 once the loss is computed."""
    if isinstance(model, mlp.TorchMLP):
        value = nnF.cross_entropy(model(x), t.clone())
        t.zero_()
    else:
        value = mlp.F.softmax_cross_entropy(model(x), t.copy())
        t[...] = 0
    return value


def test_labels_that_a_loss_writes_over_are_its_own() -> None:
    ((x, t), *_) = mlp.batches()
    batch = (x, t.astype(np.int64)), (x, t.astype(np.int32))
    before = [labels.copy() for _, labels in batch]
    right = mlp.TorchMLP()
    outcome = compare(Training(right, writes_over), Training(right, writes_over), batch, updates=2)
    assert outcome.verdict == "agree"
    assert outcome.notes == []
    left = mlp.ChainerMLP()
    assert compare(Training(left, writes_over), Training(left, writes_over), batch, updates=2).verdict == "agree"
    for (_, labels), unchanged in zip(batch, before, strict=True):
        np.testing.assert_array_equal(labels, unchanged)
