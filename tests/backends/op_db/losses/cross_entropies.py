"""PyTorch's samples as calls of the losses of labels and probabilities, with all of their settings."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import torch.nn.functional as F
from torch import Tensor
from torch.nn.functional import cross_entropy, nll_loss

from tests.backends.op_db.samples import Called, Source, Translate, given, reduction


def likelihood(function: Callable[..., Tensor]) -> Translate:
    """With the sample's settings. Where it names no label to ignore, its targets hold none."""

    def translate(sample: Any) -> Called:
        arguments = given(sample, "target", "weight")
        t, weight = arguments["target"], arguments.get("weight")
        settings: dict[str, Any] = {"reduction": arguments.get("reduction", "mean")}
        if weight is not None:
            settings["class_weight"] = tuple(weight.tolist())
        if "label_smoothing" in arguments:
            settings["smoothing"] = arguments["label_smoothing"]
        if "ignore_index" in arguments and not t.is_floating_point():
            settings["ignore_label"] = arguments["ignore_index"]
        named = {name: value for name, value in arguments.items() if name not in ("target", "weight")}
        return Called([sample.input, t], settings, lambda x, t: function(x, t, weight=weight, **named))

    return translate


def binary(function: Callable[..., Tensor]) -> Translate:
    """With the sample's weights, of its elements and of its classes."""

    def translate(sample: Any) -> Called:
        arguments = given(sample, "target")
        weight, positive = arguments.get("weight"), arguments.get("pos_weight")
        settings = {**reduction(sample), **({} if positive is None else {"positive_weight": tuple(positive.tolist())})}
        named = {**reduction(sample), **({} if positive is None else {"pos_weight": positive})}
        tensors = [sample.input, arguments["target"], *([] if weight is None else [weight])]
        return Called(tensors, settings, lambda x, t, weight=None: function(x, t, weight, **named))

    return translate


def kl_div(sample: Any) -> Called:
    settings = {name: value for name, value in sample.kwargs.items() if name in ("reduction", "log_target")}
    settings.setdefault("reduction", "mean")
    return Called([sample.input, given(sample, "target")["target"]], settings, lambda x, t: F.kl_div(x, t, **settings))


SOURCES: Mapping[str, Sequence[Source]] = {
    "cross_entropy": [Source("nn.functional.cross_entropy", likelihood(cross_entropy))],
    "negative_log_likelihood": [Source("nn.functional.nll_loss", likelihood(nll_loss))],
    "binary_cross_entropy_with_logits": [
        Source("nn.functional.binary_cross_entropy_with_logits", binary(F.binary_cross_entropy_with_logits)),
    ],
    "binary_cross_entropy": [Source("nn.functional.binary_cross_entropy", binary(F.binary_cross_entropy))],
    "kl_divergence": [Source("nn.functional.kl_div", kl_div)],
}
