"""PyTorch's samples as calls of the losses of whole sequences."""

from collections.abc import Mapping, Sequence
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor

from tests.backends.op_db.samples import Called, Inexpressible, Source, given, reduction


def ctc(sample: Any) -> Called:
    """Logarithms of probabilities are scores whose softmax is these; PyTorch's gradient is that of the scores."""
    arguments = given(sample, "targets", "input_lengths", "target_lengths")
    targets = arguments["targets"]
    if not isinstance(targets, Tensor) or targets.ndim != 2:
        raise Inexpressible("the labels of all sequences in one row")
    lengths = [torch.as_tensor(arguments[name]) for name in ("input_lengths", "target_lengths")]
    blank, reduced = arguments.get("blank", 0), reduction(sample)

    def meant(x: Tensor, labels: Tensor, input_lengths: Tensor, label_lengths: Tensor) -> Tensor:
        log_p = F.log_softmax(x, -1)
        each = F.ctc_loss(log_p, labels, input_lengths, label_lengths, blank, "none")
        return {"mean": each.mean(), "sum": each.sum(), "none": each}[reduced.get("reduction", "mean")]

    return Called([sample.input, targets, *lengths], {"blank": blank, **reduced}, meant)


SOURCES: Mapping[str, Sequence[Source]] = {
    "ctc": [Source("nn.functional.ctc_loss", ctc)],
}
