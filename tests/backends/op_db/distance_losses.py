"""PyTorch's samples as calls of the losses that measure a distance."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import torch.nn.functional as F

from tests.backends.op_db.samples import Called, Inexpressible, Source, Translate, given, tensor


def targets(meant: Callable[..., Any]) -> Translate:
    """A loss between an input and a target."""

    def translate(sample: Any) -> Called:
        return Called([sample.input, tensor(given(sample, "target")["target"])], {}, meant)

    return translate


def huber(sample: Any) -> Called:
    arguments = given(sample, "target")
    delta = arguments.get("delta", 1.0)
    return Called([sample.input, arguments["target"]], {"delta": delta}, lambda y, t: F.huber_loss(y, t, delta=delta))


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
    "triplet": [Source("nn.functional.triplet_margin_loss", triplet)],
    "cosine_distance": [Source("nn.functional.cosine_similarity", cosine)],
}
