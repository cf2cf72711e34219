"""PyTorch's samples as calls of the losses that measure a distance."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import torch.nn.functional as F

from tests.backends.op_db.samples import Called, Source, Translate, given, reduction, tensor, without


def targets(meant: Callable[..., Any]) -> Translate:
    """A loss between an input and a target."""

    def translate(sample: Any) -> Called:
        reduced = reduction(sample)
        return Called(
            [sample.input, tensor(given(sample, "target")["target"])], reduced, lambda y, t: meant(y, t, **reduced)
        )

    return translate


def huber(sample: Any) -> Called:
    arguments = given(sample, "target")
    settings = {"delta": arguments.get("delta", 1.0), **reduction(sample)}
    return Called([sample.input, arguments["target"]], settings, lambda y, t: F.huber_loss(y, t, **settings))


def smooth_l1(sample: Any) -> Called:
    arguments = given(sample, "target")
    settings = {"beta": arguments.get("beta", 1.0), **reduction(sample)}
    return Called([sample.input, arguments["target"]], settings, lambda y, t: F.smooth_l1_loss(y, t, **settings))


def triplet(sample: Any) -> Called:
    """The distances are squared by the suite, so the samples' tensors are what is taken."""
    arguments = given(sample, "positive", "negative")
    without(arguments, swap=False)
    tensors = [sample.input, arguments["positive"], arguments["negative"]]
    return Called(tensors, {"margin": arguments.get("margin", 1.0), **reduction(sample)})


def triplet_margin(sample: Any) -> Called:
    arguments = given(sample, "positive", "negative")
    tensors = [sample.input, arguments.pop("positive"), arguments.pop("negative")]
    settings = {"margin": 1.0, **arguments}
    return Called(tensors, settings, lambda *rows: F.triplet_margin_loss(*rows, **settings))


def cosine(sample: Any) -> Called:
    """The distance is 1 − the similarity, and of single vectors there is one."""
    arguments = given(sample, "other", "dim", "eps")
    settings = {"axis": arguments.get("dim", 1), "eps": arguments.get("eps", 1e-8), "reduction": "none"}
    return Called([sample.input, arguments["other"]], settings)


SOURCES: Mapping[str, Sequence[Source]] = {
    "mean_squared_error": [Source("nn.functional.mse_loss", targets(F.mse_loss))],
    "mean_absolute_error": [Source("nn.functional.l1_loss", targets(F.l1_loss))],
    "huber": [Source("nn.functional.huber_loss", huber)],
    "smooth_l1": [Source("nn.functional.smooth_l1_loss", smooth_l1)],
    "triplet": [Source("nn.functional.triplet_margin_loss", triplet)],
    "triplet_margin": [Source("nn.functional.triplet_margin_loss", triplet_margin)],
    "cosine_distance": [Source("nn.functional.cosine_similarity", cosine)],
}
