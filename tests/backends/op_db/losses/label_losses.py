"""PyTorch's samples as calls of the losses of labels."""

from collections.abc import Mapping, Sequence
from typing import Any

from tests.backends.op_db.samples import Called, Source, Translate, given, reduction, tensor, without


def answers(sample: Any) -> Called:
    """Targets rounded to 0 and 1, and no weights."""
    t = tensor(given(sample, "target")["target"])
    without(sample.kwargs, weight=None, pos_weight=None)
    return Called([sample.input, t.detach().round().long()], reduction(sample))


def cross_entropy(**settings: Any) -> Translate:
    """With these settings, whatever those of the sample are."""
    return lambda sample: Called([sample.input, given(sample, "target")["target"]], settings)


def weighted_cross_entropy(sample: Any) -> Called:
    arguments = given(sample, "target")
    weight = tensor(arguments.get("weight")).tolist()
    return Called([sample.input, arguments["target"]], {"class_weight": tuple(weight)})


def known_answers(sample: Any) -> Called:
    """The same; 0 is what is ignored, unless there is nothing else."""
    called = answers(sample)
    x, t = called.tensors
    ignored = 0 if bool((t == 1).any()) else -1
    return Called([x, t], {"ignore_label": ignored, **called.settings})


SOURCES: Mapping[str, Sequence[Source]] = {
    "softmax_cross_entropy": [Source("nn.functional.cross_entropy", cross_entropy())],
    "weighted_softmax_cross_entropy": [Source("nn.functional.cross_entropy", weighted_cross_entropy)],
    "masked_softmax_cross_entropy": [Source("nn.functional.cross_entropy", cross_entropy(ignore_label=0))],
    "smoothed_softmax_cross_entropy": [Source("nn.functional.cross_entropy", cross_entropy(smoothing=0.1))],
    "sigmoid_cross_entropy": [Source("nn.functional.binary_cross_entropy_with_logits", answers)],
    "masked_sigmoid_cross_entropy": [Source("nn.functional.binary_cross_entropy_with_logits", known_answers)],
    "hinge": [Source("nn.functional.cross_entropy", cross_entropy())],
}
