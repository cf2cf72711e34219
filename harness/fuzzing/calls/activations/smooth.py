"""Calls of the smooth activations."""

from functools import partial
from typing import Any

from harness.fuzzing.calls.arithmetic.elementwise import unary
from harness.fuzzing.calls.maker import Maker, axis_of
from harness.fuzzing.draft import Draft
from harness.fuzzing.numbers import FAR, Holds


def scores(draft: Draft, op: str, gives: Holds) -> None:
    """Along the last axis, or any."""
    x = draft.any(1, near=FAR)
    axis = axis_of(draft.choose, len(x.shape)) if draft.choose.one_in(2) else -1
    along_last = axis in (-1, len(x.shape) - 1)
    settings: dict[str, Any] = {} if axis == -1 else {"axis": axis}
    draft.call(op, x, holds=gives if along_last else "numbers", **settings)


MAKERS: dict[str, Maker] = {
    "tanh": partial(unary, op="tanh", near=FAR),
    "swish": partial(unary, op="swish", near=FAR),
    "mish": partial(unary, op="mish", near=FAR),
    "log_sigmoid": partial(unary, op="log_sigmoid", near=FAR),
    "gelu": partial(unary, op="gelu", near=FAR),
    "gelu_tanh": partial(unary, op="gelu_tanh", near=FAR),
    "softplus": partial(unary, op="softplus", gives="positive", near=FAR),
    "sigmoid": partial(unary, op="sigmoid", gives="unit", near=FAR),
    "softmax": partial(scores, op="softmax", gives="shares"),
    "log_softmax": partial(scores, op="log_softmax", gives="logarithms"),
}
