"""Calls of the activations."""

from functools import partial
from typing import Any

from harness.fuzzing.calls.arithmetic import unary
from harness.fuzzing.calls.maker import Maker, axis_of
from harness.fuzzing.draft import Draft
from harness.fuzzing.numbers import FAR, Holds, Near

NEAR: dict[str, Near] = {
    "relu": (1.0,),
    "selu": (1.0,),
    "tanh": FAR,
    "hard_sigmoid": (2.5, 3.0),
    "swish": FAR,
    "hard_swish": (3.0, 4.0),
    "mish": FAR,
    "log_sigmoid": FAR,
    "gelu": FAR,
    "gelu_tanh": FAR,
}
"""The functions without settings, and where each of them changes, beside 0."""


def with_setting(draft: Draft, op: str, setting: str, values: tuple[float, ...]) -> None:
    """An activation with one setting."""
    settings: dict[str, Any] = {setting: draft.choose.of(values)}
    draft.call(op, draft.any(near=(settings[setting],)), **settings)


def scores(draft: Draft, op: str, gives: Holds) -> None:
    """Along the last axis, or any."""
    x = draft.any(1, near=FAR)
    axis = axis_of(draft.choose, len(x.shape)) if draft.choose.one_in(2) else -1
    along_last = axis in (-1, len(x.shape) - 1)
    settings: dict[str, Any] = {} if axis == -1 else {"axis": axis}
    draft.call(op, x, holds=gives if along_last else "numbers", **settings)


def maxout(draft: Draft) -> None:
    """Units of several pieces, or of one."""
    pieces = draft.choose.of((2, 3, 1))
    x = draft.some(
        lambda shape: bool(shape) and shape[-1] % pieces == 0,
        lambda: (*draft.any_shape(0, 3), pieces * draft.choose.between(1, 3)),
        near=(1.0,),
    )
    draft.call("maxout", x, pieces=pieces)


def prelu(draft: Draft) -> None:
    """A slope for each feature or channel, or one for all."""
    x = draft.any(1, near=(1.0,))
    per_feature = x.shape[1:2] or (1,)
    draft.call("prelu", x, draft.weight(draft.choose.of(((1,), per_feature))))


MAKERS: dict[str, Maker] = {
    **{name: partial(unary, op=name, near=near) for name, near in NEAR.items()},
    "softplus": partial(unary, op="softplus", gives="positive", near=FAR),
    "sigmoid": partial(unary, op="sigmoid", gives="unit", near=FAR),
    "leaky_relu": partial(with_setting, op="leaky_relu", setting="slope", values=(0.5, 0.01, 0.2)),
    "elu": partial(with_setting, op="elu", setting="alpha", values=(1.0, 0.5, 2.0)),
    "clipped_relu": partial(with_setting, op="clipped_relu", setting="ceiling", values=(1.0, 0.5, 6.0)),
    "softmax": partial(scores, op="softmax", gives="shares"),
    "log_softmax": partial(scores, op="log_softmax", gives="logarithms"),
    "maxout": maxout,
    "prelu": prelu,
}
