"""Calls of the elementary functions."""

from functools import partial

from harness.fuzzing.calls.arithmetic.elementwise import unary
from harness.fuzzing.calls.maker import Maker
from harness.fuzzing.draft import Draft


def clip(draft: Draft) -> None:
    """Between two numbers, one of which may be exactly an element."""
    low = draft.choose.of((0.0, -1.0, -0.5, -10.0))
    high = low + draft.choose.of((1.0, 0.25, 20.0))
    draft.call("clip", draft.any(near=(low, high)), low=low, high=high)


MAKERS: dict[str, Maker] = {
    "exp": partial(unary, op="exp", gives="positive"),
    "log": partial(unary, op="log", takes="positive"),
    "sqrt": partial(unary, op="sqrt", takes="positive"),
    "sin": partial(unary, op="sin"),
    "cos": partial(unary, op="cos"),
    "absolute": partial(unary, op="absolute", near=(1.0,)),
    "clip": clip,
}
