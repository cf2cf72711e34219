"""Calls of the normalising layers."""

import math
from typing import Any

from harness.fuzzing.calls.maker import Maker
from harness.fuzzing.draft import Draft, Tensor, Unfit
from harness.fuzzing.numbers import Shape

EPS = (1e-3, 1e-5, 0.1)


def gain_and_bias(draft: Draft, shape: Shape) -> list[Tensor]:
    """None, a gain, or both."""
    return [draft.weight(shape) for _ in range(draft.choose.below(3))]


def layer_norm(draft: Draft) -> None:
    """Rows along the last axis, or along the last two."""
    x = draft.any(1)
    settings: dict[str, Any] = {"eps": draft.choose.of(EPS)}
    along = 1
    if len(x.shape) > 1 and draft.choose.one_in(2):
        along, settings["axis"] = 2, (-2, -1)
    draft.call("layer_norm", x, *gain_and_bias(draft, x.shape[-along:]), **settings)


def channels(draft: Draft, multiple: int = 1) -> Tensor:
    """Vectors, signals or images, whose channels are a multiple of a number."""
    return draft.some(
        lambda shape: len(shape) >= 2 and shape[1] % multiple == 0,
        lambda: (draft.shape(1)[0], multiple * draft.choose.between(1, 3), *draft.shape(draft.choose.of((0, 1, 2)))),
    )


def batch_norm(draft: Draft) -> None:
    """With running statistics, which the next update starts from; or without."""
    x = channels(draft)
    per_channel = x.shape[1:2]
    if math.prod(x.shape) == x.shape[1]:
        raise Unfit("one value has no variance")
    eps = draft.choose.of(EPS)
    if draft.choose.one_in(2):
        draft.call("batch_norm", x, *gain_and_bias(draft, per_channel), eps=eps)
        return
    parts = [draft.weight(per_channel), draft.weight(per_channel)]
    running = [draft.buffer(per_channel, 0.0), draft.buffer(per_channel, 1.0)]
    momentum = draft.choose.of((0.1, 0.5, 1.0))
    settings: dict[str, Any] = {} if momentum == 0.1 else {"momentum": momentum}
    _, *new = draft.call("batch_norm", x, *parts, *running, eps=eps, **settings)
    draft.carried |= {old.name: tensor.name for old, tensor in zip(running, new, strict=True)}


def fixed_batch_norm(draft: Draft) -> None:
    """Statistics that are given."""
    x = channels(draft)
    per_channel = x.shape[1:2]
    mean, var = draft.frozen(per_channel), draft.frozen(per_channel, "positive")
    draft.call("fixed_batch_norm", x, mean, var, *gain_and_bias(draft, per_channel), eps=draft.choose.of(EPS))


def group_norm(draft: Draft) -> None:
    """One group, several, or one for each channel."""
    groups = draft.choose.of((1, 2, 3))
    x = channels(draft, groups)
    if math.prod(x.shape[1:]) == groups:
        raise Unfit("one value has no variance")
    draft.call("group_norm", x, *gain_and_bias(draft, x.shape[1:2]), groups=groups, eps=draft.choose.of(EPS))


def instance_norm(draft: Draft) -> None:
    """Signals or images of at least two values."""
    x = draft.some(
        lambda shape: len(shape) >= 3 and math.prod(shape[2:]) > 1, lambda: draft.shape(draft.choose.of((3, 4)))
    )
    draft.call("instance_norm", x, *gain_and_bias(draft, x.shape[1:2]), eps=draft.choose.of(EPS))


MAKERS: dict[str, Maker] = {
    "layer_norm": layer_norm,
    "batch_norm": batch_norm,
    "fixed_batch_norm": fixed_batch_norm,
    "group_norm": group_norm,
    "instance_norm": instance_norm,
}
