"""Calls of elementwise arithmetic."""

from functools import partial

from harness.fuzzing.calls.maker import Maker, broadcast
from harness.fuzzing.draft import Draft
from harness.fuzzing.numbers import Holds, Near

EXPONENTS = (2.0, 3.0, 0.5, 1.5, -1.0, -0.5, 1.0)


def binary(draft: Draft, op: str, second: Holds = "numbers", near: Near = ()) -> None:
    """Two tensors whose shapes broadcast, either of them the larger one."""
    a = draft.any(near=near)
    b = draft.like(broadcast(draft.choose, a.shape), second, near)
    if second == "numbers" and draft.choose.one_in(2):
        a, b = b, a
    draft.call(op, a, b)


def where(draft: Draft) -> None:
    """A mask that chooses between two tensors."""
    a = draft.any()
    b = draft.like(broadcast(draft.choose, a.shape))
    draft.call("where", draft.flags(broadcast(draft.choose, a.shape)), a, b)


def power(draft: Draft) -> None:
    """Whole exponents of any numbers, others of positive ones."""
    exponent = draft.choose.of(EXPONENTS)
    x = draft.any() if exponent in (1.0, 2.0, 3.0) else draft.any(holds="positive")
    draft.call("power", x, exponent=exponent)


def unary(draft: Draft, op: str, takes: Holds = "numbers", gives: Holds = "numbers", near: Near = ()) -> None:
    """A function of every element."""
    draft.call(op, draft.any(holds=takes, near=near), holds=gives)


MAKERS: dict[str, Maker] = {
    "add": partial(binary, op="add"),
    "subtract": partial(binary, op="subtract"),
    "multiply": partial(binary, op="multiply"),
    "divide": partial(binary, op="divide", second="positive"),
    "negative": partial(unary, op="negative"),
    "power": power,
    "maximum": partial(binary, op="maximum", near=(1.0,)),
    "minimum": partial(binary, op="minimum", near=(1.0,)),
    "where": where,
}
