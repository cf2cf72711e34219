"""PyTorch's samples as calls of the ops for losses."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import torch.nn.functional as F

from tests.backends.op_db.samples import Called, Inexpressible, Source, Translate, given, tensor, without


def targets(meant: Callable[..., Any] | None, *, rounded: bool = False) -> Translate:
    """A loss between an input and a target; rounded to 0 and 1 where they are answers."""

    def translate(sample: Any) -> Called:
        t = tensor(given(sample, "target")["target"])
        return Called([sample.input, t.detach().round().long() if rounded else t], {}, meant)

    return translate


def huber(sample: Any) -> Called:
    arguments = given(sample, "target")
    delta = arguments.get("delta", 1.0)
    return Called([sample.input, arguments["target"]], {"delta": delta}, lambda y, t: F.huber_loss(y, t, delta=delta))


def cross_entropy(**settings: Any) -> Translate:
    """With these settings, whatever those of the sample are."""
    return lambda sample: Called([sample.input, given(sample, "target")["target"]], settings)


def weighted_cross_entropy(sample: Any) -> Called:
    arguments = given(sample, "target")
    weight = tensor(arguments.get("weight")).tolist()
    return Called([sample.input, arguments["target"]], {"class_weight": tuple(weight)})


def kl_div(sample: Any) -> Called:
    arguments = given(sample, "target")
    without(arguments, log_target=False)
    return Called([sample.input, arguments["target"]], {}, lambda x, t: F.kl_div(x, t, reduction="batchmean"))


def triplet(sample: Any) -> Called:
    """The distances are squared by the suite, so the samples' tensors are what is taken."""
    arguments = given(sample, "positive", "negative")
    tensors = [sample.input, arguments["positive"], arguments["negative"]]
    return Called(tensors, {"margin": arguments.get("margin", 1.0)})


def cosine(sample: Any) -> Called:
    arguments = given(sample, "other", "dim", "eps")
    if arguments.get("dim", 1) not in (-1, 1):
        raise Inexpressible("along another axis than that of rows")
    return Called([sample.input, arguments["other"]], {"eps": arguments.get("eps", 1e-8)})


SOURCES: Mapping[str, Sequence[Source]] = {
    "mean_squared_error": [Source("nn.functional.mse_loss", targets(F.mse_loss))],
    "mean_absolute_error": [Source("nn.functional.l1_loss", targets(F.l1_loss))],
    "huber": [Source("nn.functional.huber_loss", huber)],
    "softmax_cross_entropy": [Source("nn.functional.cross_entropy", cross_entropy())],
    "weighted_softmax_cross_entropy": [Source("nn.functional.cross_entropy", weighted_cross_entropy)],
    "masked_softmax_cross_entropy": [Source("nn.functional.cross_entropy", cross_entropy(ignore_label=0))],
    "smoothed_softmax_cross_entropy": [Source("nn.functional.cross_entropy", cross_entropy(smoothing=0.1))],
    "sigmoid_cross_entropy": [
        Source("nn.functional.binary_cross_entropy_with_logits", targets(None, rounded=True)),
    ],
    "hinge": [Source("nn.functional.cross_entropy", cross_entropy())],
    "kl_divergence": [Source("nn.functional.kl_div", kl_div)],
    "triplet": [Source("nn.functional.triplet_margin_loss", triplet)],
    "cosine_distance": [Source("nn.functional.cosine_similarity", cosine)],
}
