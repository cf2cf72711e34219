"""Calls of the arithmetic ops and the elementary functions."""

from functools import partial

from harness.fuzzing.calls.maker import Maker, broadcast
from harness.fuzzing.draft import Draft
from harness.fuzzing.numbers import Holds, Near

EXPONENTS = (2.0, 3.0, 0.5, 1.5, -1.0, -0.5, 1.0)


def matmul(draft: Draft) -> None:
    """x (N, D) times a weight, or times another tensor that there is."""
    x = draft.any(2, 2)
    shape = x.shape[1], draft.length()
    w = (
        draft.weight(shape)
        if draft.choose.below(3)
        else draft.some(lambda s: s[:1] == x.shape[1:] and len(s) == 2, lambda: shape)
    )
    draft.call("matmul", x, w)


def batch_matmul(draft: Draft) -> None:
    """Stacks of matrices, of one shape or repeated, and one matrix."""
    x = draft.any(2, 4)
    front = broadcast(draft.choose, x.shape[:-2])
    w = draft.like((*front, x.shape[-1], draft.length()))
    draft.call("batch_matmul", x, w)


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


def clip(draft: Draft) -> None:
    """Between two numbers, one of which may be exactly an element."""
    low = draft.choose.of((0.0, -1.0, -0.5, -10.0))
    high = low + draft.choose.of((1.0, 0.25, 20.0))
    draft.call("clip", draft.any(near=(low, high)), low=low, high=high)


def unary(draft: Draft, op: str, takes: Holds = "numbers", gives: Holds = "numbers", near: Near = ()) -> None:
    """A function of every element."""
    draft.call(op, draft.any(holds=takes, near=near), holds=gives)


MAKERS: dict[str, Maker] = {
    "matmul": matmul,
    "batch_matmul": batch_matmul,
    "add": partial(binary, op="add"),
    "subtract": partial(binary, op="subtract"),
    "multiply": partial(binary, op="multiply"),
    "divide": partial(binary, op="divide", second="positive"),
    "negative": partial(unary, op="negative"),
    "power": power,
    "maximum": partial(binary, op="maximum", near=(1.0,)),
    "minimum": partial(binary, op="minimum", near=(1.0,)),
    "where": where,
    "exp": partial(unary, op="exp", gives="positive"),
    "log": partial(unary, op="log", takes="positive"),
    "sqrt": partial(unary, op="sqrt", takes="positive"),
    "sin": partial(unary, op="sin"),
    "cos": partial(unary, op="cos"),
    "absolute": partial(unary, op="absolute", near=(1.0,)),
    "clip": clip,
}
