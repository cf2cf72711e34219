"""Calls of the activations with a kink."""

from functools import partial
from typing import Any

from harness.fuzzing.calls.arithmetic.elementwise import unary
from harness.fuzzing.calls.maker import Maker
from harness.fuzzing.draft import Draft


def with_setting(draft: Draft, op: str, setting: str, values: tuple[float, ...]) -> None:
    """An activation with one setting."""
    settings: dict[str, Any] = {setting: draft.choose.of(values)}
    draft.call(op, draft.any(near=(settings[setting],)), **settings)


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
    "relu": partial(unary, op="relu", near=(1.0,)),
    "selu": partial(unary, op="selu", near=(1.0,)),
    "hard_sigmoid": partial(unary, op="hard_sigmoid", near=(2.5, 3.0)),
    "hard_swish": partial(unary, op="hard_swish", near=(3.0, 4.0)),
    "leaky_relu": partial(with_setting, op="leaky_relu", setting="slope", values=(0.5, 0.01, 0.2)),
    "elu": partial(with_setting, op="elu", setting="alpha", values=(1.0, 0.5, 2.0)),
    "clipped_relu": partial(with_setting, op="clipped_relu", setting="ceiling", values=(1.0, 0.5, 6.0)),
    "maxout": maxout,
    "prelu": prelu,
}
